/** TCP's constants: as the RFCs have them (`rfc`), and as Linux 6.18 was measured to have them (`linux`). */

import type { Nanos } from '../../../kernel/journal.ts';

const MILLISECOND: Nanos = 1_000_000;
const SECOND: Nanos = 1_000_000_000;

export interface TcpProfile {
  readonly name: 'rfc' | 'linux';
  readonly congestion: 'reno' | 'newreno' | 'cubic';
  /** Offered, and agreed to where the peer offers: selective acknowledgment (RFC 2018), timestamps (RFC 7323) ... */
  readonly sack: boolean;
  readonly timestamps: boolean;
  /** ... and window scaling, with the shift that a receive buffer of `windowScaleForBytes` would need (or its own). */
  readonly windowScale: boolean;
  readonly windowScaleForBytes: number;
  /** RFC 7323 section 3.2: with timestamps agreed on, a segment without them is dropped. Linux takes it. */
  readonly requiresTimestamps: boolean;
  /** ECN (RFC 3168): asked for, agreed to where the peer asks, or not known. */
  readonly ecn: 'ask' | 'answer' | 'off';
  /** With SACK: loss told by time, tail loss probes (RFC 8985), and proportional rate reduction (RFC 6937). */
  readonly rack: boolean;
  readonly proportionalRate: boolean;
  /** After a timeout SACK marks are kept; RFC 2018 section 8 says to forget them, as the peer may have. */
  readonly keepsSackAfterTimeout: boolean;
  /** With SACK: a timeout that turns out to be spurious is taken back (F-RTO, RFC 5682; net.ipv4.tcp_frto). */
  readonly forwardRto: boolean;
  readonly nagle: boolean;
  readonly delayedAck: boolean;
  /** RFC 9293 section 3.8.6.3: MUST be under 500 ms. */
  readonly delayedAckNs: Nanos;
  /** RFC 6298 section 2.1 and 2.4. */
  readonly initialRtoNs: Nanos;
  readonly minRtoNs: Nanos;
  /** The floor is of 4 * RTTVAR, and SRTT comes on top. */
  readonly minRtoIsVariance: boolean;
  /** RFC 6298 section 2.5: at least 60 s. */
  readonly maxRtoNs: Nanos;
  /** RFC 6298 section 5.7: the RTO for data when the SYN had to be sent again. */
  readonly rtoAfterSynLossNs: Nanos;
  /** Retransmissions of a SYN before the time between them begins to double. */
  readonly linearSynTimeouts: number;
  /** RFC 9293 section 3.8.3 (R2): given up when the timer fires after so long without an answer ... */
  readonly giveUpAfterNs: Nanos;
  readonly giveUpSynAfterNs: Nanos;
  /** ... or after so many retransmissions. */
  readonly giveUpRetransmissions: number;
  readonly giveUpSynRetransmissions: number;
  readonly giveUpSynAckRetransmissions: number;
  /** RFC 5961 section 7: no more challenge ACKs than so many in such a time, and answers to empty segments no more either. */
  readonly challengeAcks: number;
  readonly challengeAcksNs: Nanos;
  /** RFC 9293 section 3.8.4. Off by default (MUST-25), idle for two hours at least (MUST-28). */
  readonly keepAlive: boolean;
  readonly keepAliveIdleNs: Nanos;
  readonly keepAliveIntervalNs: Nanos;
  readonly keepAliveProbes: number;
  /** RFC 1191 section 3: no path MTU is taken to be less. */
  readonly leastPathMtuBytes: number;
  /** So many timeouts of a segment that may be too long, and shorter ones are tried (RFC 4821). */
  readonly blackHoleTimeouts: number;
  /** ACKs of lone segments that leave at once, at the beginning and after a pause, before they are delayed. */
  readonly quickAcks: number;
  /** A new connection in place of one in TIME-WAIT begins so far above it; null: where the generator says. */
  readonly reopenAbove: number | null;
  /** Twice the maximum segment lifetime: how long TIME-WAIT lasts (RFC 9293 section 3.6.1). */
  readonly timeWaitNs: Nanos;
  /** How long FIN-WAIT-2 may last when the user has closed and nobody would read what comes; RFC 9293 has no such limit. */
  readonly orphanedFinWait2Ns: Nanos;
  /** RFC 1337: in TIME-WAIT a RST is ignored. */
  readonly timeWaitIgnoresReset: boolean;
  /** What probes a closed window: an octet of new data (RFC 9293 section 3.8.6.1), or none at SND.UNA - 1. */
  readonly windowProbe: 'octet' | 'empty';
  /** RFC 9293 section 3.8.6.2.1: the override timeout of the sender's silly window avoidance, 0.1 to 1 s. */
  readonly sillyWindowOverrideNs: Nanos;
  /** RFC 6928: ten segments, at most max(2*MSS, 14600) octets. */
  readonly initialWindowSegments: number;
  /** Slow start grows by at most so many segments an ACK: RFC 5681 equation 2 says one, Linux counts what was acknowledged. */
  readonly slowStartSegments: number;
  readonly receiveBufferBytes: number;
  readonly sendBufferBytes: number;
  /** RFC 6335 section 6, or net.ipv4.ip_local_port_range. */
  readonly ephemeralPorts: readonly [first: number, last: number];
  /** Half-open connections a listener holds; a SYN beyond that is dropped without a word. */
  readonly backlog: number;
}

