/** What a test changes on a link, in the words of a scenario file. */

import { changesOf, type LinkChanges } from '../scenario/link-spec.ts';
import { changeSchema } from '../scenario/schema/link.ts';

/** `{ loss: '30%', delay: '80ms', down: true, 'a-to-b': { … } }`. */
export type LinkSettings = Readonly<Record<string, unknown>>;

export function linkChangeOf(settings: LinkSettings): LinkChanges {
  const parsed = changeSchema.safeParse(settings);
  if (parsed.success) return changesOf(parsed.data);
  const lines = parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'set'}: ${message}`);
  throw new TypeError(lines.join('\n'));
}
