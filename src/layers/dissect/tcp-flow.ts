/** What one side of a TCP connection sent so far, as one who only listens remembers it. */

import type { Nanos } from '../../kernel/journal.ts';

/** A segment that takes sequence numbers and is not acknowledged yet. */
export interface Unacknowledged {
  readonly frame: number;
  readonly atNs: Nanos;
  seq: number;
  readonly next: number;
}

/** A number of 0 means that there is none yet: Wireshark does not tell the two apart, and its conclusions show it. */
export interface Flow {
  /** The number that counts as 0; null until something tells. */
  base: number | null;
  /** -1 not known, -2 not used, else the shift. */
  windowScale: number;
  /** What follows the greatest number sent. */
  next: number;
  nextFrame: number;
  nextAtNs: Nanos;
  /** Acknowledgments beyond this are of something that was not seen: the end of what was seen without a gap. */
  greatestAckable: number;
  /** The last acknowledgment this side sent. */
  lastAck: number;
  lastAckAtNs: Nanos;
  /** The frame whose acknowledgment later ones repeat, and how often they did. */
  firstAckFrame: number;
  duplicateAcks: number;
  /** The last window field, not scaled; -1 before the first. */
  window: number;
  /** ANALYSIS bits of the last segment. */
  lastFlags: number;
  readonly unacknowledged: Unacknowledged[];
  /** Octets in the SACK blocks of the last segment: they are in flight no more. */
  sackedBytes: number;
  /** False after a gap: what is in flight cannot be told. */
  flightKnown: boolean;
  /** Octets since the last segment with PSH, and whether the last one had it. */
  pushBytes: number;
  pushed: boolean;
}

export function newFlow(): Flow {
  return {
    base: null,
    windowScale: -1,
    next: 0,
    nextFrame: 0,
    nextAtNs: 0,
    greatestAckable: 0,
    lastAck: 0,
    lastAckAtNs: 0,
    firstAckFrame: 0,
    duplicateAcks: 0,
    window: -1,
    lastFlags: 0,
    unacknowledged: [],
    sackedBytes: 0,
    flightKnown: true,
    pushBytes: 0,
    pushed: false,
  };
}

/** Serial number arithmetic (RFC 9293 section 3.4): how far `a` is ahead of `b`, negative when behind. */
export function ahead(a: number, b: number): number {
  return (a - b) | 0;
}
