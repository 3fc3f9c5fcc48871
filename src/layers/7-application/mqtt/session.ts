/** A session as a broker keeps it (MQTT 3.1.1 section 3.1.2.4, MQTT 5.0 section 4.1): it may outlive its connections. */

import { MAX_MQTT_SUBSCRIPTIONS_OF_A_SESSION } from '../../limits.ts';
import type { AppServices } from '../app-services.ts';
import type { Disk, DiskFile } from '../disk.ts';
import { Incoming } from './incoming.ts';
import type { Message } from './message.ts';
import { Outgoing, type OutgoingLimits, type Peer, type StoredMessage } from './outgoing.ts';
import type { Qos, Subscription } from './packet.ts';
import { matchesTopic, sharedOf } from './topic.ts';

/** Seconds that mean for ever (MQTT 5.0 section 3.1.2.11.2). */
export const NEVER_EXPIRES = 0xffff_ffff;

/** What the disk holds of a session besides its messages. */
export interface StoredSession {
  readonly expirySeconds: number;
  /** Null while it has a connection. */
  readonly offlineSinceNs: number | null;
  readonly subscriptions: readonly Subscription[];
}

/** Whoever holds the connection that the session has now. */
export interface SessionHolder {
  /** Another connection takes the session over (MQTT-3.1.4-2). */
  takenOver(): void;
}

export class Session {
  readonly clientId: string;
  /** The client identifier as paths name it. */
  readonly label: string;
  readonly outgoing: Outgoing;
  readonly incoming: Incoming;
  holder: SessionHolder | null = null;
  readonly #services: AppServices;
  readonly #file: DiskFile<StoredSession> | null;
  readonly #disk: Disk | null;
  readonly #subscriptions = new Map<string, Subscription>();
  #expirySeconds: number;
  #offlineSinceNs: number | null = null;

  /** `disk`: null for a session that ends with its connection, or a broker that keeps nothing. */
  constructor(
    services: AppServices,
    clientId: string,
    limits: OutgoingLimits,
    expirySeconds: number,
    disk: Disk | null,
    stored: StoredSession | null,
  ) {
    const { context, ledger } = services;
    this.#services = services;
    this.clientId = clientId;
    this.label = labelOf(clientId);
    this.#disk = disk;
    this.#file = disk?.file<StoredSession>('mqtt.sessions') ?? null;
    const messages = disk?.file<StoredMessage>(outgoingFile(clientId)) ?? null;
    this.outgoing = new Outgoing(context, ledger, this.label, limits, messages);
    this.incoming = new Incoming(disk?.file<true>(incomingFile(clientId)) ?? null);
    this.#expirySeconds = stored?.expirySeconds ?? expirySeconds;
    for (const each of stored?.subscriptions ?? []) this.#subscriptions.set(each.filter, each);
    // Of a session that had a connection when the node crashed, the absence counts from now on.
    this.#offlineSinceNs = stored ? (stored.offlineSinceNs ?? context.nowNs) : null;
    this.#become('new', stored ? 'offline' : 'connected', stored ? 'it was on the disk' : 'CONNECT');
    this.#store();
  }

  get subscriptions(): ReadonlyMap<string, Subscription> {
    return this.#subscriptions;
  }

