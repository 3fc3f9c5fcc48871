/** What a server does with requests that ask for no page: a program behind it answers, or takes the connection over. */

import type { Stream, StreamUser } from '../../4-transport/service.ts';
import type { RequestLine } from './head.ts';
import type { HttpMessage } from './reader.ts';

export interface HttpProgram {
  /** Whether requests for this path (its query left off) are its own. */
  isFor(path: string): boolean;
  /**
   * Answers, now or later, with one call of `respond`; until then the connection waits. Returns what is to be done when
   * the connection is lost before.
   */
  answer(
    request: HttpMessage<RequestLine>,
    connection: Stream,
    respond: (response: ProgramResponse) => void,
  ): () => void;
  /** Asked first, about a request whose Connection field says Upgrade; null: it is answered like any other. */
  upgrade?(request: HttpMessage<RequestLine>, connection: Stream): Takeover | ProgramResponse | null;
}

export interface ProgramResponse {
  readonly status: number;
  readonly contentType: string;
  readonly content: Uint8Array;
  /** Beside those that every response has. */
  readonly fields?: readonly (readonly [name: string, value: string])[];
  /** Entries of what the content passes on. */
  readonly carries?: readonly number[];
  /** The connection is closed after it. */
  readonly closes?: boolean;
}

/** The response is 101 (RFC 9110 section 15.2.2) with these fields; then the connection belongs to somebody else. */
export interface Takeover {
  readonly fields: readonly (readonly [name: string, value: string])[];
  /** `early`: octets that came behind the request. What the stream tells goes to what is returned. */
  take(stream: Stream, early: Uint8Array): StreamUser;
}
