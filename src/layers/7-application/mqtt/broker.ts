/** An MQTT server (MQTT 3.1.1 and 5.0): sessions, subscriptions, retained messages, and who gets what. */

import type { Timer } from '../../../kernel/kernel.ts';
import type { Stream, StreamService } from '../../4-transport/service.ts';
import { MAX_MQTT_IN_FLIGHT, MAX_MQTT_SESSIONS } from '../../limits.ts';
import type { AppServices, ServerOptions } from '../app-services.ts';
import { Disk } from '../disk.ts';
import { octets } from '../wording.ts';
import { BrokerConnection } from './broker-connection.ts';
import type { Message } from './message.ts';
import type { OutgoingLimits } from './outgoing.ts';
import type { Connect, Qos, Subscription, Version } from './packet.ts';
import { Retained } from './retained.ts';
import { NEVER_EXPIRES, Session, type SessionHolder, type StoredSession } from './session.ts';

export interface MqttBrokerOptions extends ServerOptions {
  /** The newest version that it speaks; one that speaks 5.0 serves clients of 3.1.1 too. */
  readonly version: Version;
  /** Messages that wait for one client. */
  readonly maxQueued: number;
  readonly overflow: OutgoingLimits['overflow'];
  /** True: sessions, their messages and retained ones outlive a crash of the node. */
  readonly persistence: boolean;
}

export class MqttBroker {
  readonly options: MqttBrokerOptions;
  readonly #services: AppServices;
  readonly #disk: Disk | null;
  readonly #sessions = new Map<string, Session>();
  readonly #retained: Retained;
  /** Wills that wait for their delay, by client. */
  readonly #delayedWills = new Map<string, { readonly message: Message; readonly timer: Timer }>();
  readonly #expiries = new Map<string, Timer>();
  /** Which member of a shared subscription had the last message. */
  readonly #turns = new Map<string, string>();
  #assigned = 0;

