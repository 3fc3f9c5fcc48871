/**
 * What one who listens concludes from TCP sequence numbers alone, by the rules of Wireshark's User's Guide, section "TCP
 * Analysis". A listener cannot know what the hosts know: every conclusion is a suspicion.
 */

import type { Nanos } from '../../kernel/journal.ts';
import { ANALYSIS, type TcpAnalysis } from '../4-transport/tcp/analysis-fields.ts';
import { ACK, FIN, PSH, RST, SYN } from '../4-transport/tcp/header.ts';
import { ahead, type Flow } from './tcp-flow.ts';

/** A segment as the rules look at it. */
export interface Segment {
  readonly frame: number;
  readonly atNs: Nanos;
  readonly seq: number;
  readonly ack: number;
  readonly flags: number;
  readonly dataLength: number;
  /** The window field, not scaled. */
  readonly window: number;
  /** Octets in the blocks of its SACK option. */
  readonly sackedBytes: number;
}

/** An analysis that says nothing yet. */
export const NOTHING_CONCLUDED: TcpAnalysis = {
  flags: 0,
  acksFrame: 0,
  ackRttNs: 0,
  initialRttNs: 0,
  bytesInFlight: 0,
  pushBytesSent: 0,
  duplicateAckNumber: 0,
  duplicateAckFrame: 0,
  rtoFrame: 0,
  rtoNs: 0,
  judged: false,
};

/** A retransmission this soon after the last duplicate acknowledgment was not the timer's. */
const FAST_NS = 20_000_000;
/** Out of order, and no retransmission, when it comes this soon after what overtook it and the RTT is not known. */
const OVERTAKEN_NS = 3_000_000;
/** In place of the count of duplicate acknowledgments: an unseen segment was reported, and is not again. */
const SILENCED = -1;
/** More in flight than this is a sign that the numbers went astray. */
const GREATEST_FLIGHT = 2_000_000_000;
/** A listener remembers this many unacknowledged segments of a side. */
const GREATEST_UNACKNOWLEDGED = 10_000;

/**
 * Judges a segment of `forward`, remembers it, and answers what there is to say, or null. `again`: it is a SYN of a
 * connection that is known, or of a new one on the same ports.
 */
export function analyze(
  segment: Segment,
  forward: Flow,
  reverse: Flow,
  initialRttNs: Nanos,
  again: 'same' | 'reused' | null,
): TcpAnalysis | null {
  if (segment.flags & ACK) reverse.flightKnown = true;
  let flags = again === 'reused' ? ANALYSIS.reusedPorts : 0;
  flags |= judgeWindows(segment, forward, reverse);
  const analysis: TcpAnalysis = { ...NOTHING_CONCLUDED, flags, judged: again !== null };
  countDuplicateAcks(segment, forward, analysis);
  judgeAcknowledged(segment, reverse, analysis);
  judgeRepetition(segment, forward, reverse, initialRttNs, analysis);
  remember(segment, forward, analysis);
  acknowledge(segment, reverse, analysis);
  measureFlight(segment, forward, reverse, analysis);
  return isWorthSaying(analysis) ? analysis : null;
}

function isWorthSaying(analysis: TcpAnalysis): boolean {
  return (
    analysis.judged ||
    analysis.flags !== 0 ||
    analysis.acksFrame > 0 ||
    analysis.bytesInFlight > 0 ||
    analysis.pushBytesSent > 0
  );
}

