/**
 * Forward RTO recovery with SACK (RFC 5682 section 3): was the timeout spurious? After it the first segment goes again; when
 * that is acknowledged, new octets go instead of more old ones, and what the next ACK is for tells whether the originals
 * arrive after all.
 */

/** What the sender shall do about an ACK after a timeout. */
export type Verdict = 'undecided' | 'genuine' | 'spurious';

export class ForwardRto {
  /** Step 2 or 3 of section 3.1; null: nothing is in doubt. */
  #step: 2 | 3 | null = null;
  /** RecoveryPoint: where new octets started when the timer fired. */
  #recoveryPoint = 0;
  /** Something arrived that left once: the original, no retransmission. */
  #hasOriginal = false;

  /** New octets are to go, and no old ones, until the next ACK. */
  get holdsBack(): boolean {
    return this.#step === 3;
  }

  /** Step 1: the timer fired. `isAgain`: within the recovery of another timeout, where no ACK proves anything. */
  onTimeout(recoveryPoint: number, isAgain: boolean): void {
    this.#step = isAgain ? null : 2;
    this.#recoveryPoint = recoveryPoint;
  }

  /** A segment was acknowledged or SACKed. */
  onDelivered(wasSentAgain: boolean): void {
    if (!wasSentAgain) this.#hasOriginal = true;
  }

  /**
   * An ACK, after its segments were told. `una` and `highest`: how far it acknowledges, and acknowledges or SACKs at most;
   * `isNew`: further than before; `hasNewData`: there are octets to send that were not sent yet, and room for them.
   */
  onAck(una: number, highest: number, isNew: boolean, hasNewData: boolean): Verdict {
    const hasOriginal = this.#hasOriginal;
    this.#hasOriginal = false;
    if (this.#step === 2 && isNew) {
      const isTold = una < this.#recoveryPoint && hasNewData;
      this.#step = isTold ? 3 : null;
      return isTold ? 'undecided' : 'genuine';
    }
    if (this.#step !== 3) return 'undecided';
    // What was sent after the timeout arrives before what was sent before it: that is lost.
    const isGenuine = highest > this.#recoveryPoint;
    if (!isGenuine && !hasOriginal) return 'undecided';
    this.#step = null;
    return isGenuine ? 'genuine' : 'spurious';
  }

  stop(): void {
    this.#step = null;
  }
}
