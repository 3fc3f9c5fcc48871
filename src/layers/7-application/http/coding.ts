/** Content codings as HTTP agrees on them (RFC 9110 sections 8.4 and 12.5.3), and what they made of the size. */

import type { Context } from '../../../kernel/context.ts';
import type { ContentCoding, Decoded } from '../../6-presentation/service.ts';
import { MAX_HTTP_DECODED_BYTES } from '../../limits.ts';
import type { AppServices } from '../app-services.ts';
import { octets } from '../wording.ts';
import { type Head, listOf } from './head.ts';

/**
 * Which coding a response gets: of those that the client gives the most weight, the one that the server likes best.
 * null: none. `offers`: the server's, the best liked first.
 */
export function chooseCoding(head: Head, offers: readonly ContentCoding[]): ContentCoding | null {
  const weights = new Map(listOf(head, 'accept-encoding').map(weighted));
  // Section 12.5.3: without the field any coding would do; whoever does not say so may not know them.
  const weightOf = (coding: ContentCoding) =>
    weights.get(coding) ?? (coding === 'gzip' ? weights.get('x-gzip') : undefined) ?? weights.get('*') ?? 0;
  const best = Math.max(0, ...offers.map(weightOf));
  return best > 0 ? (offers.find((coding) => weightOf(coding) === best) ?? null) : null;
}

/** `gzip;q=0.5`. */
function weighted(member: string): readonly [coding: string, weight: number] {
  const [coding = '', ...parameters] = member.split(';').map((part) => part.trim());
  const weight = parameters.find((parameter) => parameter.startsWith('q='));
  const value = Number(weight?.slice(2) ?? 1);
  return [coding, value >= 0 && value <= 1 ? value : 0];
}

/** How the content of a message is coded; null: not at all; a word: in a way that nobody here knows. */
export function codingOf(head: Head): ContentCoding | { readonly unknown: string } | null {
  const codings = listOf(head, 'content-encoding').filter((coding) => coding !== 'identity');
  const [coding, another] = codings;
  if (coding === undefined) return null;
  if (another === undefined && (coding === 'gzip' || coding === 'x-gzip')) return 'gzip';
  return another === undefined && coding === 'deflate' ? 'deflate' : { unknown: codings.join(', ') };
}

export function encoded(services: AppServices, name: string, coding: ContentCoding, content: Uint8Array): Uint8Array {
  if (!services.codings) throw new Error('this node has no codings');
  const coded = services.codings.encode(coding, content);
  measure(services.context, name, coding, content.length, coded.length);
  return coded;
}

export function decoded(services: AppServices, name: string, coding: ContentCoding, coded: Uint8Array): Decoded {
  if (!services.codings) throw new Error('this node has no codings');
  const content = services.codings.decode(coding, coded, MAX_HTTP_DECODED_BYTES);
  if (content instanceof Uint8Array) measure(services.context, name, coding, content.length, coded.length);
  return content;
}

/** `1000 octets as 120 of gzip`. */
export function sizesText(coding: ContentCoding, plainBytes: number, codedBytes: number): string {
  return `${octets(plainBytes)} as ${codedBytes} of ${coding}`;
}

/** The sizes before and after, as work of layer 6. */
function measure(context: Context, name: string, coding: ContentCoding, plain: number, coded: number): void {
  if (!context.recording) return;
  const metric = { kind: 'metric', layer: 6, protocol: coding, machine: `content.${name}` } as const;
  context.record({ ...metric, name: 'plainBytes', value: plain });
  context.record({ ...metric, name: 'codedBytes', value: coded });
}
