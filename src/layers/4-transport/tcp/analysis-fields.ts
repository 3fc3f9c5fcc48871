/** What Wireshark concludes from comparing a segment with earlier ones: the fields under `tcp.analysis`. */

import { field, fieldTable } from '../../dissect/field-table.ts';
import type { Field, FieldType } from '../../field.ts';

export const TCP_ANALYSIS_FIELDS = fieldTable(4, 'tcp', {
  analysis: ['none', 'SEQ/ACK analysis', 'Something was concluded from earlier segments.'],
  'analysis.acks_frame': ['unsigned', 'This is an ACK to the segment in frame', 'Whose last octet this acknowledges.'],
  'analysis.ack_rtt': ['time', 'The RTT to ACK the segment was', 'From that segment to this acknowledgment.'],
  'analysis.initial_rtt': ['time', 'iRTT', 'The round-trip time of the handshake.'],
  'analysis.bytes_in_flight': ['unsigned', 'Bytes in flight', 'Octets sent and not acknowledged yet.'],
  'analysis.push_bytes_sent': ['unsigned', 'Bytes sent since last PSH flag', 'Octets since the last push.'],
  'analysis.flags': ['none', 'TCP Analysis Flags', 'Something is unusual.'],
  'analysis.retransmission': [
    'none',
    'This frame is a (suspected) retransmission',
    'Sent before, and not acknowledged.',
  ],
  'analysis.fast_retransmission': [
    'none',
    'This frame is a (suspected) fast retransmission',
    'Sent again after duplicate acknowledgments, without waiting for the timer.',
  ],
  'analysis.spurious_retransmission': [
    'none',
    'This frame is a (suspected) spurious retransmission',
    'Sent again although it was acknowledged.',
  ],
  'analysis.out_of_order': ['none', 'This frame is a (suspected) out-of-order segment', 'Overtaken by later ones.'],
  'analysis.reused_ports': [
    'none',
    'A new tcp session is started with the same ports as an earlier session in this trace',
    'The same ports again, a new connection.',
  ],
  'analysis.lost_segment': [
    'none',
    'Previous segment(s) not captured (common at capture start)',
    'Octets before this segment were not seen: lost, or late.',
  ],
  'analysis.ack_lost_segment': [
    'none',
    'ACKed segment that wasn’t captured (common at capture start)',
    'Acknowledges octets that were not seen.',
  ],
  'analysis.window_update': ['none', 'TCP window update', 'Only the window changed.'],
  'analysis.window_full': [
    'none',
    'TCP window specified by the receiver is now completely full',
    'The sender must stop until the window opens.',
  ],
  'analysis.keep_alive': ['none', 'TCP keep-alive segment', 'Asks whether the peer is still there.'],
  'analysis.keep_alive_ack': ['none', 'ACK to a TCP keep-alive segment', 'The peer is still there.'],
  'analysis.duplicate_ack': ['none', 'Duplicate ACK', 'The same acknowledgment again: a segment is missing.'],
  'analysis.duplicate_ack_num': ['unsigned', 'Duplicate ACK #', 'How many times it came again.'],
  'analysis.duplicate_ack_frame': ['unsigned', 'Duplicate to the ACK in frame', 'The first acknowledgment of these.'],
  'analysis.zero_window_probe': ['none', 'TCP Zero Window Probe', 'Asks whether the window is still closed.'],
  'analysis.zero_window': ['none', 'TCP Zero Window segment', 'The sender of this has no room for data.'],
  'analysis.zero_window_probe_ack': ['none', 'ACK to a TCP Zero Window Probe', 'The window is still closed.'],
  'analysis.rto': ['time', 'The RTO for this segment was', 'From the first transmission to this one.'],
  'analysis.rto_frame': ['unsigned', 'RTO based on delta from frame', 'The segment that was lost.'],
});

/** Bits of `TcpAnalysis.flags`, one for each unusual thing. */
export const ANALYSIS = {
  retransmission: 1 << 0,
  fastRetransmission: 1 << 1,
  spuriousRetransmission: 1 << 2,
  outOfOrder: 1 << 3,
  reusedPorts: 1 << 4,
  lostSegment: 1 << 5,
  ackLostSegment: 1 << 6,
  windowUpdate: 1 << 7,
  windowFull: 1 << 8,
  keepAlive: 1 << 9,
  keepAliveAck: 1 << 10,
  duplicateAck: 1 << 11,
  zeroWindowProbe: 1 << 12,
  zeroWindow: 1 << 13,
  zeroWindowProbeAck: 1 << 14,
} as const;

export interface TcpAnalysis {
  /** Sum of ANALYSIS bits. */
  flags: number;
  /** 0: it acknowledges no segment that was seen. */
  acksFrame: number;
  ackRttNs: number;
  /** 0: the handshake was not seen. */
  initialRttNs: number;
  bytesInFlight: number;
  pushBytesSent: number;
  duplicateAckNumber: number;
  duplicateAckFrame: number;
  rtoFrame: number;
  /** 0: no retransmission by timer, or at once. */
  rtoNs: number;
  /** Something was looked into, even where nothing came of it. */
  judged: boolean;
}

