import { allJoined } from '../../../wire/octets.ts';
import {
  MAX_HTTP_FIELDS,
  MAX_HTTP_HEAD_BYTES,
  MAX_HTTP_LINE_BYTES,
  MAX_HTTP_REQUEST_BODY_BYTES,
} from '../../limits.ts';
import { type Framing, parseChunkSize, requestFraming, responseFraming } from './framing.ts';
import {
  type Head,
  type HeaderField,
  HttpProblem,
  parseField,
  parseRequestLine,
  parseStatusLine,
  type RequestLine,
  type StartLine,
  type StatusLine,
} from './head.ts';

const CR = 13;
const LF = 10;

/** A whole message as it came. */
export interface HttpMessage<Line extends StartLine = StartLine> {
  readonly head: Head<Line>;
  /** All octets of it, the framing of chunks too. */
  readonly bytes: Uint8Array;
  /** Octets of content, without the framing. */
  readonly contentBytes: number;
  /** Its end is the end of the connection. */
  readonly isUntilClose: boolean;
}

type Stage = 'start-line' | 'fields' | 'content' | 'chunk-size' | 'chunk' | 'chunk-end' | 'trailers' | 'failed';

/**
 * Takes a stream in pieces of any size and gives whole messages. It works octet by octet through what is framing and in
 * pieces through what is content; it never looks at anything twice, so a peer that sends single octets costs no more.
 */
export class HttpReader<Line extends StartLine> {
  readonly #parseStartLine: (line: string) => Line | HttpProblem;
  readonly #framingOf: (head: Head<Line>) => Framing | HttpProblem;
  readonly #maxBodyBytes: number;
  /** What was pushed and not looked at yet. */
  #input: Uint8Array[] = [];
  #stage: Stage = 'start-line';
  #line: number[] = [];
  #headBytes = 0;
  #startLine: Line | null = null;
  #fields: HeaderField[] = [];
  #framing: Framing = { kind: 'length', bytes: 0 };
  /** Octets of content, or of this chunk, that are still to come. */
  #leftBytes = 0;
  #contentBytes = 0;
  /** The octets of this message. */
  #taken: Uint8Array[] = [];
  #takenBytes = 0;

  constructor(
    parseStartLine: (line: string) => Line | HttpProblem,
    framingOf: (head: Head<Line>) => Framing | HttpProblem,
    maxBodyBytes: number,
  ) {
    this.#parseStartLine = parseStartLine;
    this.#framingOf = framingOf;
    this.#maxBodyBytes = maxBodyBytes;
  }

