/**
 * What is left of a connection when its user has gone: TIME-WAIT, which lasts for two maximum segment lifetimes (RFC 9293
 * section 3.4.2), and FIN-WAIT-2 of a peer that does not end. By RFC 9293 that lasts for ever, since the peer may go on
 * sending; hosts give up where nobody would read it (RFC 1122 section 4.2.2.13; net.ipv4.tcp_fin_timeout).
 */

import type { Context } from '../../../kernel/context.ts';
import type { Timer } from '../../../kernel/kernel.ts';
import type { CloseReason } from '../service.ts';
import type { TcpProfile } from './profile.ts';
import type { TcpState } from './state.ts';

export interface LingerUser {
  over(reason: CloseReason, because: string): void;
}

export class Linger {
  readonly #context: Context;
  readonly #machine: string;
  readonly #profile: TcpProfile;
  readonly #user: LingerUser;
  #timeWait: Timer | null = null;
  #orphaned: Timer | null = null;

  constructor(context: Context, machine: string, profile: TcpProfile, user: LingerUser) {
    this.#context = context;
    this.#machine = machine;
    this.#profile = profile;
    this.#user = user;
  }

  /** TIME-WAIT begins, or begins anew. */
  waitTwoLifetimes(): void {
    this.#timeWait ??= this.#timer('time-wait', () => this.#user.over('finished', '2 MSL are over'));
    this.#timeWait.set(this.#profile.timeWaitNs);
  }

  /** The state of a connection that nobody reads; an infinite limit: FIN-WAIT-2 may last for ever. */
  watch(state: TcpState): void {
    const limitNs = this.#profile.orphanedFinWait2Ns;
    if (state === 'FIN-WAIT-2' && Number.isFinite(limitNs)) {
      const because = 'nobody reads, and the peer did not end';
      this.#orphaned ??= this.#timer('fin-wait-2', () => this.#user.over('timed-out', because));
      this.#orphaned.set(limitNs);
    } else this.#orphaned?.clear();
  }

  stop(): void {
    this.#timeWait?.clear();
  }

  #timer(name: string, onOver: () => void): Timer {
    return this.#context.timer(4, this.#machine, name, onOver);
  }
}
