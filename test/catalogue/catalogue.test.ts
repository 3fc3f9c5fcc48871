/** Every row of the catalogue of bad input has tests, which are looked up by their titles, or a reason. */

import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { ROWS } from './rows.ts';

const TESTS = fileURLToPath(new URL('..', import.meta.url));
const COUNTS = { A: 24, B: 15, C: 16, D: 18, E: 25, F: 20, G: 17, H: 14, I: 9, J: 5 } as const;

/** Titles as they are written in a file; escapes of quotes undone. */
function titlesOf(file: string): string[] {
  const text = readFileSync(`${TESTS}/${file}`, 'utf8');
  return [...text.matchAll(/(['"`])((?:\\.|(?!\1)[^\\\n])*)\1/g)].map(([, , title]) =>
    (title as string).replaceAll(/\\(.)/g, '$1'),
  );
}

describe('the catalogue of bad input', () => {
  it('has all its rows', () => {
    const ids = Object.entries(COUNTS).flatMap(([group, count]) =>
      Array.from({ length: count }, (_, index) => `${group}${index + 1}`),
    );
    expect(Object.keys(ROWS)).toEqual(ids);
  });

  it.each(Object.entries(ROWS).map(([id, { says, by, reason }]) => [id, says, by, reason] as const))(
    '%s: %s',
    (_id, _says, by, reason) => {
      expect(by.length > 0 || reason !== undefined).toBe(true);
      for (const [file, ...titles] of by) {
        expect([file, existsSync(`${TESTS}/${file}`)]).toEqual([file, true]);
        const all = titlesOf(file);
        for (const title of titles)
          expect([file, title, all.some((each) => each.startsWith(title))]).toEqual([file, title, true]);
      }
    },
  );
});
