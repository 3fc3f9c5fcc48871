/** The grammar of a scenario file: its top level. */

import * as z from 'zod';
import { NAME_PATTERN } from '../names.ts';
import { complaint, describe, type Reading } from '../quantity.ts';
import { GREATEST_NUMBER, GREATEST_SEED, isGreatSeed } from '../seed.ts';
import { expectSchema } from './expect.ts';
import { duration, leaf, oneOrMany, pattern, text } from './leaf.ts';
import { lessonSchema } from './lesson.ts';
import { linkSchema } from './link.ts';
import { nodeSchema } from './node.ts';
import { timelineSchema } from './timeline.ts';

export const FORMAT_VERSION = 1;

/** A whole number, kept as decimal text. Greater ones than a number holds, which `--seed` takes, stand in quotes. */
function readSeed(input: unknown): Reading<string> {
  if (typeof input === 'string' && isGreatSeed(input)) return { value: input };
  if (typeof input === 'string' && /^\d{16,}$/.test(input))
    return complaint(`in quotes a seed is beyond 2^53, and at most ${GREATEST_SEED}`, null, 'PW0306');
  if (typeof input !== 'number' || !Number.isInteger(input)) {
    return complaint(`expected a whole number, found ${describe(input)}`, null, 'PW0303');
  }
  if (input < 0 || input > GREATEST_NUMBER)
    return complaint(`a seed is within 0 to ${GREATEST_NUMBER}`, null, 'PW0306');
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
  seed: leaf<string, number | string>(readSeed, {
    type: ['integer', 'string'],
    minimum: 0,
    maximum: GREATEST_NUMBER,
    pattern: pattern('[1-9]\\d{15,19}'),
    description: 'Decides what is random. Beyond 2^53, and up to 2^64-1, in quotes. Default: 1.',
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
