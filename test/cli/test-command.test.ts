import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BuiltPackage } from './built.ts';

let built: BuiltPackage;
beforeAll(() => {
  built = new BuiltPackage();
  const folder = join(built.folder, 'mine', 'deeper');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'good.pw.yaml'), GOOD);
  writeFileSync(join(folder, 'wrong.pw.yaml'), GOOD.replace('is 2 }}', 'is 3 }}').replace('exactly: 1', 'exactly: 2'));
}, 120_000);
afterAll(() => built.remove());

const GOOD = `packetwalk: 1
title: <Echo> & "reply"
params: { size: { default: 56B } }
nodes: { a: {}, b: {} }
links: [{ between: [a, b] }]
timeline: [{ at: 0s, node: a, do: { ping: { target: b, size: "\${size}" } } }]
expect: [{ name: one request, match: icmp.type == 8, exactly: 1 }]
lesson:
  variants: { size: [10B, 20B, 30B, 40B, 50B] }
  steps:
    - { at: 1s, say: "{{ count(icmp) is 2 }} packets" }
    - id: size
      at: 1s
      ask: { question: How many octets?, answer: "{{ value(data.len, icmp.type == 8) }}", hint: Look at layer 7. }
`;

describe('packetwalk test', () => {
  it('judges expectations and lessons of all scenarios below a folder', () => {
    const { code, stdout } = built.call(['test', 'mine']);
    expect(code).toBe(1);
    expect(stdout.split('\n').slice(0, 9)).toEqual([
      '✓ mine/deeper/good.pw.yaml  <Echo> & "reply"  1 expected, 2 told',
      '✗ mine/deeper/wrong.pw.yaml  <Echo> & "reply"  1 expected, 2 told',
      '    ✗ one request',
      '      1 frame matches icmp.type == 8 (expected exactly 2), at 0.000000 s',
      '      mine/deeper/wrong.pw.yaml:7:10',
      '    ✗ step-1',
      '      {{ count(icmp) is 3 }} is 2, not 3',
      '      mine/deeper/wrong.pw.yaml:11:22',
      '',
    ]);
    expect(built.call(['test', 'mine/deeper/good.pw.yaml', 'tcp-handshake']).code).toBe(0);
  });

  it.each([
    ['tap', /^TAP version 14\nok 1 - .*\n[\s\S]*\nnot ok 4 - [\s\S]*\n1\.\.6\n$/],
    ['junit', /^<\?xml[\s\S]*tests="6" failures="2"[\s\S]*<failure message="1 frame matches/],
    ['github', /^::error file=mine\/deeper\/wrong\.pw\.yaml,line=7,col=10,title=one request::1 frame/],
  ])('--reporter %s', (name, form) => expect(built.call(['test', 'mine', '--reporter', name]).stdout).toMatch(form));

  it('--reporter json has everything, the words of lessons too', () => {
    const { stdout } = built.call(['test', 'mine', '--reporter', 'json']);
    const { ok, scenarios } = JSON.parse(stdout);
    expect([ok, scenarios.map((each: { ok: boolean }) => each.ok)]).toEqual([false, [true, false]]);
    expect(scenarios[0].lesson.steps[0].say).toBe('2 packets');
  });

  it('goes on after a file with mistakes, and ends with 2', () => {
    const { code, stdout, stderr } = built.call(['test', 'nowhere', 'tcp-handshake']);
    expect([code, stdout.includes('✓ tcp-handshake')]).toEqual([2, true]);
    expect(stderr).toContain("no bundled scenario 'nowhere'");
    expect(built.call(['test', 'node_modules/.bin']).code).toBe(2);
  });

  it('grades answers by the key of each variant', () => {
    const keys = built
      .call(['test', 'mine/deeper/good.pw.yaml', '--variants', '1..5', '--csv'])
      .stdout.trim()
      .split('\n')
      .slice(1);
    const keyOf = keys.map((line) => line.split(',')[6]);
    expect(new Set(keyOf)).toEqual(new Set(['10', '20', '30', '40', '50']));
    writeFileSync(
      join(built.folder, 'answers.yaml'),
      `eve: { variant: 1, good: { size: ${keyOf[0]} } }\nbob: { variant: 2, good: { size: 7 } }\nzoe: { good: {} }\n`,
    );
    const { code, stdout } = built.call(['test', 'mine/deeper/good.pw.yaml', '--answers', 'answers.yaml', '--csv']);
    const rows = stdout
      .trim()
      .split('\n')
      .filter((line) => line.includes(',question,'));
    expect(code).toBe(0);
    expect(rows.slice(0, 2)).toEqual([
      `eve,good,1,question,size,${keyOf[0]},${keyOf[0]},right,`,
      `bob,good,2,question,size,7,${keyOf[1]},wrong,Look at layer 7.`,
    ]);
    expect(rows[2]).toMatch(/^zoe,good,zoe,question,size,,\d+,missing,$/);
  });

  it('tells mistakes in the answers with their place', () => {
    writeFileSync(join(built.folder, 'bad.yaml'), 'eve: { good: 3 }\n');
    const { code, stderr } = built.call(['test', 'mine/deeper/good.pw.yaml', '--answers', 'bad.yaml']);
    expect([code, stderr]).toEqual([2, expect.stringContaining('bad.yaml:1:1: error PW0303')]);
  });
});

it('is documented', () => {
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
  expect(readme).toContain('npx packetwalk test');
});
