/** When a silent peer is given up (RFC 9293 section 3.8.3, R2): after some time, or after some retransmissions. */

import type { Context } from '../../../kernel/context.ts';
import type { Nanos } from '../../../kernel/journal.ts';

export class Patience {
  /** Without an answer. */
  retransmissions = 0;
  #sinceNs: Nanos = 0;
  readonly #context: Context;

  constructor(context: Context) {
    this.#context = context;
  }

  /** The peer answered, or waiting begins only now. */
  renew(): void {
    this.retransmissions = 0;
    this.#sinceNs = this.#context.nowNs;
  }

  /** Waiting begins now, for what was sent before it already, too. */
  startClock(): void {
    this.#sinceNs = this.#context.nowNs;
  }

  isOver(afterNs: Nanos, retransmissions: number): boolean {
    return this.#context.nowNs - this.#sinceNs >= afterNs || this.retransmissions >= retransmissions;
  }
}
