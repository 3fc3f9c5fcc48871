/** Whether the congestion window is in use: growing one that is not says nothing about the path (RFC 7661 section 4). */

import { atOrBefore } from './sequence.ts';

export class WindowUsage {
  /** The most that was in flight in this round, which ends when `#roundEnd` is acknowledged. */
  #peakFlight = 0;
  #roundEnd: number;
  #wasLimited = false;

  constructor(iss: number) {
    this.#roundEnd = iss;
  }

  onFlight(flightBytes: number): void {
    if (flightBytes > this.#peakFlight) this.#peakFlight = flightBytes;
  }

  /** Data had to wait for cwnd. */
  onLimited(): void {
    this.#wasLimited = true;
  }

  /** In slow start half of the window is enough, as acknowledgments of a growing window lag behind. */
  isLimited(cwndBytes: number, ssthreshBytes: number): boolean {
    return cwndBytes < ssthreshBytes ? cwndBytes < 2 * this.#peakFlight : this.#wasLimited;
  }

  onAck(sndUna: number, sndMax: number, flightBytes: number): void {
    if (!atOrBefore(this.#roundEnd, sndUna)) return;
    this.#roundEnd = sndMax;
    this.#peakFlight = flightBytes;
    this.#wasLimited = false;
  }
}
