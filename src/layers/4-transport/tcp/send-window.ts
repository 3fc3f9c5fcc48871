/** The window that the peer offers: SND.WND, SND.WL1 and SND.WL2 of RFC 9293 section 3.3.1. */

import { atOrBefore, before } from './sequence.ts';

export class SendWindow {
  /** SND.WND in octets. */
  octets = 0;
  /** The greatest window ever offered. */
  greatest = 0;
  /** SEQ and ACK of the segment that told the window. */
  #wl1 = 0;
  #wl2 = 0;

  /** RFC 9293 section 3.10.7.4: an old segment, come late, does not change the window. */
  isNewer(sequence: number, acknowledgment: number): boolean {
    return before(this.#wl1, sequence) || (this.#wl1 === sequence && atOrBefore(this.#wl2, acknowledgment));
  }

  isToldBy(sequence: number, acknowledgment: number): boolean {
    return this.#wl1 === sequence && this.#wl2 === acknowledgment;
  }

  /** Octets were acknowledged by a segment that does not tell the window: its right edge stays where it was. */
  keepEdge(acknowledgedBytes: number): void {
    this.octets = Math.max(0, this.octets - acknowledgedBytes);
  }

  set(sequence: number, acknowledgment: number, octets: number): void {
    this.octets = octets;
    this.greatest = Math.max(this.greatest, octets);
    this.#wl1 = sequence;
    this.#wl2 = acknowledgment;
  }
}
