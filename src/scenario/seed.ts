/** Seeds in scenario files: whole numbers up to 2^64-1, of which a double holds those up to 2^53. */

/** 2^53: up to there a double holds every whole number. */
export const GREATEST_NUMBER = 9_007_199_254_740_992;
export const GREATEST_SEED = 0xffff_ffff_ffff_ffffn;

/** Whether a text is a seed that no number can be: then it stands in quotes. */
export function isGreatSeed(text: string): boolean {
  if (!/^[1-9]\d{15,19}$/.test(text)) return false;
  const seed = BigInt(text);
  return seed > BigInt(GREATEST_NUMBER) && seed <= GREATEST_SEED;
}

/** A seed as a file has it. */
export function writtenSeed(seed: string): number | string {
  return isGreatSeed(seed) ? seed : Number(seed);
}
