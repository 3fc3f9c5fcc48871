/** What is kept of a compiled script is of use to the next start, and of no use to anybody who wants to do harm. */

import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

interface Loaded {
  readonly exports: { answer(): number; later(specifier: string): Promise<object> };
  keep(): void;
}
const COMPILED = fileURLToPath(new URL('../../bin/compiled.cjs', import.meta.url));
const { load } = createRequire(import.meta.url)(COMPILED) as {
  load(file: string, part: string): Loaded;
};

const DIGEST = 'a'.repeat(32);
const isRoot = process.geteuid?.() === 0;

describe('a script that is compiled once', () => {
  let folder = '';
  let script = '';
  const cache = () => join(folder, 'cache', 'packetwalk');
  const kept = () => readdirSync(cache()).map((name) => join(cache(), name));

  /** What is kept knows the old answer, so that the answer tells which of both has been run. */
  function write(answer: number, digest = DIGEST): void {
    const code = `exports.answer=()=>${answer};exports.later=(specifier)=>$later(specifier);`;
    writeFileSync(script, `"use strict";${code}\n//${digest}`);
  }
  function keep(answer: number): void {
    write(answer);
    const { exports, keep: keepIt } = load(script, 'run');
    expect(exports.answer()).toBe(answer);
    keepIt();
  }
  /** A start of its own: one process compiles the same text once. */
  function answer(part = 'run'): number {
    const line =
      'process.stdout.write(String(require(process.argv[1]).load(process.argv[2],process.argv[3]).exports.answer()))';
    return Number(execFileSync(process.execPath, ['-e', line, COMPILED, script, part], { encoding: 'utf8' }));
  }

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'packetwalk-compiled-'));
    script = join(folder, 'script.cjs');
    vi.stubEnv('NODE_COMPILE_CACHE', join(folder, 'cache'));
    vi.stubEnv('NODE_DISABLE_COMPILE_CACHE', '');
  });
  afterEach(() => {
    vi.unstubAllEnvs();
    rmSync(folder, { recursive: true, force: true });
  });

  it('is used by the next start of the same part', () => {
    keep(1);
    write(2);
    expect(answer()).toBe(1);
    expect(answer('walk')).toBe(2);
  });

  it('is not used for other code', () => {
    keep(1);
    write(2, 'b'.repeat(32));
    expect(answer()).toBe(2);
  });

  it('is kept for the person alone, in one file, written once', () => {
    keep(1);
    const [file = '', ...more] = kept();
    expect(more).toEqual([]);
    const octets = readFileSync(file);
    load(script, 'run').keep();
    expect(kept()).toEqual([file]);
    expect(readFileSync(file)).toEqual(octets);
  });

  it('is not believed when an octet of it has changed, or some are missing', () => {
    keep(1);
    write(2);
    const [file = ''] = kept();
    const octets = readFileSync(file);
    for (const at of [0, 5, 100, octets.length - 1]) {
      const changed = Buffer.from(octets);
      changed[at] = (changed[at] ?? 0) ^ 4;
      writeFileSync(file, changed);
      expect(answer(), `octet ${at}`).toBe(2);
    }
    for (const length of [0, 3, 4, 200, octets.length - 1]) {
      writeFileSync(file, octets.subarray(0, length));
      expect(answer(), `${length} octets`).toBe(2);
    }
    writeFileSync(file, octets);
    expect(answer()).toBe(1);
  });

  it.skipIf(process.platform === 'win32')('is not read where others may write', () => {
    keep(1);
    write(2);
    const [file = ''] = kept();
    chmodSync(file, 0o620);
    expect(answer()).toBe(2);
    chmodSync(file, 0o600);
    expect(answer()).toBe(1);
    chmodSync(cache(), 0o777);
    expect(answer()).toBe(2);
  });

  it.skipIf(!isRoot)('is not read when it is of somebody else', () => {
    keep(1);
    write(2);
    const [file = ''] = kept();
    chownSync(file, 65_534, 65_534);
    expect(answer()).toBe(2);
    chownSync(file, 0, 0);
    expect(answer()).toBe(1);
    chownSync(cache(), 65_534, 65_534);
    expect(answer()).toBe(2);
  });

  it.skipIf(process.platform === 'win32')('is not read, nor written, through a symbolic link', () => {
    keep(1);
    write(2);
    const [file = ''] = kept();
    const other = join(folder, 'other');
    copyFileSync(file, other);
    rmSync(file);
    symlinkSync(other, file);
    expect(answer()).toBe(2);
    rmSync(cache(), { recursive: true });
    mkdirSync(join(folder, 'elsewhere'));
    symlinkSync(join(folder, 'elsewhere'), cache());
    load(script, 'run').keep();
    expect(readdirSync(join(folder, 'elsewhere'))).toEqual([]);
  });

  it('does without where there is no place for it', () => {
    writeFileSync(join(folder, 'cache'), 'a file');
    keep(1);
    vi.stubEnv('NODE_COMPILE_CACHE', 'relative');
    keep(2);
    write(3);
    expect(answer()).toBe(3);
  });

  it('is not kept when the person says so', () => {
    vi.stubEnv('NODE_DISABLE_COMPILE_CACHE', '1');
    keep(1);
    expect(() => kept()).toThrow(/ENOENT/);
  });

  it('makes room: not more than some files stay', () => {
    mkdirSync(cache(), { recursive: true, mode: 0o700 });
    for (let file = 0; file < 60; file++) writeFileSync(join(cache(), `old-${file}`), '');
    keep(1);
    expect(kept()).toHaveLength(32);
    write(2);
    expect(answer()).toBe(1);
  });

  it('imports modules later, those of packages and those beside it', async () => {
    keep(1);
    writeFileSync(join(folder, 'beside.mjs'), 'export const name = "beside";');
    const { later } = load(script, 'run').exports;
    expect(await later('./beside.mjs')).toMatchObject({ name: 'beside' });
    expect(await later('commander')).toHaveProperty('Command');
  });
});
