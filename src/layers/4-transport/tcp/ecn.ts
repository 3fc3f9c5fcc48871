/**
 * Explicit congestion notification (RFC 3168 section 6.1): routers mark instead of dropping, the receiver echoes the mark
 * (ECE) until it hears that the sender has slowed down (CWR).
 */

import { after } from './sequence.ts';

/** The two bits in the IP header, RFC 3168 section 5. */
export const ECT_0 = 2;
export const CE = 3;

export class EcnState {
  /** Both sides said so in their SYNs. */
  isOn = false;
  /** A mark came: every ACK echoes it. */
  mustEcho = false;
  /** The window was reduced: the next new segment says so. */
  mustTellReduced = false;
  /** SND.MAX at the last reduction: marks of packets that left before it are no news. */
  #recover: number;

  constructor(iss: number) {
    this.#recover = iss;
  }

  /** A segment that was accepted: section 6.1.3. */
  onSegment(isMarked: boolean, saysReduced: boolean): void {
    if (!this.isOn) return;
    if (saysReduced) this.mustEcho = false;
    if (isMarked) this.mustEcho = true;
  }

  /** An ACK with ECE. True: the window must be reduced; once a round trip (section 6.1.2). */
  onEcho(sndUna: number): boolean {
    return this.isOn && after(sndUna, this.#recover);
  }

  /** The window was reduced, for a mark or a loss. */
  onReduced(sndMax: number): void {
    this.#recover = sndMax;
    if (this.isOn) this.mustTellReduced = true;
  }
}
