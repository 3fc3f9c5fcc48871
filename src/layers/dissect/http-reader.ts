/** Reads HTTP messages of a connection and ties responses to requests, by Wireshark's rules. */

import type { Nanos } from '../../kernel/journal.ts';
import { allJoined } from '../../wire/octets.ts';
import { asciiText } from '../../wire/text.ts';
import { CONTENT_CODINGS } from '../6-presentation/deflate/content-coding.ts';
import {
  fileData,
  firstLineParts,
  HTTP,
  HTTP_FIELDS,
  type HttpMessage,
  type HttpPlace,
  httpFields,
} from '../7-application/http/fields.ts';
import {
  type Chunk,
  chunkAt,
  contentLength,
  type Header,
  headersAt,
  headerValue,
  isChunked,
  kindOf,
  type Line,
  lineAt,
} from '../7-application/http/observed.ts';
import { addContent } from './content.ts';
import { addData } from './data-fields.ts';
import type { FrameDissection } from './dissection.ts';
import { addEnginePayload } from './engine-reader.ts';
import { field } from './field-table.ts';
import { addMalformed } from './malformed.ts';
import { type Demand, ONE_MORE_SEGMENT, type Progress, type StreamReader, UNTIL_FIN } from './stream-reader.ts';
import { WebSocketReader } from './websocket-reader.ts';

const CR = 13;
const LF = 10;
const NO_BYTES = new Uint8Array(0);
/** What is decoded to be looked at: DEFLATE can make a thousand octets of one. */
const MAX_DECODED_BYTES = 16 * 1024 * 1024;

/** A request and its response as they were seen; frames are 0 until then. */
interface Exchange {
  readonly number: number;
  requestFrame: number;
  requestNs: Nanos;
  responseFrame: number;
}

/** A message without its body: what is known before the body is looked for. */
interface Head {
  readonly kind: HttpMessage['kind'];
  readonly firstLine: Line;
  readonly headers: readonly Header[];
  readonly bodyAt: number;
}

export class HttpReader {
  /** The last two exchanges, the later one first. */
  #exchange: Exchange | null = null;
  #previous: Exchange | null = null;
  #method = '';
  /** The last request's; where that one names no host, Wireshark shows an earlier one's. */
  #uri: string | null = null;
  #fullUri: string | null = null;
  /** A request was seen. */
  #requested = false;
  /** A tunnel was opened: what follows is not HTTP. */
  #tunnel: { readonly host: string; readonly port: number } | null = null;
  /** The connection went on with another protocol. */
  #upgraded = false;
  /** The connection went on as a WebSocket. */
  #webSocket: WebSocketReader | null = null;

  readonly read: StreamReader = (read, data) => {
    const { bytes, at: start, end, last, progress } = data;
    const before = this.#afterUpgrade();
    if (before) {
      // Wireshark's HTTP hands the octets on, and is named for it.
      read.protocols.push(HTTP.name);
      const demand = before(read, data);
      if (demand?.from === start) read.protocols.pop();
      return demand;
    }
    let at = start;
    let first = true;
    while (at < end) {
      const next = this.#message(read, bytes, at, end, last, first ? progress : { readBytes: 0 }, first);
      if (typeof next !== 'number') return next;
      read.fenceInfo();
      at = next;
      first = false;
      // What follows the 101 in its segment is a WebSocket's already.
      const after = this.#afterUpgrade();
      if (after && at < end) return after(read, { ...data, at });
    }
    return null;
  };

