/** Frames of a capture file as the dissector takes them. */

import type { ReadFrame } from '../layers/codecs.ts';
import type { CapturedFrame } from './captured-frame.ts';

/**
 * `epochNs`: what the dissector was told that times count from, best the time of the first frame: times are exact to
 * the ns for 104 days around it. A frame without a time is at the epoch.
 */
export function readFrameOf(frame: CapturedFrame, epochNs: bigint): ReadFrame {
  const { number, bytes, timeNs, originalLength, direction, comments, fcsBytes } = frame;
  const { id, linkType, name } = frame.interface;
  return {
    number,
    bytes,
    atNs: timeNs === null ? 0 : Number(timeNs - epochNs),
    fcs: fcsBytes === null ? null : fcsBytes === FCS_BYTES,
    linkType,
    originalLength,
    // Wireshark's word for an interface without a name.
    ...(id === null ? {} : { interfaceId: id, interfaceName: name ?? 'unknown' }),
    ...(direction === null ? {} : { direction }),
    comment: comments.length === 0 ? null : comments.join('\n'),
  };
}

/** Ethernet's frame check sequence is a CRC-32. */
const FCS_BYTES = 4;
