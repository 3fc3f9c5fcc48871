/** A run whose time follows the clock on the wall, and the sockets of its nodes that stand for real ones. */

import type { Nanos } from '../kernel/journal.ts';
import type { SocketNews } from '../layers/7-application/program/service.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { type SocketCall, socketCallFile } from '../scenario/socket-spec.ts';
import { Session } from '../world/session.ts';
import { FOREVER_NS, RealTime } from './real-time.ts';

export interface LiveOptions {
  readonly seed?: string;
  readonly speed?: number;
  /** Virtual time at which it ends; default never. */
  readonly untilNs?: Nanos;
}

export type Ear = (news: SocketNews) => void;

export class LiveRun {
  readonly session: Session;
  readonly #options: LiveOptions;
  #pace: RealTime | null = null;
  readonly #ears = new Map<string, Ear>();
  readonly #numbers = new Map<string, number>();
  #isInside = false;

  constructor(scenario: Scenario, options: LiveOptions) {
    this.session = new Session(scenario, options.seed === undefined ? {} : { seed: options.seed });
    this.#options = options;
  }

  /** Time begins to pass; settles when it ends. */
  start(): Promise<void> {
    const { speed = 1, untilNs = FOREVER_NS } = this.#options;
    const { session } = this;
    const paced = {
      get nowNs() {
        return session.nowNs;
      },
      get nextNs() {
        return session.nextNs;
      },
      step: () => {
        const hasStepped = session.step();
        if (session.nextNs > session.nowNs) this.#deliver();
        return hasStepped;
      },
      runUntil: (atNs: Nanos) => {
        session.runUntil(atNs);
        this.#deliver();
      },
    };
    this.#pace = new RealTime(paced, { speed, untilNs });
    return this.#pace.ended;
  }

  stop(): void {
    this.#pace?.stop();
  }

  get lagNs(): Nanos {
    return this.#pace?.lagNs ?? 0;
  }

  newName(kind: string): string {
    const number = (this.#numbers.get(kind) ?? 0) + 1;
    this.#numbers.set(kind, number);
    return `${kind}-${number}`;
  }

  listen(node: string, socket: string, ear: Ear): void {
    this.#ears.set(`${node} ${socket}`, ear);
  }

  forget(node: string, socket: string): void {
    this.#ears.delete(`${node} ${socket}`);
  }

  /** A call on a socket of a node, now by the clock on the wall. */
  call(node: string, call: SocketCall): void {
    const act = () => {
      this.session.do({ kind: 'socket', node, call }, { node, do: { socket: socketCallFile(call) } });
    };
    if (this.#isInside || !this.#pace) act();
    else {
      this.#pace.happen(() => {
        act();
        this.#deliver();
      });
    }
  }

  /** Whoever hears something may call something, whose news comes behind. */
  #deliver(): void {
    if (this.#isInside) return;
    this.#isInside = true;
    try {
      while (this.session.hasNews) {
        for (const { node, news } of this.session.takeNews()) this.#tell(node, news);
      }
    } finally {
      this.#isInside = false;
    }
  }

  #tell(node: string, news: SocketNews): void {
    if (news.kind === 'crashed') {
      for (const [name, ear] of this.#ears) if (name.startsWith(`${node} `)) ear(news);
      return;
    }
    this.#ears.get(`${node} ${news.kind === 'accepted' ? news.listener : news.socket}`)?.(news);
  }
}
