/** A message broker of AMQP 0-9-1, with RabbitMQ's extensions: queues behind the default exchange, and nothing else. */

import type { Stream } from '../../4-transport/service.ts';
import { MAX_QUEUES } from '../../limits.ts';
import type { AppServices, ServerOptions } from '../app-services.ts';
import type { Disk } from '../disk.ts';
import { quoted } from '../wording.ts';
import { BrokerConnection } from './broker-connection.ts';
import { BrokerQueue, type QueueOptions } from './broker-queue.ts';
import {
  DEATH_TEXT,
  type Death,
  DROPPED,
  deadLettered,
  isCycle,
  type Publication,
  type QueuedMessage,
} from './message.ts';
import { AmqpProblem, REPLY } from './reply.ts';

export interface QueueBrokerOptions extends ServerOptions {
  readonly queues: readonly (QueueOptions & { readonly name: string })[];
}

export class QueueBroker {
  readonly options: QueueBrokerOptions;
  readonly #services: AppServices;
  readonly #disk: Disk;
  readonly #queues = new Map<string, BrokerQueue>();
  #named = 0;

  /** Starts to serve. `disk`: the node's, with the durable queues of before. */
  constructor(services: AppServices, disk: Disk, options: QueueBrokerOptions) {
    this.#services = services;
    this.#disk = disk;
    this.options = options;
    const declared = disk.file<QueueOptions>('queues');
    const ours = new Map(options.queues.map(({ name, ...queue }) => [name, queue]));
    for (const [name, queue] of [...declared.records, ...ours]) if (!this.#queues.has(name)) this.#add(name, queue);
    for (const queue of this.#queues.values()) queue.start();
    const accept = (stream: Stream) => new BrokerConnection(services, this, stream).user;
    services.streams.listen(options.name, options.port, accept, { noDelay: true });
  }

  find(name: string): BrokerQueue | null {
    return this.#queues.get(name) ?? null;
  }

  /** The queue of that name, new or old; an empty name asks for one of the broker's. */
  declare(wanted: string, options: QueueOptions): BrokerQueue | AmqpProblem {
    const name = wanted === '' ? this.#nextName() : wanted;
    const old = this.#queues.get(name);
    if (old) {
      const different = differenceOf(old.options, options);
      if (different === null) return old;
      return new AmqpProblem(REPLY.preconditionFailed, `inequivalent arg '${different}' for queue '${name}'`);
    }
    if (name.startsWith('amq.') && wanted !== '') {
      return new AmqpProblem(REPLY.accessRefused, `queue name '${name}' begins with the reserved prefix 'amq.'`);
    }
    if (this.#queues.size >= MAX_QUEUES) return new AmqpProblem(REPLY.preconditionFailed, 'there are too many queues');
    return this.#add(name, options);
  }

  remove(queue: BrokerQueue): number {
    this.#queues.delete(queue.name);
    const count = queue.delete();
    this.#disk.file<QueueOptions>('queues').delete(queue.name);
    this.#disk.remove(fileOf(queue.name));
    return count;
  }

  /** What becomes of a publication to the default exchange: its routing key is a queue's name. */
  publish(publication: Publication): 'routed' | 'unroutable' | 'rejected' {
    const queue = this.#queues.get(publication.routingKey);
    if (!queue) return 'unroutable';
    return queue.publish(publication) ? 'routed' : 'rejected';
  }

  crash(): void {
    for (const queue of this.#queues.values()) queue.crash();
  }

  #add(name: string, options: QueueOptions): BrokerQueue {
    const { durable } = options;
    const file = durable ? this.#disk.file<QueuedMessage>(fileOf(name)) : null;
    if (durable) this.#disk.file<QueueOptions>('queues').put(name, options);
    const queue = new BrokerQueue(this.#services, name, options, file, (message, death, from) =>
      this.#bury(message, death, from),
    );
    this.#queues.set(name, queue);
    return queue;
  }

  #nextName(): string {
    do this.#named++;
    while (this.#queues.has(`amq.gen-${this.#named}`));
    return `amq.gen-${this.#named}`;
  }

  /** A message died in a queue: it goes to the dead-letter queue, if there is one. */
  #bury(message: QueuedMessage, death: Death, from: BrokerQueue): void {
    const { ledger, context } = this.#services;
    const { deadLetter } = from.options;
    const text = DEATH_TEXT[death];
    const drop = (detail: string) =>
      ledger.dropped('amqp', from.machine, message.body, DROPPED[death], detail, message.carries);
    if (deadLetter === null) {
      drop(`a message in ${from.name}: ${text}`);
      return;
    }
    const { id: _, deliveries: __, expiresNs: ___, ...publication } = message;
    const dead = deadLettered(publication, from.name, death, context.wallNs);
    if (isCycle(dead, deadLetter)) drop(`a message in ${from.name}: ${text}, and it has been in ${deadLetter} before`);
    else if (this.publish({ ...dead, exchange: '', routingKey: deadLetter }) !== 'routed') {
      drop(`a message in ${from.name}: ${text}, and ${deadLetter} does not take it`);
    } else ledger.told(from.machine, `${quoted(message.body)} goes to ${deadLetter}: ${text}`);
  }
}

function fileOf(queue: string): string {
  return `queue ${queue}`;
}

/** The first option in which two declarations differ, as the client calls it; null: none. */
function differenceOf(old: QueueOptions, wanted: QueueOptions): string | null {
  if (old.durable !== wanted.durable) return 'durable';
  if (old.ttlNs !== wanted.ttlNs) return 'x-message-ttl';
  if (old.maxLength !== wanted.maxLength) return 'x-max-length';
  if (old.maxLength !== null && old.overflow !== wanted.overflow) return 'x-overflow';
  if (old.deadLetter !== wanted.deadLetter) return 'x-dead-letter-routing-key';
  return old.maxDeliveries === wanted.maxDeliveries ? null : 'x-delivery-limit';
}
