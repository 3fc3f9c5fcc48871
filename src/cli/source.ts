/** SCENARIO on the command line: a path, `-` for standard input, or the name of a bundled scenario; read with its limits. */

import { closeSync, createReadStream, openSync, readSync, statSync } from 'node:fs';
import { nearest } from '../filter/nearest.ts';
import { bundledNames, bundledPath } from './bundled.ts';
import { quoted, systemProblem, UsageError } from './failure.ts';

const PART_BYTES = 1 << 16;

export interface Source {
  /** What messages call it: the path as given, `-`, or a bundled name. */
  readonly name: string;
  /** The file that was read, or null for standard input. */
  readonly path: string | null;
  readonly bytes: Uint8Array;
}

/** Reads what `word` names; at most `mostBytes`. Throws a UsageError. */
export async function readSource(word: string, mostBytes: number): Promise<Source> {
  if (word === '') throw new UsageError('the name of the scenario is empty');
  if (word === '-' || word === '/dev/stdin')
    return { name: word, path: null, bytes: await readStandardInput(mostBytes) };
  const path = resolve(word);
  return { name: word, path, bytes: await readRegularFile(word, path, mostBytes) };
}

/** A file goes before a bundled scenario of the same name; a folder does not. */
function resolve(word: string): string {
  const kind = kindOf(word);
  if (kind === 'other') return word;
  const names = bundledNames();
  if (names.includes(word)) return bundledPath(word);
  if (kind === 'directory') throw new UsageError(`cannot read ${quoted(word)}: it is a directory`);
  const likely = nearest(word.replace(/\.(pw\.)?ya?ml$/, ''), names);
  const looksLikePath = /[/\\]|\.[a-z]+$/i.test(word);
  const what = looksLikePath
    ? `cannot read ${quoted(word)}: there is no such file or directory`
    : `there is no file and no bundled scenario ${quoted(word)}`;
  const hint = likely === null ? 'packetwalk list shows the bundled scenarios' : `did you mean ${quoted(likely)}?`;
  throw new UsageError(what, hint);
}

function kindOf(word: string): 'missing' | 'directory' | 'other' {
  try {
    return statSync(word).isDirectory() ? 'directory' : 'other';
  } catch (error) {
    if (word.includes('\0')) throw new UsageError(`cannot read ${quoted(word)}: a file name has no NUL`);
    const problem = systemProblem(error);
    if (typeof error === 'object' && error !== null && 'code' in error && error.code === 'ENOENT') return 'missing';
    throw new UsageError(`cannot read ${quoted(word)}: ${problem}`);
  }
}

async function readRegularFile(word: string, path: string, mostBytes: number): Promise<Uint8Array> {
  try {
    const before = statSync(path);
    // A named pipe may never get a writer, a device may never end. What a shell hands over as /dev/fd/N has both.
    if (!before.isFile() && !/^\/(?:dev|proc\/self)\/fd\/\d+$/.test(path)) {
      throw new UsageError(
        `cannot read ${quoted(word)}: it is no regular file`,
        'use - and redirect it to standard input',
      );
    }
    const fd = openSync(path, 'r');
    try {
      if (before.isFile()) return readToEnd(fd, mostBytes, word);
      return await gather(createReadStream('', { fd, autoClose: false }), mostBytes, word);
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`cannot read ${quoted(word)}: ${systemProblem(error)}`);
  }
}

async function readStandardInput(mostBytes: number): Promise<Uint8Array> {
  try {
    return await gather(process.stdin, mostBytes, '-');
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`cannot read standard input: ${systemProblem(error)}`);
  }
}

/** A regular file has its octets at hand. */
function readToEnd(fd: number, mostBytes: number, word: string): Uint8Array {
  const parts: Uint8Array[] = [];
  let length = 0;
  for (;;) {
    const part = Buffer.alloc(PART_BYTES);
    const count = readSync(fd, part);
    if (count === 0) return Buffer.concat(parts, length);
    length += count;
    if (length > mostBytes) throw tooLong(mostBytes, word);
    parts.push(part.subarray(0, count));
  }
}

async function gather(
  stream: AsyncIterable<Uint8Array | string>,
  mostBytes: number,
  word: string,
): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of stream) {
    const bytes = typeof part === 'string' ? Buffer.from(part) : part;
    length += bytes.length;
    if (length > mostBytes) throw tooLong(mostBytes, word);
    parts.push(bytes);
  }
  return Buffer.concat(parts);
}

function tooLong(mostBytes: number, word: string): UsageError {
  const what = word === '-' ? 'standard input' : quoted(word);
  return new UsageError(`${what} is longer than the limit of ${mostBytes} octets`);
}
