/** The session service: dialogues that people and programs have over streams and requests. */

import type { Stream, StreamUser } from '../4-transport/service.ts';

/** A dialogue of messages each way over one stream (RFC 6455). */
export interface WebSocketService {
  /** What a client asks for: the fields of its request, and what it makes of the response. */
  ask(terms: Terms): Asking;
  /** What a server answers to a request that asks for an upgrade. */
  answer(request: UpgradeRequest, terms: Terms): ServerAnswer;
  /** Takes a stream over; what the stream tells must go to the dialogue from now on. */
  open(stream: Stream, options: WebSocketOptions, user: WebSocketUser): WebSocketDialogue;
}

export type UpgradeField = readonly [name: string, value: string];

/** A request or response as far as the handshake looks at it; names of fields are in lower case. */
export interface Heading {
  readonly fields: readonly { readonly name: string; readonly value: string }[];
}

export interface UpgradeRequest extends Heading {
  readonly method: string;
  /** 1.0 is 10, 1.1 is 11. */
  readonly version: number;
}

export interface UpgradeResponse extends Heading {
  readonly status: number;
}

export interface Terms {
  /** Subprotocols that it speaks; a client's in the order of its liking. */
  readonly protocols: readonly string[];
  /** Whether it would compress. */
  readonly deflate: boolean;
}

/** What the two ends agreed on. */
export interface Agreement {
  readonly protocol: string | null;
  readonly deflate: DeflateParameters | null;
}

export interface Asking {
  /** To be sent beside Host. */
  readonly fields: readonly UpgradeField[];
  /** What was agreed on, or why the response is none: a sentence's end. */
  agreement(response: UpgradeResponse): Agreement | string;
}

/** The server goes on with 101 and these fields, or refuses with a status. */
export type ServerAnswer =
  | { readonly kind: 'accepted'; readonly fields: readonly UpgradeField[]; readonly agreement: Agreement }
  | {
      readonly kind: 'refused';
      readonly status: number;
      readonly why: string;
      readonly fields: readonly UpgradeField[];
    };

export interface WebSocketOptions {
  readonly role: 'client' | 'server';
  /** What was agreed on in the handshake; null: messages go as they are. */
  readonly deflate: DeflateParameters | null;
  /** Messages above this many octets, compressed or not, close the connection with 1009. Default: 1 MiB. */
  readonly maxMessageBytes?: number;
  /** Messages of more frames than this close it with 1008. Default: 1,024. */
  readonly maxFragments?: number;
  /** Sends a Ping this often, and gives the connection up when one was not answered until the next. null: never. */
  readonly pingIntervalNs?: number | null;
  /** Messages are cut into frames of at most this many octets. Default: one frame a message. */
  readonly fragmentBytes?: number;
}

export interface WebSocketDialogue extends StreamUser {
  /** `ws.` and the stream's name. */
  readonly machine: string;
  readonly isOpen: boolean;
  /** Octets of frames that the transport has not taken yet. */
  readonly bufferedBytes: number;
  /** Reads what came with the handshake and belongs to the dialogue, and whatever the stream holds. */
  begin(early: Uint8Array): void;
  /**
   * Sends one message. `carries`: the journal entries of what lies inside. False: it, or what was said before, waits for
   * room, and whoever says more should wait for `onDrain`. On a dialogue that is not open it is dropped and journalled.
   */
  send(message: Uint8Array, isText: boolean, carries?: readonly number[]): boolean;
  /** At most 125 octets. */
  ping(payload: Uint8Array): void;
  /** Begins the closing handshake; a code of null sends none. `reason`: at most 123 octets of UTF-8. */
  close(code: number | null, reason: Uint8Array): void;
  /** Gives the connection up at once: the other side sees it reset. */
  terminate(why: string): void;
}

export interface WebSocketUser {
  onMessage(message: Uint8Array, isText: boolean): void;
  onPing?(payload: Uint8Array): void;
  onPong?(payload: Uint8Array): void;
  /** All that waited has gone to the transport. */
  onDrain?(): void;
  /** It is over. 1005: closed without a code; 1006: the connection broke off. */
  onClose(code: number, reason: Uint8Array): void;
}

/** The parameters of permessage-deflate, RFC 7692 section 7.1, as they hold after the handshake. */
export interface DeflateParameters {
  readonly serverNoContextTakeover: boolean;
  readonly clientNoContextTakeover: boolean;
  /** 8 to 15. */
  readonly serverMaxWindowBits: number;
  readonly clientMaxWindowBits: number;
}

/** The presentation of messages, which layer 6 knows and the dialogue is handed. */
export interface Presentation {
  /** Checks text octet by octet as it comes. */
  textCheck(): TextCheck;
  compression(parameters: DeflateParameters, role: 'client' | 'server'): Compression;
}

export interface TextCheck {
  /** False: these octets are not, and cannot become, UTF-8. */
  push(bytes: Uint8Array): boolean;
  /** No code point is left unfinished. */
  readonly isComplete: boolean;
  reset(): void;
}

export interface Compression {
  compress(message: Uint8Array): Uint8Array;
  /** What the message was, or why it cannot be known: it is `damaged`, or would be longer than `maxBytes`. */
  decompress(message: Uint8Array, maxBytes: number): Uint8Array | 'damaged' | 'too-big';
}
