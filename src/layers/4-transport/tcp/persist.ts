/**
 * When a closed window is probed (RFC 9293 section 3.8.6.1): first one RTO after it closed (SHLD-29), then at intervals
 * that double (SHLD-30). Where the window is open but too small to be worth a segment, when that is sent anyway.
 */

import type { Context } from '../../../kernel/context.ts';
import type { Nanos } from '../../../kernel/journal.ts';
import type { Timer } from '../../../kernel/kernel.ts';
import type { TcpProfile } from './profile.ts';
import { doubledNs } from './rto.ts';

export class PersistTimer {
  readonly #profile: TcpProfile;
  readonly #timer: Timer;
  /** Since the window closed. */
  #probes = 0;

  constructor(context: Context, machine: string, profile: TcpProfile, onTimer: () => void) {
    this.#profile = profile;
    this.#timer = context.timer(4, machine, 'persist', onTimer);
  }

  get isSet(): boolean {
    return this.#timer.isSet;
  }

  /** `isClosed`: the window; else it is only small, and the override timeout of section 3.8.6.2.1 runs. */
  start(isClosed: boolean, rtoNs: Nanos): void {
    this.#timer.set(isClosed ? rtoNs : this.#profile.sillyWindowOverrideNs);
  }

  /** A probe has left. */
  again(rtoNs: Nanos): void {
    this.#probes++;
    this.#timer.set(doubledNs(rtoNs, this.#probes, this.#profile.maxRtoNs));
  }

  onOpen(): void {
    this.#timer.clear();
    this.#probes = 0;
  }

  clear(): void {
    this.#timer.clear();
  }
}
