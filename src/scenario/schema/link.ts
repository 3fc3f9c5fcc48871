import * as z from 'zod';
import { LAST_VLAN, MAX_MTU_BYTES, MIN_MTU_BYTES } from '../limits.ts';
import { NAME_PATTERN, nameReader } from '../names.ts';
import { complaint, describe, type Reading } from '../quantity.ts';
import { clipped } from '../yaml-guard.ts';
import { count, duration, flag, leaf, percentage, positiveDuration, queue, rate, sizeWithin, text } from './leaf.ts';

const gilbert = z
  .strictObject({
    enter: percentage('Chance per frame to enter the bad state.'),
    leave: percentage('Chance per frame to leave the bad state.'),
    good: percentage('Loss in the good state. Default: 0%.').optional(),
    bad: percentage('Loss in the bad state. Default: 100%.').optional(),
  })
  .describe('Gilbert-Elliott: losses in bursts.');

const loss = z
  .union([percentage('Each frame by itself.'), z.strictObject({ gilbert })])
  .describe('Frames lost: a percentage, or { gilbert: { enter, leave, good, bad } }.');

/** netem's words, for a link, one of its directions, and `set`. */
const IMPAIRMENTS = {
  delay: duration('Propagation delay.').optional(),
  jitter: duration('Each delay is drawn evenly from delay ± jitter; frames may overtake each other.').optional(),
  rate: rate('Bits a second; left out: no serialization time.').optional(),
  loss: loss.optional(),
  duplicate: percentage('Frames that arrive twice.').optional(),
  reorder: percentage('Frames that skip the delay and so overtake.').optional(),
  corrupt: percentage('Frames that get one bit flipped.').optional(),
  queue: queue('What may wait for the transmitter: packets or octets. Default: 1000pkt.').optional(),
  aqm: z
    .enum(['tail-drop', 'red', 'codel'])
    .describe('What the queue does before it is full: nothing, RED, or CoDel (RFC 8289). Default: tail-drop.')
    .optional(),
} as const;

const SELECTORS = {
  nth: count('Only the n-th frame that matches.').optional(),
  count: count('The first n frames that match.').optional(),
  every: count('Each n-th frame that matches.').optional(),
} as const;

export const filterText = text(
  "A display filter in Wireshark's language. Quote it when it begins with ! or contains ': '.",
);

const fault = z.strictObject({ match: filterText, ...SELECTORS });
const delayFault = z.strictObject({
  match: filterText,
  ...SELECTORS,
  by: positiveDuration('How much longer it takes.'),
});

const FAULTS = {
  drop: z.array(fault).describe('Drops exactly these frames.').optional(),
  'delay-frame': z.array(delayFault).describe('Delays exactly these frames.').optional(),
  'duplicate-frame': z.array(fault).describe('Duplicates exactly these frames.').optional(),
  'corrupt-frame': z.array(fault).describe('Flips one bit in exactly these frames.').optional(),
} as const;

/** One end of a link as written: a node, and maybe which of its interfaces. */
export interface EndFile {
  readonly node: string;
  readonly interface: string | null;
}

function readEnd(input: unknown): Reading<EndFile> {
  const expected = 'a node such as `client`, or `router:lan`';
  if (typeof input !== 'string') return complaint(`expected ${expected}, found ${describe(input)}`, null, 'PW0303');
  const [node = '', name, more] = input.split(':');
  if (node === '' || name === '' || more !== undefined) {
    return complaint(`\`${clipped(input)}\` is not ${expected}`, null, 'PW0309');
  }
  return { value: { node, interface: name ?? null } };
}

const vlanId = z.int().min(1).max(LAST_VLAN);

const mtu = sizeWithin(MIN_MTU_BYTES, MAX_MTU_BYTES);

const end = leaf(readEnd, { description: 'NODE or NODE:INTERFACE.' });

const PROFILE_NAMES = ['ethernet', 'wifi', 'dsl', '3g', '4g', 'satellite', 'lossy-wifi', 'dial-up'] as const;
export type LinkProfileName = (typeof PROFILE_NAMES)[number];

const profile = z.enum(PROFILE_NAMES);

/** What a link has in one direction; the MTU is that of the end which sends. */
const DIRECTION = {
  profile: profile.describe('Documented numbers of this direction, instead of what the link says.').optional(),
  ...IMPAIRMENTS,
  mtu: mtu('Greatest IP packet that this end sends.').optional(),
} as const;

const direction = z.strictObject({ ...DIRECTION, ...FAULTS });

const linkId = leaf(nameReader("a link's id"), { pattern: NAME_PATTERN, description: 'Default: A-B, its two nodes.' });

export const linkSchema = z.strictObject({
  id: linkId.optional(),
  between: z.tuple([end, end]).describe('The two ends; `a` and `b` below are the first and the second.'),
  profile: profile.describe('Documented numbers for the keys that are left out.').optional(),
  ...IMPAIRMENTS,
  mtu: mtu('Greatest IP packet. Default: 1500B.').optional(),
  vlan: vlanId.describe('The VLAN of this link, whose frames have no tag here (IEEE 802.1Q). Of a switch.').optional(),
  trunk: z
    .union([z.array(vlanId).min(1), z.literal('all')])
    .describe('The VLANs whose frames go over this link with their tags: a list, or all.')
    .optional(),
  native: vlanId.describe('The VLAN of a trunk whose frames have no tag. Default: none.').optional(),
  'a-to-b': direction.describe('What differs from the first end to the second.').optional(),
  'b-to-a': direction.describe('What differs from the second end to the first.').optional(),
  ...FAULTS,
});

const down = flag('true cuts the link, false mends it.').optional();
const directionChange = z.strictObject({ ...DIRECTION, down });

/** `set:` in the timeline. */
export const changeSchema = z.strictObject({
  profile: profile.describe('Documented numbers for the keys that are left out, in place of what was set.').optional(),
  ...IMPAIRMENTS,
  down,
  mtu: mtu('Greatest IP packet, at both ends.').optional(),
  'a-to-b': directionChange.describe('Only from the first end to the second.').optional(),
  'b-to-a': directionChange.describe('Only from the second end to the first.').optional(),
});

export type LinkFile = z.output<typeof linkSchema>;
export type DirectionFile = z.output<typeof direction>;
export type FaultFile = z.output<typeof fault> | z.output<typeof delayFault>;
export type ChangeFile = z.output<typeof changeSchema>;
export type DirectionChangeFile = z.output<typeof directionChange>;
