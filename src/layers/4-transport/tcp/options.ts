/**
 * TCP options (RFC 9293 section 3.2; window scale and timestamps RFC 7323; SACK RFC 2018).
 *
 * MUST-6: unknown options are skipped by their length. MUST-7: "a TCP implementation MUST be prepared to handle an
 * illegal option length (e.g., zero)": reading stops there and what was read before counts.
 */

import { u8, u16, u32 } from '../../../wire/reader.ts';
import { putU8, putU16, putU32 } from '../../../wire/writer.ts';

export const OPTION = { end: 0, nop: 1, mss: 2, windowScale: 3, sackPermitted: 4, sack: 5, timestamps: 8 } as const;

/** One option as it stands: kind, offset of its kind octet, and length with kind and length octets. */
export interface RawOption {
  readonly kind: number;
  readonly at: number;
  readonly length: number;
}

/** Walks the options in bytes[start..end). `bad` is the offset of an illegal length, where the walk stopped, or -1. */
export function walkOptions(
  bytes: Uint8Array,
  start: number,
  end: number,
): { readonly options: RawOption[]; readonly bad: number } {
  const options: RawOption[] = [];
  let at = start;
  while (at < end) {
    const kind = u8(bytes, at);
    if (kind === OPTION.end) {
      options.push({ kind, at, length: 1 });
      break;
    }
    if (kind === OPTION.nop) {
      options.push({ kind, at, length: 1 });
      at += 1;
      continue;
    }
    const length = at + 1 < end ? u8(bytes, at + 1) : 0;
    if (length < 2 || at + length > end) return { options, bad: at };
    options.push({ kind, at, length });
    at += length;
  }
  return { options, bad: -1 };
}

/** What a SYN offers. null: the option is not there. */
export interface SynOptions {
  readonly mss: number | null;
  readonly windowScale: number | null;
  readonly sackPermitted: boolean;
  readonly timestamps: { readonly value: number; readonly echo: number } | null;
}

export function readSynOptions(bytes: Uint8Array, start: number, end: number): SynOptions {
  let mss: number | null = null;
  let windowScale: number | null = null;
  let sackPermitted = false;
  let timestamps: SynOptions['timestamps'] = null;
  for (const { kind, at, length } of walkOptions(bytes, start, end).options) {
    if (kind === OPTION.mss && length === 4) mss = u16(bytes, at + 2);
    else if (kind === OPTION.windowScale && length === 3) windowScale = u8(bytes, at + 2);
    else if (kind === OPTION.sackPermitted && length === 2) sackPermitted = true;
    else if (kind === OPTION.timestamps && length === 10) {
      timestamps = { value: u32(bytes, at + 2), echo: u32(bytes, at + 6) };
    }
  }
  return { mss, windowScale, sackPermitted, timestamps };
}

export const TIMESTAMPS_BYTES = 12;
/** RFC 2018 section 3: 40 octets of options hold four blocks, three beside timestamps. */
export const GREATEST_SACK_BLOCKS = 4;
/** RFC 7323 section 2.3: "If a Window Scale option is received with a shift.cnt value larger than 14", 14 is used. */
export const GREATEST_SHIFT = 14;

/** What the options of a segment of a connection say that is up. One object is read into again for each segment. */
export class SegmentOptions {
  hasTimestamps = false;
  /** Signed, as sequence numbers are. */
  tsVal = 0;
  tsEcr = 0;
  /** How many SACK blocks there are; block n is [edges[2n], edges[2n + 1]), in sequence numbers. */
  blocks = 0;
  readonly edges = new Float64Array(2 * GREATEST_SACK_BLOCKS);

  read(bytes: Uint8Array, start: number, end: number): void {
    this.hasTimestamps = false;
    this.blocks = 0;
    let at = start;
    while (at < end) {
      const kind = u8(bytes, at);
      if (kind === OPTION.end) return;
      if (kind === OPTION.nop) {
        at++;
        continue;
      }
      const length = at + 1 < end ? u8(bytes, at + 1) : 0;
      if (length < 2 || at + length > end) return;
      if (kind === OPTION.timestamps && length === 10) {
        this.hasTimestamps = true;
        this.tsVal = u32(bytes, at + 2) | 0;
        this.tsEcr = u32(bytes, at + 6) | 0;
      } else if (kind === OPTION.sack && length % 8 === 2) this.#readBlocks(bytes, at + 2, (length - 2) / 8);
      at += length;
    }
  }

  #readBlocks(bytes: Uint8Array, at: number, count: number): void {
    this.blocks = Math.min(count, GREATEST_SACK_BLOCKS);
    for (let edge = 0; edge < 2 * this.blocks; edge++) this.edges[edge] = u32(bytes, at + 4 * edge);
  }
}

/** How many octets the options of a SYN take, a multiple of 4. */
export function synOptionBytes({ mss, sackPermitted, timestamps, windowScale }: SynOptions): number {
  const middle = timestamps ? TIMESTAMPS_BYTES : sackPermitted ? 4 : 0;
  return (mss === null ? 0 : 4) + middle + (windowScale === null ? 0 : 4);
}

/** Two options' worth of padding, or SACK permitted. */
const TWO_NOPS = (OPTION.nop << 8) | OPTION.nop;
const SACK_PERMITTED = (OPTION.sackPermitted << 8) | 2;

/** Writes them in the order that Linux has: MSS, SACK permitted, timestamps, window scale. Returns where they end. */
export function writeSynOptions(bytes: Uint8Array, start: number, options: SynOptions): number {
  const { mss, sackPermitted, timestamps, windowScale } = options;
  let at = start;
  if (mss !== null) at = put4(bytes, at, (OPTION.mss << 8) | 4, mss);
  if (timestamps) {
    putU16(bytes, at, sackPermitted ? SACK_PERMITTED : TWO_NOPS);
    putTimestamps(bytes, at + 2, timestamps.value, timestamps.echo);
    at += TIMESTAMPS_BYTES;
  } else if (sackPermitted) at = put4(bytes, at, TWO_NOPS, SACK_PERMITTED);
  if (windowScale !== null) at = put4(bytes, at, (OPTION.nop << 8) | OPTION.windowScale, (3 << 8) | windowScale);
  return at;
}

function put4(bytes: Uint8Array, at: number, high: number, low: number): number {
  putU16(bytes, at, high);
  putU16(bytes, at + 2, low);
  return at + 4;
}

/** NOP, NOP and timestamps: RFC 7323 appendix A. */
export function writeTimestamps(bytes: Uint8Array, at: number, value: number, echo: number): void {
  putU8(bytes, at, OPTION.nop);
  putU8(bytes, at + 1, OPTION.nop);
  putTimestamps(bytes, at + 2, value, echo);
}

function putTimestamps(bytes: Uint8Array, at: number, value: number, echo: number): void {
  putU8(bytes, at, OPTION.timestamps);
  putU8(bytes, at + 1, 10);
  putU32(bytes, at + 2, value);
  putU32(bytes, at + 6, echo);
}

/** Octets that a SACK option of so many blocks takes, with two NOPs in front. */
export function sackBytes(blocks: number): number {
  return blocks === 0 ? 0 : 4 + 8 * blocks;
}

/** The head of a SACK option; its blocks follow at `at + 4`, as pairs of sequence numbers. */
export function writeSackHead(bytes: Uint8Array, at: number, blocks: number): void {
  putU8(bytes, at, OPTION.nop);
  putU8(bytes, at + 1, OPTION.nop);
  putU8(bytes, at + 2, OPTION.sack);
  putU8(bytes, at + 3, 2 + 8 * blocks);
}