function judgeWindows(segment: Segment, forward: Flow, reverse: Flow): number {
  const { seq, ack, dataLength, window } = segment;
  const control = (segment.flags & (SYN | FIN | RST)) !== 0;
  const atNext = seq === forward.next;
  if (dataLength === 1 && atNext && reverse.window === 0) return ANALYSIS.zeroWindowProbe;
  let flags = 0;
  if (window === 0 && !control) flags |= ANALYSIS.zeroWindow;
  if (forward.next !== 0 && ahead(seq, forward.next) > 0 && !(segment.flags & RST)) {
    flags |= ANALYSIS.lostSegment;
    forward.flightKnown = false;
  }
  if (dataLength <= 1 && ahead(seq, forward.next) === -1 && !control) flags |= ANALYSIS.keepAlive;
  const same = dataLength === 0 && atNext && ack === forward.lastAck && !control;
  if (same && window !== 0 && window !== forward.window) flags |= ANALYSIS.windowUpdate;
  if (dataLength > 0 && !control && fillsWindow(segment, reverse)) flags |= ANALYSIS.windowFull;
  if (window !== forward.window) return flags;
  if (same && window !== 0 && reverse.lastFlags & ANALYSIS.keepAlive) return flags | ANALYSIS.keepAliveAck;
  if (same && window === 0 && reverse.lastFlags & ANALYSIS.zeroWindowProbe) return flags | ANALYSIS.zeroWindowProbeAck;
  return same && window !== 0 ? flags | ANALYSIS.duplicateAck : flags;
}

function fillsWindow({ seq, dataLength }: Segment, reverse: Flow): boolean {
  if (reverse.windowScale === -1) return false;
  const window = reverse.windowScale >= 0 ? reverse.window << reverse.windowScale : reverse.window;
  return (seq + dataLength) >>> 0 === (reverse.lastAck + window) >>> 0;
}

function countDuplicateAcks(segment: Segment, forward: Flow, analysis: TcpAnalysis): void {
  if (analysis.flags & ANALYSIS.duplicateAck) {
    forward.duplicateAcks = forward.duplicateAcks === SILENCED ? 1 : forward.duplicateAcks + 1;
    analysis.duplicateAckNumber = forward.duplicateAcks;
    analysis.duplicateAckFrame = forward.firstAckFrame;
  }
  if (segment.ack !== forward.lastAck) {
    forward.firstAckFrame = segment.frame;
    forward.duplicateAcks = 0;
  }
}

/**
 * An acknowledgment of what was not seen. Of what lies behind a gap it is said once for each gap; of what lies behind
 * all that was seen, once, and not after duplicate acknowledgments of the other side.
 */
function judgeAcknowledged({ ack, flags }: Segment, reverse: Flow, analysis: TcpAnalysis): void {
  if (!(flags & ACK) || reverse.greatestAckable === 0 || ahead(ack, reverse.greatestAckable) <= 0) return;
  analysis.judged = true;
  if (reverse.greatestAckable !== reverse.next) {
    reverse.greatestAckable = reverse.next;
    analysis.flags |= ANALYSIS.ackLostSegment;
    return;
  }
  if (reverse.duplicateAcks === 0) analysis.flags |= ANALYSIS.ackLostSegment;
  reverse.duplicateAcks = SILENCED;
}

/** Says which kind of repetition a segment is that does not go on where the flow was, if it is one. */
function judgeRepetition(
  segment: Segment,
  forward: Flow,
  reverse: Flow,
  initialRttNs: Nanos,
  analysis: TcpAnalysis,
): void {
  const { seq, dataLength, atNs } = segment;
  const end = (seq + dataLength) >>> 0;
  const takesNumbers = dataLength > 0 || (segment.flags & (SYN | FIN)) !== 0;
  if (!takesNumbers || analysis.flags & ANALYSIS.keepAlive) return;
  if (dataLength > 0 && reverse.lastAck !== 0 && ahead(end, reverse.lastAck) <= 0) {
    analysis.flags |= ANALYSIS.spuriousRetransmission;
    return;
  }
  if (forward.next === 0 || ahead(seq, forward.next) >= 0) return;
  // It goes on one octet back: the octet of a zero window probe is sent again with what follows it.
  if (dataLength > 1 && ahead(seq, forward.next) === -1) return;
  // A silenced count is as good as a great one here.
  const repeated = reverse.duplicateAcks >= 2 || reverse.duplicateAcks === SILENCED;
  const hurried = repeated && reverse.lastAck === seq && atNs - reverse.lastAckAtNs < FAST_NS;
  if (hurried) {
    analysis.flags |= ANALYSIS.fastRetransmission;
    return;
  }
  const patienceNs = initialRttNs > 0 ? initialRttNs : OVERTAKEN_NS;
  if (atNs - forward.nextAtNs < patienceNs && forward.next !== endOf(segment)) {
    analysis.flags |= ANALYSIS.outOfOrder;
    return;
  }
  analysis.flags |= ANALYSIS.retransmission;
  // The timer runs for the oldest segment that is not acknowledged: most likely that is the one.
  const [oldest] = forward.unacknowledged;
  analysis.rtoFrame = oldest?.frame ?? forward.nextFrame;
  analysis.rtoNs = atNs - (oldest?.atNs ?? forward.nextAtNs);
}

