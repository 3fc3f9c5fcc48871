/**
 * A sweep as a file: what was run and every trial, in the order of the plan. The same for any number of workers, so that
 * two of them can be compared octet by octet; parts of one sweep (`--shard`, Ctrl-C) can be put together.
 */

import { readFile } from 'node:fs/promises';
import { errnoOf, quoted, systemProblem, UsageError } from '../failure.ts';
import type { Subject, Trial } from './trial.ts';

const FORMAT = 'packetwalk-sweep/1';

export interface SavedSweep {
  readonly title: string;
  readonly subject: Subject;
  readonly seeds: readonly string[];
  readonly trials: readonly Trial[];
}

/** Piece by piece: a line for each trial. */
export function* savedText({ title, subject, seeds, trials }: SavedSweep): Generator<string> {
  yield `${JSON.stringify({ format: FORMAT, title, subject, seeds }).slice(0, -1)},"trials":[`;
  for (const [index, trial] of trials.entries()) yield `${index === 0 ? '\n' : ',\n'}${JSON.stringify(trial)}`;
  yield '\n]}\n';
}

export async function readSaved(path: string): Promise<SavedSweep> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (errnoOf(error) === null) throw error;
    throw new UsageError(`cannot read ${quoted(path)}: ${systemProblem(error)}`);
  }
  try {
    const saved = JSON.parse(text) as SavedSweep & { readonly format: string };
    if (saved.format === FORMAT && Array.isArray(saved.trials) && Array.isArray(saved.subject?.points)) return saved;
  } catch {
    // Told below.
  }
  throw new UsageError(`${quoted(path)} is no sweep`, 'a sweep is written by packetwalk sweep … -o NAME.json');
}

/** Parts of one sweep as one; what stands in several of them counts once. */
export function merged(parts: readonly { readonly path: string; readonly saved: SavedSweep }[]): SavedSweep {
  const [first] = parts;
  if (!first) throw new UsageError('there is nothing to merge');
  const identity = ({ saved }: { readonly saved: SavedSweep }) => JSON.stringify([saved.subject, saved.seeds]);
  const other = parts.find((part) => identity(part) !== identity(first));
  if (other) throw new UsageError(`${quoted(other.path)} is a part of another sweep than ${quoted(first.path)}`);
  const { title, subject, seeds } = first.saved;
  return {
    title,
    subject,
    seeds,
    trials: inOrder(
      parts.flatMap(({ saved }) => saved.trials),
      seeds,
    ),
  };
}

export function inOrder(trials: readonly Trial[], seeds: readonly string[]): Trial[] {
  const places = new Map(seeds.map((seed, index) => [seed, index]));
  const placeOf = ({ point, seed }: Trial) => point * seeds.length + (places.get(seed) ?? 0);
  const unique = new Map(trials.map((trial) => [placeOf(trial), trial]));
  return [...unique].sort(([one], [another]) => one - another).map(([, trial]) => trial);
}
