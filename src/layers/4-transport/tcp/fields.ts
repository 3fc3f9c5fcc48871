/** The TCP header as Wireshark shows it (RFC 9293 section 3.1). What earlier segments tell comes as `TcpSeen`. */

import { finish, sum } from '../../../wire/checksum.ts';
import { u16 } from '../../../wire/reader.ts';
import { asciiText } from '../../../wire/text.ts';
import type { Protocol } from '../../dissect/dissection.ts';
import { bitField, field, fieldTable } from '../../dissect/field-table.ts';
import type { Field } from '../../field.ts';
import { analysisFields, type TcpAnalysis } from './analysis-fields.ts';
import {
  ACK,
  acknowledgmentOf,
  checksumOf,
  destinationPortOf,
  FIN,
  flagsOf,
  headerLengthOf,
  RST,
  SYN,
  sequenceOf,
  sourcePortOf,
  TCP_HEADER_BYTES,
  URG,
  urgentPointerOf,
  windowOf,
} from './header.ts';
import { optionFields, optionInfo } from './option-fields.ts';
import { type StreamNotes, streamFields } from './stream-fields.ts';

export const TCP: Protocol = {
  name: 'tcp',
  title: 'Transmission Control Protocol',
  layer: 4,
  meaning: 'Carries a stream of octets each way between two ports: in order, whole, no faster than the peer reads.',
};

const STATUS = '0 bad, 1 good, 2 not verified.';
const COMPLETENESS = 'Sum of what was seen: 1 SYN, 2 SYN-ACK, 4 ACK, 8 data, 16 FIN, 32 RST.';

export const TCP_FIELDS = fieldTable(4, 'tcp', {
  srcport: ['unsigned', 'Source Port', 'The port of the sender.'],
  dstport: ['unsigned', 'Destination Port', 'The port the segment is for.'],
  port: ['unsigned', 'Source or Destination Port', 'Either port: either matches.'],
  stream: ['unsigned', 'Stream index', 'Which connection of the capture, from 0.'],
  completeness: ['unsigned', 'Conversation completeness', COMPLETENESS],
  len: ['unsigned', 'TCP Segment Len', 'Octets of data in the segment.'],
  seq: ['unsigned', 'Sequence Number', 'The place of the first octet, counted from the connection’s start.'],
  seq_raw: ['unsigned', 'Sequence Number (raw)', 'The sequence number as it stands in the header.'],
  nxtseq: ['unsigned', 'Next Sequence Number', 'The sequence number that follows this segment.'],
  ack: ['unsigned', 'Acknowledgment Number', 'The octet that the sender waits for, counted from the start.'],
  ack_raw: ['unsigned', 'Acknowledgment number (raw)', 'The acknowledgment number as it stands in the header.'],
  hdr_len: ['unsigned', 'Header Length', 'Octets of the header; 20 without options.'],
  flags: ['unsigned', 'Flags', 'The control bits.', 'hex4'],
  'flags.res': ['boolean', 'Reserved', 'Bits that have no meaning yet.'],
  'flags.ae': ['boolean', 'Accurate ECN', 'Part of the accurate ECN feedback.'],
  'flags.cwr': ['boolean', 'Congestion Window Reduced', 'The sender slowed down after ECN feedback (RFC 3168).'],
  'flags.ece': ['boolean', 'ECN-Echo', 'A router on the way was congested (RFC 3168).'],
  'flags.urg': ['boolean', 'Urgent', 'The urgent pointer counts.'],
  'flags.ack': ['boolean', 'Acknowledgment', 'The acknowledgment number counts.'],
  'flags.push': ['boolean', 'Push', 'Hand the data to the application now.'],
  'flags.reset': ['boolean', 'Reset', 'The connection is over at once.'],
  'flags.syn': ['boolean', 'Syn', 'Synchronize: a connection begins, and this is its first sequence number.'],
  'flags.fin': ['boolean', 'Fin', 'The sender will send no more data.'],
  'flags.str': ['string', 'TCP Flags', 'The control bits as letters.'],
  window_size_value: ['unsigned', 'Window', 'The window as it stands in the header.'],
  window_size: ['unsigned', 'Calculated window size', 'Octets the sender has room for, scaled.'],
  window_size_scalefactor: ['signed', 'Window size scaling factor', '-1: not known; -2: no scaling is used.'],
  checksum: ['unsigned', 'Checksum', 'The Internet checksum over addresses, header and data.', 'hex4'],
  'checksum.status': ['unsigned', 'Checksum Status', `Whether the checksum is right: ${STATUS}`],
  checksum_calculated: ['unsigned', 'Calculated Checksum', 'What the checksum should be.', 'hex4'],
  urgent_pointer: ['unsigned', 'Urgent Pointer', 'Where the urgent data ends, after the sequence number.'],
  options: ['bytes', 'TCP Options', 'The octets of all options.'],
  time_relative: ['time', 'Time since first frame in this TCP stream', 'Since the connection’s first segment.'],
  time_delta: ['time', 'Time since previous frame in this TCP stream', 'Since the segment before it.'],
  payload: ['bytes', 'TCP payload', 'The data of the segment.'],
  reset_cause: ['string', 'Reset cause', 'What a reset says in words (RFC 9293 section 3.5.3 allows it).'],
  'connection.syn': ['none', 'Connection establish request (SYN)', 'A client asks for a connection.'],
  'connection.synack': ['none', 'Connection establish acknowledge (SYN+ACK)', 'A server accepts a connection.'],
  'connection.fin': ['none', 'Connection finish (FIN)', 'A side has sent its last octet.'],
  'connection.rst': ['none', 'Connection reset (RST)', 'A side breaks the connection off.'],
  'connection.fin_active': ['none', 'This frame initiates the connection closing', 'The first FIN.'],
  'connection.fin_passive': ['none', 'This frame undergoes the connection closing', 'The FIN that answers the first.'],
});

