/** The scenarios that come with packetwalk: `scenarios/*.pw.yaml` beside the package's own files. */

import { readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

const SUFFIX = '.pw.yaml';
/** From `dist/cli/` and from `src/cli/` alike. */
const FOLDER = new URL('../../scenarios/', import.meta.url);

/** Their names in the order of code units. */
export async function bundledNames(): Promise<string[]> {
  const files = await readdir(FOLDER).catch(() => []);
  return files
    .filter((file) => file.endsWith(SUFFIX))
    .map((file) => file.slice(0, -SUFFIX.length))
    .sort();
}

export function bundledPath(name: string): string {
  return fileURLToPath(new URL(`${name}${SUFFIX}`, FOLDER));
}
