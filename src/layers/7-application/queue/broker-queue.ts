/** One queue of a broker: what is ready, what is with a consumer, and who gets the next message. */

import type { Timer } from '../../../kernel/kernel.ts';
import type { AppServices } from '../app-services.ts';
import type { DiskFile } from '../disk.ts';
import type { Death, Publication, QueuedMessage } from './message.ts';

export interface QueueOptions {
  /** Outlives a crash of the broker, and persistent messages in it with it. */
  readonly durable: boolean;
  /** How long a message may wait; null: for ever. */
  readonly ttlNs: number | null;
  /** Messages that are ready; null: any number. */
  readonly maxLength: number | null;
  readonly overflow: 'drop-head' | 'reject-publish';
  /** The queue for messages that die; null: they are dropped. */
  readonly deadLetter: string | null;
  /** How often a message is delivered before it dies; null: without end. */
  readonly maxDeliveries: number | null;
}

export interface Consumer {
  /** False: its prefetch is used up, or its connection is full. */
  readonly hasRoom: boolean;
  /** A message that it gets counts as acknowledged. */
  readonly noAck: boolean;
  deliver(queue: BrokerQueue, message: QueuedMessage): void;
  /** The queue is deleted. */
  cancelled(): void;
}

const MILLISECOND = 1_000_000;
const MAX_EXPIRATION_MS = 4_294_967_295;

export class BrokerQueue {
  readonly name: string;
  readonly options: QueueOptions;
  readonly #services: AppServices;
  /** Null: nothing of it outlives a crash. */
  readonly #file: DiskFile<QueuedMessage> | null;
  readonly #onDeath: (message: QueuedMessage, death: Death, queue: BrokerQueue) => void;
  /** In the order of their numbers. */
  readonly #ready: QueuedMessage[] = [];
  readonly #unacked = new Map<number, QueuedMessage>();
  readonly #consumers: Consumer[] = [];
  readonly #expiry: Timer;
  #nextId = 1;
  #turn = 0;
  #isDispatching = false;

  constructor(
    services: AppServices,
    name: string,
    options: QueueOptions,
    file: DiskFile<QueuedMessage> | null,
    onDeath: (message: QueuedMessage, death: Death, queue: BrokerQueue) => void,
  ) {
    this.#services = services;
    this.name = name;
    this.options = options;
    this.#file = file;
    this.#onDeath = onDeath;
    this.#expiry = services.context.timer(7, this.machine, 'time to live', () => this.dispatch());
    for (const message of file?.records.values() ?? []) {
      this.#ready.push(message);
      this.#nextId = Math.max(this.#nextId, message.id + 1);
      this.#recordRow(message, 'ready', 'it was on the disk');
    }
    this.#ready.sort((a, b) => a.id - b.id);
    this.#measure();
  }

  /** Every queue is there: what died while the node was down goes where it must. */
  start(): void {
    const { maxDeliveries } = this.options;
    const spent = this.#ready.filter(({ deliveries }) => maxDeliveries !== null && deliveries >= maxDeliveries);
    for (const message of spent) {
      this.#ready.splice(this.#ready.indexOf(message), 1);
      this.#die(message, 'delivery_limit');
    }
    this.dispatch();
  }

  get machine(): string {
    return `queue.${this.name}`;
  }

  /** Messages that wait for a consumer. */
  get depth(): number {
    return this.#ready.length;
  }

  get unacked(): number {
    return this.#unacked.size;
  }

  get consumerCount(): number {
    return this.#consumers.length;
  }