/** What is known of a segment besides its octets. */
export interface TcpSeen {
  readonly stream: number;
  readonly completeness: number;
  /** The numbers that count as 0 in each direction. */
  readonly baseSequence: number;
  readonly baseAcknowledgment: number;
  /** The sender's window scale: -1 not known, -2 not used. */
  readonly windowScale: number;
  readonly relativeNs: number;
  readonly deltaNs: number;
  readonly analysis: TcpAnalysis | null;
  /** Of a FIN: whether its side closed first. null: it is not said. */
  readonly closing: 'active' | 'passive' | null;
  /** Quoted in an ICMP error: sequence numbers are as they stand. */
  readonly quoted: boolean;
  /** Partial sum of the pseudo-header; null: the checksum is not verified. */
  readonly pseudo: number | null;
  readonly notes: StreamNotes;
}

/** The control bits, twelve of them: three reserved, AE, and the eight of the octet. */
function controlBits(bytes: Uint8Array, at: number): number {
  return u16(bytes, at + 12) & 0xfff;
}

const FLAG_NAMES: readonly (readonly [bit: number, name: string])[] = [
  [0x001, 'FIN'],
  [0x002, 'SYN'],
  [0x004, 'RST'],
  [0x008, 'PSH'],
  [0x010, 'ACK'],
  [0x020, 'URG'],
  [0x040, 'ECE'],
  [0x080, 'CWR'],
  [0x100, 'AE'],
];

/** `SYN, ACK`, or `<None>`. */
function flagNames(bits: number): string {
  if ((bits & 0xfff) === 0) return '<None>';
  const names = FLAG_NAMES.filter(([bit]) => (bits & bit) !== 0).map(([, name]) => name);
  if ((bits & 0xe00) !== 0) names.push('Reserved');
  return names.join(', ');
}

/** Twelve places, a letter for each bit that is set. */
function flagLetters(bits: number): string {
  let text = '';
  for (let place = 0; place < 12; place++) text += (bits & (0x800 >>> place)) !== 0 ? 'RRRACEUAPRSF'[place] : '·';
  return text;
}

function relative(number: number, base: number): number {
  return (number - base) >>> 0;
}

export function tcpText(bytes: Uint8Array, at: number, end: number, seen: TcpSeen | null): string {
  const shape = headerShape(bytes, at, end);
  let text = `Transmission Control Protocol, Src Port: ${sourcePortOf(bytes, at)}, Dst Port: ${destinationPortOf(bytes, at)}`;
  if (shape === null) return text;
  text += `, Seq: ${relative(sequenceOf(bytes, at), seen?.baseSequence ?? 0)}`;
  if (shape === 'bogus') return text;
  const acknowledgment = relative(acknowledgmentOf(bytes, at), seen?.baseAcknowledgment ?? 0);
  if (flagsOf(bytes, at) & ACK) text += `, Ack: ${acknowledgment}`;
  return seen?.quoted || shape === 'short' ? text : `${text}, Len: ${end - at - headerLengthOf(bytes, at)}`;
}

/** Octets that the segment takes of the sequence space: SYN or FIN counts as one (RFC 9293 section 3.4). */
function sequenceLength(flags: number, dataLength: number): number {
  return dataLength + (flags & (SYN | FIN) ? 1 : 0);
}

/** What can be made of a header: 'short': it ends too early; 'bogus': its data offset lies within it. */
export type HeaderShape = 'whole' | 'short' | 'bogus';

/** With fewer octets than these nothing but the ports is read. */
const LEAST_READABLE_BYTES = 16;

