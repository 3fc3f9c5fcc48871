/** The files that `packetwalk test` means: files and bundled names as they are, folders with all scenarios below them. */

import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { quoted, systemProblem, UsageError } from './failure.ts';

const SUFFIX = '.pw.yaml';
/** A folder tree that is this large is not one of scenarios. */
const MAX_FILES = 10_000;

export async function testFiles(words: readonly string[]): Promise<string[]> {
  const found = await Promise.all(words.map(async (word) => ((await isFolder(word)) ? below(word) : [word])));
  return found.flat();
}

async function isFolder(word: string): Promise<boolean> {
  try {
    return (await stat(word)).isDirectory();
  } catch {
    // Whether it is a bundled scenario or a mistake is judged where it is read.
    return false;
  }
}

async function below(folder: string): Promise<string[]> {
  const files = await namesBelow(folder);
  if (files.length === 0) throw new UsageError(`there is no scenario (*${SUFFIX}) below ${quoted(folder)}`);
  return files;
}

/** In the order of code units, whatever the file system's own. */
async function namesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: unknown) => {
    throw new UsageError(`cannot read ${quoted(folder)}: ${systemProblem(error)}`);
  });
  const files: string[] = [];
  for (const entry of entries.sort((one, other) => (one.name < other.name ? -1 : 1))) {
    const path = join(folder, entry.name);
    if (entry.isDirectory() && entry.name !== 'node_modules' && !entry.name.startsWith('.')) {
      files.push(...(await namesBelow(path)));
    } else if (entry.isFile() && entry.name.endsWith(SUFFIX)) files.push(path);
    if (files.length > MAX_FILES)
      throw new UsageError(`there are more than ${MAX_FILES} scenarios below ${quoted(folder)}`);
  }
  return files;
}
