/** The grammar of a scenario file: its top level. */

import * as z from 'zod';
import { NAME_PATTERN } from '../names.ts';
import { complaint, describe, type Reading } from '../quantity.ts';
import { expectSchema } from './expect.ts';
import { duration, leaf, oneOrMany, text } from './leaf.ts';
import { lessonSchema } from './lesson.ts';
import { linkSchema } from './link.ts';
import { nodeSchema } from './node.ts';
import { timelineSchema } from './timeline.ts';

export const FORMAT_VERSION = 1;

/** 2^53: up to there a double holds every whole number. */
const MAX_SEED = 9_007_199_254_740_992;

/** A whole number, kept as decimal text: `--seed` takes greater ones than a number holds. */
function readSeed(input: unknown): Reading<string> {
  if (typeof input !== 'number' || !Number.isInteger(input)) {
    return complaint(`expected a whole number, found ${describe(input)}`, null, 'PW0303');
  }
  if (input < 0 || input > MAX_SEED) return complaint(`a seed is within 0 to ${MAX_SEED}`, null, 'PW0306');
  return { value: String(input) };
}

/** A value that may stand where a parameter is used. */
const parameterValue = z.union([z.string(), z.number(), z.boolean()]);

export const paramSchema = z.strictObject({
  default: parameterValue.describe('The value unless --set gives another.'),
  sweep: z.array(parameterValue).min(1).describe('The values that `packetwalk sweep` tries.').optional(),
});

const HEAD = {
  packetwalk: z.literal(FORMAT_VERSION).describe('The version of the file format: 1.'),
  title: text('What it shows, in a few words.'),
  summary: text('What it shows, in a few sentences.').optional(),
  tags: oneOrMany(z.string()).describe('Words to find it by.').optional(),
  seed: leaf<string, number>(readSeed, {
    type: 'integer',
    minimum: 0,
    maximum: MAX_SEED,
    description: 'Decides what is random. Default: 1.',
  }).optional(),
  until: duration('Virtual time at which the run stops. Default: 60s.').optional(),
  profile: z
    .enum(['rfc', 'linux'])
    .describe('Constants of TCP/IP: as in the RFCs, or as in Linux. Default: rfc.')
    .optional(),
} as const;

const list = z.array(z.unknown());
const mapping = z.record(z.string(), z.unknown());

/** The top level alone; what stands under it is read piece by piece, so that one mistake hides no other. */
export const headSchema = z.strictObject({
  ...HEAD,
  nodes: mapping,
  links: list.optional(),
  timeline: list.optional(),
  expect: list.optional(),
  lesson: z.unknown().optional(),
  params: mapping.optional(),
});

/** All of it. */
export const fileSchema = z
  .strictObject({
    ...HEAD,
    params: z
      .record(z.string().regex(new RegExp(NAME_PATTERN)), paramSchema)
      .describe(`Values used as \${name}; --set name=value changes them.`)
      .optional(),
    nodes: z.record(z.string().regex(new RegExp(NAME_PATTERN)), nodeSchema).describe('What there is, by name.'),
    links: z.array(linkSchema).describe('What joins it.').optional(),
    timeline: z.array(timelineSchema).describe('What happens.').optional(),
    expect: z.array(expectSchema).describe('What must come of it.').optional(),
    lesson: lessonSchema.describe('What it teaches: steps, or a block with `steps` in it.').optional(),
  })
  .describe('A packetwalk scenario');

export type HeadFile = z.output<typeof headSchema>;
/** What `defineScenario` takes. */
export type ScenarioInput = z.input<typeof fileSchema>;
