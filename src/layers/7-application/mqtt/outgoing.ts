/**
 * The sending half of a session, of a client as of a broker (MQTT 3.1.1 sections 4.3, 4.4 and 4.6): what waits, what is
 * in flight under which packet identifier, and what comes of it.
 *
 *     QoS 0: PUBLISH, and forgotten
 *     QoS 1: PUBLISH … PUBACK
 *     QoS 2: PUBLISH … PUBREC, PUBREL … PUBCOMP
 */

import type { Context } from '../../../kernel/context.ts';
import type { DropReason } from '../../../kernel/journal.ts';
import type { DiskFile } from '../disk.ts';
import type { Ledger } from '../ledger.ts';
import { type Message, propertiesLeft } from './message.ts';
import type { Acknowledgment, Publish, Version } from './packet.ts';
import { NO_PROPERTIES } from './properties.ts';
import { MqttProblem, REASON, reasonText } from './reason.ts';

/** A message with QoS 1 or 2 as the disk holds it, under its number in the session. */
export interface StoredMessage {
  readonly message: Message;
  /** 0 while it waits. */
  readonly id: number;
  readonly phase: 'waiting' | 'published' | 'released';
}

/** What a session may hold. */
export interface OutgoingLimits {
  /** Messages that wait, in flight ones not counted. */
  readonly maxQueued: number;
  /** Which one ends when that many wait. */
  readonly overflow: 'drop-newest' | 'drop-oldest';
  /** Messages in flight, whatever the peer allows. */
  readonly maxInFlight: number;
}

/** A connection that is up, as the sending half sees it. */
export interface Peer {
  readonly version: Version;
  /** QoS 1 and 2 messages that it takes before it acknowledges (MQTT 5.0 section 3.1.2.11.3). */
  readonly receiveMaximum: number;
  /** Whether there is room for another packet now. */
  readonly hasRoom: () => boolean;
  /** False: the packet is larger than the peer takes (MQTT 5.0 section 3.1.2.11.4). */
  readonly send: (packet: Publish | Acknowledgment, carries?: readonly number[]) => boolean;
}

interface Place {
  readonly id: string;
  /** `broker.mqtt.ID`: of the journal's metrics and tables. */
  readonly machine: string;
}

interface Waiting {
  readonly message: Message;
  /** Its row is in the journal: what is sent at once never gets one. */
  isShown: boolean;
}

export class Outgoing {
  readonly #context: Context;
  readonly #ledger: Ledger;
  readonly #place: Place;
  readonly #limits: OutgoingLimits;
  /** Null: nothing of it outlives a crash. */
  readonly #file: DiskFile<StoredMessage> | null;
  /** By number in the session, in order. */
  readonly #waiting = new Map<number, Waiting>();
  /** By packet identifier, in the order in which they were first sent. */
  readonly #inFlight = new Map<number, { readonly number: number; stored: StoredMessage }>();
  /** Identifiers of SUBSCRIBE and UNSUBSCRIBE packets that are not answered yet. */
  readonly #otherIds = new Set<number>();
  #peer: Peer | null = null;
  #nextNumber = 1;
  #lastId = 0;
  #isPumping = false;
  /** The last numbers that the journal was told. */
  readonly #told = { queued: 0, inFlight: 0 };

  constructor(
    context: Context,
    ledger: Ledger,
    id: string,
    limits: OutgoingLimits,
    file: DiskFile<StoredMessage> | null,
  ) {
    this.#context = context;
    this.#ledger = ledger;
    this.#place = { id, machine: `mqtt.${id}` };
    this.#limits = limits;
    this.#file = file;
    for (const [key, stored] of file?.records ?? []) this.#restore(Number(key), stored);
  }

  /** Messages that wait for a connection or for their turn. */
  get queued(): number {
    return this.#waiting.size;
  }

  get inFlight(): number {
    return this.#inFlight.size;
  }

