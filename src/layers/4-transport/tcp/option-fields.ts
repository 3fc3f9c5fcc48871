/** TCP options as Wireshark shows them (RFC 9293 section 3.2, RFC 7323, RFC 2018). */

import { u8, u16, u32 } from '../../../wire/reader.ts';
import { field, fieldTable } from '../../dissect/field-table.ts';
import type { Field } from '../../field.ts';
import { ACK, acknowledgmentOf, flagsOf, TCP_HEADER_BYTES } from './header.ts';
import { OPTION, type RawOption, walkOptions } from './options.ts';

const SACK_BLOCK_BYTES = 8;

export const TCP_OPTION_FIELDS = fieldTable(4, 'tcp', {
  option_kind: ['unsigned', 'Kind', 'Which option it is.'],
  option_len: ['unsigned', 'Length', 'Octets of the option, kind and length included.'],
  'options.nop': ['bytes', 'TCP Option - No-Operation (NOP)', 'Fills up to a boundary.'],
  'options.eol': ['bytes', 'TCP Option - End of Option List (EOL)', 'No option follows.'],
  'options.mss': ['bytes', 'TCP Option - Maximum segment size', 'The greatest segment the sender takes.'],
  'options.mss_val': ['unsigned', 'MSS Value', 'Octets of data in the greatest segment.'],
  'options.wscale': ['bytes', 'TCP Option - Window scale', 'By how much the sender’s windows are scaled.'],
  'options.wscale.shift': ['unsigned', 'Shift count', 'Windows are shifted left by this many bits.'],
  'options.wscale.multiplier': ['unsigned', 'Multiplier', 'Windows are multiplied by this.'],
  'options.sack_perm': ['bytes', 'TCP Option - SACK permitted', 'Selective acknowledgments may be sent.'],
  'options.sack': ['bytes', 'TCP Option - SACK', 'Blocks that arrived out of order.'],
  'options.sack_le': ['unsigned', 'TCP SACK Left Edge', 'The first octet of a block.'],
  'options.sack_re': ['unsigned', 'TCP SACK Right Edge', 'The octet after a block.'],
  'options.sack.count': ['unsigned', 'TCP SACK Count', 'How many blocks.'],
  'options.sack.dsack_le': ['unsigned', 'TCP D-SACK Left Edge', 'The first octet of what arrived twice (RFC 2883).'],
  'options.sack.dsack_re': ['unsigned', 'TCP D-SACK Right Edge', 'The octet after what arrived twice.'],
  'options.sack.dsack': ['none', 'D-SACK Sequence', 'The first block reports what arrived twice (RFC 2883).'],
  'options.timestamp': ['bytes', 'TCP Option - Timestamps', 'Times of the sender’s and the peer’s clock.'],
  'options.timestamp.tsval': ['unsigned', 'Timestamp value', 'The sender’s clock.'],
  'options.timestamp.tsecr': ['unsigned', 'Timestamp echo reply', 'The peer’s clock, sent back.'],
  'options.unknown': ['bytes', 'TCP Option - Unknown', 'An option that is not known.'],
});

/** What a SACK option is read against: numbers of the peer's stream. */
interface SackFrame {
  /** The number that counts as 0. */
  readonly base: number;
  /** As it is shown: counted from `base`, or as it stands where the ACK bit is not set. */
  readonly acknowledgment: number;
}

/** The options of the header at `at`, which ends at `end`; `base` is where the peer's stream starts to count. */
export function optionFields(bytes: Uint8Array, at: number, end: number, base: number): Field[] {
  const { options } = walkOptions(bytes, at + TCP_HEADER_BYTES, end);
  const acknowledgment = acknowledgmentOf(bytes, at);
  const frame = { base, acknowledgment: flagsOf(bytes, at) & ACK ? (acknowledgment - base) >>> 0 : acknowledgment };
  return options.flatMap((option) => oneOption(bytes, option, frame));
}

