/**
 * Programs on a simulated network, in virtual time. One event of the simulation happens, those whom it concerns are told,
 * and all that they do about it (microtasks, `process.nextTick`, `setImmediate`) ends before the next event or timer. So
 * a program takes no virtual time by itself, and the same seed gives the same run.
 */

import type { Entry, Nanos } from '../kernel/journal.ts';
import { seconds } from '../projections/time.ts';
import { readDuration } from '../scenario/quantity.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { formatIp } from '../wire/address.ts';
import { type InputFile, Session } from '../world/session.ts';
import { type Escape, watchEscapes } from './escapes.ts';
import { FrameWatch, framesSeen } from './frame-watch.ts';
import { type LinkSettings, linkChangeOf } from './link-change.ts';
import { runOutside } from './scope.ts';
import { VirtualHost } from './virtual-host.ts';

export interface SimulationOptions {
  readonly seed?: string;
  /** What the hosts' clocks show at the start. */
  readonly epochMs: number;
  readonly escapes: 'report' | 'fail' | 'ignore';
}

/** After so many events without a program that was told anything, the event loop of the real world has a turn. */
const PATIENCE = 4_096;
/** Parts of Node (TLS over any stream) go on in immediates of their own, which nobody can count: a few turns are theirs. */
const TURNS = 3;
/** Turns that programs may take at one instant: more is a loop of `setImmediate`. */
const MOST_TURNS = 100_000;

const realSetImmediate = globalThis.setImmediate;

export class Simulation {
  readonly scenario: Scenario;
  /** The text of the scenario file, or the object that was given, as JSON. */
  readonly source: string;
  /** What left the simulation while virtual time passed. */
  readonly escapes: Escape[] = [];
  readonly #session: Session;
  readonly #hosts = new Map<string, VirtualHost>();
  readonly #options: SimulationOptions;
  #isStirred = false;
  #isPassing = false;
  #isOver = false;

  constructor(scenario: Scenario, source: string, options: SimulationOptions) {
    this.scenario = scenario;
    this.source = source;
    this.#options = options;
    this.#session = new Session(scenario, options.seed === undefined ? {} : { seed: options.seed });
    const stir = () => {
      this.#isStirred = true;
    };
    for (const { name, kind, interfaces } of scenario.nodes) {
      const [first] = interfaces.flatMap(({ addresses }) => addresses);
      if ((kind !== 'host' && kind !== 'router') || !first) continue;
      this.#hosts.set(name, new VirtualHost(this.#session, name, formatIp(first.address), options.epochMs, stir));
    }
  }

  get seed(): string {
    return this.#session.run.seed;
  }

  /** Virtual time since the start, whole nanoseconds. */
  get nowNs(): Nanos {
    return this.#session.nowNs;
  }

  /** Everything that happened on the network and in the programs' sockets. */
  get journal(): readonly Entry[] {
    return this.#session.run.entries;
  }

  /** For files and projections. */
  get session(): Session {
    return this.#session;
  }

  host(name: string): VirtualHost {
    const host = this.#hosts.get(name);
    if (host) return host;
    throw new RangeError(`there is no host ${name}; there are: ${[...this.#hosts.keys()].join(', ')}`);
  }

  /** Lets so much virtual time pass: `10s`, `250ms`. */
  async advance(duration: string): Promise<void> {
    await this.#pass(this.nowNs + durationNs(duration), () => false);
  }

  /** Lets time pass until a frame that matches has arrived or was lost. Rejects when none did within a time. */
  async until(filter: string, { within = '60s' }: { readonly within?: string } = {}): Promise<void> {
    const watch = new FrameWatch(filter, this.#session.run);
    const seen = await this.#pass(this.nowNs + durationNs(within), () => watch.look());
    if (!seen) throw new Error(`no frame matched ${filter} within ${within} (seed ${this.seed})`);
  }

  /** Lets time pass until a promise is settled, and returns what it is settled with. */
  async complete<T>(promise: T | PromiseLike<T>, { within = '60s' }: { readonly within?: string } = {}): Promise<T> {
    let isSettled = false;
    const settle = () => {
      isSettled = true;
    };
    Promise.resolve(promise).then(settle, settle);
    if (!(await this.#pass(this.nowNs + durationNs(within), () => isSettled))) {
      throw new Error(`the promise was not settled within ${within} of virtual time (seed ${this.seed})`);
    }
    return promise;
  }

  /** Cuts hosts off from each other, whatever way their packets take. Returns how to join them again. */
  partition(node: string, ...others: readonly string[]): () => void {
    for (const name of [node, ...others]) this.host(name);
    const action = { kind: 'partition', node, others } as const;
    return this.#session.do(action, { node, do: { partition: [...others] } });
  }

  /** A link of the scenario, whose netem-like properties can be changed: `set({ loss: '30%', delay: '80ms' })`. */
  link(id: string): { set(change: LinkSettings): void } {
    if (!this.scenario.links.some((link) => link.id === id)) {
      throw new RangeError(
        `there is no link ${id}; there are: ${this.scenario.links.map((link) => link.id).join(', ')}`,
      );
    }
    return {
      set: (change) => {
        this.#session.do({ kind: 'set-link', link: id, ...linkChangeOf(change) }, {
          link: id,
          set: change,
        } as InputFile);
      },
    };
  }

