/**
 * What the tests of pure machines use of vitest, in a few lines: a test file that is bundled with this in vitest's place
 * runs when it is loaded and ends the process at the first test that fails. For `scripts/mutate.mjs`, which runs them
 * thousands of times.
 */

import { isDeepStrictEqual } from 'node:util';

const tests = [];
const after = [];

export const describe = (_name, optionsOrBody, body) => (body ?? optionsOrBody)();
export const it = (_name, optionsOrBody, body) =>
  tests.push(typeof optionsOrBody === 'function' ? optionsOrBody : body);
export const afterAll = (body) => after.push(body);
it.skipIf = (isSkipped) => (isSkipped ? () => {} : it);
it.each = (rows) => (name, body) => {
  for (const row of rows) it(name, () => (Array.isArray(row) ? body(...row) : body(row)));
};

/** Every test in order; true when all of them passed. */
export async function runTests() {
  try {
    for (const test of tests) await test();
    return true;
  } catch (error) {
    console.error(error);
    return false;
  }
}

const plain = (value) => (ArrayBuffer.isView(value) ? [...value] : value);

function matches(got, wanted) {
  if (typeof wanted !== 'object' || wanted === null) return Object.is(got, wanted);
  return (
    typeof got === 'object' && got !== null && Object.entries(wanted).every(([key, value]) => matches(got[key], value))
  );
}

function throws(run) {
  try {
    run();
    return false;
  } catch {
    return true;
  }
}

const JUDGES = {
  toBe: Object.is,
  toEqual: (got, wanted) => isDeepStrictEqual(plain(got), plain(wanted)),
  toStrictEqual: isDeepStrictEqual,
  toBeNull: (got) => got === null,
  toThrow: (got) => throws(got),
  toBeUndefined: (got) => got === undefined,
  toBeGreaterThan: (got, wanted) => got > wanted,
  toBeGreaterThanOrEqual: (got, wanted) => got >= wanted,
  toBeLessThan: (got, wanted) => got < wanted,
  toBeLessThanOrEqual: (got, wanted) => got <= wanted,
  toHaveLength: (got, wanted) => got.length === wanted,
  toContain: (got, wanted) => got.includes(wanted),
  toMatch: (got, wanted) => (typeof wanted === 'string' ? got.includes(wanted) : wanted.test(got)),
  toMatchObject: matches,
};

export function expect(got) {
  const judged = (isWanted) =>
    Object.fromEntries(
      Object.entries(JUDGES).map(([name, judge]) => [
        name,
        (wanted) => {
          if (Boolean(judge(got, wanted)) !== isWanted) throw new Error(`${name}: ${String(got)}, ${String(wanted)}`);
        },
      ]),
    );
  return { ...judged(true), not: judged(false) };
}
