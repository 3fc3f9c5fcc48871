/** A channel of a connection to the broker: consumers, deliveries that wait for an acknowledgment, confirms. */

import { NOTHING } from '../../../kernel/journal.ts';
import type { Timer } from '../../../kernel/kernel.ts';
import { MAX_CONSUMERS_OF_A_CHANNEL } from '../../limits.ts';
import type { AppServices } from '../app-services.ts';
import type { QueueBroker } from './broker.ts';
import type { BrokerQueue, Consumer, QueueOptions } from './broker-queue.ts';
import type { Content } from './content-assembly.ts';
import { type FrameStream, unexpected } from './frame-stream.ts';
import type { Table } from './header.ts';
import type { QueuedMessage } from './message.ts';
import type { Arguments, Method } from './methods.ts';
import { AmqpProblem, REPLY } from './reply.ts';

/** RabbitMQ's consumer_timeout: who holds a delivery for longer is taken for stuck. */
const ACK_TIMEOUT_NS = 1_800_000_000_000;
const MILLISECOND = 1_000_000;

interface Delivery {
  readonly queue: BrokerQueue;
  readonly id: number;
  /** Null: it was got with `basic.get`. */
  readonly consumer: ChannelConsumer | null;
}

export class BrokerChannel {
  readonly number: number;
  readonly #services: AppServices;
  readonly #broker: QueueBroker;
  readonly #frames: FrameStream;
  readonly #consumers = new Map<string, ChannelConsumer>();
  /** By delivery tag, in order. */
  readonly #unacked = new Map<number, Delivery>();
  readonly #timeout: Timer;
  #lastTag = 0;
  #namedConsumers = 0;
  /** For consumers that start from now on; 0: any number. */
  #prefetch = 0;
  /** Of the whole channel (`global` in RabbitMQ's reading); 0: any number. */
  #channelPrefetch = 0;
  /** Number of the last publication; null: confirms are not asked for. */
  #published: number | null = null;

