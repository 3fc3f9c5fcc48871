/**
 * A connection that its user has closed, whose FIN is acknowledged, and whose peer does not end: by RFC 9293 it stays in
 * FIN-WAIT-2 for ever, since the peer may go on sending. Hosts give up where nobody would read that (RFC 1122 section
 * 4.2.2.13; net.ipv4.tcp_fin_timeout).
 */

import type { Context } from '../../../kernel/context.ts';
import type { Nanos } from '../../../kernel/journal.ts';
import type { Timer } from '../../../kernel/kernel.ts';
import type { TcpState } from './state.ts';

export class Orphan {
  readonly #limitNs: Nanos;
  readonly #timer: Timer;

  /** `limitNs`: how long FIN-WAIT-2 may last without a user; infinite: for ever. */
  constructor(context: Context, machine: string, limitNs: Nanos, onOver: () => void) {
    this.#limitNs = limitNs;
    this.#timer = context.timer(4, machine, 'fin-wait-2', onOver);
  }

  /** The state has changed, or the user has gone. */
  watch(state: TcpState, isAbandoned: boolean): void {
    const counts = state === 'FIN-WAIT-2' && isAbandoned && Number.isFinite(this.#limitNs);
    if (counts) this.#timer.set(this.#limitNs);
    else this.#timer.clear();
  }
}
