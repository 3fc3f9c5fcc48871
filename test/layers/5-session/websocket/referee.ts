/** The real `ws` as an echo server on a socket in memory. */

import { createHash } from 'node:crypto';
import { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
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
    const payload = bytes.subarray(from, from + head.payloadBytes);
    const shown =
      payload.length > 64 ? createHash('sha1').update(payload).digest('hex') : Buffer.from(payload).toString('hex');
    const flags = `${head.fin ? '' : ' more'}${head.rsv ? ` rsv${head.rsv}` : ''}${head.maskingKey ? ' masked' : ''}`;
    answers.push(`${NAMES[head.opcode] ?? head.opcode}${flags} ${head.payloadBytes} ${shown}`.trimEnd());
    at = from + head.payloadBytes;
  }
  if (at < bytes.length) answers.push(`and ${bytes.length - at} octets`);
  return answers;
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

/** Octets that `ws` sends in answer to a case. */
export async function refereeAnswer({ pieces, deflate }: Case, maxPayload: number): Promise<Uint8Array> {
  const sent: Buffer[] = [];
  const socket = new Duplex({
    read() {},
    write(chunk, _encoding, done) {
      sent.push(Buffer.from(chunk));
      done();
    },
  });
  Object.assign(socket, { setTimeout() {}, setNoDelay() {}, setKeepAlive() {} });
  const server = new WebSocketServer({
    noServer: true,
    maxPayload,
    perMessageDeflate: deflate ? { threshold: 0 } : false,
  });
  const headers = {
    upgrade: 'websocket',
    connection: 'Upgrade',
    'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
    'sec-websocket-version': '13',
    ...(deflate ? { 'sec-websocket-extensions': 'permessage-deflate' } : {}),
  };
  const request = { method: 'GET', url: '/', headers, socket } as never;
  let closed = false;
  server.handleUpgrade(request, socket as never, Buffer.alloc(0), (ws) => {
    ws.on('message', (data, isBinary) => ws.send(data, { binary: isBinary }));
    ws.on('error', () => {});
    ws.on('close', () => {
      closed = true;
    });
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
