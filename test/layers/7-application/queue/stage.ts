/** A broker with queues, and programs around a switch. */

import { QueueBroker } from '../../../../src/layers/7-application/queue/broker.ts';
import type { QueueOptions } from '../../../../src/layers/7-application/queue/broker-queue.ts';
import {
  type ConsumeOptions,
  type EnqueueOptions,
  QueueClient,
} from '../../../../src/layers/7-application/queue/client.ts';
import { type StateView, stateAt } from '../../../../src/projections/state-at.ts';
import { type Apps, Star, type StarNode, type StarOptions } from '../star.ts';

export const SECOND = 1_000_000_000;
export const MS = 1_000_000;
const TO = { host: 'broker', port: 5672 };

export const QUEUE: QueueOptions = {
  durable: true,
  ttlNs: null,
  maxLength: null,
  overflow: 'drop-head',
  deadLetter: null,
  maxDeliveries: null,
};

export class Stage {
  readonly star: Star;
  readonly clients = new Map<string, QueueClient>();
  broker: QueueBroker | null = null;

  constructor(
    nodes: readonly string[],
    queues: Readonly<Record<string, Partial<QueueOptions>>>,
    options: StarOptions & { readonly boot?: (stage: Stage, node: string) => void } = {},
  ) {
    const list = Object.entries(queues).map(([name, queue]) => ({ name, ...QUEUE, ...queue }));
    const boots: Record<string, (node: StarNode) => Apps> = {
      broker: ({ services, disk }) => {
        this.broker = new QueueBroker(services, disk, { name: 'queue-broker', port: 5672, queues: list });
        return this.broker;
      },
    };
    for (const name of nodes) {
      boots[name] = ({ services, lookup, received }) => {
        const client = new QueueClient(services, lookup, received);
        this.clients.set(name, client);
        services.context.after(0, () => options.boot?.(this, name));
        return client;
      };
    }
    this.star = new Star(boots, options);
  }

  enqueue(ns: number, node: string, queue: string, text: string, options: Partial<EnqueueOptions> = {}): void {
    const content = { kind: 'text' as const, text };
    const defaults = { to: TO, queue, content, times: 1, everyNs: 0, confirm: true };
    this.star.at(ns, node, () => this.clients.get(node)?.enqueue({ ...defaults, ...options }));
  }

  consume(ns: number, node: string, queue: string, options: Partial<ConsumeOptions> = {}): void {
    this.star.at(ns, node, () => this.consumeNow(node, queue, options));
  }

  consumeNow(node: string, queue: string, options: Partial<ConsumeOptions> = {}): void {
    this.clients.get(node)?.consume({
      to: TO,
      as: 'worker',
      queue,
      prefetch: 0,
      workNs: 0,
      ack: 'manual',
      crashAfter: null,
      failsOn: null,
      ...options,
    });
  }

  run(untilNs: number): void {
    this.star.run(untilNs);
  }

  /** What a node's programs were handed: text, with `!` when it was marked redelivered. */
  received(node: string): string[] {
    return this.#quoted(
      node,
      /^received \d+ octets?: "(.*)"( \(redelivered\))?$/,
      (text, mark) => text + (mark ? '!' : ''),
    );
  }

  done(node: string): string[] {
    return this.#quoted(node, /^is done with \d+ octets?: "(.*)"$/, (text) => text);
  }

  confirmed(node: string): string[] {
    return this.#quoted(node, /^\d+ octets?: "(.*)" is confirmed$/, (text) => text);
  }

  state(atNs?: number): StateView {
    return stateAt(this.star.journal.entries, this.star.topology, atNs === undefined ? 'end' : { atNs });
  }

  dropped(): string[] {
    return this.star.journal.entries.flatMap(({ node, event }) =>
      event.kind === 'dropped' && event.layer === 7 ? [`${node} ${event.reason}: ${event.detail}`] : [],
    );
  }

  #quoted(node: string, pattern: RegExp, show: (text: string, mark: string | undefined) => string): string[] {
    return this.star.told(node).flatMap((line) => {
      const match = pattern.exec(line);
      return match ? [show(match[1] as string, match[2])] : [];
    });
  }
}