  constructor(
    services: AppServices,
    broker: QueueBroker,
    frames: FrameStream,
    number: number,
    onProblem: (problem: AmqpProblem) => void,
  ) {
    this.number = number;
    this.#services = services;
    this.#broker = broker;
    this.#frames = frames;
    this.#timeout = services.context.timer(7, `amqp.${frames.name}`, 'acknowledgment', () => {
      const why = `delivery acknowledgement on channel ${number} timed out`;
      onProblem(new AmqpProblem(REPLY.preconditionFailed, why));
    });
  }

  get unackedCount(): number {
    return this.#unacked.size;
  }

  /** What a method does; a problem closes the channel, or the connection. */
  handle(method: Method, content: Content | null, entry: number | null): AmqpProblem | null {
    switch (method.name) {
      case 'basic.publish':
        return this.#publish(method.args, content, entry);
      case 'basic.ack':
        return this.#settle(method.args.deliveryTag, method.args.multiple, ({ queue, id }) => queue.acknowledge(id));
      case 'basic.nack':
        return this.#refuse(method.args.deliveryTag, method.args.multiple, method.args.requeue);
      case 'basic.reject':
        return this.#refuse(method.args.deliveryTag, false, method.args.requeue);
      case 'basic.recover':
        this.#requeueAll('basic.recover');
        return this.#answer({ name: 'basic.recover-ok', args: {} });
      case 'basic.qos':
        return this.#qos(method.args);
      case 'basic.consume':
        return this.#consume(method.args);
      case 'basic.cancel':
        return this.#cancel(method.args);
      case 'basic.get':
        return this.#get(method.args);
      case 'queue.declare':
        return this.#declare(method.args);
      case 'queue.purge':
      case 'queue.delete':
        return this.#empty(method);
      case 'confirm.select':
        this.#published ??= 0;
        return method.args.nowait ? null : this.#answer({ name: 'confirm.select-ok', args: {} });
      case 'channel.flow':
        return method.args.active
          ? this.#answer({ name: 'channel.flow-ok', args: { active: true } })
          : new AmqpProblem(REPLY.notImplemented, 'stopping the flow of a channel is not implemented');
      case 'channel.flow-ok':
        return null;
      default:
        return unexpected(method, 'from a client');
    }
  }

  /** Nothing more is delivered on this channel. */
  stop(): void {
    this.#timeout.clear();
    for (const consumer of this.#consumers.values()) consumer.queue.removeConsumer(consumer);
    this.#consumers.clear();
  }

  /** The channel or its connection is over: what was not acknowledged goes back, in order. */
  close(because: string): void {
    this.stop();
    this.#requeueAll(because);
  }

  /** There is room on the connection, or in a prefetch. */
  pump(): void {
    for (const queue of new Set([...this.#consumers.values()].map((consumer) => consumer.queue))) queue.dispatch();
  }

  hasRoomFor(consumer: ChannelConsumer): boolean {
    if (!this.#frames.hasRoom) return false;
    if (this.#channelPrefetch > 0 && this.#unacked.size >= this.#channelPrefetch) return false;
    return consumer.prefetch === 0 || consumer.unacked < consumer.prefetch;
  }

  deliver(consumer: ChannelConsumer, queue: BrokerQueue, message: QueuedMessage): void {
    const deliveryTag = this.#tag(queue, message, consumer.noAck ? null : consumer, consumer.noAck);
    const { exchange, routingKey, properties, body, carries, deliveries } = message;
    const args = { consumerTag: consumer.tag, deliveryTag, redelivered: deliveries > 1, exchange, routingKey };
    this.#frames.sendContent(this.number, { name: 'basic.deliver', args }, properties, body, carries);
  }

  cancelled(consumer: ChannelConsumer): void {
    this.#consumers.delete(consumer.tag);
    this.#send({ name: 'basic.cancel', args: { consumerTag: consumer.tag, nowait: true } });
  }

  #publish(args: Arguments<'basic.publish'>, content: Content | null, entry: number | null): AmqpProblem | null {
    const { exchange, routingKey, immediate } = args;
    if (immediate) return new AmqpProblem(REPLY.notImplemented, 'immediate=true');
    if (exchange !== '') return new AmqpProblem(REPLY.notFound, `no exchange '${exchange}' in vhost '/'`);
    if (!content) return new AmqpProblem(REPLY.unexpectedFrame, 'basic.publish without a content');
    const carries = entry === null ? NOTHING : [entry];
    const outcome = this.#broker.publish({ exchange, routingKey, ...content, carries });
    if (outcome === 'unroutable') this.#unroutable(args, content, carries);
    if (outcome === 'rejected') {
      const detail = `a message to ${routingKey}: the queue is full and refuses it`;
      this.#services.ledger.dropped('amqp', this.#frames.name, content.body, 'queue-full', detail, carries);
    }
    if (this.#published === null) return null;
    const deliveryTag = ++this.#published;
    if (outcome !== 'rejected') this.#send({ name: 'basic.ack', args: { deliveryTag, multiple: false } });
    else this.#send({ name: 'basic.nack', args: { deliveryTag, multiple: false, requeue: false } });
    return null;
  }

  /** "If a message could not be routed, the basic.return is sent before the basic.ack." */
  #unroutable(
    { exchange, routingKey, mandatory }: Arguments<'basic.publish'>,
    { properties, body }: Content,
    carries: readonly number[],
  ): void {
    const detail = `a message to ${routingKey}: there is no queue of that name`;
    if (!mandatory) {
      this.#services.ledger.dropped('amqp', this.#frames.name, body, 'no-listener', detail, carries);
      return;
    }
    const args = { replyCode: REPLY.noRoute, replyText: 'NO_ROUTE', exchange, routingKey };
    this.#frames.sendContent(this.number, { name: 'basic.return', args }, properties, body, carries);
  }

  #refuse(tag: number, multiple: boolean, requeue: boolean): AmqpProblem | null {
    const back = new Map<BrokerQueue, number[]>();
    const end = ({ queue, id }: Delivery) => {
      if (requeue) back.set(queue, [...(back.get(queue) ?? []), id]);
      else queue.reject(id);
    };
    return this.#settle(tag, multiple, end, () => {
      for (const [queue, ids] of back) queue.requeue(ids, 'basic.nack');
    });
  }

  /** Takes one delivery, or all up to it (tag 0 with multiple: all), off the list, and hands each to `end`, before anything is delivered. */
  #settle(
    tag: number,
    multiple: boolean,
    end: (delivery: Delivery) => void,
    afterwards: () => void = () => {},
  ): AmqpProblem | null {
    const tags = multiple
      ? [...this.#unacked.keys()].filter((each) => tag === 0 || each <= tag)
      : this.#unacked.has(tag)
        ? [tag]
        : [];
    if (tags.length === 0 && !(multiple && tag === 0)) {
      return new AmqpProblem(REPLY.preconditionFailed, `unknown delivery tag ${tag}`);
    }
    const queues = new Set<BrokerQueue>();
    for (const each of tags) {
      const delivery = this.#unacked.get(each);
      if (!delivery) continue;
      this.#unacked.delete(each);
      if (delivery.consumer) delivery.consumer.unacked--;
      queues.add(delivery.queue);
      end(delivery);
    }
    this.#awaitAcknowledgment();
    afterwards();
    for (const queue of queues) queue.dispatch();
    this.pump();
    return null;
  }

  #requeueAll(because: string): void {
    const back = new Map<BrokerQueue, number[]>();
    for (const { queue, id, consumer } of this.#unacked.values()) {
      back.set(queue, [...(back.get(queue) ?? []), id]);
      if (consumer) consumer.unacked--;
    }
    this.#unacked.clear();
    this.#awaitAcknowledgment();
    for (const [queue, ids] of back) queue.requeue(ids, because);
  }

  #qos({ prefetchSize, prefetchCount, global }: Arguments<'basic.qos'>): AmqpProblem | null {
    if (prefetchSize !== 0) return new AmqpProblem(REPLY.notImplemented, 'prefetch_size!=0');
    if (global) this.#channelPrefetch = prefetchCount;
    else this.#prefetch = prefetchCount;
    this.#answer({ name: 'basic.qos-ok', args: {} });
    this.pump();
    return null;
  }

  #consume(args: Arguments<'basic.consume'>): AmqpProblem | null {
    const queue = this.#broker.find(args.queue);
    if (!queue) return notFound(args.queue);
    const consumerTag = args.consumerTag === '' ? `ctag-${++this.#namedConsumers}` : args.consumerTag;
    if (this.#consumers.has(consumerTag)) {
      return new AmqpProblem(REPLY.notAllowed, `attempt to reuse consumer tag '${consumerTag}'`);
    }
    if (args.exclusive && queue.consumerCount > 0) {
      return new AmqpProblem(REPLY.accessRefused, `queue '${args.queue}' in exclusive use`);
    }
    if (this.#consumers.size >= MAX_CONSUMERS_OF_A_CHANNEL) {
      return new AmqpProblem(REPLY.notAllowed, 'there are too many consumers on this channel');
    }
    const consumer = new ChannelConsumer(this, queue, consumerTag, args.noAck, this.#prefetch);
    this.#consumers.set(consumerTag, consumer);
    if (!args.nowait) this.#answer({ name: 'basic.consume-ok', args: { consumerTag } });
    const how = args.noAck ? 'without acknowledgments' : `prefetch ${this.#prefetch === 0 ? 'any' : this.#prefetch}`;
    this.#services.ledger.told(this.#frames.name, `${consumerTag} consumes ${args.queue}, ${how}`);
    queue.addConsumer(consumer);
    return null;
  }

  #cancel({ consumerTag, nowait }: Arguments<'basic.cancel'>): AmqpProblem | null {
    const consumer = this.#consumers.get(consumerTag);
    this.#consumers.delete(consumerTag);
    consumer?.queue.removeConsumer(consumer);
    return nowait ? null : this.#answer({ name: 'basic.cancel-ok', args: { consumerTag } });
  }

  #get({ queue: name, noAck }: Arguments<'basic.get'>): AmqpProblem | null {
    const queue = this.#broker.find(name);
    if (!queue) return notFound(name);
    const message = queue.get(noAck);
    if (!message) return this.#answer({ name: 'basic.get-empty', args: { clusterId: '' } });
    const { exchange, routingKey, properties, body, carries, deliveries } = message;
    const deliveryTag = this.#tag(queue, message, null, noAck);
    const args = { deliveryTag, redelivered: deliveries > 1, exchange, routingKey, messageCount: queue.depth };
    this.#frames.sendContent(this.number, { name: 'basic.get-ok', args }, properties, body, carries);
    return null;
  }

  #declare(args: Arguments<'queue.declare'>): AmqpProblem | null {
    const found = args.passive ? (this.#broker.find(args.queue) ?? notFound(args.queue)) : this.#declared(args);
    if (found instanceof AmqpProblem) return found;
    if (args.nowait) return null;
    const { name: queue, depth: messageCount, consumerCount } = found;
    return this.#answer({ name: 'queue.declare-ok', args: { queue, messageCount, consumerCount } });
  }

  #declared(args: Arguments<'queue.declare'>): BrokerQueue | AmqpProblem {
    if (args.exclusive || args.autoDelete) {
      return new AmqpProblem(REPLY.notImplemented, 'exclusive and auto-delete queues are not implemented');
    }
    const options = optionsOf(args.durable, args.arguments);
    return options instanceof AmqpProblem ? options : this.#broker.declare(args.queue, options);
  }

  #empty(method: Extract<Method, { readonly name: 'queue.purge' | 'queue.delete' }>): AmqpProblem | null {
    const queue = this.#broker.find(method.args.queue);
    if (method.name === 'queue.purge') {
      if (!queue) return notFound(method.args.queue);
      const messageCount = queue.purge('queue.purge');
      return method.args.nowait ? null : this.#answer({ name: 'queue.purge-ok', args: { messageCount } });
    }
    const { ifUnused, ifEmpty, nowait } = method.args;
    if (queue && ((ifUnused && queue.consumerCount > 0) || (ifEmpty && queue.depth > 0))) {
      const why = `queue '${queue.name}' in vhost '/' ${ifUnused && queue.consumerCount > 0 ? 'in use' : 'not empty'}`;
      return new AmqpProblem(REPLY.preconditionFailed, why);
    }
    // RabbitMQ: to delete a queue that is not there succeeds.
    const messageCount = queue ? this.#broker.remove(queue) : 0;
    return nowait ? null : this.#answer({ name: 'queue.delete-ok', args: { messageCount } });
  }

  #tag(queue: BrokerQueue, { id }: QueuedMessage, consumer: ChannelConsumer | null, noAck: boolean): number {
    const tag = ++this.#lastTag;
    if (noAck) return tag;
    this.#unacked.set(tag, { queue, id, consumer });
    if (consumer) consumer.unacked++;
    if (this.#unacked.size === 1) this.#timeout.set(ACK_TIMEOUT_NS);
    return tag;
  }

  #awaitAcknowledgment(): void {
    if (this.#unacked.size === 0) this.#timeout.clear();
    else this.#timeout.set(ACK_TIMEOUT_NS);
  }

  #send(method: Method): void {
    this.#frames.sendMethod(this.number, method);
  }

  #answer(method: Method): null {
    this.#send(method);
    return null;
  }
}