  /** Virtual time at which it ends if its client stays away; null: never, or it has a connection. */
  get expiresNs(): number | null {
    if (this.#offlineSinceNs === null || this.#expirySeconds === NEVER_EXPIRES) return null;
    return this.#offlineSinceNs + this.#expirySeconds * 1_000_000_000;
  }

  get expirySeconds(): number {
    return this.#expirySeconds;
  }

  get isOnline(): boolean {
    return this.holder !== null;
  }

  /** A connection takes the session up. */
  take(holder: SessionHolder, expirySeconds: number): void {
    const wasOffline = this.#offlineSinceNs !== null;
    this.holder = holder;
    this.#expirySeconds = expirySeconds;
    this.#offlineSinceNs = null;
    this.#store();
    if (wasOffline) this.#become('offline', 'connected', 'CONNECT');
  }

  /** The CONNACK is on its way: what waits may follow. */
  start(peer: Peer): void {
    this.outgoing.connected(peer);
  }

  leave(because: string): void {
    this.holder = null;
    this.outgoing.disconnected();
    this.#offlineSinceNs = this.#services.context.nowNs;
    this.#store();
    this.#become('connected', 'offline', because);
  }

  setExpiry(seconds: number): void {
    this.#expirySeconds = seconds;
    this.#store();
  }

  /** Whether the filter was new; null: there are too many already. */
  subscribe(subscription: Subscription): boolean | null {
    const isNew = !this.#subscriptions.has(subscription.filter);
    if (isNew && this.#subscriptions.size >= MAX_MQTT_SUBSCRIPTIONS_OF_A_SESSION) return null;
    this.#subscriptions.set(subscription.filter, subscription);
    this.#store();
    const { filter, qos } = subscription;
    this.#recordRow(filter, { qos }, 'SUBSCRIBE');
    return isNew;
  }

  unsubscribe(filter: string): boolean {
    if (!this.#subscriptions.delete(filter)) return false;
    this.#store();
    this.#recordRow(filter, null, 'UNSUBSCRIBE');
    return true;
  }

  /**
   * How a topic reaches this session by its own subscriptions, shared ones left out: the greatest QoS of those that
   * overlap (MQTT-3.3.5-1). Null: it does not. `isOwn`: this session's client published it (no-local).
   */
  match(topic: string, isOwn: boolean): { readonly qos: Qos; readonly retainAsPublished: boolean } | null {
    let best: { qos: Qos; retainAsPublished: boolean } | null = null;
    for (const { filter, qos, noLocal, retainAsPublished } of this.#subscriptions.values()) {
      if (filter.startsWith('$share/') || (noLocal && isOwn) || !matchesTopic(filter, topic)) continue;
      if (!best) best = { qos, retainAsPublished };
      else
        best = { qos: Math.max(qos, best.qos) as Qos, retainAsPublished: best.retainAsPublished || retainAsPublished };
    }
    return best;
  }

  /** Names of the shared subscriptions that match a topic. */
  sharedMatches(topic: string): readonly Subscription[] {
    return [...this.#subscriptions.values()].filter((each) => {
      const { group, filter } = sharedOf(each.filter);
      return group !== null && matchesTopic(filter, topic);
    });
  }

  /** Takes a message for the client. One with QoS 0 does not wait for a client that is away. */
  deliver(message: Message): void {
    if (message.qos === 0 && !this.isOnline) {
      const detail = `a message to ${message.topic}: QoS 0 is not kept for ${this.label}, who is away`;
      this.#services.ledger.dropped(
        'mqtt',
        `mqtt.${this.label}`,
        message.payload,
        'no-connection',
        detail,
        message.carries,
      );
    } else this.outgoing.offer(message);
  }

  /** The session ends, and whatever it holds with it. */
  end(reason: 'closed' | 'expired', because: string): void {
    this.outgoing.discard(reason, because);
    this.incoming.clear();
    for (const filter of [...this.#subscriptions.keys()]) this.#recordRow(filter, null, because);
    this.#subscriptions.clear();
    this.#file?.delete(this.clientId);
    this.#disk?.remove(outgoingFile(this.clientId));
    this.#disk?.remove(incomingFile(this.clientId));
    this.#become(this.isOnline ? 'connected' : 'offline', 'ended', because);
  }

  crash(): void {
    this.outgoing.discardVolatile('crashed', 'it was only in memory when the node crashed');
    this.#become(this.isOnline ? 'connected' : 'offline', this.#file ? 'offline' : 'ended', 'the node crashed');
  }

  #store(): void {
    this.#file?.put(this.clientId, {
      expirySeconds: this.#expirySeconds,
      offlineSinceNs: this.#offlineSinceNs,
      subscriptions: [...this.#subscriptions.values()],
    });
  }

  #become(from: string, to: string, because: string): void {
    const { context } = this.#services;
    if (!context.recording || from === to) return;
    context.record({ kind: 'state', layer: 7, protocol: 'mqtt', machine: `mqtt.${this.label}`, from, to, because });
  }

  #recordRow(filter: string, row: Record<string, number> | null, because: string): void {
    const { context } = this.#services;
    if (!context.recording) return;
    const change = { table: `mqtt.${this.label}.subscriptions`, key: filter, row, because };
    context.record({ kind: 'table', layer: 7, protocol: 'mqtt', change });
  }
}

function outgoingFile(clientId: string): string {
  return `mqtt.outgoing ${clientId}`;
}

function incomingFile(clientId: string): string {
  return `mqtt.incoming ${clientId}`;
}

/** A stranger's identifier in a path: short and printable. */
export function labelOf(clientId: string): string {
  const printable = clientId.replace(/[^\x21-\x7e]/g, '_');
  return printable.length > 64 ? `${printable.slice(0, 64)}~` : printable;
}
