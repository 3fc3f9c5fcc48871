import * as z from 'zod';
import { MAX_SIZE_BYTES } from '../limits.ts';
import { complaint, describe, type Reading, readSize } from '../quantity.ts';
import { duration, leaf, text } from './leaf.ts';
import { filterText } from './link.ts';

/** A count of frames; 0 is a number too. */
const frames = (description: string) => z.int().min(0).max(Number.MAX_SAFE_INTEGER).describe(description);

/** `all`, a number, or a size with its unit. */
function readAmount(input: unknown): Reading<number | 'all'> {
  if (input === 'all') return { value: 'all' };
  if (typeof input === 'string') return readSize(input);
  if (typeof input === 'number' && Number.isInteger(input) && input >= 0 && input <= MAX_SIZE_BYTES) {
    return { value: input };
  }
  return complaint(`expected \`all\`, a number or a size such as \`10MB\`, found ${describe(input)}`, null, 'PW0303');
}

const amount = (description: string) => leaf<number | 'all', string | number>(readAmount, { description });

const delivered = z
  .strictObject({
    from: text('The node that sends.'),
    to: text('The node that receives, from the other itself or through brokers, proxies and chat servers.'),
    bytes: amount('How many octets: all, a number or a size.').optional(),
    messages: z
      .union([z.literal('all'), frames('So many.')])
      .describe(
        'How many messages: all, or a number, which counts no handshakes, pings and acknowledgements of sessions.',
      )
      .optional(),
    'exactly-once': z.boolean().describe('Nothing arrives twice. Default: false.').optional(),
    'in-order': z.boolean().describe('Everything arrives in the order it was sent. Default: false.').optional(),
  })
  .describe('What applications sent has reached the application at the other end.');

export const expectSchema = z.strictObject({
  name: text('What is expected, in words.').optional(),
  match: filterText.describe('Counts frames that match. Without a count: at least 1.').optional(),
  never: filterText.describe('No frame may match.').optional(),
  order: z.array(filterText).min(1).describe('Frames that must appear in this order.').optional(),
  state: text('A path of the state view: client.tcp.http.state.').optional(),
  delivered: delivered.optional(),
  exactly: frames('So many frames.').optional(),
  'at-least': frames('So many frames or more.').optional(),
  'at-most': frames('So many frames or fewer.').optional(),
  is: z.union([z.string(), z.number(), z.boolean()]).describe('A value or a comparison: ">= 10".').optional(),
  within: duration('Counting only what happens up to that time.').optional(),
  at: text('For match: sent, received or a node. For state: a time, an id or end.').optional(),
});

export type ExpectFile = z.output<typeof expectSchema>;
export type DeliveredFile = z.output<typeof delivered>;