/** Null: there are so few octets that Wireshark reads the ports only. */
export function headerShape(bytes: Uint8Array, at: number, end: number): HeaderShape | null {
  if (end - at < LEAST_READABLE_BYTES) return null;
  const headerLength = headerLengthOf(bytes, at);
  if (headerLength < TCP_HEADER_BYTES) return 'bogus';
  return headerLength > end - at ? 'short' : 'whole';
}

/** Whether the checksum is wrong, as far as it is verified. */
function isChecksumBad(bytes: Uint8Array, at: number, end: number, pseudo: number | null): boolean {
  return pseudo !== null && finish(sum(bytes, at, end, pseudo)) !== 0;
}

/** The window in octets: the window of a SYN is never scaled (RFC 7323 section 2.2). */
function scaledWindow(bytes: Uint8Array, at: number, scale: number): number {
  const window = windowOf(bytes, at);
  return flagsOf(bytes, at) & SYN || scale < 0 ? window : window << scale;
}

/** The segment in bytes[at..end). A quotation may end after the sequence number (RFC 792). */
export function tcpFields(bytes: Uint8Array, at: number, end: number, seen: TcpSeen | null): Field[] {
  const T = TCP_FIELDS;
  const source = sourcePortOf(bytes, at);
  const destination = destinationPortOf(bytes, at);
  const shape = headerShape(bytes, at, end);
  const fields = [
    field(T.srcport, source, at, 2),
    field(T.dstport, destination, at + 2, 2),
    field(T.port, source, at, 2),
    field(T.port, destination, at + 2, 2),
  ];
  const quotes = seen === null || seen.quoted;
  if (shape === null) {
    if (quotes && end - at >= 8) fields.push(field(T.seq, sequenceOf(bytes, at), at + 4, 4));
    return fields;
  }
  if (seen) fields.push(field(T.stream, seen.stream, at, 0), field(T.completeness, seen.completeness, at, 0));
  fields.push(...numberFields(bytes, at, end, shape, seen));
  const headerLength = headerLengthOf(bytes, at);
  fields.push(bitField(T.hdr_len, headerLength, at + 12, 1, 0, 4, `${headerLength} bytes (${headerLength / 4})`));
  if (shape === 'bogus') return fields;
  fields.push(...flagFields(bytes, at, seen));
  fields.push(...windowFields(bytes, at, seen));
  if (end - at >= 18) fields.push(...checksumFields(bytes, at, end, seen?.pseudo ?? null));
  return end - at < TCP_HEADER_BYTES ? fields : [...fields, ...restFields(bytes, at, end, seen)];
}

/** What stands behind the checksum, and what is known besides the octets. */
function restFields(bytes: Uint8Array, at: number, end: number, seen: TcpSeen | null): Field[] {
  const T = TCP_FIELDS;
  const fields = [field(T.urgent_pointer, urgentPointerOf(bytes, at), at + 18, 2)];
  const headerLength = headerLengthOf(bytes, at);
  const optionsEnd = Math.min(end, at + headerLength);
  if (headerLength > TCP_HEADER_BYTES) {
    const start = at + TCP_HEADER_BYTES;
    fields.push(field(T.options, bytes.subarray(start, optionsEnd), start, optionsEnd - start));
    fields.push(...optionFields(bytes, at, optionsEnd, seen?.baseAcknowledgment ?? 0));
  }
  if (seen) {
    fields.push(field(T.time_relative, seen.relativeNs, at, 0), field(T.time_delta, seen.deltaNs, at, 0));
    if (seen.analysis) fields.push(...analysisFields(seen.analysis, at));
  }
  if (end > optionsEnd) {
    const data = bytes.subarray(optionsEnd, end);
    const reset = (flagsOf(bytes, at) & RST) !== 0;
    if (reset) fields.push(field(T.reset_cause, asciiText(data), optionsEnd, data.length));
    else if (!seen?.notes.closes) fields.push(field(T.payload, data, optionsEnd, data.length));
  }
  if (seen) fields.push(...streamFields(bytes, at, seen.notes));
  return fields;
}

function numberFields(bytes: Uint8Array, at: number, end: number, shape: HeaderShape, seen: TcpSeen | null): Field[] {
  const T = TCP_FIELDS;
  const sequence = sequenceOf(bytes, at);
  const acknowledgment = acknowledgmentOf(bytes, at);
  const flags = flagsOf(bytes, at);
  const shownAck = flags & ACK ? relative(acknowledgment, seen?.baseAcknowledgment ?? 0) : acknowledgment;
  const acks = [field(T.ack, shownAck, at + 8, 4), field(T.ack_raw, acknowledgment, at + 8, 4)];
  if (seen?.quoted) return [field(T.seq, sequence, at + 4, 4), ...acks];
  const length = end - at - headerLengthOf(bytes, at);
  const shown = relative(sequence, seen?.baseSequence ?? 0);
  const numbers = [field(T.seq, shown, at + 4, 4), field(T.seq_raw, sequence, at + 4, 4)];
  if (shape === 'short') return [...numbers, ...acks];
  if (shape === 'bogus') return [field(T.len, length, at, 0), ...numbers];
  const next = (shown + sequenceLength(flags, length)) >>> 0;
  return [field(T.len, length, at, 0), ...numbers, field(T.nxtseq, next, at, 0), ...acks];
}

