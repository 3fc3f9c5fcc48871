/** A measurement in a process of its own, which tells it in one line of JSON. */

import { spawnSync } from 'node:child_process';

/** `core`: the one that it may use; without taskset (util-linux), or with null, it may use all. */
export function told(core: string | null, command: string, words: readonly string[]): unknown {
  const [program = '', ...rest] =
    core !== null && hasTaskset() ? ['taskset', '-c', core, command, ...words] : [command, ...words];
  const { status, stdout, stderr, error } = spawnSync(program, rest, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command} ${words.join(' ')}: ${stderr}${error ?? ''}`);
  return JSON.parse(stdout);
}

/** The same benchmark once more, with other words. */
export function toldByTwin(core: string | null, words: readonly string[]): unknown {
  return told(core, process.execPath, ['--expose-gc', process.argv[1] ?? '', ...words]);
}

let isThere: boolean | null = null;

function hasTaskset(): boolean {
  isThere ??= spawnSync('taskset', ['--version']).status === 0;
  return isThere;
}
