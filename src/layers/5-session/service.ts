/** The session service: dialogues that people and programs have over streams and requests. */

import type { Endpoint, Stream, StreamUser } from '../4-transport/service.ts';

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

/** Why an Engine.IO session is over, in the words of its libraries. */
export type SessionEnd = 'transport close' | 'transport error' | 'ping timeout' | 'parse error' | 'forced close';

export type TransportName = 'polling' | 'websocket';

/** A session of messages that goes on while what carries it changes: requests first, then a WebSocket (Engine.IO 4). */
export interface Session {
  /** `engine.` and its name. */
  readonly machine: string;
  /** The session's id; empty before it is open. */
  readonly id: string;
  readonly isOpen: boolean;
  /** The transport would take a packet now. */
  readonly isWritable: boolean;
  /** The heartbeat is overdue, although nobody has noticed yet. */
  readonly hasPingExpired: boolean;
  readonly transport: TransportName;
  /** Text or octets. `carries`: the journal entries of what lies inside. */
  send(data: string | Uint8Array, carries?: readonly number[]): void;
  /** Says what waits, then ends. */
  close(): void;
}

export interface SessionUser {
  onOpen?(): void;
  onMessage(data: string | Uint8Array): void;
  /** All that waited has gone to the transport. */
  onDrain?(): void;
  onUpgrade?(): void;
  onClose(reason: SessionEnd, detail: string): void;
}

/** What a client's session goes over, which HTTP and WebSocket provide. Queries begin with `?`. */
export interface SessionCarrier {
  /** One request and its response. `done` is called once, later, unless what is returned was: that gives it up. */
  request(
    method: 'GET' | 'POST',
    query: string,
    content: Uint8Array | null,
    carries: readonly number[],
    done: (answer: CarrierAnswer) => void,
  ): () => void;
  /** `onOpen` is called once with the dialogue, or `onFailure` is. Returns how to give up before that. */
  webSocket(query: string, user: CarrierWebSocketUser): () => void;
  /** The two ends, as far as they are known: ports change from request to request. */
  readonly peer: SessionPeer;
}

export type CarrierAnswer = { readonly status: number; readonly content: Uint8Array } | { readonly problem: string };

export interface CarrierWebSocketUser extends WebSocketUser {
  onOpen(dialogue: WebSocketDialogue): void;
  onFailure(problem: string): void;
}

export interface SessionServerOptions {
  /** Its sessions' machines are called so, with `-2` and so on. */
  readonly name: string;
  readonly pingIntervalNs: number;
  readonly pingTimeoutNs: number;
  readonly transports: readonly TransportName[];
  /** What one request may hold, in octets. Default: 1,000,000. */
  readonly maxPayloadBytes?: number;
}

/** Sessions of both kinds. */
export interface SessionService {
  /** `accept` is told of every session that begins, and returns who uses it. */
  serve(options: SessionServerOptions, accept: (session: Session, peer: SessionPeer) => SessionUser): SessionServer;
  /** Begins one. Its machine is `engine.NAME`. */
  connect(name: string, carrier: SessionCarrier, transports: readonly TransportName[], user: SessionUser): Session;
}

/** The server of sessions. Requests and upgrades are brought to it. */
export interface SessionServer {
  /** Answers a request, now or later. Returns what is to be done when its connection is lost before. */
  request(request: SessionRequest, respond: (response: SessionResponse) => void): () => void;
  /** What is to be done with a WebSocket once it is open, or the refusal of it. */
  upgrade(query: ReadonlyMap<string, string>, peer: SessionPeer): SessionUpgrade | SessionResponse;
}

/** The two ends of the connection that a client's first request came over. */
export interface SessionPeer {
  readonly local: Endpoint;
  readonly remote: Endpoint;
}

export interface SessionRequest {
  readonly method: string;
  readonly query: ReadonlyMap<string, string>;
  readonly content: Uint8Array;
  readonly peer: SessionPeer;
}

export interface SessionResponse {
  readonly status: number;
  readonly contentType: string;
  readonly content: Uint8Array;
  /** Entries of the packets in it. */
  readonly carries: readonly number[];
}

export interface SessionUpgrade {
  /** What the dialogue tells goes here. */
  readonly user: WebSocketUser;
  /** To be called when the dialogue is open, before it begins to read. */
  start(dialogue: WebSocketDialogue): void;
}
