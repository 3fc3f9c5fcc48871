/** A real terminal for tests: a tmux server of its own, whose screen can be read. */

import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
export const canUseTmux = spawnSync('tmux', ['-V']).status === 0 && existsSync(join(ROOT, 'dist/cli/main.cjs'));

export class Tmux {
  readonly #socket = `pw-${process.pid}-${Math.floor(performance.now())}`;
  readonly folder = mkdtempSync(join(tmpdir(), 'packetwalk-tmux-'));

  start(command: string, columns: number, rows: number): void {
    const shell = `sh -c '${command}; echo "status $?" > ${this.folder}/status; stty -a > ${this.folder}/stty; sleep 30'`;
    const size = ['-x', String(columns), '-y', String(rows)];
    this.run(['-f', '/dev/null', 'new-session', '-d', '-s', 's', ...size, shell]);
  }

  /** A shell that somebody types into, with jobs that can be stopped. */
  startShell(columns: number, rows: number): void {
    const size = ['-x', String(columns), '-y', String(rows)];
    const shell = "env PS1='ready> ' bash --norc --noprofile -i";
    this.run(['-f', '/dev/null', 'new-session', '-d', '-s', 's', ...size, shell]);
  }

  type(...keys: readonly string[]): void {
    this.run(['send-keys', '-t', 's', ...keys]);
  }

  /** What tmux knows of the terminal, such as `alternate_on`. */
  flag(name: string): string {
    return this.run(['display-message', '-p', '-t', 's', `#{${name}}`]).trim();
  }

  run(words: readonly string[]): string {
    return execFileSync('tmux', ['-L', this.#socket, ...words], { encoding: 'utf8', cwd: ROOT });
  }

  screen(): string {
    return this.run(['capture-pane', '-p', '-t', 's']);
  }

  /** Waits for something to be true, for ten seconds at most. */
  async until(isTrue: () => boolean, seconds = 10): Promise<void> {
    for (let tries = 0; tries < seconds * 20 && !isTrue(); tries++)
      await new Promise((resolve) => setTimeout(resolve, 50));
    expect(isTrue()).toBe(true);
  }

  file(name: string): string {
    return existsSync(join(this.folder, name)) ? readFileSync(join(this.folder, name), 'utf8') : '';
  }

  end(): void {
    spawnSync('tmux', ['-L', this.#socket, 'kill-server']);
    rmSync(this.folder, { recursive: true, force: true });
  }
}