  /** Reads one message and answers where the next begins. */
  #message(
    read: FrameDissection,
    bytes: Uint8Array,
    at: number,
    end: number,
    last: boolean,
    progress: Progress,
    first: boolean,
  ): number | Demand {
    if (this.#tunnel || this.#upgraded) return this.#otherProtocol(read, bytes, at, end);
    const leadingBytes = leadingLineEnd(bytes, at, end);
    const start = at + leadingBytes;
    // A CR alone is an empty line for Wireshark.
    const firstLine = end - at === 1 && bytes[at] === CR ? { at, end: at, next: end } : lineAt(bytes, start, end);
    if (!firstLine) return { from: start, more: ONE_MORE_SEGMENT };
    const kind = kindOf(bytes, firstLine);
    if (!kind) return this.#rest(read, bytes, at, end, first);
    read.setProtocol('HTTP');
    read.setInfo(`${printable(asciiText(bytes.subarray(firstLine.at, firstLine.end)))} `);
    const block = headersAt(bytes, firstLine.next, end, false);
    if (block.end === null) return { from: at, more: ONE_MORE_SEGMENT };
    const head = { kind, firstLine, headers: block.headers, bodyAt: block.end };
    const hasBody = this.#mayHaveBody(bytes, head);
    if (hasBody && !last) {
      const more = missing(bytes, head, end, at, progress);
      if (more !== 0) return { from: at, more };
    }
    return this.#whole(read, bytes, head, end, hasBody, leadingBytes, first);
  }

  /** RFC 9112 section 6.3: some responses have no body whatever their headers say. */
  #mayHaveBody(bytes: Uint8Array, { kind, firstLine }: Head): boolean {
    if (kind === 'request') return true;
    const code = Number.parseInt(firstLineParts({ bytes, firstLine })[1], 10);
    if (this.#method === 'HEAD') return false;
    if (this.#method === 'CONNECT' && code >= 200 && code < 300) return false;
    return !(code < 200 || code === 204 || code === 304);
  }

  #whole(
    read: FrameDissection,
    bytes: Uint8Array,
    head: Head,
    end: number,
    hasBody: boolean,
    leadingBytes: number,
    first: boolean,
  ): number {
    const { kind, firstLine, headers, bodyAt } = head;
    const chunked = isChunked(headers) && bodyAt < end;
    const chunks = chunked ? chunksAt(bytes, bodyAt, end) : [];
    const lastChunk = chunks.at(-1);
    // Wireshark does not wait for the body of a HEAD's response, but takes what is there for one.
    const mayHave = hasBody || this.#method === 'HEAD';
    const bodyEnd = chunked ? (lastChunk?.next ?? bodyAt) : this.#bodyEnd(head, end, mayHave);
    const broken = chunked && lastChunk?.size !== 0;
    const plain = chunked ? joined(bytes, broken ? [] : chunks) : bytes.subarray(bodyAt, bodyEnd);
    const decoded = plain.length > 0 && kind !== 'rest' ? decodedBody(headers, plain) : null;
    // What cannot be decoded is octets, and no body to show.
    const body = decoded === 'damaged' ? NO_BYTES : (decoded ?? plain);
    const isMade = chunked || decoded !== null;
    const message: HttpMessage = {
      bytes,
      kind,
      at: firstLine.at,
      end: bodyEnd,
      firstLine,
      headers,
      chunks,
      body,
      bodyAt: isMade ? 0 : bodyAt,
      leadingBytes,
    };
    const place = kind === 'rest' ? null : this.#place(read, message);
    read.add(
      HTTP,
      bytes,
      firstLine.at,
      bodyEnd - firstLine.at,
      () => HTTP.title,
      () => httpFields(message, place),
    );
    if (!first) read.protocols.pop();
    const type = headerValue(headers, 'content-type') ?? '';
    if (decoded === 'damaged') addData(read, plain, 0, plain.length);
    else if (isMade) addContent(read, body, 0, body.length, type);
    else addContent(read, bytes, bodyAt, bodyEnd, type);
    if (!chunked && this.#isEngineIo() && /^text\/plain/i.test(type)) addEnginePayload(read, bytes, bodyAt, bodyEnd);
    if (broken) {
      addMalformed(read, 'HTTP', bytes, bodyEnd);
      return end;
    }
    this.#leave(message);
    return bodyEnd;
  }

  #bodyEnd({ kind, headers, bodyAt }: Head, end: number, hasBody: boolean): number {
    const length = contentLength(headers);
    if (length !== null) return Math.min(end, bodyAt + length);
    return kind === 'request' || !hasBody ? bodyAt : end;
  }

  /** Which exchange the message belongs to. Wireshark keeps the last request only, so pipelines come out crossed. */
  #place(read: FrameDissection, message: HttpMessage): HttpPlace {
    const { number: frame, atNs } = read.frame;
    let exchange = this.#exchange;
    if (message.kind === 'request' || !exchange || exchange.responseFrame > 0) {
      this.#previous = exchange;
      exchange = { number: (exchange?.number ?? 0) + 1, requestFrame: 0, requestNs: 0, responseFrame: 0 };
      this.#exchange = exchange;
    }
    const previous = this.#previous;
    if (message.kind === 'request') {
      this.#requested = true;
      exchange.requestFrame = frame;
      exchange.requestNs = atNs;
      const [method, uri] = firstLineParts(message);
      this.#method = method;
      const host = headerValue(message.headers, 'host');
      const full = host === null ? null : fullUri(method, uri, host);
      if (full !== null) this.#fullUri = full;
      this.#uri = this.#fullUri ?? uri;
      return {
        number: exchange.number,
        uri: full,
        requestFrame: 0,
        elapsedNs: 0,
        previousRequestFrame: previous?.requestFrame ?? 0,
        previousResponseFrame: 0,
      };
    }
    exchange.responseFrame = frame;
    return {
      number: exchange.number,
      uri: this.#uri,
      requestFrame: exchange.requestFrame,
      elapsedNs: atNs - exchange.requestNs,
      previousRequestFrame: previous?.requestFrame ?? 0,
      previousResponseFrame: previous?.responseFrame ?? 0,
    };
  }

  #afterUpgrade(): StreamReader | null {
    return this.#webSocket?.read ?? null;
  }

  /** The last request is one of long-polling, or the upgrade of such a session. */
  #isEngineIo(): boolean {
    return this.#uri !== null && /[?&]EIO=4(&|$)/.test(this.#uri);
  }

  /** After some responses the connection carries something else. */
  #leave(message: HttpMessage): void {
    if (message.kind !== 'response') return;
    const code = Number.parseInt(firstLineParts(message)[1], 10);
    if (code === 101) {
      this.#upgraded = true;
      if (/^websocket$/i.test(headerValue(message.headers, 'upgrade') ?? '')) {
        const extensions = headerValue(message.headers, 'sec-websocket-extensions') ?? '';
        this.#webSocket = new WebSocketReader({ extensions, isEngineIo: this.#isEngineIo() });
      }
    }
    if (this.#method !== 'CONNECT' || code !== 200) return;
    const [host = '', port = ''] = (this.#uri ?? '').split(':');
    this.#tunnel = { host, port: Number(port) || 0 };
  }

  #otherProtocol(read: FrameDissection, bytes: Uint8Array, at: number, end: number): number {
    const tunnel = this.#tunnel;
    if (tunnel) {
      const fields = () => [
        field(HTTP_FIELDS.proxy_connect_host, tunnel.host, at, 0),
        field(HTTP_FIELDS.proxy_connect_port, tunnel.port, at, 0),
      ];
      read.add(HTTP, bytes, at, end - at, () => HTTP.title, fields);
    }
    addData(read, bytes, at, end);
    return end;
  }

  /** No first line of HTTP: the rest of a message that was not seen from its start. */
  #rest(read: FrameDissection, bytes: Uint8Array, at: number, end: number, first: boolean): number {
    const leadingBytes = leadingLineEnd(bytes, at, end);
    const block = headersAt(bytes, at + leadingBytes, end, true);
    if (block.headers.length === 0) return this.#continuation(read, bytes, at + leadingBytes, end, leadingBytes, first);
    if (this.#requested) {
      read.setProtocol('HTTP');
      read.setInfo('Continuation');
    }
    const firstLine = { at: at + leadingBytes, end: at + leadingBytes, next: at + leadingBytes };
    const head: Head = { kind: 'rest', firstLine, headers: block.headers, bodyAt: block.end ?? end };
    const next = this.#whole(read, bytes, head, end, true, leadingBytes, first);
    if (block.end === null) addMalformed(read, 'HTTP', bytes, end);
    return next;
  }

  /** Neither first line nor headers: the rest of a body. Before a request was seen it is passed over. */
  #continuation(
    read: FrameDissection,
    bytes: Uint8Array,
    at: number,
    end: number,
    leadingBytes: number,
    first: boolean,
  ): number {
    if (!this.#requested) {
      if (!first) read.protocols.push('data');
      return end;
    }
    read.setProtocol('HTTP');
    read.setInfo('Continuation');
    const startsEmpty = bytes[at] === CR || bytes[at] === LF;
    const leading = leadingBytes > 0 ? [field(HTTP_FIELDS.leading_crlf, null, at - leadingBytes, leadingBytes)] : [];
    read.add(
      HTTP,
      bytes,
      at,
      end - at,
      () => HTTP.title,
      () => (startsEmpty ? leading : [...leading, fileData(bytes.subarray(at, end), at)]),
    );
    if (!first) read.protocols.pop();
    addData(read, bytes, at, end);
    return end;
  }
}

