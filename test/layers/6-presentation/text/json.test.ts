/** JSON by character: the engine's own parser says the same, and ours says where. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readJson } from '../../../../src/layers/6-presentation/text/json.ts';

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

describe('JSON (RFC 8259)', () => {
  it.each([
    ['{"a":1}', 'object'],
    [' [1, -2.5e+3, "x\\u00e9\\n", true, null, {}] ', 'array'],
    ['"é\u2028"', 'string'],
    ['0', 'number'],
    ['false', 'false'],
  ])('%s', (text, kind) => {
    expect(readJson(text)).toBe(kind);
  });

  it.each([
    ['', 0, 'a value'],
    ['{a:1}', 1, 'a name in double quotes'],
    ["{'a':1}", 1, 'a name in double quotes'],
    ['{"a" 1}', 5, 'a colon'],
    ['{"a":1,}', 7, 'a name in double quotes'],
    ['[1 2]', 3, 'a comma or ]'],
    ['[1,]', 3, 'a value'],
    ['[1', 2, 'a comma or ]'],
    ['01', 1, 'the end'],
    ['1.', 1, 'the end'],
    ['+1', 0, 'a value'],
    ['NaN', 0, 'a value'],
    ['"a\nb"', 2, 'a control character to be escaped'],
    ['"a', 2, 'the end of the string'],
    ['"\\x41"', 2, 'a character that may be escaped'],
    ['"\\u12"', 2, 'four hexadecimal digits'],
    ['{} {}', 3, 'the end'],
    ['\u00a0{}', 0, 'a value'],
  ])('%j is none: at %i there should be %s', (text, at, expected) => {
    expect(readJson(text)).toEqual({ at, expected });
    expect(isJson(text)).toBe(false);
  });

  it('reads what is written, and of texts that are nearly JSON the same ones as the engine', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.boolean(), (value, isWide) => {
        expect(typeof readJson(JSON.stringify(value, null, isWide ? 2 : 0))).toBe('string');
      }),
    );
    const parts = [
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '"',
      '\\',
      'a',
      '0',
      '1',
      '-',
      '.',
      'e',
      'true',
      'null',
      ' ',
      '\n',
      'u00ff',
    ];
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...parts), { maxLength: 9 }), (pieces) => {
        const text = pieces.join('');
        expect(typeof readJson(text) === 'string', text).toBe(isJson(text));
      }),
      { numRuns: 5_000 },
    );
  });

  it('goes down 512 levels and no deeper, without a full stack', () => {
    expect(readJson(`${'['.repeat(513)}${']'.repeat(513)}`)).toBe('array');
    expect(readJson('['.repeat(100_000))).toEqual({ at: 513, expected: 'no more than 512 levels' });
  });
});