  /** Takes a message. With QoS 1 and 2 it is on the disk when this returns, unless there is no room for it. */
  offer(message: Message): void {
    const peer = this.#peer;
    if (message.qos === 0 && peer && (this.#waiting.size === 0 || this.#inFlight.size >= this.#window(peer))) {
      // Nothing that waits for acknowledgments holds up a message that needs none.
      if (peer.hasRoom()) this.#publish(message, 0, false, peer);
      else this.#drop(message, 'queue-full', 'the connection takes no more, and QoS 0 does not wait');
      return;
    }
    if (this.#waiting.size >= this.#limits.maxQueued && !this.#makeRoom(message)) return;
    const number = this.#nextNumber++;
    const waiting: Waiting = { message, isShown: false };
    this.#waiting.set(number, waiting);
    if (message.qos > 0) this.#file?.put(String(number), { message, id: 0, phase: 'waiting' });
    this.pump();
    if (this.#waiting.get(number) !== waiting) return;
    waiting.isShown = true;
    this.#recordRow('queue', String(number), { topic: message.topic, qos: message.qos, bytes: message.payload.length });
    this.#measure();
  }

  /**
   * The session has a connection. "When a Client reconnects with CleanSession set to 0, both the Client and Server MUST
   * re-send any unacknowledged PUBLISH Packets (where QoS > 0) and PUBREL Packets using their original Packet
   * Identifiers" (MQTT-4.4.0-1), in the order in which they were first sent (MQTT-4.6.0-1).
   */
  connected(peer: Peer): void {
    this.#peer = peer;
    this.#otherIds.clear();
    for (const [id, { stored }] of [...this.#inFlight]) {
      if (stored.phase === 'released') peer.send(acknowledgment('pubrel', id));
      else this.#publish(stored.message, id, true, peer);
    }
    this.pump();
  }

  disconnected(): void {
    this.#peer = null;
    this.#otherIds.clear();
  }

  /** An identifier for a SUBSCRIBE or UNSUBSCRIBE, taken until `freeId`; 0: all 65,535 are taken. */
  takeId(): number {
    const id = this.#freeId();
    if (id > 0) this.#otherIds.add(id);
    return id;
  }

  freeId(id: number): void {
    this.#otherIds.delete(id);
    this.pump();
  }

  /** What a PUBACK, PUBREC or PUBCOMP does; a problem is one that closes the connection. */
  acknowledged({ type, id, code }: Acknowledgment): MqttProblem | null {
    const one = this.#inFlight.get(id);
    if (!one) {
      this.#unknown(type, id);
      return null;
    }
    const { message, phase } = one.stored;
    const isExpected =
      type === 'puback'
        ? message.qos === 1
        : type === 'pubrec'
          ? message.qos === 2
          : message.qos === 2 && phase === 'released';
    if (!isExpected) {
      return new MqttProblem(REASON.protocolError, `a ${type.toUpperCase()} for a message with QoS ${message.qos}`);
    }
    if (code >= 0x80 && type !== 'pubcomp') {
      this.#drop(message, 'not-acceptable', `the receiver refuses it: ${reasonText(code)}`);
      this.#finish(id, one.number);
    } else if (type === 'pubrec') this.#release(id, one);
    else this.#finish(id, one.number);
    return null;
  }

  /** Sends what may be sent now: there is room again, or an identifier is free. */
  pump(): void {
    if (this.#isPumping) return;
    this.#isPumping = true;
    while (this.#sendNext());
    this.#isPumping = false;
  }

  /** The session is over: whatever it still held ends here. */
  discard(reason: DropReason, detail: string): void {
    for (const number of [...this.#waiting.keys()]) this.#dropWaiting(number, reason, detail);
    this.discardInFlight(reason, detail);
  }

  discardInFlight(reason: DropReason, detail: string): void {
    for (const [id, { number, stored }] of [...this.#inFlight]) {
      // A released message has been delivered: only its identifier is still in use.
      if (stored.phase === 'published') this.#drop(stored.message, reason, detail);
      this.#forget(id, number);
    }
    this.#measure();
  }

  /** What is not on the disk ends here. */
  discardVolatile(reason: DropReason, detail: string): void {
    for (const [number, { message }] of [...this.#waiting]) {
      if (this.#file === null || message.qos === 0) this.#dropWaiting(number, reason, detail);
    }
    if (this.#file === null) this.discardInFlight(reason, detail);
  }

  #restore(number: number, stored: StoredMessage): void {
    this.#nextNumber = Math.max(this.#nextNumber, number + 1);
    const { message, id, phase } = stored;
    if (phase === 'waiting') {
      this.#waiting.set(number, { message, isShown: true });
      this.#told.queued = this.#waiting.size;
      return;
    }
    this.#inFlight.set(id, { number, stored });
    this.#told.inFlight = this.#inFlight.size;
    this.#lastId = id;
  }

  #window(peer: Peer): number {
    return Math.min(this.#limits.maxInFlight, peer.receiveMaximum);
  }

  #sendNext(): boolean {
    const peer = this.#peer;
    const [next] = this.#waiting;
    if (!peer || !next || !peer.hasRoom()) return false;
    const [number, { message, isShown }] = next;
    if (message.expiresNs !== null && message.expiresNs <= this.#context.nowNs) {
      this.#dropWaiting(number, 'expired', 'its message expiry interval has passed');
      return true;
    }
    let id = 0;
    if (message.qos > 0) {
      if (this.#inFlight.size >= this.#window(peer)) return false;
      id = this.#freeId();
      if (id === 0) return false;
      this.#lastId = id;
      const stored: StoredMessage = { message, id, phase: 'published' };
      this.#file?.put(String(number), stored);
      this.#inFlight.set(id, { number, stored });
      this.#recordRow('inflight', String(id), inFlightRow(stored));
    }
    this.#waiting.delete(number);
    if (isShown) this.#recordRow('queue', String(number), null);
    this.#measure();
    this.#publish(message, id, false, peer);
    return true;
  }

  #publish(message: Message, id: number, dup: boolean, peer: Peer): void {
    const { topic, payload, qos, retain, carries } = message;
    const properties = peer.version === 5 ? propertiesLeft(message, this.#context.nowNs) : NO_PROPERTIES;
    const wasSent = peer.send({ type: 'publish', topic, payload, qos, retain, dup, id, properties }, carries);
    if (wasSent) return;
    // "It MUST discard [it] and then behave as if it had completed sending that Application Message" (MQTT-3.1.2-25).
    this.#drop(message, 'too-big', 'the receiver does not take packets as large as this');
    const one = this.#inFlight.get(id);
    if (one) this.#finish(id, one.number);
  }

  #release(id: number, one: { readonly number: number; stored: StoredMessage }): void {
    one.stored = { ...one.stored, phase: 'released' };
    this.#file?.put(String(one.number), one.stored);
    this.#recordRow('inflight', String(id), inFlightRow(one.stored));
    this.#peer?.send(acknowledgment('pubrel', id));
  }

  #finish(id: number, number: number): void {
    this.#forget(id, number);
    this.#measure();
    this.pump();
  }

  #forget(id: number, number: number): void {
    this.#inFlight.delete(id);
    this.#file?.delete(String(number));
    this.#recordRow('inflight', String(id), null);
  }

  /** A peer that remembers what this side has forgotten is helped to an end: PUBREC is answered, the rest is ignored. */
  #unknown(type: Acknowledgment['type'], id: number): void {
    const peer = this.#peer;
    if (type === 'pubrec' && peer) {
      peer.send({ ...acknowledgment('pubrel', id), code: peer.version === 5 ? REASON.packetIdNotFound : 0 });
    }
    this.#ledger.told(this.#place.machine, `${type.toUpperCase()} for identifier ${id}, which is not in flight`);
  }

  #freeId(): number {
    let id = this.#lastId;
    for (let tries = 0; tries < 65_535; tries++) {
      id = id === 65_535 ? 1 : id + 1;
      if (this.#inFlight.has(id) || this.#otherIds.has(id)) continue;
      this.#lastId = id;
      return id;
    }
    return 0;
  }

  #makeRoom(message: Message): boolean {
    const { maxQueued, overflow } = this.#limits;
    const detail = `${maxQueued} messages wait already`;
    const [oldest] = this.#waiting.keys();
    if (overflow === 'drop-newest' || oldest === undefined) {
      this.#drop(message, 'queue-full', detail);
      return false;
    }
    this.#dropWaiting(oldest, 'queue-full', `${detail}, and this one is the oldest`);
    return true;
  }

  #dropWaiting(number: number, reason: DropReason, detail: string): void {
    const waiting = this.#waiting.get(number);
    if (!waiting) return;
    this.#waiting.delete(number);
    this.#file?.delete(String(number));
    if (waiting.isShown) this.#recordRow('queue', String(number), null);
    this.#drop(waiting.message, reason, detail);
    this.#measure();
  }

  #drop({ topic, payload, carries }: Message, reason: DropReason, detail: string): void {
    this.#ledger.dropped('mqtt', this.#place.machine, payload, reason, `a message to ${topic}: ${detail}`, carries);
  }

  /** A row of what waits or is in flight. */
  #recordRow(table: 'queue' | 'inflight', key: string, row: Record<string, string | number> | null): void {
    if (!this.#context.recording) return;
    this.#context.record({
      kind: 'table',
      layer: 7,
      protocol: 'mqtt',
      change: { table: `${this.#place.machine}.${table}`, key, row, because: '' },
    });
  }

  /** How many wait and are in flight; called after each change. */
  #measure(): void {
    if (!this.#context.recording) return;
    const { machine } = this.#place;
    const metric = { kind: 'metric', layer: 7, protocol: 'mqtt', machine } as const;
    const told = this.#told;
    if (told.queued !== this.queued) this.#context.record({ ...metric, name: 'queued', value: this.queued });
    if (told.inFlight !== this.inFlight) this.#context.record({ ...metric, name: 'in-flight', value: this.inFlight });
    told.queued = this.queued;
    told.inFlight = this.inFlight;
  }
}

function inFlightRow({ message, phase }: StoredMessage): Record<string, string | number> {
  const waitsFor = message.qos === 1 ? 'PUBACK' : phase === 'published' ? 'PUBREC' : 'PUBCOMP';
  return { topic: message.topic, qos: message.qos, 'waits-for': waitsFor };
}

export function acknowledgment(type: Acknowledgment['type'], id: number, code = 0): Acknowledgment {
  return { type, id, code, properties: NO_PROPERTIES };
}