const A = TCP_ANALYSIS_FIELDS;

/** Each kind of unusual thing: its bit, the fields, and what the info column says before the rest. */
const FLAGS: readonly (readonly [bit: number, types: readonly FieldType[], info: string])[] = [
  [ANALYSIS.reusedPorts, [A['analysis.reused_ports']], '[TCP Port numbers reused] '],
  [
    ANALYSIS.fastRetransmission,
    [A['analysis.fast_retransmission'], A['analysis.retransmission']],
    '[TCP Fast Retransmission] ',
  ],
  [
    ANALYSIS.spuriousRetransmission,
    [A['analysis.spurious_retransmission'], A['analysis.retransmission']],
    '[TCP Spurious Retransmission] ',
  ],
  [ANALYSIS.retransmission, [A['analysis.retransmission']], '[TCP Retransmission] '],
  [ANALYSIS.outOfOrder, [A['analysis.out_of_order']], '[TCP Out-Of-Order] '],
  [ANALYSIS.lostSegment, [A['analysis.lost_segment']], '[TCP Previous segment not captured] '],
  [ANALYSIS.ackLostSegment, [A['analysis.ack_lost_segment']], '[TCP ACKed unseen segment] '],
  [ANALYSIS.windowUpdate, [A['analysis.window_update']], '[TCP Window Update] '],
  [ANALYSIS.windowFull, [A['analysis.window_full']], '[TCP Window Full] '],
  [ANALYSIS.keepAlive, [A['analysis.keep_alive']], '[TCP Keep-Alive] '],
  [ANALYSIS.keepAliveAck, [A['analysis.keep_alive_ack']], '[TCP Keep-Alive ACK] '],
  [ANALYSIS.duplicateAck, [], ''],
  [ANALYSIS.zeroWindowProbe, [A['analysis.zero_window_probe']], '[TCP ZeroWindowProbe] '],
  [ANALYSIS.zeroWindow, [A['analysis.zero_window']], '[TCP ZeroWindow] '],
  [ANALYSIS.zeroWindowProbeAck, [A['analysis.zero_window_probe_ack']], '[TCP ZeroWindowProbeAck] '],
];

/** What the info column says before the ports. */
export function analysisInfo(analysis: TcpAnalysis): string {
  let text = '';
  // Wireshark puts each in front of what is there: the last of the table comes first.
  for (const [bit, , info] of FLAGS) {
    if ((analysis.flags & bit) === 0) continue;
    if (bit === ANALYSIS.duplicateAck) {
      text = `[TCP Dup ACK ${analysis.duplicateAckFrame}#${analysis.duplicateAckNumber}] ${text}`;
    } else if (bit !== ANALYSIS.retransmission || !isKindOfRetransmission(analysis.flags)) text = info + text;
  }
  return text;
}

function isKindOfRetransmission(flags: number): boolean {
  return (flags & (ANALYSIS.fastRetransmission | ANALYSIS.spuriousRetransmission)) !== 0;
}

export function analysisFields(analysis: TcpAnalysis, at: number): Field[] {
  const fields: Field[] = [field(A.analysis, null, at, 0)];
  const add = (type: FieldType, value: number | null) => fields.push(field(type, value, at, 0));
  if (analysis.acksFrame > 0) {
    add(A['analysis.acks_frame'], analysis.acksFrame);
    if (analysis.ackRttNs > 0) add(A['analysis.ack_rtt'], analysis.ackRttNs);
  }
  if (analysis.initialRttNs > 0) add(A['analysis.initial_rtt'], analysis.initialRttNs);
  if (analysis.bytesInFlight > 0) {
    add(A['analysis.bytes_in_flight'], analysis.bytesInFlight);
    if (analysis.pushBytesSent > 0) add(A['analysis.push_bytes_sent'], analysis.pushBytesSent);
  }
  if (analysis.flags !== 0) fields.push(...flagFields(analysis, at));
  return fields;
}

function flagFields(analysis: TcpAnalysis, at: number): Field[] {
  const fields: Field[] = [field(A['analysis.flags'], null, at, 0)];
  for (const [bit, types] of FLAGS) {
    if ((analysis.flags & bit) === 0) continue;
    if (bit === ANALYSIS.retransmission && isKindOfRetransmission(analysis.flags)) continue;
    for (const type of types) fields.push(field(type, null, at, 0));
  }
  if (analysis.flags & ANALYSIS.duplicateAck) {
    // The label and the expert's remark both bear this name in Wireshark: it is there twice.
    fields.push(field(A['analysis.duplicate_ack'], null, at, 0), field(A['analysis.duplicate_ack'], null, at, 0));
    fields.push(field(A['analysis.duplicate_ack_num'], analysis.duplicateAckNumber, at, 0));
    fields.push(field(A['analysis.duplicate_ack_frame'], analysis.duplicateAckFrame, at, 0));
  }
  if (analysis.rtoNs > 0) {
    fields.push(field(A['analysis.rto'], analysis.rtoNs, at, 0));
    fields.push(field(A['analysis.rto_frame'], analysis.rtoFrame, at, 0));
  }
  return fields;
}