function flagFields(bytes: Uint8Array, at: number, seen: TcpSeen | null): Field[] {
  const T = TCP_FIELDS;
  const bits = controlBits(bytes, at);
  const bit = (type: (typeof T)[keyof typeof T], mask: number, place: number, count = 1) =>
    bitField(type, (bits & mask) !== 0, at + 12, 2, place, count);
  const fields = [
    bitField(T.flags, bits, at + 12, 2, 4, 12, `0x${bits.toString(16).padStart(3, '0')} (${flagNames(bits)})`),
    bit(T['flags.res'], 0xe00, 4, 3),
    bit(T['flags.ae'], 0x100, 7),
    bit(T['flags.cwr'], 0x080, 8),
    bit(T['flags.ece'], 0x040, 9),
    bit(T['flags.urg'], 0x020, 10),
    bit(T['flags.ack'], 0x010, 11),
    bit(T['flags.push'], 0x008, 12),
    bit(T['flags.reset'], 0x004, 13),
    bit(T['flags.syn'], 0x002, 14),
    bit(T['flags.fin'], 0x001, 15),
    field(T['flags.str'], flagLetters(bits), at + 12, 2),
  ];
  if (bits & SYN) fields.push(field(bits & ACK ? T['connection.synack'] : T['connection.syn'], null, at, 0));
  if (bits & RST) fields.push(field(T['connection.rst'], null, at, 0));
  if (bits & FIN) {
    fields.push(field(T['connection.fin'], null, at, 0));
    if (seen?.closing === 'active') fields.push(field(T['connection.fin_active'], null, at, 0));
    if (seen?.closing === 'passive') fields.push(field(T['connection.fin_passive'], null, at, 0));
  }
  return fields;
}

function windowFields(bytes: Uint8Array, at: number, seen: TcpSeen | null): Field[] {
  const T = TCP_FIELDS;
  const scale = seen?.windowScale ?? -1;
  const fields = [field(T.window_size_value, windowOf(bytes, at), at + 14, 2)];
  fields.push(field(T.window_size, scaledWindow(bytes, at, scale), at + 14, 2));
  if (seen && !(flagsOf(bytes, at) & SYN)) {
    const words = ['no window scaling used', 'unknown'][scale + 2];
    const factor = scale < 0 ? scale : 1 << scale;
    fields.push(field(T.window_size_scalefactor, factor, at + 14, 2, words && `${factor} (${words})`));
  }
  return fields;
}

function checksumFields(bytes: Uint8Array, at: number, end: number, pseudo: number | null): Field[] {
  const T = TCP_FIELDS;
  const written = checksumOf(bytes, at);
  const fields = [field(T.checksum, written, at + 16, 2)];
  if (pseudo === null) return [...fields, field(T['checksum.status'], 2, at + 16, 0)];
  const partial = sum(bytes, at, end, pseudo);
  const good = finish(partial) === 0;
  fields.push(field(T['checksum.status'], good ? 1 : 0, at + 16, 0));
  fields.push(field(T.checksum_calculated, good ? written : finish(partial - written), at + 16, 0));
  return fields;
}

/** `40000 → 80 [SYN] Seq=0 Win=64240 Len=0 MSS=1460`. */
export function tcpInfo(bytes: Uint8Array, at: number, end: number, seen: TcpSeen): string {
  const headerLength = headerLengthOf(bytes, at);
  const bits = controlBits(bytes, at);
  let text = `${sourcePortOf(bytes, at)} → ${destinationPortOf(bytes, at)} [${flagNames(bits)}]`;
  text += ` Seq=${relative(sequenceOf(bytes, at), seen.baseSequence)}`;
  if (bits & ACK) text += ` Ack=${relative(acknowledgmentOf(bytes, at), seen.baseAcknowledgment)}`;
  text += ` Win=${scaledWindow(bytes, at, seen.windowScale)}`;
  const shape = headerShape(bytes, at, end);
  if (shape === 'bogus')
    return `${text}, bogus TCP header length (${headerLength}, must be at least ${TCP_HEADER_BYTES})`;
  if (isChecksumBad(bytes, at, end, seen.pseudo)) text += ' [TCP CHECKSUM INCORRECT]';
  if (shape === 'short') return text;
  if (bits & URG) text += ` Urg=${urgentPointerOf(bytes, at)}`;
  text += ` Len=${end - at - headerLength}`;
  return text + optionInfo(bytes, at + TCP_HEADER_BYTES, at + headerLength, seen.baseAcknowledgment);
}
