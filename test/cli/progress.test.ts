import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ProgressFile, progressPath } from '../../src/cli/progress.ts';

const ONE = { right: 1, answered: 2, all: 3 };

describe('progress', () => {
  let folder = '';
  let path = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'packetwalk-progress-'));
    path = join(folder, 'packetwalk', 'progress.json');
  });
  afterEach(() => {
    chmodSync(folder, 0o700);
    rmSync(folder, { recursive: true, force: true });
  });

  it('lies where the XDG specification says, and ignores a relative folder', () => {
    expect(progressPath({ XDG_STATE_HOME: '/state' })).toBe('/state/packetwalk/progress.json');
    const usual = join(homedir(), '.local/state/packetwalk/progress.json');
    expect(progressPath({})).toBe(usual);
    expect(progressPath({ XDG_STATE_HOME: 'state' })).toBe(usual);
  });

  it('is kept, scenario by scenario, and leaves no temporary file behind', async () => {
    expect(await new ProgressFile(path).read()).toEqual({ last: null, standings: new Map(), problem: null });
    expect(await new ProgressFile(path).write('one', ONE)).toBe(null);
    expect(await new ProgressFile(path).write('two', ONE)).toBe(null);
    expect(await new ProgressFile(path).write('three', null)).toBe(null);
    const { last, standings, problem } = await new ProgressFile(path).read();
    expect([last, [...standings.keys()], problem]).toEqual(['three', ['one', 'two'], null]);
    expect(readdirSync(dirname(path))).toEqual(['progress.json']);
  });

  it.each([
    ['no JSON', '{"version":1,'],
    ['another version', '{"version":2,"last":null,"scenarios":{}}'],
    ['no numbers', '{"version":1,"last":null,"scenarios":{"a":{"right":"x","answered":1,"all":1}}}'],
    ['a list', '[]'],
    ['nothing', ''],
    ['octets', '\u0000\ufffd'],
  ])('begins anew where the file holds %s, says so, and keeps the old one', async (_, content) => {
    mkdirSync(dirname(path));
    writeFileSync(path, content);
    const file = new ProgressFile(path);
    const { standings, problem } = await file.read();
    expect([standings.size, problem]).toEqual([0, expect.stringContaining('is damaged')]);
    expect(await file.write('one', ONE)).toBe(null);
    expect(readFileSync(`${path}.damaged`, 'utf8')).toBe(content);
    expect((await new ProgressFile(path).read()).standings.get('one')).toEqual(ONE);
  });

  it('says why it is not kept, and writes nothing, where something is in its place', async () => {
    mkdirSync(path, { recursive: true });
    expect((await new ProgressFile(path).read()).problem).toContain('it is a directory');
    expect(await new ProgressFile(path).write('one', ONE)).toMatch(/^progress is not kept: .*it is a directory/);
    writeFileSync(join(folder, 'file'), '');
    const below = join(folder, 'file', 'packetwalk', 'progress.json');
    expect(await new ProgressFile(below).write('one', ONE)).toContain('not a directory');
  });

  // Root may write everywhere.
  it.skipIf(process.getuid?.() === 0)('says so where the folder is read-only', async () => {
    chmodSync(folder, 0o500);
    expect(await new ProgressFile(path).write('one', ONE)).toContain('permission denied');
    expect(existsSync(path)).toBe(false);
  });
});
