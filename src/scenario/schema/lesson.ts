/** The grammar of what a scenario teaches. */

import * as z from 'zod';
import { PANE_NAMES } from '../lesson.ts';
import { NAME_PATTERN, nameReader } from '../names.ts';
import { duration, leaf, oneOrMany, text } from './leaf.ts';
import { filterText } from './link.ts';

const TERMS = '{{ PATH }} puts a value of the run in; {{ PATH is 3 }} checks it.';

const scalar = z.union([z.string(), z.number(), z.boolean()]);

const question = z.strictObject({
  question: text(`What is asked. ${TERMS}`),
  choices: z.array(scalar).min(2).max(9).describe('What can be chosen. Left out: the answer is written.').optional(),
  answer: scalar.describe('The right choice, by its words or its number from 1; or what is to be written.'),
  hint: text('Help for whoever asks for it.').optional(),
  explain: text(`Why the answer is right. ${TERMS}`).optional(),
});

const showing = z.union([
  z.enum(PANE_NAMES),
  z.strictObject({
    pane: z.enum(PANE_NAMES).describe('The pane to look at.').optional(),
    frame: filterText.describe('The first frame that matches is selected.').optional(),
  }),
]);

export const lessonStepSchema = z.strictObject({
  id: leaf(nameReader('an id'), {
    pattern: NAME_PATTERN,
    description: 'For answers and `@`. Default: step-N.',
  }).optional(),
  at: duration('When, since the start.').optional(),
  when: filterText.describe('When the first frame matches.').optional(),
  after: text('The id of a timeline entry: when that has happened.').optional(),
  wait: duration('So much later than `after` or `when`.').optional(),
  say: text(`What is to be seen. ${TERMS}`).optional(),
  show: showing.describe('Where to look: a pane, or a pane and a frame.').optional(),
  ask: question.describe('A question about what has happened.').optional(),
  predict: z
    .union([question, z.literal(true)])
    .describe('A question about what comes now; true makes `ask` one.')
    .optional(),
  is: z.record(z.string(), scalar).describe('Values that the words take for granted: { PATH: 3 }.').optional(),
});

const misconception = z.union([
  z.string(),
  z.strictObject({
    claim: text('What people believe.'),
    'refuted-by': filterText.describe('The first frame that matches shows that it is not so.').optional(),
    because: text(`Why it is not so. ${TERMS}`).optional(),
  }),
]);

export const variantsSchema = z.record(z.string().regex(new RegExp(NAME_PATTERN)), z.array(scalar).min(1).max(1000));

/** The block without its steps, which are read one by one. */
export const lessonHeadSchema = z.strictObject({
  objective: text('What one can do afterwards.').optional(),
  question: text('What to ask oneself before anything is shown.').optional(),
  misconception: oneOrMany(misconception).describe('What people believe that is not so.').optional(),
  takeaway: text('What to remember.').optional(),
  variants: variantsSchema.describe('Values of parameters, of which --variant chooses.').optional(),
  steps: z.array(z.unknown()).optional(),
});

export const lessonSchema = z.union([
  z.array(lessonStepSchema),
  lessonHeadSchema.extend({
    steps: z.array(lessonStepSchema).describe('What is told and asked, in order.').optional(),
  }),
]);

export type LessonHeadFile = z.output<typeof lessonHeadSchema>;
export type LessonStepFile = z.output<typeof lessonStepSchema>;
export type QuestionFile = z.output<typeof question>;
