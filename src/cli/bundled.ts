/** The scenarios that come with packetwalk: `scenarios/*.pw.yaml` beside the package's own files. */

import { readdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const SUFFIX = '.pw.yaml';
/** From `dist/cli/` and from `src/cli/` alike. */
const FOLDER = new URL('../../scenarios/', import.meta.url);

/** Their names in the order of code units. */
export function bundledNames(): string[] {
  return filesOf(FOLDER)
    .filter((file) => file.endsWith(SUFFIX))
    .map((file) => file.slice(0, -SUFFIX.length))
    .sort();
}

function filesOf(folder: URL): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

export function bundledPath(name: string): string {
  return fileURLToPath(new URL(`${name}${SUFFIX}`, FOLDER));
}

/** A file of a package that somebody else wrote, and nobody's to mend. */
export function isBundled(path: string | null): boolean {
  return path !== null && resolve(path).startsWith(fileURLToPath(FOLDER));
}
