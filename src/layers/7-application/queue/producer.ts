/** Who puts messages into queues: at most once without confirms, at least once with them (RabbitMQ's publisher confirms). */

import type { DropReason } from '../../../kernel/journal.ts';
import { NOTHING } from '../../../kernel/journal.ts';
import { MAX_MESSAGES_WAITING_IN_A_PRODUCER } from '../../limits.ts';
import type { AppServices } from '../app-services.ts';
import type { Lookup } from '../names.ts';
import { quoted } from '../wording.ts';
import { type ChannelUser, ClientConnection } from './client-connection.ts';
import type { Content } from './content-assembly.ts';
import type { Method } from './methods.ts';

interface Item {
  readonly queue: string;
  readonly body: Uint8Array;
  readonly carries: readonly number[];
}

export class Producer implements ChannelUser {
  readonly #services: AppServices;
  readonly #connection: ClientConnection;
  readonly #confirms: boolean;
  readonly #waiting: Item[] = [];
  /** By publication number on this connection, in order. */
  readonly #unconfirmed = new Map<number, Item>();
  #published = 0;
  #confirmed = 0;
  #returned = 0;
  /** A broker that confirms is asked to before anything is published. */
  #isReady = false;

  constructor(
    services: AppServices,
    lookup: Lookup,
    name: string,
    to: { readonly host: string; readonly port: number },
    confirms: boolean,
  ) {
    this.#services = services;
    this.#confirms = confirms;
    this.#connection = new ClientConnection(services, lookup, name, to, this);
    this.#connection.connect();
  }

  /** Publishes, or keeps until there is a connection. */
  enqueue(queue: string, body: Uint8Array): void {
    const { context } = this.#services;
    const entry = this.#connection.tell(`enqueues ${quoted(body)} into ${queue}`);
    const item = { queue, body, carries: entry === null ? NOTHING : [entry] };
    if (this.#connection.isClosed) this.#drop(item, 'closed', 'there is no connection any more');
    else if (this.#waiting.length >= MAX_MESSAGES_WAITING_IN_A_PRODUCER)
      this.#drop(item, 'queue-full', `${MAX_MESSAGES_WAITING_IN_A_PRODUCER} messages wait already`);
    else {
      const was = context.because(entry ?? context.journal.cause);
      this.#waiting.push(item);
      this.#pump();
      this.#measure();
      context.resume(was);
    }
  }

  onUp(): void {
    this.#published = 0;
    this.#isReady = !this.#confirms;
    // What was published and not confirmed may have been lost, and may not: it is published once more.
    this.#waiting.unshift(...this.#unconfirmed.values());
    this.#unconfirmed.clear();
    if (this.#confirms) this.#connection.send({ name: 'confirm.select', args: { nowait: false } });
    this.#pump();
    this.#measure();
  }

  onMethod(method: Method, content: Content | null): void {
    switch (method.name) {
      case 'confirm.select-ok':
        this.#isReady = true;
        this.#pump();
        break;
      case 'basic.ack':
      case 'basic.nack': {
        const { deliveryTag, multiple } = method.args;
        const isTaken = method.name === 'basic.ack';
        for (const tag of [...this.#unconfirmed.keys()]) {
          if (tag === deliveryTag || (multiple && tag < deliveryTag)) this.#confirm(tag, isTaken);
        }
        break;
      }
      case 'basic.return':
        // The acknowledgment that follows says only that the broker is done with it.
        this.#returned++;
        this.#returnedToUs(method.args.routingKey, content?.body ?? new Uint8Array(0), method.args.replyText);
        break;
      default:
        this.#connection.tell(`does not understand ${method.name}`);
    }
    this.#measure();
  }

  onRoom(): void {
    this.#pump();
    this.#measure();
  }

  onLost(): void {
    this.#isReady = false;
    this.#measure();
  }

  onRefused(): void {
    this.#end('closed', 'the connection is over');
  }

  crash(): void {
    this.#end('crashed', 'it was only in memory when the node crashed');
    this.#connection.crash();
  }

  #pump(): void {
    while (this.#isReady && this.#connection.isUp && this.#connection.hasRoom) {
      const item = this.#waiting.shift();
      if (!item) return;
      this.#publish(item);
    }
  }

  #publish(item: Item): void {
    const { queue, body, carries } = item;
    if (this.#confirms) this.#unconfirmed.set(++this.#published, item);
    const args = { ticket: 0, exchange: '', routingKey: queue, mandatory: true, immediate: false };
    // Delivery mode 2: the broker keeps it on its disk, where the queue is durable.
    this.#connection.sendContent({ name: 'basic.publish', args }, { deliveryMode: 2 }, body, carries);
  }

  #confirm(tag: number, isTaken: boolean): void {
    const item = this.#unconfirmed.get(tag);
    this.#unconfirmed.delete(tag);
    if (!item) return;
    if (this.#returned > 0) this.#returned--;
    else if (isTaken) {
      this.#confirmed++;
      this.#connection.tell(`${quoted(item.body)} is confirmed`);
    } else this.#drop(item, 'not-acceptable', 'the broker refuses it (basic.nack)');
  }

  #returnedToUs(queue: string, body: Uint8Array, why: string): void {
    this.#drop({ queue, body, carries: NOTHING }, 'no-listener', `the broker returns it: ${why}`);
  }

  #end(reason: DropReason, why: string): void {
    for (const item of [...this.#unconfirmed.values(), ...this.#waiting]) this.#drop(item, reason, why);
    this.#unconfirmed.clear();
    this.#waiting.length = 0;
    this.#measure();
  }

  #drop({ queue, body, carries }: Item, reason: DropReason, why: string): void {
    const detail = `a message to ${queue}: ${why}`;
    this.#services.ledger.dropped('amqp', `queue.${this.#connection.name}`, body, reason, detail, carries);
  }

  #measure(): void {
    const { context } = this.#services;
    if (!context.recording) return;
    const machine = `queue.${this.#connection.name}`;
    const metric = { kind: 'metric', layer: 7, protocol: 'amqp', machine } as const;
    context.record({ ...metric, name: 'waiting', value: this.#waiting.length });
    if (!this.#confirms) return;
    context.record({ ...metric, name: 'unconfirmed', value: this.#unconfirmed.size });
    context.record({ ...metric, name: 'confirmed', value: this.#confirmed });
  }
}
