/** On which simulated host code runs: an AsyncLocalStorage that callbacks, promises and timers carry along. */

import { AsyncLocalStorage } from 'node:async_hooks';
import type { Nanos } from '../kernel/journal.ts';
import type { Rng } from '../kernel/rng.ts';
import type { HostNet } from './host-net.ts';
import type { VirtualTimers } from './virtual-timers.ts';

/** What the patched built-ins ask of the host that they are called on. */
export interface HostScope {
  readonly host: string;
  /** Since the start of the run. */
  readonly nowNs: Nanos;
  /** What the host's clock shows at the start of the run, in ms since 1970. */
  readonly epochMs: number;
  readonly timers: VirtualTimers;
  readonly net: HostNet;
  /** A random stream of this host: each API has its own, so that one more draw of one leaves the others as they were. */
  random(api: string): Rng;
  /** The host's own undici dispatcher, so that two hosts share no connection. */
  dispatcher: unknown;
  /** A `setImmediate` of the host waits: the run goes on when it has been. */
  immediates: number;
  /** Hears what leaves the simulation by another way, while somebody watches; see `escapes.ts`. */
  onEscape: ((what: string) => void) | null;
}

/** One for a process, whatever number of copies of this module there are: the patches are made once. */
const SCOPES = Symbol.for('packetwalk.realnet.scopes');
const holder = globalThis as unknown as Record<symbol, AsyncLocalStorage<HostScope | null> | undefined>;
holder[SCOPES] ??= new AsyncLocalStorage<HostScope | null>();
const scopes = holder[SCOPES];

/** The host that runs now; null outside of the simulation, where everything is real. */
export function currentScope(): HostScope | null {
  return scopes.getStore() ?? null;
}

export function runOn<T>(scope: HostScope, run: () => T): T {
  return scopes.run(scope, run);
}

/** For our own callbacks from the event loop, which belong to no host. */
export function runOutside<T>(run: () => T): T {
  return scopes.run(null, run);
}

/** Milliseconds since 1970 by the host's clock, a whole number. */
export function wallMs({ epochMs, nowNs }: HostScope): number {
  return epochMs + Math.floor(nowNs / 1e6);
}
