import { pattern } from '../bulk/pattern.ts';
import { seconds } from '../wording.ts';

/** What a scenario sends: text, or that many octets of the pattern. */
export type Content =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'size'; readonly bytes: number };

/**
 * The octets of one repetition. In text, `{n}` is its number from 1 on and `{t}` is what the sender's clock
 * shows in seconds; `offset` is the place in the pattern, which goes on from one message to the next.
 */
export function contentBytes(content: Content, repetition: number, wallNs: number, offset: number): Uint8Array {
  if (content.kind === 'size') return pattern(offset, content.bytes);
  const text = content.text.replaceAll('{n}', String(repetition)).replaceAll('{t}', seconds(wallNs));
  return new TextEncoder().encode(text);
}
