/** A program that takes jobs from a queue and works on them, one after another. */

import type { AppServices } from '../app-services.ts';
import type { Lookup } from '../names.ts';
import type { ReceivedCounts } from '../received-counts.ts';
import { quoted } from '../wording.ts';
import { type ChannelUser, ClientConnection } from './client-connection.ts';
import type { Content } from './content-assembly.ts';
import { NO_TABLE } from './header.ts';
import type { Arguments, Method } from './methods.ts';

export interface WorkerOptions {
  readonly queue: string;
  /** Jobs that it takes before it has acknowledged one; 0: any number. */
  readonly prefetch: number;
  /** How long a job takes. */
  readonly workNs: number;
  /** `auto`: the broker counts a job as done when it has sent it. `never`: it forgets to acknowledge. */
  readonly ack: 'manual' | 'auto' | 'never';
  /** The program dies in its n-th job, after the work and before the acknowledgment; null: never. */
  readonly crashAfter: number | null;
  /** Jobs with this text in them fail, and are given back; null: none. */
  readonly failsOn: string | null;
}

interface Job {
  readonly deliveryTag: number;
  readonly redelivered: boolean;
  readonly body: Uint8Array;
}

export class Worker implements ChannelUser {
  readonly #services: AppServices;
  readonly #received: ReceivedCounts;
  readonly #options: WorkerOptions;
  readonly #connection: ClientConnection;
  #jobs: Job[] = [];
  #isWorking = false;
  #begun = 0;
  /** Stops the job that is being worked on. */
  #stop: () => void = () => {};

  constructor(
    services: AppServices,
    lookup: Lookup,
    received: ReceivedCounts,
    name: string,
    to: { readonly host: string; readonly port: number },
    options: WorkerOptions,
  ) {
    this.#services = services;
    this.#received = received;
    this.#options = options;
    received.processed('amqp', options.queue, 0);
    this.#connection = new ClientConnection(services, lookup, name, to, this);
    this.#connection.connect();
  }

  onUp(): void {
    const { prefetch, queue, ack } = this.#options;
    if (prefetch > 0) {
      this.#connection.send({ name: 'basic.qos', args: { prefetchSize: 0, prefetchCount: prefetch, global: false } });
    }
    this.#connection.send({
      name: 'basic.consume',
      args: {
        ticket: 0,
        queue,
        consumerTag: this.#connection.name,
        noLocal: false,
        noAck: ack === 'auto',
        exclusive: false,
        nowait: false,
        arguments: NO_TABLE,
      },
    });
  }

  onMethod(method: Method, content: Content | null): void {
    if (method.name === 'basic.deliver' && content) this.#onDeliver(method.args, content);
    else if (method.name === 'basic.cancel') this.#connection.tell('the broker cancels: the queue is gone');
  }

  onRoom(): void {}

  /** What was not acknowledged belongs to the broker again; what counts as acknowledged is still here. */
  onLost(): void {
    if (this.#options.ack === 'auto') return;
    this.#forget();
  }

  onRefused(): void {
    this.#forget();
  }

  crash(): void {
    this.#loseJobs('the node crashed');
    this.#connection.crash();
  }

  #onDeliver({ deliveryTag, redelivered }: Arguments<'basic.deliver'>, { body }: Content): void {
    this.#received.received('amqp', this.#options.queue);
    this.#connection.tell(`received ${quoted(body)}${redelivered ? ' (redelivered)' : ''}`);
    this.#jobs.push({ deliveryTag, redelivered, body });
    this.#workOn();
  }

  #workOn(): void {
    const [job] = this.#jobs;
    if (this.#isWorking || !job) return;
    this.#isWorking = true;
    this.#begun++;
    this.#stop = this.#services.context.after(this.#options.workNs, () => this.#finish(job));
  }

  #finish(job: Job): void {
    const { crashAfter, failsOn, ack, queue } = this.#options;
    if (crashAfter !== null && this.#begun >= crashAfter) {
      this.#connection.tell(`dies before it acknowledges ${quoted(job.body)}`);
      this.#loseJobs('the program died');
      this.#connection.abort('the program died');
      return;
    }
    this.#isWorking = false;
    this.#jobs.shift();
    const { deliveryTag } = job;
    if (failsOn !== null && contains(job.body, failsOn)) {
      this.#connection.tell(`fails on ${quoted(job.body)} and gives it back`);
      if (ack === 'manual') {
        this.#connection.send({ name: 'basic.nack', args: { deliveryTag, multiple: false, requeue: true } });
      }
    } else {
      this.#connection.tell(`is done with ${quoted(job.body)}`);
      this.#received.processed('amqp', queue);
      if (ack === 'manual') this.#connection.send({ name: 'basic.ack', args: { deliveryTag, multiple: false } });
    }
    this.#workOn();
  }

  #forget(): void {
    this.#stop();
    this.#jobs = [];
    this.#isWorking = false;
  }

  /** What the broker counts as delivered and nobody has worked on is lost with the program. */
  #loseJobs(why: string): void {
    if (this.#options.ack === 'auto') {
      for (const { body } of this.#jobs) {
        const detail = `a job of ${this.#options.queue}: ${why} before it was done, and it counted as acknowledged`;
        this.#services.ledger.dropped('amqp', `queue.${this.#connection.name}`, body, 'crashed', detail);
      }
    }
    this.#forget();
  }
}

function contains(body: Uint8Array, text: string): boolean {
  return new TextDecoder().decode(body).includes(text);
}
