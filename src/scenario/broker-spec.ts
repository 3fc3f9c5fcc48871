/** What a scenario says of brokers and their clients, checked and with its defaults: MQTT and work queues. */

import type { Nanos } from '../kernel/journal.ts';
import type { Payload, Remote } from './scenario.ts';
import type { ClientTlsSpec, ServerTlsSpec } from './tls-spec.ts';

export type BrokerApp = MqttBrokerApp | QueueBrokerApp;

export type Qos = 0 | 1 | 2;
/** The protocol level: 4 is MQTT 3.1.1, 5 is MQTT 5.0. */
export type MqttVersion = 4 | 5;

export interface MqttBrokerApp {
  readonly kind: 'mqtt-broker';
  readonly name: string;
  readonly port: number;
  /** Where it serves WebSockets too; null: nowhere. */
  readonly webSocketPort: number | null;
  readonly version: MqttVersion;
  /** Messages that wait for one client. */
  readonly maxQueued: number;
  readonly overflow: 'drop-newest' | 'drop-oldest';
  /** Whether sessions, their messages and retained ones outlive a crash. */
  readonly persistence: boolean;
  /** Left out: plain TCP. */
  readonly tls?: ServerTlsSpec;
}

/** Where an MQTT client connects, and the path of a WebSocket; null: plain TCP. */
export interface MqttTarget extends Remote {
  readonly webSocketPath: string | null;
  /** `mqtts` or `wss`. */
  readonly isSecure: boolean;
}

export interface QueueBrokerApp {
  readonly kind: 'queue-broker';
  readonly name: string;
  readonly port: number;
  readonly queues: readonly QueueSpec[];
  /** Left out: plain TCP. */
  readonly tls?: ServerTlsSpec;
}

export interface QueueSpec {
  readonly name: string;
  readonly durable: boolean;
  readonly ttlNs: Nanos | null;
  readonly maxLength: number | null;
  readonly overflow: 'drop-head' | 'reject-publish';
  readonly deadLetter: string | null;
  readonly maxDeliveries: number | null;
}

export type BrokerAction =
  | {
      readonly kind: 'mqtt-connect';
      readonly node: string;
      readonly to: Remote;
      /** The path of a WebSocket; null: plain TCP. */
      readonly webSocketPath: string | null;
      /** Left out: plain TCP. */
      readonly tls?: ClientTlsSpec;
      readonly as: string;
      readonly clientId: string;
      readonly version: MqttVersion;
      readonly clean: boolean;
      readonly keepAliveSeconds: number;
      /** MQTT 5.0; null: 0 for a clean session, else for ever. */
      readonly sessionExpirySeconds: number | null;
      readonly will: {
        readonly topic: string;
        readonly text: string;
        readonly qos: Qos;
        readonly retain: boolean;
      } | null;
    }
  | {
      readonly kind: 'subscribe';
      readonly node: string;
      readonly on: string | null;
      readonly topic: string;
      readonly qos: Qos;
    }
  | {
      readonly kind: 'publish';
      readonly node: string;
      readonly on: string | null;
      readonly topic: string;
      readonly payload: Payload;
      readonly qos: Qos;
      readonly retain: boolean;
      readonly times: number;
      readonly everyNs: Nanos;
    }
  | { readonly kind: 'mqtt-disconnect'; readonly node: string; readonly on: string | null }
  | {
      readonly kind: 'enqueue';
      readonly node: string;
      readonly to: Remote;
      /** Left out: plain TCP. */
      readonly tls?: ClientTlsSpec;
      readonly queue: string;
      readonly payload: Payload;
      readonly confirm: boolean;
      readonly times: number;
      readonly everyNs: Nanos;
    }
  | {
      readonly kind: 'consume';
      readonly node: string;
      readonly to: Remote;
      /** Left out: plain TCP. */
      readonly tls?: ClientTlsSpec;
      readonly as: string;
      readonly queue: string;
      /** 0: any number. */
      readonly prefetch: number;
      readonly workNs: Nanos;
      readonly ack: 'manual' | 'auto' | 'never';
      readonly crashAfter: number | null;
      readonly failsOn: string | null;
    };

const KINDS: ReadonlySet<string> = new Set<BrokerAction['kind']>([
  'mqtt-connect',
  'subscribe',
  'publish',
  'mqtt-disconnect',
  'enqueue',
  'consume',
]);

export function isBrokerKind(kind: string): kind is BrokerAction['kind'] {
  return KINDS.has(kind);
}

export function isBrokerAction<A extends { readonly kind: string }>(action: A | BrokerAction): action is BrokerAction {
  return KINDS.has(action.kind);
}

export function isBrokerApp<A extends { readonly kind: string }>(app: A | BrokerApp): app is BrokerApp {
  return app.kind === 'mqtt-broker' || app.kind === 'queue-broker';
}
