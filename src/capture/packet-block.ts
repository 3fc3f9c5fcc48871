/** Packets of pcapng: enhanced packet blocks, simple ones, and the obsolete kind. */

import { u64Split } from '../wire/byte-order.ts';
import type { CapturedFrame } from './captured-frame.ts';
import type { Progress } from './format.ts';
import type { Described } from './interface-block.ts';
import { MAX_FRAME_BYTES } from './limits.ts';
import { linkTypeName } from './link-type.ts';
import { optionText, paddedTo4, walkOptions } from './options.ts';
import { linkTypeMessage, NO_COMMENTS } from './pcap.ts';
import type { Block } from './pcapng.ts';
import { CaptureRefusal } from './problem.ts';

const OBSOLETE = 2;
const SIMPLE = 3;
const OPTION = { comment: 1, flags: 2 } as const;

/** What stands before the octets of the packet, and where they begin. */
interface Head {
  readonly interfaceId: number;
  readonly ticks: bigint | null;
  readonly captured: number;
  readonly original: number;
  readonly start: number;
}

export function readPacket(
  type: number,
  block: Block,
  interfaces: readonly Described[],
  progress: Progress,
): CapturedFrame {
  const { bytes, end, offset } = block;
  const described = type === SIMPLE ? interfaces[0] : undefined;
  const head = type === SIMPLE ? simpleHead(block, described) : enhancedHead(block, type === OBSOLETE);
  const seenBy = interfaces[head.interfaceId];
  if (!seenBy) {
    const message = `a packet of interface ${head.interfaceId}: this section describes ${interfaces.length}`;
    throw new CaptureRefusal('PW1008', offset, message);
  }
  if (linkTypeName(seenBy.shown.linkType) === null) {
    throw new CaptureRefusal('PW1003', offset, linkTypeMessage(seenBy.shown.linkType));
  }
  const { start, captured, original } = head;
  const options = type === SIMPLE ? NO_OPTIONS : readOptions(block, start + paddedTo4(captured), progress);
  return {
    number: progress.frames + 1,
    offset,
    timeNs: head.ticks === null ? null : seenBy.clock(head.ticks),
    interface: seenBy.shown,
    bytes: bytes.subarray(start, Math.min(end, start + captured)),
    originalLength: original,
    direction: directionOf(options.flags),
    comments: options.comments,
    fcsBytes: fcsOf(options.flags) ?? seenBy.shown.fcsBytes,
  };
}

/** Interface, time, both lengths; the obsolete block counts drops behind a shorter interface number. */
function enhancedHead({ order, bytes, at, end, offset }: Block, isObsolete: boolean): Head {
  if (end - at < 20) throw new CaptureRefusal('PW1005', offset, 'this packet block is shorter than 32 octets');
  const head = {
    interfaceId: isObsolete ? order.u16(bytes, at) : order.u32(bytes, at),
    ticks: u64Split(order, bytes, at + 4),
    captured: order.u32(bytes, at + 12),
    original: order.u32(bytes, at + 16),
    start: at + 20,
  };
  checkLengths(head, end, offset);
  return head;
}

/** Only the length on the wire: what was captured is that, or the interface's limit. */
function simpleHead({ order, bytes, at, end, offset }: Block, described: Described | undefined): Head {
  if (end - at < 4) throw new CaptureRefusal('PW1005', offset, 'this simple packet block is shorter than 16 octets');
  const original = order.u32(bytes, at);
  const snapLength = described?.shown.snapLength ?? 0;
  const captured = snapLength === 0 ? original : Math.min(original, snapLength);
  const head = { interfaceId: 0, ticks: null, captured, original, start: at + 4 };
  checkLengths(head, end, offset);
  return head;
}

function checkLengths({ captured, original, start }: Head, end: number, offset: number): void {
  const refuse = (why: string) => {
    throw new CaptureRefusal('PW1005', offset, `a packet of ${captured} octets: ${why}`);
  };
  if (captured > MAX_FRAME_BYTES) refuse(`more than ${MAX_FRAME_BYTES} are not read`);
  if (captured > end - start) refuse(`its block has room for ${end - start}`);
  if (captured > original) refuse(`there were only ${original} on the wire`);
}

interface PacketOptions {
  readonly comments: readonly string[];
  readonly flags: number;
}

const NO_OPTIONS: PacketOptions = { comments: NO_COMMENTS, flags: 0 };

function readOptions({ order, bytes, end, offset }: Block, at: number, { problems }: Progress): PacketOptions {
  if (at >= end) return NO_OPTIONS;
  let comments: string[] | null = null;
  let flags = 0;
  const isWhole = walkOptions(order, bytes, at, end, (option) => {
    if (option.code === OPTION.comment) {
      comments ??= [];
      comments.push(optionText(bytes, option));
    } else if (option.code === OPTION.flags && option.length >= 4) flags = order.u32(bytes, option.at);
  });
  if (!isWhole) problems.warn('PW1103', offset, 'an option of this packet reaches past the end of its block');
  return { comments: comments ?? NO_COMMENTS, flags };
}

/** Bits 0 and 1: 01 inbound, 10 outbound. */
function directionOf(flags: number): CapturedFrame['direction'] {
  const direction = flags & 3;
  if (direction === 1) return 'inbound';
  return direction === 2 ? 'outbound' : null;
}

/** Bits 5 to 8: octets of the FCS, 0 where the block does not say. */
function fcsOf(flags: number): number | null {
  return (flags >>> 5) & 0xf || null;
}