export class ChannelConsumer implements Consumer {
  readonly queue: BrokerQueue;
  readonly tag: string;
  readonly noAck: boolean;
  /** 0: any number. */
  readonly prefetch: number;
  unacked = 0;
  readonly #channel: BrokerChannel;

  constructor(channel: BrokerChannel, queue: BrokerQueue, tag: string, noAck: boolean, prefetch: number) {
    this.#channel = channel;
    this.queue = queue;
    this.tag = tag;
    this.noAck = noAck;
    // Nothing is outstanding that is not asked to be acknowledged.
    this.prefetch = noAck ? 0 : prefetch;
  }

  get hasRoom(): boolean {
    return this.#channel.hasRoomFor(this);
  }

  deliver(queue: BrokerQueue, message: QueuedMessage): void {
    this.#channel.deliver(this, queue, message);
  }

  cancelled(): void {
    this.#channel.cancelled(this);
  }
}

function notFound(queue: string): AmqpProblem {
  return new AmqpProblem(REPLY.notFound, `no queue '${queue}' in vhost '/'`);
}

/** RabbitMQ's optional arguments of `queue.declare`. */
function optionsOf(durable: boolean, given: Table): QueueOptions | AmqpProblem {
  const bad = (name: string) => new AmqpProblem(REPLY.preconditionFailed, `invalid arg '${name}' for a queue`);
  for (const name of ['x-message-ttl', 'x-max-length', 'x-delivery-limit']) {
    const value = given.get(name);
    if (value !== undefined && (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0))
      return bad(name);
  }
  const number = (name: string) => (given.has(name) ? (given.get(name) as number) : null);
  const overflow = given.get('x-overflow') ?? 'drop-head';
  if (overflow !== 'drop-head' && overflow !== 'reject-publish') return bad('x-overflow');
  const exchange = given.get('x-dead-letter-exchange');
  const deadLetter = given.get('x-dead-letter-routing-key') ?? null;
  if (exchange !== undefined && exchange !== '') return bad('x-dead-letter-exchange');
  if (deadLetter !== null && (typeof deadLetter !== 'string' || exchange === undefined)) {
    return bad('x-dead-letter-routing-key');
  }
  const ttl = number('x-message-ttl');
  const limit = number('x-delivery-limit');
  return {
    durable,
    ttlNs: ttl === null ? null : ttl * MILLISECOND,
    maxLength: number('x-max-length'),
    overflow,
    deadLetter,
    // The limit counts what follows the first delivery.
    maxDeliveries: limit === null ? null : limit + 1,
  };
}
