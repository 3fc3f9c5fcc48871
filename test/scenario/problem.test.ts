import { describe, expect, it } from 'vitest';
import { CODES } from '../../src/scenario/code.ts';
import { formatProblem, formatProblems, type Problem, Problems } from '../../src/scenario/problem.ts';
import { Source } from '../../src/scenario/source.ts';

/** The problem of a spot in a text, written out. */
function shown(text: string, at: number, length = 1, file = 'f.pw.yaml'): string {
  const problems = new Problems(file, new Source(file, text));
  problems.error({ at, length, path: '' }, 'PW0301', 'message');
  return problems.all().map(formatProblem).join('\n');
}

describe('a problem on paper', () => {
  it('is place, code and message, the line, the caret, and a hint', () => {
    const problems = new Problems('a/b.pw.yaml', new Source('a/b.pw.yaml', 'one\n  two: 3\nfour'));
    problems.error({ at: 6, length: 3, path: '' }, 'PW0301', 'unknown key `two`', 'known here: a, b');
    expect(problems.all().map(formatProblem)).toEqual([
      'a/b.pw.yaml:2:3: error PW0301: unknown key `two`\n    two: 3\n    ^^^\n  hint: known here: a, b',
    ]);
  });

  it('a warning says so', () => {
    const problems = new Problems('f', new Source('f', 'x'));
    problems.warn({ at: 0, length: 1, path: '' }, 'PW0701', 'm');
    expect(problems.all().map(formatProblem)).toEqual(['f:1:1: warning PW0701: m\n  x\n  ^']);
    expect(problems.hasErrors).toBe(false);
  });

  it('underlines only the first line of what spans several', () => {
    expect(shown('ab cd\nef', 3, 5)).toBe('f.pw.yaml:1:4: error PW0301: message\n  ab cd\n     ^^');
  });

  it('stands behind the end of a line or of the file', () => {
    expect(shown('ab:\ncd', 3)).toBe('f.pw.yaml:1:4: error PW0301: message\n  ab:\n     ^');
    expect(shown('ab', 2)).toBe('f.pw.yaml:1:3: error PW0301: message\n  ab\n    ^');
    expect(shown('ab\n', 3)).toBe('f.pw.yaml:2:1: error PW0301: message\n  \n  ^');
  });

  it('tabs are blanks, wide characters take two cells, combining ones none', () => {
    expect(shown('\ta\tb', 3)).toBe('f.pw.yaml:1:4: error PW0301: message\n   a b\n     ^');
    expect(shown('日本 x', 3)).toBe('f.pw.yaml:1:4: error PW0301: message\n  日本 x\n       ^');
    expect(shown('e\u0301 x', 3)).toBe('f.pw.yaml:1:4: error PW0301: message\n  e\u0301 x\n    ^');
    expect(shown('😀 x', 3)).toBe('f.pw.yaml:1:3: error PW0301: message\n  😀 x\n     ^');
  });

  it('what a terminal would obey is shown, in the line, the message and the name of the file', () => {
    expect(shown('\u202eab', 1, 1, 'x\x1b]0;t\x07\n')).toBe(
      'x<U+001B>]0;t<U+0007><U+000A>:1:2: error PW0301: message\n  <U+202E>ab\n          ^',
    );
    const problems = new Problems('f', new Source('f', 'x'));
    problems.error({ at: 0, length: 1, path: '' }, 'PW0301', 'a\x1b[2J', 'b\u009b');
    expect(problems.all().map(formatProblem).join('')).not.toMatch(/[\x1b\u009b]/);
  });

  it('a long line is cut around the caret', () => {
    const text = `${'a'.repeat(500)}XYZ${'b'.repeat(500)}`;
    const [, line = '', caret = ''] = shown(text, 500, 3).split('\n');
    expect(line).toBe(`  ...${'a'.repeat(60)}XYZ${'b'.repeat(57)}...`);
    expect(line.slice(caret.indexOf('^'), caret.length)).toBe('XYZ');
  });

  it('an endless value is underlined as far as it is shown', () => {
    const [, line = '', caret = ''] = shown(`k: ${'v'.repeat(500)}`, 3, 500).split('\n');
    expect(caret.length).toBe(line.length - 3);
  });

  it('of an object has a path instead of a place', () => {
    const problems = new Problems('scenario', null);
    problems.error({ at: -1, length: 1, path: 'links[0].delay' }, 'PW0304', 'm', 'h');
    problems.error({ at: -1, length: 1, path: '' }, 'PW0302', 'n');
    expect(problems.all().map(formatProblem)).toEqual([
      'scenario: links[0].delay: error PW0304: m\n  hint: h',
      'scenario: error PW0302: n',
    ]);
  });

  it('of the command line has neither', () => {
    const problems = new Problems('f', new Source('f', 'x'));
    problems.usage('--set x=1', 'PW0601', 'm');
    expect(problems.all().map(formatProblem)).toEqual(['--set x=1: error PW0601: m']);
  });
});

