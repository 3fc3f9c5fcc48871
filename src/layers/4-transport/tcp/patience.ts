/**
 * When a silent peer is given up (RFC 9293 section 3.8.3, R2): after some time, or after some retransmissions; or exactly
 * when the user's own timeout is over (RFC 9293 section 3.10.8).
 */

import type { Context } from '../../../kernel/context.ts';
import type { Nanos } from '../../../kernel/journal.ts';
import type { Timer } from '../../../kernel/kernel.ts';
import { AT_START } from '../../../kernel/queue.ts';

/** How long the user is willing to wait. */
interface UserTimeout {
  readonly afterNs: Nanos;
  readonly timer: Timer;
}

export class Patience {
  /** Without an answer. */
  retransmissions = 0;
  #sinceNs: Nanos = AT_START;
  readonly #context: Context;
  #userTimeout: UserTimeout | null = null;
  readonly #machine: string;
  readonly #user: { onGivenUp(): void };

  /** `user` hears when its own timeout is over. */
  constructor(context: Context, machine: string, user: { onGivenUp(): void }) {
    this.#context = context;
    this.#machine = machine;
    this.#user = user;
  }

  /** How long octets may stay unacknowledged. */
  limit(afterNs: Nanos): void {
    this.stop();
    const timer = this.#context.timer(4, this.#machine, 'user-timeout', () => this.#user.onGivenUp());
    this.#userTimeout = { afterNs, timer };
  }

  /** The peer answered; `isWaiting`: there is more to be answered. */
  renew(isWaiting: boolean): void {
    this.retransmissions = 0;
    this.#sinceNs = this.#context.nowNs;
    if (this.#userTimeout === null) return;
    const { timer, afterNs } = this.#userTimeout;
    timer.clear();
    if (isWaiting) timer.set(afterNs);
  }

  /** Something waits for an answer from now on. */
  startClock(): void {
    this.#sinceNs = this.#context.nowNs;
    const limit = this.#userTimeout;
    if (limit && !limit.timer.isSet) limit.timer.set(limit.afterNs);
  }

  stop(): void {
    this.#userTimeout?.timer.clear();
  }

  isOver(afterNs: Nanos, retransmissions: number): boolean {
    return this.#context.nowNs - this.#sinceNs >= afterNs || this.retransmissions >= retransmissions;
  }
}
