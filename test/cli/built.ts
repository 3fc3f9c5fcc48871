/** The command line as users get it: bundled, started by its launcher, in a process of its own. */

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

export interface Result {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CallOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string | Uint8Array;
}

/** A package of its own in a temporary folder, so that the tests neither need nor touch `dist`. */
export class BuiltPackage {
  readonly folder: string;
  readonly launcher: string;

  constructor() {
    this.folder = mkdtempSync(join(tmpdir(), 'packetwalk-'));
    this.launcher = join(this.folder, 'bin', 'packetwalk.cjs');
    cpSync(join(ROOT, 'bin'), join(this.folder, 'bin'), { recursive: true });
    for (const name of ['package.json', 'node_modules', 'scenarios'])
      symlinkSync(join(ROOT, name), join(this.folder, name));
    const bundler = join(ROOT, 'scripts', 'bundle-cli.mjs');
    const built = spawnSync(process.execPath, [bundler, join(this.folder, 'dist')], { encoding: 'utf8' });
    if (built.status !== 0) throw built.error ?? new Error(built.stderr);
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  #environment(): NodeJS.ProcessEnv {
    return { PATH: process.env.PATH, NODE_COMPILE_CACHE: join(this.folder, 'cache') };
  }

  /** Runs to the end; nothing of the caller's environment but PATH is passed on. */
  call(args: readonly string[], { cwd, env, input }: CallOptions = {}): Result {
    const { status, signal, stdout, stderr } = spawnSync(process.execPath, [this.launcher, ...args], {
      cwd: cwd ?? this.folder,
      env: { ...this.#environment(), ...env },
      input: input ?? '',
      encoding: 'utf8',
      maxBuffer: 1 << 28,
    });
    return { code: status, signal, stdout, stderr };
  }

  /** Runs a line of shell in which `$PW` is the command. */
  shell(line: string, { cwd, env }: CallOptions = {}): Result {
    const { status, signal, stdout, stderr } = spawnSync('bash', ['--norc', '-c', line], {
      cwd: cwd ?? this.folder,
      env: { ...this.#environment(), PW: `${process.execPath} ${this.launcher}`, ...env },
      encoding: 'utf8',
      maxBuffer: 1 << 28,
    });
    return { code: status, signal, stdout, stderr };
  }

  start(args: readonly string[], cwd = this.folder): ChildProcess {
    return spawn(process.execPath, [this.launcher, ...args], { cwd, env: this.#environment(), stdio: 'pipe' });
  }
}

/** What a child printed and how it ended. */
export async function ended(child: ChildProcess): Promise<Result> {
  let stdout = '';
  let stderr = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  return new Promise((resolve) => {
    child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
}
