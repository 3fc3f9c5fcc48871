import { parseChunkSize } from './framing.ts';
import { valuesOf } from './head.ts';
import type { HttpMessage } from './reader.ts';

const CR = 13;
const LF = 10;

/** The content of a whole message, without the framing of chunks (RFC 9112 section 7.1). */
export function contentOf(message: HttpMessage): Uint8Array {
  const { head, bytes, contentBytes } = message;
  if (valuesOf(head, 'transfer-encoding').length === 0) return bytes.subarray(bytes.length - contentBytes);
  const content = new Uint8Array(contentBytes);
  let to = 0;
  let at = headEnd(bytes);
  while (to < contentBytes) {
    const lineEnd = lineEndFrom(bytes, at);
    // The reader has taken the message for whole, so every size can be read.
    const size = parseChunkSize(String.fromCharCode(...bytes.subarray(at, lineEnd))) as number;
    content.set(bytes.subarray(lineEnd + 2, lineEnd + 2 + size), to);
    to += size;
    at = lineEnd + 2 + size + 2;
  }
  return content;
}

function headEnd(bytes: Uint8Array): number {
  let at = 0;
  // Empty lines may stand before a message (RFC 9112 section 2.2).
  while (bytes[at] === CR || bytes[at] === LF) at++;
  while (!(bytes[at] === CR && bytes[at + 1] === LF && bytes[at + 2] === CR && bytes[at + 3] === LF)) at++;
  return at + 4;
}

function lineEndFrom(bytes: Uint8Array, from: number): number {
  let at = from;
  while (bytes[at] !== CR) at++;
  return at;
}
