import { pattern } from '../bulk/pattern.ts';
import { seconds } from '../wording.ts';
import type { Json } from './header.ts';

/** What an event carries besides its name: JSON, or that many octets of the pattern, or nothing. */
export type EventContent =
  | { readonly kind: 'none' }
  | { readonly kind: 'json'; readonly value: Json }
  | { readonly kind: 'size'; readonly bytes: number };

/** The arguments of one repetition: `{n}` is its number from 1 on and `{t}` the sender's clock, in every text of the JSON. */
export function eventArgs(content: EventContent, repetition: number, wallNs: number): readonly Json[] {
  if (content.kind === 'none') return [];
  if (content.kind === 'size') return [pattern(0, content.bytes)];
  return [filled(content.value, String(repetition), seconds(wallNs))];
}

function filled(value: Json, n: string, t: string): Json {
  if (typeof value === 'string') return value.replaceAll('{n}', n).replaceAll('{t}', t);
  if (Array.isArray(value)) return value.map((each: Json) => filled(each, n, t));
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, filled(each, n, t)]));
}
