/** What a scenario says of sessions, checked and with its defaults: WebSocket and Socket.IO. */

import type { Nanos } from '../kernel/journal.ts';
import type { Payload } from './scenario.ts';
import type { ClientTlsSpec, ServerTlsSpec } from './tls-spec.ts';

export type SessionApp = WsServerApp | SocketIoApp;

export interface WsServerApp {
  readonly kind: 'ws-server';
  readonly name: string;
  readonly port: number;
  readonly path: string;
  readonly echo: boolean;
  /** null: it never asks whether a client is still there. */
  readonly pingIntervalNs: Nanos | null;
  readonly deflate: boolean;
  readonly broadcast: { readonly everyNs: Nanos; readonly sizeBytes: number } | null;
  /** Left out: plain TCP. */
  readonly tls?: ServerTlsSpec;
}

export interface SocketIoApp {
  readonly kind: 'socketio-server';
  readonly name: string;
  readonly port: number;
  readonly path: string;
  readonly pingIntervalNs: Nanos;
  readonly pingTimeoutNs: Nanos;
  readonly transports: readonly IoTransport[];
  readonly recoverForNs: Nanos | null;
  readonly namespaces: readonly string[];
  readonly rules: readonly { readonly event: string; readonly rule: IoRule }[];
  /** Left out: plain TCP. */
  readonly tls?: ServerTlsSpec;
}

type IoTransport = 'polling' | 'websocket';
/** What a server does about an event; `room`: who says it joins that room. */
type IoRule = 'echo' | 'ack' | 'broadcast' | { readonly room: string };

/** JSON: what an event carries. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

export type EventContent =
  | { readonly kind: 'none' }
  | { readonly kind: 'json'; readonly value: Json }
  /** That many octets of a known pattern. */
  | { readonly kind: 'size'; readonly bytes: number };

interface Reconnection {
  readonly delayNs: Nanos;
  readonly maxNs: Nanos;
  readonly jitterPerMillion: number;
  /** null: for ever. */
  readonly attempts: number | null;
}

export type SessionAction =
  | {
      readonly kind: 'ws-connect';
      readonly node: string;
      readonly host: string;
      readonly port: number;
      /** Left out: plain TCP. */
      readonly tls?: ClientTlsSpec;
      readonly path: string;
      readonly as: string;
      readonly protocols: readonly string[];
      readonly deflate: boolean;
    }
  | {
      readonly kind: 'ws-send';
      readonly node: string;
      readonly on: string | null;
      readonly payload: Payload;
      readonly isText: boolean;
      readonly times: number;
      readonly everyNs: Nanos;
    }
  | { readonly kind: 'ws-ping' | 'io-disconnect'; readonly node: string; readonly on: string | null }
  | {
      readonly kind: 'ws-close';
      readonly node: string;
      readonly on: string | null;
      readonly code: number | null;
      readonly reason: string;
    }
  | {
      readonly kind: 'io-connect';
      readonly node: string;
      readonly host: string;
      readonly port: number;
      /** Left out: plain TCP. */
      readonly tls?: ClientTlsSpec;
      /** Where the server answers, and the namespace on it. */
      readonly path: string;
      readonly namespace: string;
      readonly as: string;
      readonly transports: readonly IoTransport[];
      readonly reconnection: Reconnection | null;
      readonly retries: number;
      readonly ackTimeoutNs: Nanos | null;
    }
  | {
      readonly kind: 'emit';
      readonly node: string;
      /** A client's name; null: its only one. */
      readonly on: string | null;
      /** Set where a server emits to its clients: the app's name. */
      readonly app: string | null;
      readonly namespace: string;
      readonly event: string;
      readonly content: EventContent;
      readonly ack: boolean;
      readonly volatile: boolean;
      /** null: to all. */
      readonly room: string | null;
      readonly times: number;
      readonly everyNs: Nanos;
    };
