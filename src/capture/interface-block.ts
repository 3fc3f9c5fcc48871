/** Interface description blocks: what the packets of an interface are and how its clock counts. */

import { i64 } from '../wire/byte-order.ts';
import type { CaptureInterface } from './captured-frame.ts';
import type { Progress } from './format.ts';
import { optionText, walkOptions } from './options.ts';
import type { Block } from './pcapng.ts';
import { CaptureRefusal } from './problem.ts';
import { type Clock, clockOf } from './resolution.ts';

export interface Described {
  readonly shown: CaptureInterface;
  readonly clock: Clock;
}

const OPTION = { name: 2, description: 3, resolution: 9, fcsLength: 13, timeOffset: 14 } as const;
const MICROSECONDS = 6;

export function readInterface(block: Block, section: number, id: number, { problems }: Progress): Described {
  const { order, bytes, at, end, offset } = block;
  if (end - at < 8) throw new CaptureRefusal('PW1005', offset, 'this interface description is shorter than 20 octets');
  let name: string | null = null;
  let description: string | null = null;
  let fcsBytes: number | null = null;
  let resolution = MICROSECONDS;
  let offsetSeconds = 0n;
  const isWhole = walkOptions(order, bytes, at + 8, end, (option) => {
    if (option.code === OPTION.name) name = optionText(bytes, option);
    else if (option.code === OPTION.description) description = optionText(bytes, option);
    else if (option.code === OPTION.resolution && option.length >= 1) resolution = bytes[option.at] as number;
    else if (option.code === OPTION.fcsLength && option.length >= 1) fcsBytes = fcsOctets(bytes[option.at] as number);
    else if (option.code === OPTION.timeOffset && option.length >= 8) offsetSeconds = i64(order, bytes, option.at);
  });
  if (!isWhole) problems.warn('PW1103', offset, 'an option of this interface reaches past the end of its block');
  const clock = clockOf(resolution, offsetSeconds);
  if (!clock)
    throw new CaptureRefusal('PW1007', offset, `a time resolution of ${resolutionText(resolution)} is not read`);
  const [linkType, snapLength] = [order.u16(bytes, at), order.u32(bytes, at + 4)];
  return { shown: { section, id, linkType, snapLength, name, description, fcsBytes }, clock };
}

/** The draft counts bits and shows octets in its example; 4 and 32 are both in use and mean the same. */
function fcsOctets(length: number): number {
  return length > 8 ? length >>> 3 : length;
}

function resolutionText(resolution: number): string {
  return `${resolution & 0x80 ? 2 : 10}^-${resolution & 0x7f} s`;
}
