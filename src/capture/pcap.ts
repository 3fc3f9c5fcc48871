/**
 * Classic pcap files (draft-ietf-opsawg-pcap): a header of 24 octets, then records. Four magic numbers tell byte order
 * and resolution; a fifth, of Linux 2.4's time, has longer record headers.
 */

import { BIG, type ByteOrder, LITTLE } from '../wire/byte-order.ts';
import type { ByteWindow } from './byte-window.ts';
import type { CapturedFrame, CaptureInterface } from './captured-frame.ts';
import { type Format, type Progress, passFrame, type Step } from './format.ts';
import { MAX_FRAME_BYTES } from './limits.ts';
import { linkTypeName, linkTypesRead } from './link-type.ts';
import { CaptureRefusal } from './problem.ts';

export const PCAP_HEADER_BYTES = 24;
/** Seconds, parts of a second, octets captured, octets on the wire. */
const RECORD_HEADER_BYTES = 16;
/** The modified format has the interface, the protocol and the packet's type besides. */
const MODIFIED_RECORD_HEADER_BYTES = 24;

const MAGIC = { microseconds: 0xa1b2c3d4, nanoseconds: 0xa1b23c4d, modified: 0xa1b2cd34 } as const;
/** In the word of the link type: the length of the FCS is known, and stands in the uppermost four bits. */
const FCS_KNOWN = 0x0400_0000;

interface Dialect {
  readonly order: ByteOrder;
  /** ns of one unit of the second word of a time. */
  readonly unitNs: 1 | 1000;
  readonly recordHeaderBytes: number;
}

function dialectOf(bytes: Uint8Array, at: number): Dialect | null {
  for (const order of [LITTLE, BIG]) {
    switch (order.u32(bytes, at)) {
      case MAGIC.microseconds:
        return { order, unitNs: 1000, recordHeaderBytes: RECORD_HEADER_BYTES };
      case MAGIC.nanoseconds:
        return { order, unitNs: 1, recordHeaderBytes: RECORD_HEADER_BYTES };
      case MAGIC.modified:
        return { order, unitNs: 1000, recordHeaderBytes: MODIFIED_RECORD_HEADER_BYTES };
    }
  }
  return null;
}

export function isPcap(bytes: Uint8Array, at: number): boolean {
  return dialectOf(bytes, at) !== null;
}

/** Reads the file header and steps over it; the window holds all 24 octets of it, and `isPcap`. */
export function openPcap(window: ByteWindow, progress: Progress): Format {
  const { bytes, at } = window;
  const dialect = dialectOf(bytes, at);
  if (!dialect) throw new Error('openPcap without the magic number of pcap');
  const described = readHeader(bytes, at, dialect.order);
  window.skip(PCAP_HEADER_BYTES);
  return {
    name: 'pcap',
    part: 'record',
    skippingFrom: () => null,
    next: (from) => nextRecord(from, dialect, described, progress),
  };
}

function readHeader(bytes: Uint8Array, at: number, { u16, u32 }: ByteOrder): CaptureInterface {
  const [major, minor] = [u16(bytes, at + 4), u16(bytes, at + 6)];
  if (major !== 2 || minor !== 4) {
    throw new CaptureRefusal('PW1002', 4, `pcap version ${major}.${minor} is not read, only 2.4`);
  }
  const word = u32(bytes, at + 20);
  const linkType = word & 0xffff;
  // Between the link type and the bits of the FCS there are reserved bits.
  if (word & 0x03ff_0000 || linkTypeName(linkType) === null) {
    throw new CaptureRefusal('PW1003', 20, linkTypeMessage(word & 0x03ff_ffff));
  }
  const fcsBytes = word & FCS_KNOWN ? (word >>> 28) * 2 : null;
  const snapLength = u32(bytes, at + 16);
  return { section: 1, id: null, linkType, snapLength, name: null, description: null, fcsBytes };
}

export function linkTypeMessage(linkType: number): string {
  return `link type ${linkType} is not read; known are ${linkTypesRead()}`;
}

function nextRecord(window: ByteWindow, dialect: Dialect, described: CaptureInterface, progress: Progress): Step {
  const { order, recordHeaderBytes } = dialect;
  if (!window.has(recordHeaderBytes)) return 'more';
  const { bytes, at, offset } = window;
  const captured = order.u32(bytes, at + 8);
  const original = order.u32(bytes, at + 12);
  checkLengths(captured, original, described.snapLength, offset + 8);
  if (!window.has(recordHeaderBytes + captured)) return 'more';
  const start = at + recordHeaderBytes;
  const frame: CapturedFrame = {
    number: progress.frames + 1,
    offset,
    timeNs: timeOf(bytes, at, dialect, offset, progress),
    interface: described,
    bytes: bytes.subarray(start, start + captured),
    originalLength: original,
    direction: null,
    comments: NO_COMMENTS,
    fcsBytes: described.fcsBytes,
  };
  window.skip(recordHeaderBytes + captured);
  return passFrame(progress, frame);
}

export const NO_COMMENTS: readonly string[] = Object.freeze([]);

function checkLengths(captured: number, original: number, snapLength: number, offset: number): void {
  const refuse = (why: string) => {
    throw new CaptureRefusal('PW1005', offset, `a record of ${captured} octets: ${why}`);
  };
  if (captured > MAX_FRAME_BYTES) refuse(`more than ${MAX_FRAME_BYTES} are not read`);
  if (captured > original) refuse(`there were only ${original} on the wire`);
  if (snapLength !== 0 && captured > snapLength) refuse(`the file says that it keeps ${snapLength} of each frame`);
}

/** Seconds are unsigned: they last until 2106. */
function timeOf(bytes: Uint8Array, at: number, dialect: Dialect, offset: number, progress: Progress): bigint {
  const { order, unitNs } = dialect;
  const partNs = order.u32(bytes, at + 4) * unitNs;
  if (partNs >= 1_000_000_000) {
    const message = `frame ${progress.frames + 1} has ${partNs} ns as a part of a second`;
    progress.problems.warn('PW1101', offset + 4, message);
  }
  return BigInt(order.u32(bytes, at)) * 1_000_000_000n + BigInt(partNs);
}
