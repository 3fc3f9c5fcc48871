import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compilePattern, Pattern } from '../../src/filter/pattern.ts';
import { PatternRefusal } from '../../src/filter/pattern-text.ts';

/** Text whose characters are octets. */
function octets(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

function pattern(text: string): Pattern {
  const compiled = compilePattern(octets(text));
  if (compiled instanceof PatternRefusal) throw new Error(`${text}: ${compiled.message}`);
  return compiled;
}

function finds(text: string, subject: string): boolean {
  return pattern(text).test(octets(subject));
}

function refusal(text: string): [string, number] {
  const compiled = compilePattern(octets(text));
  if (compiled instanceof Pattern) throw new Error(`${text} was accepted`);
  return [compiled.message, compiled.at];
}

const REQUEST = 'GET /index.html?a=1 HTTP/1.1\r\nHost: server\r\n\r\n';

describe('patterns find what PCRE2 finds', () => {
  it.each([
    ['get', true],
    ['(?-i)get', false],
    ['(?i)get', true],
    ['(?-i)GE(?i)t', true],
    ['(?-i:get)|zzz', false],
    ['(?i-s:g.t)', true],
    ['^get', true],
    ['^host', false],
    ['(?m)^host', true],
    ['(?m)server\\r$', true],
    ['(?m)server$', false],
    ['\\r\\n$', true],
    ['\\r$', true],
    ['\\r\\z', false],
    ['\\r\\Z', true],
    ['\\n\\z', true],
    ['\\Aget', true],
    ['\\Ahost', false],
    ['get.*host', false],
    ['(?s)get.*host', true],
    ['html\\?a=\\d', true],
    ['[a-z]+\\.[a-z]{4}\\b', true],
    ['\\bndex', false],
    ['\\Bndex', true],
    ['(index|foo)\\.', true],
    ['(?:foo|bar)', false],
    ['(?<name>index)', true],
    ['(?P<name>index)', true],
    ["(?'name'index)", true],
    ['in(?#a comment)dex', true],
    ['(?x) in d e x # rest', true],
    ['(?x: g e t ) /', true],
    ['http/1\\.1\\R', true],
    ['server\\R\\R', true],
    ['\\x47\\x{45}T', true],
    ['\\107\\o{105}T', true],
    ['\\QGET /\\Eindex', true],
    ['\\Qa\\E+=1', true],
    ['g\\wt', true],
    ['g\\st', false],
    ['get\\h/', true],
    ['[[:upper:]]{3} /', true],
    ['(?-i)[[:upper:]]{3} /', true],
    ['(?-i)[[:lower:]]{6}\\r', true],
    ['[[:^alpha:]]{6}', true],
    ['[[:^alpha:]]{7}', false],
    ['[]a]', true],
    ['[^]a]', true],
    ['[a-]=', true],
    ['[\\w.]+\\?', true],
    ['[\\]\\\\^]', false],
    ['[\\x47-\\x49]et', true],
    ['x*', true],
    ['', true],
    ['|zzz', true],
    ['$', true],
    ['^$', false],
    ['a{2', false],
    ['ge{x}', false],
    ['g{,1}et', false],
    ['g{1}et', true],
    ['g{1,}et', true],
    ['g{0,3}?et', true],
    ['(a*)*', true],
    ['((a*)*|b)*z', false],
    ['\\e|\\a|\\f|\\cA|\\0', false],
    ['\\N+1\\.1', true],
    ['\\D\\S\\W\\V\\H', true],
    ['(?i)(?-i)GET|get', true],
    ['\\.|\\(|\\_', true],
  ])('%s: %s', (text, expected) => {
    expect(finds(text, REQUEST)).toBe(expected);
  });

  it('octet by octet', () => {
    expect(finds('^.$', '\xff')).toBe(true);
    expect(finds('\\xff', '\xff')).toBe(true);
    expect(finds('\xff', '\xff')).toBe(true);
    expect(finds('^\\x00\\x01$', '\0\x01')).toBe(true);
    // Letters beyond ASCII have one case, and are no word characters.
    expect(finds('\xe9', '\xc9')).toBe(false);
    expect(finds('\\w', '\xe9')).toBe(false);
  });

  it('at the ends of the text', () => {
    expect(finds('a$', 'a\n')).toBe(true);
    expect(finds('a$', 'a\n\n')).toBe(false);
    expect(finds('a$\\n', 'a\n')).toBe(true);
    expect(finds('(?m)^$', 'a\n')).toBe(false);
    expect(finds('(?m)^$', 'a\n\n')).toBe(true);
    expect(finds('(?m)a$', 'a\nb')).toBe(true);
    expect(finds('^$', '')).toBe(true);
    expect(finds('\\b', '')).toBe(false);
    expect(finds('\\B', '')).toBe(true);
    expect(finds('\\ba\\b', 'a')).toBe(true);
    expect(finds('^', '\n')).toBe(true);
    expect(finds('\\n^', '\n')).toBe(false);
  });

  it('as often as a quantifier says', () => {
    for (let count = 0; count < 8; count++) {
      const subject = `<${'a'.repeat(count)}>`;
      expect(finds('<a{3}>', subject)).toBe(count === 3);
      expect(finds('<a{2,}>', subject)).toBe(count >= 2);
      expect(finds('<a{2,5}>', subject)).toBe(count >= 2 && count <= 5);
      expect(finds('<(aa)*>', subject)).toBe(count % 2 === 0);
      expect(finds('<(a{2}){1,2}>', subject)).toBe(count === 2 || count === 4);
      expect(finds('<a?>', subject)).toBe(count < 2);
      expect(finds('<a{0}>', subject)).toBe(count === 0);
    }
  });
});

describe('patterns that are refused say where', () => {
  it.each([
    ['(', 'this parenthesis is not closed', 0],
    ['a(b', 'this parenthesis is not closed', 1],
    ['a)', 'this parenthesis closes nothing', 1],
    ['*', 'this quantifier follows nothing that can be repeated', 0],
    ['a|+', 'this quantifier follows nothing that can be repeated', 2],
    ['{2}', 'this quantifier follows nothing that can be repeated', 0],
    ['a**', 'this quantifier follows another one', 2],
    ['a{2,1}', 'the numbers of this quantifier are out of order', 1],
    ['a{65536}', 'a quantifier counts to 65,535 at most', 8],
    ['[a', 'this bracket is not closed', 0],
    ['[]', 'this bracket is not closed', 0],
    ['[a-', 'this bracket is not closed', 1],
    ['[z-a]', 'this range is out of order', 1],
    ['[a-\\d]', 'a range ends with one character', 1],
    ['[\\d-z]', 'a range begins with one character', 3],
    ['[[:foo:]]', 'there is no class [:foo:]', 1],
    ['\\', 'the pattern ends with a backslash', 0],
    ['[\\', 'the pattern ends with a backslash', 1],
    ['\\i', '\\i means nothing', 0],
    ['\\x{100}', 'patterns are matched octet by octet: \\x{ff} is the greatest', 0],
    ['\\o{400}', 'write \\o{0} to \\o{377}', 0],
    ['\\c', '\\c is followed by an ASCII character', 0],
    ['(?#a', 'the comment is not closed', 0],
    ['(?q)', 'only the flags i, m, s and x are supported', 2],
    ['(?<>a)', 'a group name is letters, digits and _', 3],
    ['x{9999}{9999}', 'this quantifier follows another one', 7],
    ['(x{9999}){9999}', 'the pattern is too large', 0],
    ['(((){9999}){9999}){9999}', 'the pattern is too large', 0],
  ])('%s', (text, message, at) => {
    expect(refusal(text)).toEqual([message, at]);
  });

  it.each([
    ['(a)\\1', 'back-references'],
    ['(?<n>a)\\k<n>', 'back-references'],
    ['(?<n>a)(?P=n)', 'back-references'],
    ['\\g{1}', 'back-references'],
    ['a(?=b)', 'look-ahead'],
    ['a(?!b)', 'look-ahead'],
    ['(?<=a)b', 'look-behind'],
    ['(?<!a)b', 'look-behind'],
    ['(?>a+)', 'atomic groups'],
    ['a++', 'possessive quantifiers'],
    ['(?R)', 'recursion'],
    ['(?(1)a|b)', 'conditions'],
    ['(?|a|b)', 'branch resets'],
    ['(?C1)', 'callouts'],
    ['\\p{L}', 'Unicode properties'],
    ['\\X', 'extended grapheme clusters'],
    ['a\\Kb', 'resetting the start of a match with \\K'],
    ['\\G', 'the anchor \\G'],
    ['(*UTF)a', 'verbs'],
    ['a(*FAIL)', 'verbs'],
  ])('%s: %s are not supported', (text, what) => {
    expect(refusal(text)[0]).toContain(what);
    expect(refusal(text)[0]).toContain('not supported');
  });

  it('nested too deep', () => {
    expect(refusal('('.repeat(5000))[0]).toBe('the pattern is nested more than 200 levels deep');
    expect(finds(`${'('.repeat(190)}get${')'.repeat(190)}`, REQUEST)).toBe(true);
  });
});

describe('time', () => {
  it.each([
    '(a+)+$',
    '(a|a)*$',
    '(a*)*b',
    '(a|aa)+$',
    '(.*)*x',
    'a?'.repeat(50) + 'a'.repeat(50),
    '(a+)+\\bc',
    '([a-z]+)*=$',
  ])('is linear for %s', (text) => {
    const subject = octets(`${'a'.repeat(100_000)}!`);
    const compiled = pattern(text);
    const started = process.hrtime.bigint();
    compiled.test(subject);
    expect(Number(process.hrtime.bigint() - started) / 1e6).toBeLessThan(1000);
  });

  it('is linear when every octet leads to a state never seen before', () => {
    // (a|b)*a(a|b){15}: 65,536 states as a deterministic automaton.
    const compiled = pattern(`a[ab]{15}c`);
    let seed = 1;
    const subject = Uint8Array.from({ length: 100_000 }, () => {
      seed = (seed * 1103515245 + 12345) % 2147483648;
      return 0x61 + ((seed >> 16) & 1);
    });
    const started = process.hrtime.bigint();
    expect(compiled.test(subject)).toBe(false);
    expect(Number(process.hrtime.bigint() - started) / 1e6).toBeLessThan(3000);
    // What was forgotten on the way does not change the answers.
    expect(compiled.test(octets(`${'ab'.repeat(5000)}a${'b'.repeat(15)}c`))).toBe(true);
    expect(compiled.test(octets(`b${'b'.repeat(15)}c`))).toBe(false);
  });
});

describe('an independent matcher agrees', () => {
  const atom = fc.constantFrom('a', 'b', 'c', '.', '[ab]', '[^a]', '\\w', '\\W', '\\n', '^', '$', '\\b', '\\B', '-');
  const node: fc.Arbitrary<string> = fc.letrec<{ node: string }>((tie) => ({
    node: fc.oneof(
      { depthSize: 'medium', withCrossShrink: true },
      atom,
      fc.tuple(tie('node'), tie('node')).map(([one, other]) => one + other),
      fc.tuple(tie('node'), tie('node')).map(([one, other]) => `(?:${one}|${other})`),
      fc
        .tuple(tie('node'), fc.constantFrom('*', '+', '?', '*?', '{2}', '{1,2}', '{0,}'))
        .map(([one, quantifier]) => `(?:${one})${quantifier}`),
    ),
  })).node;
  const subject = fc.string({ unit: fc.constantFrom('a', 'b', 'c', '-', '\n'), maxLength: 10 });

  // JavaScript's $ is PCRE2's \z, and its (?m)$ and ^ see a line behind the last newline too.
  it.each([
    ['', '', (text: string) => text.replaceAll('$', '\\z')],
    ['(?s)', 's', (text: string) => text.replaceAll('$', '\\z')],
  ])('with flags %j', (prefix, flags, translate) => {
    fc.assert(
      fc.property(node, subject, (text, given) => {
        const expected = new RegExp(text, flags).test(given);
        expect([text, given, finds(`(?-i)${prefix}${translate(text)}`, given)]).toEqual([text, given, expected]);
      }),
      { numRuns: 5000 },
    );
  });

  it('any octets are a pattern or a refusal, and never more', () => {
    const pieces = fc.constantFrom(
      ...['(', ')', '[', ']', '?', '*', '+', '{', '}', '\\', '|', '^', '$', '-', ':', '<', '>'],
    );
    const other = fc.constantFrom(...['a', '1', ',', '=', '!', 'i', 'x', 'Q', 'E', 'R', 'P', '#', ' ', '\n', '\xff']);
    fc.assert(
      fc.property(fc.array(fc.oneof(pieces, other), { maxLength: 20 }), (parts) => {
        const text = parts.join('');
        const compiled = compilePattern(octets(text));
        if (compiled instanceof Pattern) compiled.test(octets('a1,=i\n'));
        else expect(compiled.at).toBeLessThanOrEqual(text.length);
      }),
      { numRuns: 5000 },
    );
  });
});