  /** Takes a message; it is on the disk when this returns, if it is to be. False: the queue is full and refuses it. */
  publish(publication: Publication): boolean {
    const { maxLength, overflow } = this.options;
    if (overflow === 'reject-publish' && maxLength !== null && this.#ready.length >= maxLength) return false;
    const message: QueuedMessage = {
      ...publication,
      id: this.#nextId++,
      deliveries: 0,
      expiresNs: this.#expiryOf(publication),
    };
    this.#ready.push(message);
    this.#store(message);
    this.#recordRow(message, 'ready', 'basic.publish');
    this.dispatch();
    return true;
  }

  /** Hands out what is ready to whoever has room, in turn; then lets die what must. */
  dispatch(): void {
    if (this.#isDispatching) return;
    this.#isDispatching = true;
    for (;;) {
      this.#expireHead(false);
      const [message] = this.#ready;
      const consumer = message ? this.#nextConsumer() : null;
      if (!message || !consumer) break;
      consumer.deliver(this, this.#take(message, consumer.noAck));
    }
    this.#expireHead(true);
    const { maxLength } = this.options;
    while (maxLength !== null && this.#ready.length > maxLength) this.#die(this.#ready.shift(), 'maxlen');
    this.#isDispatching = false;
    this.#awaitExpiry();
    this.#measure();
  }

  /** `basic.get`: the message at the head; null: there is none. */
  get(noAck: boolean): QueuedMessage | null {
    this.#expireHead(false);
    const [message] = this.#ready;
    if (!message) return null;
    const taken = this.#take(message, noAck);
    this.dispatch();
    return taken;
  }

  acknowledge(id: number): void {
    this.#remove(id, 'basic.ack');
    this.#measure();
  }

  /** Back to where it was, or to its death when it was delivered often enough. */
  requeue(ids: readonly number[], because: string): void {
    const { maxDeliveries } = this.options;
    for (const id of ids) {
      const message = this.#unacked.get(id);
      if (!message) continue;
      this.#unacked.delete(id);
      if (maxDeliveries !== null && message.deliveries >= maxDeliveries) this.#die(message, 'delivery_limit');
      else this.#putBack(message, because);
    }
    this.dispatch();
  }

  reject(id: number): void {
    const message = this.#unacked.get(id);
    this.#unacked.delete(id);
    this.#die(message, 'rejected');
    this.#measure();
  }

  addConsumer(consumer: Consumer): void {
    this.#consumers.push(consumer);
    this.#measureConsumers();
    this.dispatch();
  }

  removeConsumer(consumer: Consumer): void {
    const index = this.#consumers.indexOf(consumer);
    if (index < 0) return;
    this.#consumers.splice(index, 1);
    if (index < this.#turn) this.#turn--;
    this.#measureConsumers();
  }

  /** Removes what is ready; returns how many. */
  purge(because: string): number {
    const purged = this.#ready.splice(0);
    for (const message of purged) {
      this.#file?.delete(String(message.id));
      this.#recordRow(message, null, because);
      this.#drop(message, because);
    }
    this.#measure();
    return purged.length;
  }

  /** Ends the queue and what is in it; that is no dead-lettering. */
  delete(): number {
    const count = this.purge('the queue is deleted');
    for (const message of this.#unacked.values()) {
      this.#file?.delete(String(message.id));
      this.#recordRow(message, null, 'the queue is deleted');
    }
    this.#unacked.clear();
    for (const consumer of this.#consumers.splice(0)) consumer.cancelled();
    this.#expiry.clear();
    this.#measure();
    return count;
  }

  /** The node crashes: what is not on the disk ends here. */
  crash(): void {
    for (const message of [...this.#ready, ...this.#unacked.values()]) {
      if (this.#file?.records.has(String(message.id))) continue;
      this.#recordRow(message, null, 'the node crashed');
      const detail = `a message in ${this.name}: it was only in memory when the node crashed`;
      const { ledger } = this.#services;
      ledger.dropped('amqp', this.machine, message.body, 'crashed', detail, message.carries);
    }
  }

  #take(message: QueuedMessage, noAck: boolean): QueuedMessage {
    this.#ready.shift();
    const taken = { ...message, deliveries: message.deliveries + 1 };
    if (noAck) {
      this.#file?.delete(String(message.id));
      this.#recordRow(message, null, 'delivered, which is all that is asked');
      return taken;
    }
    this.#unacked.set(taken.id, taken);
    this.#store(taken);
    this.#recordRow(taken, 'unacked', 'basic.deliver');
    return taken;
  }

  #putBack(message: QueuedMessage, because: string): void {
    let at = this.#ready.length;
    while (at > 0 && (this.#ready[at - 1] as QueuedMessage).id > message.id) at--;
    this.#ready.splice(at, 0, message);
    this.#recordRow(message, 'ready', because);
  }

  #remove(id: number, because: string): void {
    const message = this.#unacked.get(id);
    if (!message) return;
    this.#unacked.delete(id);
    this.#file?.delete(String(id));
    this.#recordRow(message, null, because);
  }

  #nextConsumer(): Consumer | null {
    const count = this.#consumers.length;
    for (let step = 0; step < count; step++) {
      const index = (this.#turn + step) % count;
      const consumer = this.#consumers[index];
      if (!consumer?.hasRoom) continue;
      this.#turn = (index + 1) % count;
      return consumer;
    }
    return null;
  }

  /**
   * Only the head of a queue is looked at: what has expired behind a live head stays until it gets there, as in
   * RabbitMQ's classic queues. `now`: also what expires at this very instant, once it had its chance to be delivered.
   */
  #expireHead(now: boolean): void {
    const { nowNs } = this.#services.context;
    for (;;) {
      const expiresNs = this.#ready[0]?.expiresNs ?? null;
      if (expiresNs === null || (now ? expiresNs > nowNs : expiresNs >= nowNs)) return;
      this.#die(this.#ready.shift(), 'expired');
    }
  }

  #awaitExpiry(): void {
    const expiresNs = this.#ready[0]?.expiresNs ?? null;
    if (expiresNs === null) this.#expiry.clear();
    else if (this.#expiry.dueNs !== expiresNs) this.#expiry.set(expiresNs - this.#services.context.nowNs);
  }

  #expiryOf({ properties }: Publication): number | null {
    const text = properties.expiration;
    const own = text !== undefined && /^\d{1,10}$/.test(text) ? Number(text) : null;
    const ownNs = own === null ? null : Math.min(own, MAX_EXPIRATION_MS) * MILLISECOND;
    const { ttlNs } = this.options;
    const leastNs = ownNs === null || ttlNs === null ? (ownNs ?? ttlNs) : Math.min(ownNs, ttlNs);
    return leastNs === null ? null : this.#services.context.nowNs + leastNs;
  }

  #die(message: QueuedMessage | undefined, death: Death): void {
    if (!message) return;
    this.#file?.delete(String(message.id));
    this.#recordRow(message, null, death);
    this.#onDeath(message, death, this);
  }

  /** Persistent messages (delivery mode 2) of a durable queue are on the disk until they are settled. */
  #store(message: QueuedMessage): void {
    if (message.properties.deliveryMode === 2) this.#file?.put(String(message.id), message);
  }

  #drop({ body, carries }: QueuedMessage, because: string): void {
    const detail = `a message in ${this.name}: ${because}`;
    this.#services.ledger.dropped('amqp', this.machine, body, 'closed', detail, carries);
  }

  #measure(): void {
    const { context } = this.#services;
    if (!context.recording) return;
    const metric = { kind: 'metric', layer: 7, protocol: 'amqp', machine: this.machine } as const;
    context.record({ ...metric, name: 'depth', value: this.#ready.length });
    context.record({ ...metric, name: 'unacked', value: this.#unacked.size });
  }

  #measureConsumers(): void {
    const { context } = this.#services;
    if (!context.recording) return;
    const metric = { kind: 'metric', layer: 7, protocol: 'amqp', machine: this.machine } as const;
    context.record({ ...metric, name: 'consumers', value: this.#consumers.length });
  }

  #recordRow({ id, body, deliveries }: QueuedMessage, state: 'ready' | 'unacked' | null, because: string): void {
    const { context } = this.#services;
    if (!context.recording) return;
    const row = state === null ? null : { state, bytes: body.length, deliveries };
    const change = { table: `${this.machine}.messages`, key: String(id), row, because };
    context.record({ kind: 'table', layer: 7, protocol: 'amqp', change });
  }
}
