/** The actions `enqueue` and `consume`: the programs of one host that put messages into queues and take them out. */

import type { AppServices } from '../app-services.ts';
import { type Content, contentBytes } from '../data/content.ts';
import { repeat } from '../data/repeat.ts';
import type { Lookup } from '../names.ts';
import type { ReceivedCounts } from '../received-counts.ts';
import { type ClientTls, securedClient } from '../secure.ts';
import { Producer } from './producer.ts';
import { Worker, type WorkerOptions } from './worker.ts';

interface Broker {
  readonly host: string;
  readonly port: number;
}

export interface EnqueueOptions {
  readonly to: Broker;
  /** Left out: plain TCP. */
  readonly tls?: ClientTls;
  readonly queue: string;
  readonly content: Content;
  readonly times: number;
  readonly everyNs: number;
  /** Whether the broker confirms, and what it does not confirm is published once more. */
  readonly confirm: boolean;
}

export interface ConsumeOptions extends WorkerOptions {
  readonly to: Broker;
  readonly tls?: ClientTls;
  /** What people call the program. */
  readonly as: string;
}

export class QueueClient {
  readonly #services: AppServices;
  readonly #lookup: Lookup;
  readonly #received: ReceivedCounts;
  /** By broker and by whether they ask for confirms. */
  readonly #producers = new Map<string, Producer>();
  readonly #workers: Worker[] = [];
  readonly #names = new Map<string, number>();

  constructor(services: AppServices, lookup: Lookup, received: ReceivedCounts) {
    this.#services = services;
    this.#lookup = lookup;
    this.#received = received;
  }

  enqueue({ to, tls, queue, content, times, everyNs, confirm }: EnqueueOptions): void {
    const { context } = this.#services;
    const key = `${to.host}:${to.port} ${confirm} ${JSON.stringify(tls ?? null)}`;
    let producer = this.#producers.get(key);
    if (!producer) {
      producer = new Producer(
        securedClient(this.#services, tls, []),
        this.#lookup,
        this.#unique('producer'),
        to,
        confirm,
      );
      this.#producers.set(key, producer);
    }
    const chosen = producer;
    repeat(context, times, everyNs, (repetition) =>
      chosen.enqueue(queue, contentBytes(content, repetition, context.wallNs, 0)),
    );
  }

  consume({ to, tls, as, ...options }: ConsumeOptions): void {
    const services = securedClient(this.#services, tls, []);
    this.#workers.push(new Worker(services, this.#lookup, this.#received, this.#unique(as), to, options));
  }

  crash(): void {
    for (const producer of this.#producers.values()) producer.crash();
    for (const worker of this.#workers) worker.crash();
  }

  #unique(name: string): string {
    const count = (this.#names.get(name) ?? 0) + 1;
    this.#names.set(name, count);
    return count === 1 ? name : `${name}-${count}`;
  }
}