/** Octets of an empty line before a message: Wireshark passes over one, not over two. */
function leadingLineEnd(bytes: Uint8Array, at: number, end: number): number {
  const isLineEnd = (place: number) => bytes[place] === CR && bytes[place + 1] === LF;
  return end - at >= 4 && isLineEnd(at) && !isLineEnd(at + 2) ? 2 : 0;
}

function fullUri(method: string, uri: string, host: string): string {
  return method === 'CONNECT' || /^[a-z][a-z0-9+.-]*:\/\//i.test(uri) ? uri : `http://${host}${uri}`;
}

/** How much of the message is missing (see `Demand.more`); 0: it is all there. */
function missing(bytes: Uint8Array, head: Head, end: number, at: number, progress: Progress): number {
  const { kind, headers, bodyAt } = head;
  if (isChunked(headers)) {
    let next = Math.max(bodyAt, at + progress.readBytes);
    for (;;) {
      const chunk = chunkAt(bytes, next, end);
      if (chunk === 'more') return ONE_MORE_SEGMENT;
      if (chunk === null || chunk.size === 0) return 0;
      next = chunk.next;
      progress.readBytes = next - at;
    }
  }
  const length = contentLength(headers);
  if (length !== null) return Math.max(0, bodyAt + length - end);
  return kind === 'response' ? UNTIL_FIN : 0;
}