describe('several problems', () => {
  const many = (errors: number, warnings: number): readonly Problem[] => {
    const problems = new Problems('f', new Source('f', 'x\n'.repeat(100)));
    for (let n = 0; n < warnings; n++) problems.warn({ at: 2 * n, length: 1, path: '' }, 'PW0701', `warning ${n}`);
    for (let n = errors - 1; n >= 0; n--) problems.error({ at: 2 * n, length: 1, path: '' }, 'PW0301', `error ${n}`);
    return problems.all();
  };

  it('come in file order', () => {
    expect(many(5, 0).map(({ message }) => message)).toEqual([0, 1, 2, 3, 4].map((n) => `error ${n}`));
  });

  it('at most 20 are shown, errors before warnings', () => {
    expect(formatProblems(many(20, 0))).not.toContain('more');
    const text = formatProblems(many(19, 3));
    expect(text).toContain('error 18');
    expect(text).toContain('warning 0');
    expect(text).not.toContain('warning 1');
    expect(text.split('\n').at(-1)).toBe('... and 2 more');
  });

  it('the same thing at the same place is told once', () => {
    const problems = new Problems('f', new Source('f', 'x'));
    for (let n = 0; n < 3; n++) problems.error({ at: 0, length: 1, path: '' }, 'PW0301', 'm');
    problems.error({ at: 0, length: 1, path: '' }, 'PW0301', 'other');
    expect(problems.all()).toHaveLength(2);
  });
});

describe('codes', () => {
  it('are in order, of one form, and each has a meaning of its own', () => {
    const codes = Object.keys(CODES);
    expect(codes).toEqual([...codes].sort());
    for (const code of codes) expect(code).toMatch(/^PW0[1-79]\d\d$/);
    expect(new Set(Object.values(CODES)).size).toBe(codes.length);
  });
});

describe('places in a source', () => {
  it('lines end with LF or CRLF; columns count characters', () => {
    const source = new Source('f', 'a\r\n😀b\n\nc');
    expect([0, 3, 5, 6, 7, 8].map((at) => source.placeOf(at))).toEqual([
      { line: 1, column: 1 },
      { line: 2, column: 1 },
      { line: 2, column: 2 },
      { line: 2, column: 3 },
      { line: 3, column: 1 },
      { line: 4, column: 1 },
    ]);
    expect([1, 2, 3, 4, 5].map((line) => source.line(line))).toEqual(['a', '😀b', '', 'c', '']);
  });

  it('asked for in any order gives the same', () => {
    const text = 'abc\ndéf😀g\n\nhij';
    const forward = new Source('f', text);
    const offsets = Array.from({ length: text.length + 1 }, (_, at) => at);
    const inOrder = offsets.map((at) => forward.placeOf(at));
    const backward = new Source('f', text);
    const inReverse = offsets.toReversed().map((at) => backward.placeOf(at));
    expect(inReverse.toReversed()).toEqual(inOrder);
  });
});
