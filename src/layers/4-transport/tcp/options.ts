/**
 * TCP options (RFC 9293 section 3.2; window scale and timestamps RFC 7323; SACK RFC 2018).
 *
 * MUST-6: unknown options are skipped by their length. MUST-7: "a TCP implementation MUST be prepared to handle an
 * illegal option length (e.g., zero)": reading stops there and what was read before counts.
 */

import { u8, u16, u32 } from '../../../wire/reader.ts';
import { putU8, putU16 } from '../../../wire/writer.ts';

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

export const MSS_OPTION_BYTES = 4;

export function writeMss(bytes: Uint8Array, at: number, mss: number): void {
  putU8(bytes, at, OPTION.mss);
  putU8(bytes, at + 1, MSS_OPTION_BYTES);
  putU16(bytes, at + 2, mss);
}
