/** How a SYN or SYN-ACK is sent, and sent again. */

import type { Nanos } from '../../../kernel/journal.ts';
import type { EcnState } from './ecn.ts';
import { ACK, CWR, ECE, SYN } from './header.ts';
import type { Patience } from './patience.ts';
import type { TcpProfile } from './profile.ts';
import { doubledNs, type RoundTrip } from './rto.ts';

export class SynSchedule {
  /** How often it was sent again. */
  timesLost = 0;
  readonly #profile: TcpProfile;
  readonly #roundTrip: RoundTrip;
  readonly #ecn: EcnState;

  constructor(profile: TcpProfile, roundTrip: RoundTrip, ecn: EcnState) {
    this.#profile = profile;
    this.#roundTrip = roundTrip;
    this.#ecn = ecn;
  }

  /** RFC 3168 section 6.1.1: a SYN asks by ECE and CWR; a SYN-ACK agrees by ECE. What was lost goes again without. */
  flags(hasAck: boolean): number {
    const mayMark = this.timesLost === 0;
    if (hasAck) return this.#ecn.isOn && mayMark ? SYN | ACK | ECE : SYN | ACK;
    return this.#profile.ecn === 'ask' && mayMark ? SYN | ECE | CWR : SYN;
  }

  /** How long it is waited for. Linux doubles only after some at equal distance, but from the first for a SYN-ACK. */
  timeoutNs(hasAck: boolean): Nanos {
    const { initialRtoNs, maxRtoNs, linearSynTimeouts } = this.#profile;
    if (this.timesLost === 0 && linearSynTimeouts === 0) return this.#roundTrip.rtoNs;
    return doubledNs(initialRtoNs, Math.max(0, this.timesLost - (hasAck ? 0 : linearSynTimeouts)), maxRtoNs);
  }

  isHopeless(patience: Patience, hasAck: boolean): boolean {
    const { giveUpSynAfterNs, giveUpSynRetransmissions, giveUpSynAckRetransmissions } = this.#profile;
    return patience.isOver(giveUpSynAfterNs, hasAck ? giveUpSynAckRetransmissions : giveUpSynRetransmissions);
  }
}
