/**
 * What somebody has learned, kept in the user's state folder (`$XDG_STATE_HOME/packetwalk/progress.json`, XDG Base
 * Directory Specification 0.8). A file that cannot be read or written is told of, and learning goes on without it.
 */

import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join } from 'node:path';
import { z } from 'zod';
import { printable } from '../projections/printable.ts';
import type { Standing } from '../tui/gallery/gallery.ts';
import { errnoOf, systemProblem } from './failure.ts';

const count = z.number().int().min(0).max(100_000);
const schema = z.object({
  version: z.literal(1),
  last: z.string().max(200).nullable(),
  scenarios: z.record(z.string().max(200), z.object({ right: count, answered: count, all: count })),
});

interface Progress {
  readonly last: string | null;
  readonly standings: ReadonlyMap<string, Standing>;
  /** Why it begins anew, or is not kept; null: all is well. */
  readonly problem: string | null;
}

/** A relative XDG_STATE_HOME is to be ignored, as the specification says. */
export function progressPath(environment: NodeJS.ProcessEnv): string {
  const { XDG_STATE_HOME: state = '' } = environment;
  const folder = isAbsolute(state) ? state : join(homedir(), '.local', 'state');
  return join(folder, 'packetwalk', 'progress.json');
}

export class ProgressFile {
  readonly #path: string;
  #isDamaged = false;

  constructor(path: string) {
    this.#path = path;
  }

  async read(): Promise<Progress> {
    const nothing = { last: null, standings: new Map<string, Standing>() };
    let text: string;
    try {
      text = await readFile(this.#path, 'utf8');
    } catch (error) {
      const isThere = errnoOf(error) !== 'ENOENT';
      return { ...nothing, problem: isThere ? `progress is not read: ${this.#said(error)}` : null };
    }
    const parsed = schema.safeParse(parsedJson(text));
    if (!parsed.success) {
      this.#isDamaged = true;
      return { ...nothing, problem: `${printable(this.#path)} is damaged: progress begins anew, the old file is kept` };
    }
    const { last, scenarios } = parsed.data;
    return { last, standings: new Map(Object.entries(scenarios)), problem: null };
  }

  /** Beside what stands there now: another terminal may have written since. Answers what went wrong; null: nothing. */
  async write(name: string, standing: Standing | null): Promise<string | null> {
    try {
      const { standings } = await this.read();
      const all = new Map(standings);
      if (standing) all.set(name, standing);
      await mkdir(dirname(this.#path), { recursive: true, mode: 0o700 });
      if (this.#isDamaged) await rename(this.#path, `${this.#path}.damaged`);
      this.#isDamaged = false;
      const content = { version: 1, last: name, scenarios: Object.fromEntries([...all].sort()) };
      const beside = `${this.#path}.${process.pid}.tmp`;
      try {
        await writeFile(beside, `${JSON.stringify(content, null, 1)}\n`, { flag: 'w', mode: 0o600 });
        await rename(beside, this.#path);
      } catch (error) {
        await rm(beside, { force: true });
        throw error;
      }
      return null;
    } catch (error) {
      return `progress is not kept: ${this.#said(error)}`;
    }
  }

  #said(error: unknown): string {
    return `${printable(this.#path)}: ${systemProblem(error)}`;
  }
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