  /** Starts to serve. `disk`: the node's. */
  constructor(services: AppServices, disk: Disk, options: MqttBrokerOptions) {
    this.#services = services;
    this.options = options;
    this.#disk = options.persistence ? disk : null;
    this.#retained = new Retained(services.context, this.#disk ?? new Disk());
    for (const [clientId, stored] of this.#disk?.file<StoredSession>('mqtt.sessions').records ?? []) {
      const session = new Session(services, clientId, this.#limits, stored.expirySeconds, this.#disk, stored);
      this.#sessions.set(clientId, session);
      this.#awaitExpiry(session);
    }
    this.listen(services.streams, options.port);
  }

  /** Serves over another service too: WebSockets carry the same octets (section 6). */
  listen(streams: StreamService, port: number): void {
    const accept = (stream: Stream) => new BrokerConnection(this.#services, this, stream).user;
    streams.listen(this.options.name, port, accept, { noDelay: true });
  }

  /** An identifier for a client that brings none. */
  assignClientId(): string {
    do this.#assigned++;
    while (this.#sessions.has(`auto-${this.#assigned}`));
    return `auto-${this.#assigned}`;
  }

  get isFull(): boolean {
    return this.#sessions.size >= MAX_MQTT_SESSIONS;
  }

  /**
   * The session for a client that connects (MQTT-3.1.2-4 to -6, 3.1.4-2): the old connection is closed, the old state is
   * taken up or dropped. `isPresent`: it was there before.
   */
  open(
    { clientId, clean }: Connect,
    expirySeconds: number,
    holder: SessionHolder,
  ): { readonly session: Session; readonly isPresent: boolean } {
    this.#sessions.get(clientId)?.holder?.takenOver();
    this.#expiries.get(clientId)?.clear();
    let session = this.#sessions.get(clientId);
    if (session && clean) {
      this.#end(session, 'closed', 'the client starts clean');
      session = undefined;
    }
    this.#settleWill(clientId, session !== undefined);
    const isPresent = session !== undefined;
    // What ends with its connection has nothing to look for on the disk.
    const disk = expirySeconds > 0 ? this.#disk : null;
    session ??= new Session(this.#services, clientId, this.#limits, expirySeconds, disk, null);
    this.#sessions.set(clientId, session);
    session.take(holder, expirySeconds);
    return { session, isPresent };
  }

  /** The session has lost its connection. `will`: the message to be published now or after its delay; null: none. */
  leave(session: Session, because: string, will: Message | null, willDelaySeconds: number): void {
    session.leave(because);
    if (session.expirySeconds === 0) this.#end(session, 'closed', 'the session ends with its connection');
    else this.#awaitExpiry(session);
    if (!will) return;
    const delaySeconds = Math.min(willDelaySeconds, session.expirySeconds);
    if (delaySeconds === 0) this.#publishWill(session.clientId, will);
    else {
      const publish = () => this.#settleWill(session.clientId, false);
      const timer = this.#services.context.timer(7, `mqtt.${session.label}`, 'will delay', publish);
      timer.set(delaySeconds * SECOND);
      this.#delayedWills.set(session.clientId, { message: will, timer });
    }
  }

  /** Takes a message from a client or a will, and gives it to everybody who subscribed. Returns how many get it. */
  publish(message: Message, fromClientId: string | null): number {
    const { ledger } = this.#services;
    if (message.retain && !this.#retained.keep(message)) {
      const detail = `a retained message to ${message.topic}: as many topics as can be are retained`;
      ledger.dropped('mqtt', this.options.name, message.payload, 'queue-full', detail, message.carries);
    }
    let receivers = 0;
    for (const session of this.#sessions.values()) {
      const match = session.match(message.topic, session.clientId === fromClientId);
      if (!match) continue;
      receivers++;
      session.deliver(forwarded(message, match.qos, match.retainAsPublished));
    }
    return receivers + this.#publishShared(message);
  }

  /** Retained messages for a new subscription (MQTT-3.3.1-6, -8). */
  sendRetained(session: Session, { filter, qos }: Subscription): void {
    for (const message of this.#retained.matching(filter)) session.deliver(forwarded(message, qos, true));
  }

  crash(): void {
    for (const session of this.#sessions.values()) session.crash();
    for (const [clientId, { message }] of this.#delayedWills) {
      const detail = `the will of ${clientId} waited for its delay when the node crashed`;
      this.#services.ledger.dropped('mqtt', this.options.name, message.payload, 'crashed', detail, message.carries);
    }
    if (!this.#disk) this.#retained.forget();
  }

  get #limits(): OutgoingLimits {
    const { maxQueued, overflow } = this.options;
    return { maxQueued, overflow, maxInFlight: MAX_MQTT_IN_FLIGHT };
  }

  #end(session: Session, reason: 'closed' | 'expired', because: string): void {
    this.#expiries.get(session.clientId)?.clear();
    this.#expiries.delete(session.clientId);
    this.#sessions.delete(session.clientId);
    session.end(reason, because);
  }

  #awaitExpiry(session: Session): void {
    const { context } = this.#services;
    if (session.expiresNs === null || session.expirySeconds === NEVER_EXPIRES) return;
    const expire = () => {
      this.#settleWill(session.clientId, false);
      this.#end(session, 'expired', `its client stayed away for ${session.expirySeconds} s`);
    };
    const timer = context.timer(7, `mqtt.${session.label}`, 'session expiry', expire);
    timer.set(Math.max(0, session.expiresNs - context.nowNs));
    this.#expiries.set(session.clientId, timer);
  }

  /** A delayed will is published, or not: a client that is back in its session in time has not died (MQTT-3.1.3-9). */
  #settleWill(clientId: string, isBack: boolean): void {
    const waiting = this.#delayedWills.get(clientId);
    if (!waiting) return;
    waiting.timer.clear();
    this.#delayedWills.delete(clientId);
    if (!isBack) this.#publishWill(clientId, waiting.message);
    else this.#services.ledger.told(this.options.name, `${clientId} is back before its will was due: not published`);
  }

  #publishWill(clientId: string, will: Message): void {
    const text = `publishes the will of ${clientId} to ${will.topic}: ${octets(will.payload.length)}`;
    this.#services.ledger.told(this.options.name, text);
    this.publish(will, clientId);
  }

  /** One member of each group gets the message, in turn; members who are away only when all are (section 4.8.2). */
  #publishShared(message: Message): number {
    const groups = new Map<string, { session: Session; qos: Qos; retainAsPublished: boolean }[]>();
    for (const session of this.#sessions.values()) {
      for (const { filter, qos, retainAsPublished } of session.sharedMatches(message.topic)) {
        const members = groups.get(filter) ?? [];
        members.push({ session, qos, retainAsPublished });
        groups.set(filter, members);
      }
    }
    for (const [filter, members] of groups) {
      const online = members.filter(({ session }) => session.isOnline);
      const candidates = online.length > 0 ? online : members;
      const last = candidates.findIndex(({ session }) => session.clientId === this.#turns.get(filter));
      const next = candidates[(last + 1) % candidates.length];
      if (!next) continue;
      this.#turns.set(filter, next.session.clientId);
      next.session.deliver(forwarded(message, next.qos, next.retainAsPublished));
    }
    return groups.size;
  }
}

const SECOND = 1_000_000_000;

/** "The QoS of Application Messages sent … MUST be the minimum" of both (MQTT-3.8.4-6); live ones have RETAIN 0. */
function forwarded(message: Message, qos: Qos, keepsRetain: boolean): Message {
  return { ...message, qos: message.qos < qos ? message.qos : qos, retain: keepsRetain && message.retain };
}