function remember(segment: Segment, forward: Flow, analysis: TcpAnalysis): void {
  const { seq, frame, atNs, dataLength, flags } = segment;
  const control = (flags & (SYN | FIN)) !== 0 ? 1 : 0;
  let end = (seq + dataLength) >>> 0;
  if ((dataLength > 0 || control > 0) && forward.unacknowledged.length < GREATEST_UNACKNOWLEDGED) {
    end = (end + control) >>> 0;
    forward.unacknowledged.push({ frame, atNs, seq, next: end });
  }
  const probe = (analysis.flags & ANALYSIS.zeroWindowProbe) !== 0;
  if (!probe && (forward.next === 0 || ahead(end, forward.next) > 0)) {
    forward.next = end;
    forward.nextFrame = frame;
    forward.nextAtNs = atNs;
  }
  if (!probe && (forward.greatestAckable === 0 || seq === forward.greatestAckable)) {
    forward.greatestAckable = forward.next;
  }
  forward.window = segment.window;
  forward.sackedBytes = segment.sackedBytes;
  forward.lastAck = segment.ack;
  forward.lastAckAtNs = atNs;
  forward.lastFlags = analysis.flags;
}

/** What the segment acknowledges of the other side is in flight no more. */
function acknowledge({ ack, atNs }: Segment, reverse: Flow, analysis: TcpAnalysis): void {
  const { unacknowledged } = reverse;
  let kept = 0;
  for (const sent of unacknowledged) {
    // Of several that end there the first counts: the others repeat it.
    if (sent.next === ack && analysis.acksFrame === 0) {
      analysis.acksFrame = sent.frame;
      analysis.ackRttNs = atNs - sent.atNs;
    }
    if (ahead(sent.next, ack) <= 0) continue;
    if (ahead(sent.seq, ack) < 0) sent.seq = ack;
    unacknowledged[kept] = sent;
    kept += 1;
  }
  unacknowledged.length = kept;
}

function measureFlight({ dataLength, flags }: Segment, forward: Flow, reverse: Flow, analysis: TcpAnalysis): void {
  if (dataLength === 0 || forward.unacknowledged.length === 0 || !forward.flightKnown) return;
  const base = forward.base ?? 0;
  let first = 0xffffffff;
  let last = 0;
  for (const { seq, next } of forward.unacknowledged) {
    first = Math.min(first, (seq - base) >>> 0);
    last = Math.max(last, (next - base) >>> 0);
  }
  const inFlight = (last - first - reverse.sackedBytes) >>> 0;
  if (inFlight > 0 && inFlight < GREATEST_FLIGHT) analysis.bytesInFlight = inFlight - (flags & (SYN | FIN) ? 1 : 0);
  forward.pushBytes = forward.pushed ? dataLength : forward.pushBytes + dataLength;
  forward.pushed = (flags & PSH) !== 0;
  analysis.pushBytesSent = forward.pushBytes;
}

/** The number after the segment: SYN or FIN takes one. */
function endOf({ seq, dataLength, flags }: Segment): number {
  return (seq + dataLength + (flags & (SYN | FIN) ? 1 : 0)) >>> 0;
}
