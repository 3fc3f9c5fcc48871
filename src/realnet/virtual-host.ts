/** A host of the simulation, for the programs that run on it. */

import { pathToFileURL } from 'node:url';
import type { Nanos } from '../kernel/journal.ts';
import { Rng } from '../kernel/rng.ts';
import type { Session } from '../world/session.ts';
import { HostNet } from './host-net.ts';
import { closeFetch } from './http-patches.ts';
import { type HostScope, runOn } from './scope.ts';
import { VirtualTimers } from './virtual-timers.ts';

let imports = 0;

export class VirtualHost {
  readonly name: string;
  /** What the host does next; told to the simulation, which then lets its programs react. */
  readonly #stir: () => void;
  readonly #session: Session;
  readonly #address: string;
  readonly #epochMs: number;
  #scope: HostScope;

  constructor(session: Session, name: string, address: string, epochMs: number, stir: () => void) {
    this.name = name;
    this.#session = session;
    this.#address = address;
    this.#epochMs = epochMs;
    this.#stir = stir;
    this.#scope = this.#boot();
  }

  /**
   * Runs code on this host: everything that it starts, callbacks and promises included, stays there. A text or URL is a
   * file to import, anew each time. Virtual time does not pass meanwhile: whoever awaits something that takes time awaits
   * `net.complete(…)` of it.
   */
  run<T>(program: () => T): T;
  run(program: string | URL): Promise<unknown>;
  run<T>(program: (() => T) | string | URL): T | Promise<unknown> {
    this.#stir();
    if (typeof program === 'function') return runOn(this.#scope, program);
    const url = program instanceof URL ? program : pathToFileURL(program);
    const fresh = new URL(url);
    fresh.searchParams.set('packetwalk', `${this.name}-${++imports}`);
    return runOn(this.#scope, () => import(fresh.href) as Promise<unknown>);
  }

  /** For the simulation itself. */
  get scope(): HostScope {
    return this.#scope;
  }

  /** The node lost its power, or the simulation is over: nothing of its programs happens any more. */
  shutDown(): void {
    this.#scope.timers.isOver = true;
    this.#scope.net.isOver = true;
    closeFetch(this.#scope);
  }

  /** A program that starts on the node after that finds nothing of before. */
  crash(): void {
    this.shutDown();
    this.#scope = this.#boot();
  }

  #boot(): HostScope {
    const session = this.#session;
    const nowNs = (): Nanos => session.nowNs;
    const streams = new Map<string, Rng>();
    return {
      host: this.name,
      epochMs: this.#epochMs,
      get nowNs() {
        return nowNs();
      },
      timers: new VirtualTimers(nowNs),
      net: new HostNet(session, this.name, this.#address),
      random: (api) => {
        const stream = `host:${this.name}/program/${api}`;
        const rng = streams.get(api) ?? new Rng(session.run.seed, stream);
        streams.set(api, rng);
        return rng;
      },
      dispatcher: null,
      immediates: 0,
      onEscape: null,
    };
  }
}
