/** What a proxy changes in the messages that it passes on. */

import { formatIp, type IpAddress } from '../../../wire/address.ts';
import { joined } from '../../../wire/octets.ts';
import { contentOf } from '../http/content.ts';
import { type Head, headBytes, listOf, type RequestLine, type StatusLine, valuesOf } from '../http/head.ts';
import type { HttpMessage } from '../http/reader.ts';
import { statusWords } from '../http/status-words.ts';

type Field = readonly [name: string, value: string];

/** RFC 9110 section 7.6.1: for one connection only, never passed on. */
const HOP_BY_HOP = ['connection', 'keep-alive', 'proxy-connection', 'te', 'trailer', 'transfer-encoding', 'upgrade'];

export function asksForUpgrade(head: Head<RequestLine>): boolean {
  return listOf(head, 'connection').includes('upgrade') && valuesOf(head, 'upgrade').length > 0;
}

/**
 * The fields of a request towards the server. Host and Content-Length are the next connection's own. An upgrade is the
 * one hop-by-hop wish that is passed on, for a tunnel can serve it.
 */
export function requestFields(head: Head<RequestLine>, client: IpAddress): Field[] {
  const left = new Set([...HOP_BY_HOP, ...listOf(head, 'connection'), 'host', 'user-agent', 'content-length']);
  left.add('x-forwarded-for');
  const kept = head.fields.filter(({ name }) => !left.has(name)).map(({ name, value }): Field => [spelt(name), value]);
  const via = [...valuesOf(head, 'x-forwarded-for'), formatIp(client)].join(', ');
  const wish: Field[] = asksForUpgrade(head)
    ? [
        ['Connection', 'Upgrade'],
        ['Upgrade', valuesOf(head, 'upgrade').join(', ')],
      ]
    : [['Connection', 'close']];
  return [...kept, ['X-Forwarded-For', via], ...wish];
}

/** The octets of a response towards the client; the framing of chunks gives way to a length. */
export function responseBytes(response: HttpMessage<StatusLine>, stays: boolean, method: string): Uint8Array {
  const { head } = response;
  const content = method === 'HEAD' ? new Uint8Array(0) : contentOf(response);
  const left = new Set([...HOP_BY_HOP, ...listOf(head, 'connection')]);
  const kept = head.fields.filter(({ name }) => !left.has(name)).map(({ name, value }): Field => [spelt(name), value]);
  const hasLength = valuesOf(head, 'content-length').length > 0;
  const mayHaveContent = method !== 'HEAD' && head.line.status !== 204 && head.line.status !== 304;
  if (!hasLength && mayHaveContent) kept.push(['Content-Length', String(content.length)]);
  kept.push(['Connection', stays ? 'keep-alive' : 'close']);
  return joined(headBytes(startLine(head.line), kept), content);
}

/** A 101 as it goes on to the client: it is about this connection too. */
export function upgradeBytes({ head }: HttpMessage<StatusLine>): Uint8Array {
  return headBytes(
    startLine(head.line),
    head.fields.map(({ name, value }): Field => [spelt(name), value]),
  );
}

/** What the proxy says itself when there is nothing to pass on. */
export function problemBytes(status: number, stays: boolean): Uint8Array {
  const words = `${status} ${PHRASES.get(status) ?? statusWords(status)}`;
  const content = new TextEncoder().encode(`${words}\n`);
  const head = headBytes(`HTTP/1.1 ${words}`, [
    ['Server', 'packetwalk'],
    ['Content-Type', 'text/html; charset=utf-8'],
    ['Content-Length', String(content.length)],
    ['Connection', stays ? 'keep-alive' : 'close'],
  ]);
  return joined(head, content);
}

/** Where RFC 9110 section 15 says it otherwise than Wireshark. */
const PHRASES: ReadonlyMap<number, string> = new Map([
  [413, 'Content Too Large'],
  [414, 'URI Too Long'],
  [504, 'Gateway Timeout'],
  [505, 'HTTP Version Not Supported'],
]);

function startLine({ status, reason }: StatusLine): string {
  return `HTTP/1.1 ${status} ${reason}`;
}

/** Names are kept in lower case; on the wire they are written as people do: `Sec-WebSocket-Key`. */
function spelt(name: string): string {
  return name
    .replace(/(?:^|-)[a-z]/g, (letter) => letter.toUpperCase())
    .replace('Websocket', 'WebSocket')
    .replace(/^Etag$/, 'ETag');
}
