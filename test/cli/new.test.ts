import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KINDS } from '../../src/cli/template.ts';
import { BuiltPackage } from './built.ts';

let built: BuiltPackage;
beforeAll(() => {
  built = new BuiltPackage();
}, 120_000);
afterAll(() => built.remove());

describe('packetwalk new', () => {
  it.each(KINDS)('writes a %s scenario that runs as it promises', (kind) => {
    const { code, stderr } = built.call(['new', `${kind}.pw.yaml`, '--kind', kind]);
    expect([code, stderr]).toEqual([0, `wrote ${kind}.pw.yaml; now: packetwalk run ${kind}.pw.yaml\n`]);
    expect(built.call(['run', `${kind}.pw.yaml`, '--quiet'])).toMatchObject({ code: 0, stdout: '', stderr: '' });
  });

  it('overwrites nothing, and leaves nothing behind when a word is wrong', () => {
    writeFileSync(join(built.folder, 'mine.pw.yaml'), 'mine');
    expect(built.call(['new', 'mine.pw.yaml'])).toMatchObject({ code: 2 });
    expect(readFileSync(join(built.folder, 'mine.pw.yaml'), 'utf8')).toBe('mine');
    const wrong = built.call(['new', 'other.pw.yaml', '--loss', '200']);
    expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringContaining('error PW0304: 200 has no unit')]);
    expect(built.shell('ls other.pw.yaml').code).not.toBe(0);
    expect(built.call(['new', 'other.txt']).stderr).toContain('scenarios end in .pw.yaml');
  });

  it('keeps a title as it is, whatever stands in it', () => {
    const title = 'a: "b" # [c] \\ - é';
    built.call(['new', 'title.pw.yaml', '--title', title]);
    const { stdout } = built.call(['run', 'title.pw.yaml', '--json']);
    expect(JSON.parse(stdout).title).toBe(title);
  });
});

describe('packetwalk show --lesson', () => {
  it('reads like a page, with answers only when asked for', () => {
    const lesson = built.call(['show', 'tcp-lost-segment', '--lesson']).stdout;
    expect(lesson).toContain('Predict: What will the server answer to the segments behind the gap?');
    expect(lesson).not.toContain('Answer:');
    expect(built.call(['show', 'tcp-lost-segment', '--lesson', '--answers']).stdout).toContain(
      'Answer: the same ACK again',
    );
  });
});
