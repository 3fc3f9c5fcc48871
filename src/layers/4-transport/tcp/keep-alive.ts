/** Keep-alive (RFC 9293 section 3.8.4): an idle peer is asked whether it is still there. Off unless asked for (MUST-25). */

import type { Context } from '../../../kernel/context.ts';
import type { Timer } from '../../../kernel/kernel.ts';
import type { TcpProfile } from './profile.ts';

export interface KeepAliveUser {
  /** Something is outstanding: its own timers watch over the peer. */
  isWaiting(): boolean;
  probe(): void;
  onGivenUp(): void;
}

export class KeepAlive {
  readonly #profile: TcpProfile;
  readonly #user: KeepAliveUser;
  readonly #timer: Timer;
  #probes = 0;

  constructor(context: Context, machine: string, profile: TcpProfile, user: KeepAliveUser) {
    this.#profile = profile;
    this.#user = user;
    this.#timer = context.timer(4, machine, 'keep-alive', () => this.#onTimer());
  }

  /** A segment arrived: MUST-28 counts idleness from here. */
  onSegment(): void {
    this.#probes = 0;
    this.#timer.set(this.#profile.keepAliveIdleNs);
  }

  stop(): void {
    this.#timer.clear();
  }

  #onTimer(): void {
    const { keepAliveIdleNs, keepAliveIntervalNs, keepAliveProbes } = this.#profile;
    if (this.#user.isWaiting()) {
      this.#timer.set(keepAliveIdleNs);
      return;
    }
    // MUST-29: one probe that is not answered proves nothing.
    if (this.#probes >= keepAliveProbes) {
      this.#user.onGivenUp();
      return;
    }
    this.#probes++;
    this.#user.probe();
    this.#timer.set(keepAliveIntervalNs);
  }
}
