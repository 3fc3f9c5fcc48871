/**
 * Proportional rate reduction (RFC 6937): during recovery what may be sent follows what arrives, so that the window comes
 * down to ssthresh evenly over one round trip.
 */
export class ProportionalRate {
  /** RecoverFS: in flight when the recovery began. */
  #flightBytes = 0;
  #deliveredBytes = 0;
  #sentBytes = 0;

  start(flightBytes: number): void {
    this.#flightBytes = Math.max(1, flightBytes);
    this.#deliveredBytes = 0;
    this.#sentBytes = 0;
  }

  onSent(octets: number): void {
    this.#sentBytes += octets;
  }

  /** An ACK that says that so many octets arrived: cwnd until the next one. */
  onAck(deliveredBytes: number, pipeBytes: number, ssthreshBytes: number, mssBytes: number): number {
    this.#deliveredBytes += deliveredBytes;
    return pipeBytes + Math.max(0, this.#sendable(deliveredBytes, pipeBytes, ssthreshBytes, mssBytes));
  }

  #sendable(deliveredBytes: number, pipeBytes: number, ssthreshBytes: number, mssBytes: number): number {
    if (pipeBytes > ssthreshBytes) {
      return Math.ceil((this.#deliveredBytes * ssthreshBytes) / this.#flightBytes) - this.#sentBytes;
    }
    // PRR-SSRB: after heavy loss grow back as slow start would, up to ssthresh.
    const limit = Math.max(this.#deliveredBytes - this.#sentBytes, deliveredBytes) + mssBytes;
    return Math.min(ssthreshBytes - pipeBytes, limit);
  }
}