export const RFC_PROFILE: TcpProfile = {
  name: 'rfc',
  congestion: 'newreno',
  sack: false,
  timestamps: false,
  windowScale: false,
  windowScaleForBytes: 0,
  requiresTimestamps: true,
  ecn: 'off',
  rack: false,
  proportionalRate: false,
  keepsSackAfterTimeout: false,
  forwardRto: false,
  nagle: true,
  delayedAck: true,
  delayedAckNs: 200 * MILLISECOND,
  initialRtoNs: SECOND,
  minRtoNs: SECOND,
  minRtoIsVariance: false,
  maxRtoNs: 60 * SECOND,
  rtoAfterSynLossNs: 3 * SECOND,
  linearSynTimeouts: 0,
  giveUpAfterNs: 100 * SECOND,
  giveUpSynAfterNs: 180 * SECOND,
  giveUpRetransmissions: Number.POSITIVE_INFINITY,
  giveUpSynRetransmissions: Number.POSITIVE_INFINITY,
  giveUpSynAckRetransmissions: Number.POSITIVE_INFINITY,
  challengeAcks: 10,
  challengeAcksNs: 5 * SECOND,
  keepAlive: false,
  keepAliveIdleNs: 7200 * SECOND,
  keepAliveIntervalNs: 75 * SECOND,
  keepAliveProbes: 9,
  leastPathMtuBytes: 68,
  blackHoleTimeouts: Number.POSITIVE_INFINITY,
  quickAcks: 0,
  reopenAbove: null,
  timeWaitNs: 240 * SECOND,
  orphanedFinWait2Ns: Number.POSITIVE_INFINITY,
  timeWaitIgnoresReset: true,
  windowProbe: 'octet',
  sillyWindowOverrideNs: 200 * MILLISECOND,
  initialWindowSegments: 10,
  slowStartSegments: 1,
  receiveBufferBytes: 65_535,
  sendBufferBytes: 65_536,
  ephemeralPorts: [49_152, 65_535],
  backlog: 128,
};

export const LINUX_PROFILE: TcpProfile = {
  ...RFC_PROFILE,
  name: 'linux',
  congestion: 'cubic',
  sack: true,
  timestamps: true,
  windowScale: true,
  windowScaleForBytes: 6_291_456,
  requiresTimestamps: false,
  ecn: 'answer',
  rack: true,
  proportionalRate: true,
  keepsSackAfterTimeout: true,
  forwardRto: true,
  delayedAckNs: 40 * MILLISECOND,
  minRtoNs: 200 * MILLISECOND,
  minRtoIsVariance: true,
  maxRtoNs: 120 * SECOND,
  rtoAfterSynLossNs: SECOND,
  linearSynTimeouts: 4,
  giveUpAfterNs: Number.POSITIVE_INFINITY,
  giveUpSynAfterNs: Number.POSITIVE_INFINITY,
  giveUpRetransmissions: 15,
  giveUpSynRetransmissions: 7,
  giveUpSynAckRetransmissions: 5,
  challengeAcks: 1,
  challengeAcksNs: 500 * MILLISECOND,
  leastPathMtuBytes: 552,
  quickAcks: 16,
  reopenAbove: 65_537,
  timeWaitNs: 60 * SECOND,
  orphanedFinWait2Ns: 60 * SECOND,
  timeWaitIgnoresReset: false,
  windowProbe: 'empty',
  slowStartSegments: Number.POSITIVE_INFINITY,
  receiveBufferBytes: 64_240,
  sendBufferBytes: 87_040,
  ephemeralPorts: [32_768, 60_999],
};
