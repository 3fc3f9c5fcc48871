/**
 * `-o FILE`: where results are written. A file appears whole or not at all: it is written beside its final place under a
 * temporary name and then renamed.
 */

import { access, constants, type FileHandle, open, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { errnoOf, quoted, systemProblem, UsageError } from './failure.ts';
import type { Output } from './terminal.ts';

const FORMATS = ['pcapng', 'jsonl', 'mmd', 'svg', 'html', 'md', 'xml', 'pem', 'cast'] as const;
export type Format = (typeof FORMATS)[number];

export interface Target {
  readonly format: Format;
  /** `-`: standard output. */
  readonly path: string;
}

/** `x.pcapng`; `pcapng:x` for any name; `pcapng:-` for standard output. */
export function parseTarget(text: string): Target {
  const [, prefix, rest] = /^([a-z]+):(.+)$/s.exec(text) ?? [];
  if (prefix !== undefined && rest !== undefined && isFormat(prefix)) return { format: prefix, path: rest };
  if (text === '-') throw new UsageError(`-o - does not say in which format`, `write ${choices('%:-')}`);
  const ending = /\.([A-Za-z0-9]+)$/.exec(basename(text))?.[1]?.toLowerCase() ?? '';
  if (isFormat(ending)) return { format: ending, path: text };
  const what = `-o ${quoted(text)}: the ending does not say which format to write`;
  throw new UsageError(what, `write ${choices('.%')}, or name the format in front: pcapng:NAME`);
}

function choices(pattern: string): string {
  return FORMATS.map((format) => pattern.replace('%', format)).join(', ');
}

function isFormat(text: string): text is Format {
  return (FORMATS as readonly string[]).includes(text);
}

/**
 * Refuses, before anything has run, what could not be written afterwards. `inputs` are files that must survive.
 */
export async function checkTargets(
  targets: readonly Pick<Target, 'path'>[],
  force: boolean,
  inputs: readonly string[],
): Promise<void> {
  const seen = new Set<string>();
  for (const { path } of targets) {
    if (seen.has(path)) {
      throw new UsageError(
        path === '-' ? 'only one output can go to standard output' : `-o ${quoted(path)} is given twice`,
      );
    }
    seen.add(path);
    if (path === '-') continue;
    for (const input of inputs) {
      if (await isSameFile(path, input)) throw new UsageError(`-o ${quoted(path)} is the input itself`);
    }
    await checkPlace(path, force);
  }
}

async function checkPlace(path: string, force: boolean): Promise<void> {
  const existing = await lookAt(path);
  if (existing?.isDirectory()) throw new UsageError(`cannot write ${quoted(path)}: it is a directory`);
  if (existing?.isFile() && !force) {
    throw new UsageError(`${quoted(path)} exists already`, 'give another name, or --force to overwrite it');
  }
  // A device or a pipe is written into where it stands; anything else beside its place.
  if (existing && !existing.isFile()) return;
  const parent = await lookAt(dirname(path));
  if (!parent) throw new UsageError(`cannot write ${quoted(path)}: there is no directory ${quoted(dirname(path))}`);
  if (!parent.isDirectory()) {
    throw new UsageError(`cannot write ${quoted(path)}: ${quoted(dirname(path))} is not a directory`);
  }
  try {
    await access(dirname(path), constants.W_OK);
  } catch (error) {
    throw new UsageError(`cannot write ${quoted(path)}: ${systemProblem(error)}`);
  }
}

async function lookAt(path: string): Promise<Awaited<ReturnType<typeof stat>> | null> {
  try {
    return await stat(path);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return null;
    throw new UsageError(`cannot write ${quoted(path)}: ${systemProblem(error)}`);
  }
}

async function isSameFile(one: string, other: string): Promise<boolean> {
  try {
    const [first, second] = await Promise.all([stat(one), stat(other)]);
    return first.dev === second.dev && first.ino === second.ino;
  } catch {
    return false;
  }
}

/** In the order of writing: standard output comes last, for its reader may keep it waiting for ever. */
export function filesFirst(targets: readonly Target[]): readonly Target[] {
  return targets.toSorted((one, other) => Number(one.path === '-') - Number(other.path === '-'));
}

/** What is written, piece by piece. */
export type Content = Iterable<string | Uint8Array>;

/** Writes one output. `pause` is called between pieces and may throw to stop; then nothing is left behind. */
export async function writeTarget(
  target: Pick<Target, 'path'>,
  content: Content,
  out: Output,
  pause: () => Promise<void>,
): Promise<void> {
  if (target.path === '-') {
    for (const chunk of chunksOf(content)) await out.write(chunk);
    return;
  }
  try {
    // A device or a pipe is no file that one could replace: Wireshark may be reading at its other end.
    const existing = await lookAt(target.path);
    if (existing && !existing.isFile()) await writeInto(target.path, 'w', content, pause);
    else await writeBeside(target.path, content, pause);
  } catch (error) {
    if (errnoOf(error) === null) throw error;
    throw new UsageError(`cannot write ${quoted(target.path)}: ${systemProblem(error)}`);
  }
}

let temporaries = 0;

async function writeBeside(path: string, content: Content, pause: () => Promise<void>): Promise<void> {
  // Of the process's own, so that two that write the same file never mix: the last one wins whole.
  const temporary = join(dirname(path), `.packetwalk-${process.pid}-${temporaries++}.tmp`);
  try {
    await writeInto(temporary, 'wx', content, pause);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

async function writeInto(path: string, flags: string, content: Content, pause: () => Promise<void>): Promise<void> {
  const handle = await open(path, flags);
  try {
    for (const chunk of chunksOf(content)) {
      await writeAll(handle, chunk);
      await pause();
    }
  } finally {
    // A close may be where a full disk shows first, so its error counts.
    await handle.close();
  }
}

async function writeAll(handle: FileHandle, chunk: Uint8Array): Promise<void> {
  for (let at = 0; at < chunk.length; ) {
    const { bytesWritten } = await handle.write(chunk, at);
    at += bytesWritten;
  }
}

const CHUNK_BYTES = 262_144;

/** Pieces joined until they are worth a system call. */
function* chunksOf(content: Content): Generator<Uint8Array> {
  let parts: Uint8Array[] = [];
  let length = 0;
  for (const piece of content) {
    const bytes = typeof piece === 'string' ? Buffer.from(piece) : piece;
    parts.push(bytes);
    length += bytes.length;
    if (length < CHUNK_BYTES) continue;
    yield Buffer.concat(parts);
    parts = [];
    length = 0;
  }
  if (length > 0) yield Buffer.concat(parts);
}