  /** Octets of the message that has begun and is not whole; after a problem all that came and is of no use. */
  get partial(): Uint8Array {
    return whole(this.#taken);
  }

  get hasFailed(): boolean {
    return this.#stage === 'failed';
  }

  push(bytes: Uint8Array): void {
    if (bytes.length > 0 && this.#stage !== 'failed') this.#input.push(bytes);
  }

  /** Octets that no message has taken: after an upgrade they are of another protocol, and not for this reader. */
  takeUnread(): Uint8Array {
    const unread = whole(this.#input);
    this.#input = [];
    return unread;
  }

  /** The next whole message, or why there will be none, or null: more octets are needed. After a problem only null. */
  next(): HttpMessage<Line> | HttpProblem | null {
    for (let bytes = this.#input.shift(); bytes; bytes = this.#input.shift()) {
      const result = this.#read(bytes);
      if (result !== null) return result;
    }
    return null;
  }

  /** The peer sends no more: the message that ends so, the problem that one is broken off, or null between messages. */
  end(): HttpMessage<Line> | HttpProblem | null {
    if (this.#stage === 'content' && this.#framing.kind === 'until-close') return this.#finish();
    const isBetween = this.#stage === 'start-line' && this.#line.length === 0;
    if (isBetween || this.#stage === 'failed') return null;
    return this.#fail(400, 'the connection ended inside a message');
  }

  /** Reads on until a message is whole; what follows it goes back to the input. */
  #read(bytes: Uint8Array): HttpMessage<Line> | HttpProblem | null {
    let at = 0;
    let problem: HttpProblem | null = null;
    while (at < bytes.length && !problem && !this.#isWhole()) {
      const length = this.#isInContent ? Math.min(bytes.length - at, this.#leftBytes) : 1;
      if (this.#isInContent) this.#onContent(length);
      else problem = this.#onOctet(bytes[at] as number);
      at += length;
    }
    this.#take(bytes.subarray(0, at));
    if (at < bytes.length) this.#input.unshift(bytes.subarray(at));
    if (problem) return this.#fail(problem.status, problem.why);
    return this.#isWhole() ? this.#finish() : null;
  }

  #take(bytes: Uint8Array): void {
    this.#taken.push(bytes);
    this.#takenBytes += bytes.length;
  }

  get #isInContent(): boolean {
    return this.#stage === 'content' || this.#stage === 'chunk';
  }

  #isWhole(): boolean {
    if (this.#stage !== 'content') return false;
    return this.#framing.kind === 'chunked' || (this.#framing.kind === 'length' && this.#leftBytes === 0);
  }

  #onContent(bytes: number): void {
    this.#leftBytes -= bytes;
    this.#contentBytes += bytes;
    if (this.#stage === 'chunk' && this.#leftBytes === 0) this.#stage = 'chunk-end';
  }

  #onOctet(octet: number): HttpProblem | null {
    const line = this.#line;
    line.push(octet);
    if (this.#stage !== 'chunk-size' && this.#stage !== 'chunk-end') this.#headBytes++;
    if (octet !== LF) {
      // RFC 9112 section 2.2: a CR that no LF follows is not a line end for one reader and is for another.
      if (line.at(-2) === CR) return new HttpProblem(400, 'a CR is not followed by LF');
      return line.length >= MAX_HTTP_LINE_BYTES ? this.#tooLong() : null;
    }
    if (line.at(-2) !== CR) return new HttpProblem(400, 'a line ends with LF alone');
    if (this.#headBytes > MAX_HTTP_HEAD_BYTES) return this.#tooLong();
    this.#line = [];
    return this.#onLine(String.fromCharCode(...line.slice(0, -2)));
  }

  #tooLong(): HttpProblem {
    if (this.#stage !== 'start-line') return new HttpProblem(431, 'the header is too large');
    // RFC 9112 section 3: 501 for a method longer than any it knows, 414 for a target longer than it wants to read.
    const hasMethod = this.#line.slice(0, 64).includes(0x20);
    return hasMethod ? new HttpProblem(414, 'the request target is too long') : new HttpProblem(501, 'no such method');
  }

  #onLine(line: string): HttpProblem | null {
    switch (this.#stage) {
      case 'start-line':
        // RFC 9112 section 2.2: empty lines before a request are to be ignored.
        return line === '' ? null : this.#onStartLine(line);
      case 'fields':
        return line === '' ? this.#onHead() : this.#onField(line);
      case 'chunk-size':
        return this.#onChunkSize(line);
      case 'chunk-end':
        this.#stage = 'chunk-size';
        return line === '' ? null : new HttpProblem(400, 'a chunk is longer than its size says');
      default:
        // Behind the last chunk trailers may stand.
        if (line !== '') return this.#onField(line);
        this.#stage = 'content';
        return null;
    }
  }

  #onStartLine(line: string): HttpProblem | null {
    const startLine = this.#parseStartLine(line);
    if (startLine instanceof HttpProblem) return startLine;
    this.#startLine = startLine;
    this.#stage = 'fields';
    return null;
  }

  #onField(line: string): HttpProblem | null {
    const field = parseField(line);
    if (field instanceof HttpProblem) return field;
    this.#fields.push(field);
    return this.#fields.length > MAX_HTTP_FIELDS
      ? new HttpProblem(431, `more than ${MAX_HTTP_FIELDS} header fields`)
      : null;
  }

  #onHead(): HttpProblem | null {
    const framing = this.#framingOf(this.#head());
    if (framing instanceof HttpProblem) return framing;
    this.#framing = framing;
    this.#stage = framing.kind === 'chunked' ? 'chunk-size' : 'content';
    this.#leftBytes = framing.kind === 'length' ? framing.bytes : Number.POSITIVE_INFINITY;
    if (framing.kind !== 'length') return null;
    return framing.bytes > this.#maxBodyBytes ? new HttpProblem(413, 'the content is too large') : null;
  }

  #onChunkSize(line: string): HttpProblem | null {
    const bytes = parseChunkSize(line);
    if (bytes instanceof HttpProblem) return bytes;
    this.#leftBytes = bytes;
    this.#stage = bytes === 0 ? 'trailers' : 'chunk';
    const total = this.#contentBytes + bytes;
    return total > this.#maxBodyBytes ? new HttpProblem(413, 'the content is too large') : null;
  }

  #head(): Head<Line> {
    return { line: this.#startLine as Line, fields: this.#fields };
  }

  #finish(): HttpMessage<Line> {
    const message = {
      head: this.#head(),
      bytes: this.partial,
      contentBytes: this.#contentBytes,
      isUntilClose: this.#framing.kind === 'until-close',
    };
    this.#stage = 'start-line';
    this.#headBytes = 0;
    this.#startLine = null;
    this.#fields = [];
    this.#contentBytes = 0;
    this.#taken = [];
    this.#takenBytes = 0;
    return message;
  }

  #fail(status: number, why: string): HttpProblem {
    this.#stage = 'failed';
    for (const bytes of this.#input) this.#take(bytes);
    this.#input = [];
    return new HttpProblem(status, why);
  }
}

export function requestReader(): HttpReader<RequestLine> {
  return new HttpReader<RequestLine>(parseRequestLine, requestFraming, MAX_HTTP_REQUEST_BODY_BYTES);
}

/** `methodOf`: the method of the request that is answered next, which decides whether there is content. */
export function responseReader(methodOf: () => string): HttpReader<StatusLine> {
  const framingOf = (head: Head<StatusLine>) => responseFraming(head, methodOf());
  return new HttpReader<StatusLine>(parseStatusLine, framingOf, Number.POSITIVE_INFINITY);
}

/** One piece stays where it is. */
function whole(pieces: readonly Uint8Array[]): Uint8Array {
  const [only] = pieces;
  return only && pieces.length === 1 ? only : allJoined(pieces);
}