  /** How many frames so far match a filter, as a scenario's `expect` counts them. */
  seen(filter: string): number {
    return framesSeen(filter, this.#session.run).length;
  }

  /** Ends it: programs hear nothing more, and their timers never fire. */
  close(): void {
    this.#isOver = true;
    for (const host of this.#hosts.values()) host.shutDown();
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.close();
    return Promise.resolve();
  }

  /** False when the time is over and it is not done. */
  #pass(untilNs: Nanos, isDone: () => boolean): Promise<boolean> {
    if (this.#isOver) throw new Error('the simulation was closed');
    if (this.#isPassing) throw new Error('virtual time passes already: await what lets it pass');
    this.#isPassing = true;
    // Whoever lets time pass may have called something on a socket just before.
    this.#isStirred = true;
    const { escapes } = this.#options;
    const scopes = [...this.#hosts.values()].map(({ scope }) => scope);
    const stop = escapes === 'ignore' ? () => {} : watchEscapes(scopes, (found) => this.#onEscape(found));
    return runOutside(async () => {
      try {
        return await this.#go(untilNs, isDone);
      } finally {
        stop();
        this.#isPassing = false;
      }
    });
  }

  async #go(untilNs: Nanos, isDone: () => boolean): Promise<boolean> {
    const session = this.#session;
    for (let quiet = 0; ; quiet++) {
      if (await this.#react()) quiet = 0;
      this.#failOfEscapes();
      if (isDone()) return true;
      if (this.#isOver) return false;
      const timed = this.#nextTimer();
      const timerNs = timed?.scope.timers.nextNs ?? Number.POSITIVE_INFINITY;
      if (Math.min(timerNs, session.nextNs) > untilNs) break;
      if (timed && timerNs < session.nextNs) {
        session.runUntil(timerNs);
        this.#on(timed, () => timed.scope.timers.fire());
      } else session.stepInstant();
      if (quiet > PATIENCE) {
        quiet = 0;
        await turn();
      }
    }
    session.runUntil(untilNs);
    return isDone();
  }

  #nextTimer(): VirtualHost | null {
    let next: VirtualHost | null = null;
    for (const host of this.#hosts.values()) {
      if (host.scope.timers.nextNs < (next?.scope.timers.nextNs ?? Number.POSITIVE_INFINITY)) next = host;
    }
    return next;
  }

  /** Tells programs what they have not heard yet and lets them do what they do about it. False: nobody had a reason. */
  async #react(): Promise<boolean> {
    let hasReacted = false;
    for (let turns = 0; ; turns++) {
      for (const { node, news } of this.#session.takeNews()) {
        const host = this.#hosts.get(node);
        if (!host) continue;
        if (news.kind === 'crashed') host.crash();
        else this.#on(host, () => host.scope.net.tell(news));
      }
      const waits = [...this.#hosts.values()].some(({ scope }) => scope.immediates > 0);
      if (!this.#isStirred && !waits) return hasReacted;
      if (turns > MOST_TURNS) throw new Error(`a program calls setImmediate without end at ${seconds(this.nowNs)} s`);
      this.#isStirred = false;
      hasReacted = true;
      for (let each = 0; each < TURNS; each++) await turn();
    }
  }

  /** A program's code runs. What it throws ends the test, with the place in virtual time. */
  #on(host: VirtualHost, run: () => void): void {
    this.#isStirred = true;
    try {
      run();
    } catch (error) {
      if (error instanceof Error)
        error.message += ` (on host ${host.name} at ${seconds(this.nowNs)} s, seed ${this.seed})`;
      throw error;
    }
  }

  #onEscape(found: Escape): void {
    this.escapes.push(found);
    if (this.#options.escapes !== 'report' || this.escapes.length > 1) return;
    const { host, what, stack } = found;
    const text = `a program on ${host} uses ${what}, whose time is real: two runs may differ\n${stack}`;
    process.emitWarning(text, 'DeterminismWarning');
  }

  #failOfEscapes(): void {
    const [first] = this.escapes;
    if (this.#options.escapes !== 'fail' || !first) return;
    throw new Error(`a program on ${first.host} uses ${first.what}, whose time is real\n${first.stack}`);
  }
}

/** Everything that is ready to run has run: microtasks, ticks, immediates of before. */
function turn(): Promise<void> {
  return new Promise((resolve) => realSetImmediate(resolve));
}

function durationNs(text: string): Nanos {
  const reading = readDuration(text);
  if ('value' in reading) return reading.value;
  throw new TypeError(reading.hint === null ? reading.complaint : `${reading.complaint}: ${reading.hint}`);
}
