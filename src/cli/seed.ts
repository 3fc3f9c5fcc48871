import { GREATEST_SEED } from '../scenario/seed.ts';

/** A seed as people write it (decimal, or hexadecimal with 0x) as the decimal text that runs use; null: it is none. */
export function parseSeed(text: string): string | null {
  if (!/^(?:\d+|0x[0-9a-f]+)$/i.test(text)) return null;
  const value = BigInt(text);
  return value <= GREATEST_SEED ? value.toString() : null;
}
