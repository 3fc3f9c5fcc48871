/** The real `ws` as an echo server, or as a client that echoes, on a socket in memory. */

import { createHash } from 'node:crypto';
import { Duplex } from 'node:stream';
import { WebSocket, WebSocketServer } from 'ws';
import { decodeFrameHead, headBytesOf } from '../../../../src/layers/5-session/websocket/header.ts';
import type { Case } from './cases.ts';

/** What a server sent: its frames in order, payloads shortened to a hash where they are long. */
export type Answer = readonly string[];

/** Frames of a server as text: `text 5 48656c6c6f`. Compressed ones are told by what they were, so not here. */
export function framesOf(bytes: Uint8Array): Answer {
  const answers: string[] = [];
  let at = 0;
  while (at + 2 <= bytes.length && at + headBytesOf(bytes[at + 1] as number) <= bytes.length) {
    const head = decodeFrameHead(bytes, at);
    const from = at + head.headBytes;
    const payload = unmasked(bytes.subarray(from, from + head.payloadBytes), head.maskingKey);
    const shown =
      payload.length > 64 ? createHash('sha1').update(payload).digest('hex') : Buffer.from(payload).toString('hex');
    const flags = `${head.fin ? '' : ' more'}${head.rsv ? ` rsv${head.rsv}` : ''}${head.maskingKey ? ' masked' : ''}`;
    answers.push(`${NAMES[head.opcode] ?? head.opcode}${flags} ${head.payloadBytes} ${shown}`.trimEnd());
    at = from + head.payloadBytes;
  }
  if (at < bytes.length) answers.push(`and ${bytes.length - at} octets`);
  return answers;
}

export function unmasked(payload: Uint8Array, maskingKey: Uint8Array | null): Uint8Array {
  return maskingKey ? payload.map((octet, at) => octet ^ (maskingKey[at & 3] as number)) : payload;
}

const NAMES: Readonly<Record<number, string>> = {
  0: 'continuation',
  1: 'text',
  2: 'binary',
  8: 'close',
  9: 'ping',
  10: 'pong',
};

const settle = () => new Promise<void>((resolve) => setImmediate(resolve));

/** A socket in memory: what is written to it, and what it is given to read. */
function memorySocket(): { socket: Duplex; sent: Buffer[] } {
  const sent: Buffer[] = [];
  const socket = new Duplex({
    read() {},
    write(chunk, _encoding, done) {
      sent.push(Buffer.from(chunk));
      done();
    },
  });
  Object.assign(socket, { setTimeout() {}, setNoDelay() {}, setKeepAlive() {}, ref() {}, unref() {} });
  return { socket, sent };
}

function serverOn(socket: Duplex, deflate: boolean, maxPayload: number): WebSocket {
  const perMessageDeflate = deflate ? { threshold: 0 } : false;
  const server = new WebSocketServer({ noServer: true, maxPayload, perMessageDeflate });
  const headers = {
    upgrade: 'websocket',
    connection: 'Upgrade',
    'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
    'sec-websocket-version': '13',
    ...(deflate ? { 'sec-websocket-extensions': 'permessage-deflate' } : {}),
  };
  let accepted: WebSocket | null = null;
  const request = { method: 'GET', url: '/', headers, socket } as never;
  server.handleUpgrade(request, socket as never, Buffer.alloc(0), (ws) => {
    accepted = ws;
  });
  if (!accepted) throw new Error('ws refuses the upgrade');
  return accepted;
}

async function clientOn(socket: Duplex, sent: Buffer[], deflate: boolean, maxPayload: number): Promise<WebSocket> {
  const perMessageDeflate = deflate ? { threshold: 0 } : false;
  const ws = new WebSocket('ws://server/', { createConnection: () => socket as never, maxPayload, perMessageDeflate });
  while (!Buffer.concat(sent).includes('\r\n\r\n')) await settle();
  const key = /Sec-WebSocket-Key: (.*)\r\n/i.exec(Buffer.concat(sent).toString('latin1'))?.[1];
  const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
  const extensions = deflate ? 'Sec-WebSocket-Extensions: permessage-deflate\r\n' : '';
  const fields = `Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n${extensions}`;
  const opened = new Promise((resolve) => ws.once('open', resolve));
  socket.push(`HTTP/1.1 101 Switching Protocols\r\n${fields}\r\n`);
  await opened;
  return ws;
}

/** Octets that `ws` sends in answer to a case. */
export async function refereeAnswer(
  { pieces, deflate }: Case,
  maxPayload: number,
  role: 'client' | 'server' = 'server',
): Promise<Uint8Array> {
  const { socket, sent } = memorySocket();
  const ws =
    role === 'server' ? serverOn(socket, deflate, maxPayload) : await clientOn(socket, sent, deflate, maxPayload);
  let closed = false;
  ws.on('message', (data, isBinary) => ws.send(data, { binary: isBinary }));
  ws.on('error', () => {});
  ws.on('close', () => {
    closed = true;
  });
  const head = Buffer.concat(sent).length;
  for (const piece of pieces) {
    socket.push(Buffer.from(piece));
    if (pieces.length < 50) await settle();
  }
  const patience = deflate ? 60 : 8;
  let before = -1;
  for (let quiet = 0; quiet < patience && !closed; ) {
    if (deflate) await new Promise((resolve) => setTimeout(resolve, 1));
    await settle();
    quiet = sent.length === before ? quiet + 1 : 0;
    before = sent.length;
  }
  socket.destroy();
  return Uint8Array.from(Buffer.concat(sent).subarray(head));
}