function chunksAt(bytes: Uint8Array, start: number, end: number): Chunk[] {
  const chunks: Chunk[] = [];
  for (let at = start; at < end; ) {
    const chunk = chunkAt(bytes, at, end);
    if (chunk === null || chunk === 'more') break;
    chunks.push(chunk);
    if (chunk.size === 0) break;
    at = chunk.next;
  }
  return chunks;
}

function joined(bytes: Uint8Array, chunks: readonly Chunk[]): Uint8Array {
  return allJoined(chunks.map(({ dataAt, size }) => bytes.subarray(dataAt, dataAt + size)));
}

/** A body without its content coding (RFC 9110 section 8.4.1); null: it has none that Wireshark undoes. */
function decodedBody(headers: readonly Header[], body: Uint8Array): Uint8Array | 'damaged' | null {
  const [, coding] =
    /^(?:x-)?(gzip|deflate)$/.exec((headerValue(headers, 'content-encoding') ?? '').toLowerCase()) ?? [];
  if (coding !== 'gzip' && coding !== 'deflate') return null;
  const decoded = CONTENT_CODINGS.decode(coding, body, MAX_DECODED_BYTES);
  return decoded instanceof Uint8Array ? decoded : 'damaged';
}

/** The first line for the info column. */
function printable(text: string): string {
  return text.replace(/[\x00-\x1f\x7f]/g, (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`);
}