function oneOption(bytes: Uint8Array, option: RawOption, frame: SackFrame): Field[] {
  const T = TCP_OPTION_FIELDS;
  const { kind, at, length } = option;
  const whole = (type: (typeof T)[keyof typeof T]) => field(type, bytes.subarray(at, at + length), at, length);
  const kindField = field(T.option_kind, kind, at, 1);
  if (kind === OPTION.nop) return [whole(T['options.nop']), kindField];
  if (kind === OPTION.end) return [whole(T['options.eol']), kindField];
  const head = [kindField, field(T.option_len, length, at + 1, 1)];
  if (kind === OPTION.mss && length === 4) {
    return [whole(T['options.mss']), ...head, field(T['options.mss_val'], u16(bytes, at + 2), at + 2, 2)];
  }
  if (kind === OPTION.windowScale && length === 3) {
    const shift = u8(bytes, at + 2);
    const multiplier = field(T['options.wscale.multiplier'], 1 << shift, at + 2, 1);
    return [whole(T['options.wscale']), ...head, field(T['options.wscale.shift'], shift, at + 2, 1), multiplier];
  }
  if (kind === OPTION.sackPermitted && length === 2) return [whole(T['options.sack_perm']), ...head];
  if (kind === OPTION.sack) return [whole(T['options.sack']), ...head, ...sackFields(bytes, option, frame)];
  if (kind === OPTION.timestamps && length === 10) {
    return [
      whole(T['options.timestamp']),
      ...head,
      field(T['options.timestamp.tsval'], u32(bytes, at + 2), at + 2, 4),
      field(T['options.timestamp.tsecr'], u32(bytes, at + 6), at + 6, 4),
    ];
  }
  return [whole(T['options.unknown']), ...head];
}

function sackFields(bytes: Uint8Array, option: RawOption, { base, acknowledgment }: SackFrame): Field[] {
  const T = TCP_OPTION_FIELDS;
  const fields: Field[] = [];
  const first = option.at + 2;
  const count = Math.floor((option.length - 2) / SACK_BLOCK_BYTES);
  const edge = (at: number) => (u32(bytes, at) - base) >>> 0;
  for (let at = first; at < first + count * SACK_BLOCK_BYTES; at += SACK_BLOCK_BYTES) {
    fields.push(field(T['options.sack_le'], edge(at), at, 4), field(T['options.sack_re'], edge(at + 4), at + 4, 4));
  }
  fields.push(field(T['options.sack.count'], count, option.at + 1, 0));
  if (count < 1 || !reportsDuplicate(edge, first, count, acknowledgment)) return fields;
  return [
    ...fields,
    field(T['options.sack.dsack_le'], edge(first), first, 4),
    field(T['options.sack.dsack_re'], edge(first + 4), first + 4, 4),
    field(T['options.sack.dsack'], null, first, 0),
  ];
}

/** RFC 2883 section 4: the first block lies below the acknowledgment, or within the second block. */
function reportsDuplicate(edge: (at: number) => number, first: number, count: number, acknowledgment: number): boolean {
  const right = edge(first + 4);
  if (ahead(right, acknowledgment) <= 0) return true;
  return count > 1 && ahead(right, edge(first + 8)) > 0 && ahead(right, edge(first + 12)) <= 0;
}

function ahead(a: number, b: number): number {
  return (a - b) | 0;
}

/** Wireshark does not take the fourth block of a SACK option off the bytes in flight. */
const BLOCKS_LOOKED_AT = 3;

/** Octets in the first blocks of a SACK option of the header at `at`, as Wireshark sums them up; 0 without one. */
export function sackedBytes(bytes: Uint8Array, at: number, end: number): number {
  let sacked = 0;
  for (const { kind, at: option, length } of walkOptions(bytes, at + TCP_HEADER_BYTES, end).options) {
    if (kind !== OPTION.sack) continue;
    const last = option + Math.min(length, 2 + BLOCKS_LOOKED_AT * SACK_BLOCK_BYTES);
    for (let block = option + 2; block + SACK_BLOCK_BYTES <= last; block += SACK_BLOCK_BYTES) {
      sacked += (u32(bytes, block + 4) - u32(bytes, block)) >>> 0;
    }
  }
  return sacked;
}

/** The options as the info column lists them, each with a space before it. */
export function optionInfo(bytes: Uint8Array, start: number, end: number, baseAcknowledgment: number): string {
  let text = '';
  for (const { kind, at, length } of walkOptions(bytes, start, end).options) {
    if (kind === OPTION.mss && length === 4) text += ` MSS=${u16(bytes, at + 2)}`;
    else if (kind === OPTION.windowScale && length === 3) text += ` WS=${1 << u8(bytes, at + 2)}`;
    else if (kind === OPTION.sackPermitted && length === 2) text += ' SACK_PERM';
    else if (kind === OPTION.timestamps && length === 10) {
      text += ` TSval=${u32(bytes, at + 2)} TSecr=${u32(bytes, at + 6)}`;
    } else if (kind === OPTION.sack) {
      for (let edge = at + 2; edge + 8 <= at + length; edge += 8) {
        text += ` SLE=${(u32(bytes, edge) - baseAcknowledgment) >>> 0}`;
        text += ` SRE=${(u32(bytes, edge + 4) - baseAcknowledgment) >>> 0}`;
      }
    }
  }
  return text;
}
