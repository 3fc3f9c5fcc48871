import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkTargets, parseTarget, type Target, writeTarget } from '../../src/cli/outputs.ts';
import type { Output } from '../../src/cli/terminal.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pw-outputs-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const noOutput = {} as Output;
const go = () => Promise.resolve();

function target(name: string): Target {
  return { format: 'jsonl', path: join(folder, name) };
}

describe('parseTarget', () => {
  it.each([
    ['x.pcapng', 'pcapng', 'x.pcapng'],
    ['a/b.JSONL', 'jsonl', 'a/b.JSONL'],
    ['x.mmd', 'mmd', 'x.mmd'],
    ['x.cast', 'cast', 'x.cast'],
    ['pcapng:-', 'pcapng', '-'],
    ['jsonl:/dev/fd/3', 'jsonl', '/dev/fd/3'],
  ])('%s', (text, format, path) => {
    expect(parseTarget(text)).toEqual({ format, path });
  });

  it.each([
    ['x.txt', 'does not say which format'],
    ['x', 'does not say which format'],
    ['pcapng', 'does not say which format'],
    ['-', 'does not say in which format'],
    ['\x1b]0;x.txt', '<U+001B>'],
  ])('refuses %j', (text, words) => {
    expect(() => parseTarget(text)).toThrow(words);
  });
});

describe('checkTargets', () => {
  it('accepts a new file in a folder that exists', async () => {
    await expect(checkTargets([target('new.jsonl')], false, [])).resolves.toBeUndefined();
  });

  it('refuses what exists, unless forced', async () => {
    await writeFile(join(folder, 'old.jsonl'), 'old');
    await expect(checkTargets([target('old.jsonl')], false, [])).rejects.toThrow('exists already');
    await expect(checkTargets([target('old.jsonl')], true, [])).resolves.toBeUndefined();
  });

  it('refuses a folder, a missing parent and a parent that is a file, forced or not', async () => {
    await mkdir(join(folder, 'd.jsonl'));
    await writeFile(join(folder, 'file'), '');
    await expect(checkTargets([target('d.jsonl')], true, [])).rejects.toThrow('it is a directory');
    await expect(checkTargets([target('no/x.jsonl')], true, [])).rejects.toThrow('there is no directory');
    await expect(checkTargets([target('file/x.jsonl')], true, [])).rejects.toThrow(
      'a part of its path is not a directory',
    );
  });

  it('refuses the input, by whatever name', async () => {
    await writeFile(join(folder, 'in.yaml'), '');
    await symlink(join(folder, 'in.yaml'), join(folder, 'alias.jsonl'));
    const input = join(folder, 'in.yaml');
    await expect(checkTargets([target('alias.jsonl')], true, [input])).rejects.toThrow('is the input itself');
  });

  it('refuses the same file twice and standard output twice', async () => {
    await expect(checkTargets([target('x.jsonl'), target('x.jsonl')], false, [])).rejects.toThrow('given twice');
    const out: Target = { format: 'jsonl', path: '-' };
    await expect(checkTargets([out, out], false, [])).rejects.toThrow('only one output');
  });
});

describe('writeTarget', () => {
  it('writes all pieces, of text and of octets', async () => {
    await writeTarget(target('x.jsonl'), ['a', Uint8Array.of(0x62), 'ü'], noOutput, go);
    expect(await readFile(join(folder, 'x.jsonl'), 'utf8')).toBe('abü');
    expect(await readdir(folder)).toEqual(['x.jsonl']);
  });

  it('leaves the old file and no other when writing breaks off', async () => {
    await writeFile(join(folder, 'x.jsonl'), 'old');
    function* broken(): Generator<string> {
      yield 'new'.repeat(200_000);
      throw new Error('in the middle');
    }
    await expect(writeTarget(target('x.jsonl'), broken(), noOutput, go)).rejects.toThrow('in the middle');
    expect(await readFile(join(folder, 'x.jsonl'), 'utf8')).toBe('old');
    expect(await readdir(folder)).toEqual(['x.jsonl']);
  });

  it('stops between pieces when it is told to', async () => {
    const pause = () => Promise.reject(new Error('SIGINT'));
    await expect(writeTarget(target('x.jsonl'), ['a'], noOutput, pause)).rejects.toThrow('SIGINT');
    expect(await readdir(folder)).toEqual([]);
  });

  it('says in words that a device is full, and does not replace the device', async () => {
    const full: Target = { format: 'jsonl', path: '/dev/full' };
    await expect(writeTarget(full, ['a'], noOutput, go)).rejects.toThrow(
      "cannot write '/dev/full': no space left on the device",
    );
  });
});
