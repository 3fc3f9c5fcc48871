/** A client of our server that says whatever a test wants, over a WebSocket of its own making. */

import { decodeFrameHead, encodeFrame, headBytesOf } from '../../../../src/layers/5-session/websocket/header.ts';
import { RawClient } from '../raw-client.ts';
import { type IoWorld, MS } from './io-world.ts';

const KEY = Uint8Array.of(1, 2, 3, 4);
const hexOf = (bytes: Uint8Array | string) => Buffer.from(bytes as never).toString('hex');

export class RawSession {
  readonly #world: IoWorld;
  readonly #raw: RawClient;
  #heard = 0;

  constructor(world: IoWorld, query = 'EIO=4&transport=websocket') {
    this.#world = world;
    const host = world.world.host('raw', 9);
    this.#raw = new RawClient(host.services, 2, 3000);
    const fields = 'Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n';
    const key = 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n';
    this.#raw.send(hexOf(`GET /socket.io/?${query} HTTP/1.1\r\nHost: server\r\n${fields}${key}\r\n`));
    this.#pass();
  }

  get status(): number {
    return Number(this.#text.slice(9, 12));
  }

  get isOver(): boolean {
    return this.#raw.ended !== null || this.#frames().includes('close');
  }

  /** Says text or octets, and returns what came since the last time. */
  say(...messages: readonly (string | Uint8Array)[]): string[] {
    for (const message of messages) {
      const isText = typeof message === 'string';
      const payload = isText ? new TextEncoder().encode(message) : message;
      this.#raw.send(hexOf(encodeFrame({ fin: true, rsv: 0, opcode: isText ? 1 : 2, maskingKey: KEY, payload })));
    }
    return this.heard(200);
  }

  /** What comes until so many ms have passed. */
  heard(forMs: number): string[] {
    this.#pass(forMs);
    const frames = this.#frames();
    const news = frames.slice(this.#heard);
    this.#heard = frames.length;
    return news;
  }

  get #text(): string {
    return Buffer.from(this.#raw.answer, 'hex').toString('latin1');
  }

  #frames(): string[] {
    const head = this.#text.indexOf('\r\n\r\n');
    if (this.status !== 101) return [];
    const bytes = Uint8Array.from(Buffer.from(this.#raw.answer, 'hex').subarray(head + 4));
    const frames: string[] = [];
    for (let at = 0; at + 2 <= bytes.length && at + headBytesOf(bytes[at + 1] as number) <= bytes.length; ) {
      const { opcode, headBytes, payloadBytes } = decodeFrameHead(bytes, at);
      const payload = Buffer.from(bytes.subarray(at + headBytes, at + headBytes + payloadBytes));
      frames.push(opcode === 8 ? 'close' : opcode === 2 ? `octets ${payload.toString('hex')}` : payload.toString());
      at += headBytes + payloadBytes;
    }
    return frames;
  }

  #pass(forMs = 200): void {
    this.#world.world.runUntil(this.#world.world.kernel.nowNs + forMs * MS);
  }
}
