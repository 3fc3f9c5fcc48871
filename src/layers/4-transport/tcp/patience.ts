/**
 * When a silent peer is given up (RFC 9293 section 3.8.3, R2): after some time, or after some retransmissions; or exactly
 * when the user's own timeout is over (RFC 9293 section 3.10.8).
 */

import type { Context } from '../../../kernel/context.ts';
import type { Nanos } from '../../../kernel/journal.ts';
import type { Timer } from '../../../kernel/kernel.ts';

export class Patience {
  /** Without an answer. */
  retransmissions = 0;
  #sinceNs: Nanos = 0;
  readonly #context: Context;
  readonly #userTimeout: Timer;
  #userTimeoutNs: Nanos | null = null;

  constructor(context: Context, machine: string, onUserTimeout: () => void) {
    this.#context = context;
    this.#userTimeout = context.timer(4, machine, 'user-timeout', onUserTimeout);
  }

  /** How long octets may stay unacknowledged. */
  limit(userTimeoutNs: Nanos): void {
    this.#userTimeoutNs = userTimeoutNs;
  }

  /** The peer answered; `isWaiting`: there is more to be answered. */
  renew(isWaiting: boolean): void {
    this.retransmissions = 0;
    this.#sinceNs = this.#context.nowNs;
    if (this.#userTimeoutNs === null) return;
    this.#userTimeout.clear();
    if (isWaiting) this.#userTimeout.set(this.#userTimeoutNs);
  }

  /** Something waits for an answer from now on. */
  startClock(): void {
    this.#sinceNs = this.#context.nowNs;
    if (this.#userTimeoutNs !== null && !this.#userTimeout.isSet) this.#userTimeout.set(this.#userTimeoutNs);
  }

  stop(): void {
    this.#userTimeout.clear();
  }

  isOver(afterNs: Nanos, retransmissions: number): boolean {
    return this.#context.nowNs - this.#sinceNs >= afterNs || this.retransmissions >= retransmissions;
  }
}
