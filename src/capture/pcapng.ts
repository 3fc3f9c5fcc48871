/**
 * pcapng files (draft-ietf-opsawg-pcapng): sections, each in its own byte order, of blocks; what is no packet and no
 * interface is stepped over and counted.
 */

import { BIG, type ByteOrder, LITTLE } from '../wire/byte-order.ts';
import type { ByteWindow } from './byte-window.ts';
import type { CapturedFrame } from './captured-frame.ts';
import { type Format, type Progress, passFrame, type Step } from './format.ts';
import { type Described, readInterface } from './interface-block.ts';
import { MAX_BLOCK_BYTES, MAX_CAPTURED_INTERFACES } from './limits.ts';
import { readPacket } from './packet-block.ts';
import { CaptureRefusal } from './problem.ts';

/** Type, length, and the length again at the end. */
const LEAST_BLOCK_BYTES = 12;
const SECTION = 0x0a0d0d0a;
const BYTE_ORDER_MAGIC = 0x1a2b3c4d;
const INTERFACE = 1;
const PACKETS: ReadonlySet<number> = new Set([2, 3, 6]);

/** Blocks that are stepped over, by what they are called in the summary. */
const SKIPPED: ReadonlyMap<number, string> = new Map([
  [4, 'name resolution'],
  [5, 'interface statistics'],
  [9, 'systemd journal'],
  [10, 'decryption secrets'],
  [0x0bad, 'custom'],
  [0x40000bad, 'custom'],
]);

interface PcapngState {
  section: number;
  order: ByteOrder;
  /** Of the current section. */
  interfaces: Described[];
  /** Of all sections. */
  interfaceCount: number;
  readonly skipped: Map<string, number>;
  /** A block that is being stepped over: its length stands again at its end. */
  pending: { readonly offset: number; readonly length: number } | null;
}

export function isPcapng(bytes: Uint8Array, at: number): boolean {
  // The type of a section header is the same in both byte orders.
  return BIG.u32(bytes, at) === SECTION;
}

export function openPcapng(progress: Progress, skipped: Map<string, number>): Format {
  const state: PcapngState = { section: 0, order: BIG, interfaces: [], interfaceCount: 0, skipped, pending: null };
  return {
    name: 'pcapng',
    part: 'block',
    skippingFrom: () => state.pending?.offset ?? null,
    next: (window) => nextBlock(window, state, progress),
  };
}

function nextBlock(window: ByteWindow, state: PcapngState, progress: Progress): Step {
  if (state.pending) return endSkipped(window, state, state.pending);
  if (!window.has(LEAST_BLOCK_BYTES)) return 'more';
  const { bytes, at, offset } = window;
  if (isPcapng(bytes, at)) beginSection(bytes, at, offset, state);
  const { order } = state;
  const type = order.u32(bytes, at);
  const length = order.u32(bytes, at + 4);
  if (length < LEAST_BLOCK_BYTES || length % 4 !== 0) {
    throw new CaptureRefusal(
      'PW1005',
      offset + 4,
      `a block of ${length} octets: blocks have a multiple of 4, at least 12`,
    );
  }
  if (type !== SECTION && type !== INTERFACE && !PACKETS.has(type)) return skipBlock(window, state, type, length);
  if (length > MAX_BLOCK_BYTES) {
    throw new CaptureRefusal(
      'PW1005',
      offset + 4,
      `a block of ${length} octets: more than ${MAX_BLOCK_BYTES} are not read`,
    );
  }
  if (!window.has(length)) return 'more';
  checkTrailer(order.u32(window.bytes, window.at + length - 4), length, offset);
  const frame = readBlock(window, type, length, state, progress);
  window.skip(length);
  return frame ? passFrame(progress, frame) : 'again';
}

/** The byte order is that in which the magic number of the header is right. */
function beginSection(bytes: Uint8Array, at: number, offset: number, state: PcapngState): void {
  const order = [LITTLE, BIG].find(({ u32 }) => u32(bytes, at + 8) === BYTE_ORDER_MAGIC);
  if (!order) {
    const what = offset === 0 ? 'not a pcap or pcapng file' : 'this is no section of pcapng';
    throw new CaptureRefusal('PW1001', offset, `${what}: the section header has no byte-order magic`);
  }
  state.order = order;
}

function readBlock(
  window: ByteWindow,
  type: number,
  length: number,
  state: PcapngState,
  progress: Progress,
): CapturedFrame | null {
  const { bytes, at, offset } = window;
  const block = { order: state.order, bytes, at: at + 8, end: at + length - 4, offset };
  if (type === SECTION) readSection(block, state);
  else if (type === INTERFACE) addInterface(block, state, progress);
  else return readPacket(type, block, state.interfaces, progress);
  return null;
}

/** The inside of a block: bytes[at..end); `offset`: where the block begins in the file. */
export interface Block {
  readonly order: ByteOrder;
  readonly bytes: Uint8Array;
  readonly at: number;
  readonly end: number;
  readonly offset: number;
}

/** The section's length is not used: it may be unknown, and blocks tell their own. */
function readSection({ order, bytes, at, end, offset }: Block, state: PcapngState): void {
  if (end - at < 16) throw new CaptureRefusal('PW1005', offset, 'this section header is shorter than 28 octets');
  const [major, minor] = [order.u16(bytes, at + 4), order.u16(bytes, at + 6)];
  if (major !== 1 || (minor !== 0 && minor !== 2)) {
    throw new CaptureRefusal('PW1002', offset + 12, `pcapng version ${major}.${minor} is not read, only 1.0 and 1.2`);
  }
  state.section++;
  state.interfaces = [];
}

function addInterface(block: Block, state: PcapngState, progress: Progress): void {
  if (++state.interfaceCount > MAX_CAPTURED_INTERFACES) {
    throw new CaptureRefusal('PW1009', block.offset, `there are more than ${MAX_CAPTURED_INTERFACES} interfaces`);
  }
  state.interfaces.push(readInterface(block, state.section, state.interfaces.length, progress));
}

function skipBlock(window: ByteWindow, state: PcapngState, type: number, length: number): Step {
  const name = SKIPPED.get(type) ?? 'unknown';
  state.skipped.set(name, (state.skipped.get(name) ?? 0) + 1);
  state.pending = { offset: window.offset, length };
  window.skip(length - 4);
  return 'again';
}

function endSkipped(
  window: ByteWindow,
  state: PcapngState,
  { offset, length }: { offset: number; length: number },
): Step {
  if (!window.has(4)) return 'more';
  checkTrailer(state.order.u32(window.bytes, window.at), length, offset);
  window.skip(4);
  state.pending = null;
  return 'again';
}

function checkTrailer(trailer: number, length: number, offset: number): void {
  if (trailer === length) return;
  throw new CaptureRefusal('PW1006', offset, `the block begins with length ${length} and ends with ${trailer}`);
}
