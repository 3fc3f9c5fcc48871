/**
 * Challenge ACKs are throttled (RFC 5961 section 7), so that nobody can make a host flood the network, or tell by their
 * number where a window is.
 */

import type { Context } from '../../../kernel/context.ts';
import type { TcpProfile } from './profile.ts';

export class ChallengeAcks {
  readonly #context: Context;
  readonly #profile: TcpProfile;
  #sinceNs = Number.NEGATIVE_INFINITY;
  #count = 0;

  constructor(context: Context, profile: TcpProfile) {
    this.#context = context;
    this.#profile = profile;
  }

  /** Whether another may leave now; if so, it counts. */
  take(): boolean {
    const { nowNs } = this.#context;
    const { challengeAcks, challengeAcksNs } = this.#profile;
    if (nowNs - this.#sinceNs >= challengeAcksNs) {
      this.#sinceNs = nowNs;
      this.#count = 0;
    }
    this.#count++;
    return this.#count <= challengeAcks;
  }
}
