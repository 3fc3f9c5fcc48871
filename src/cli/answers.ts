/**
 * Answers to be graded: a YAML file of who answered what.
 *
 *     alice:
 *       variant: 7              # left out: the name itself
 *       mtu-blackhole: { why: 2, mtu: 1400 }
 */

import * as z from 'zod';
import { readDocument } from '../scenario/document.ts';
import { formatProblems, Problems } from '../scenario/problem.ts';
import { readPiece } from '../scenario/read-piece.ts';
import { readSource as readText, UnreadableSource } from '../scenario/source.ts';
import { BadInput } from './failure.ts';
import { readSource } from './source.ts';

export interface Answers {
  readonly who: string;
  readonly variant: string;
  /** By the scenario's name, then by the question's id. */
  readonly given: ReadonlyMap<string, ReadonlyMap<string, string>>;
}

const scalar = z.union([z.string(), z.number(), z.boolean()]);
const sheet = z.record(z.string(), z.union([scalar, z.record(z.string(), scalar)]));
const MAX_BYTES = 1_048_576;

/** Throws a UsageError or BadInput. */
export async function readAnswers(word: string): Promise<Answers[]> {
  const { name, bytes } = await readSource(word, MAX_BYTES);
  const problems = await problemsOf(bytes, name);
  const tree = readDocument(problems.source, problems.found);
  const sheets = [...(tree?.entries ?? [])].flatMap(([who, { key, value }]) => {
    const { value: read } = readPiece(sheet, value, problems.found);
    const { variant = who, ...scenarios } = read ?? {};
    const given = new Map<string, ReadonlyMap<string, string>>();
    for (const [scenario, answers] of Object.entries(scenarios)) {
      if (typeof answers === 'object') {
        given.set(scenario, new Map(Object.entries(answers).map(([id, answer]) => [id, String(answer)])));
      } else problems.found.error(key, 'PW0303', `\`${scenario}\`: expected { QUESTION: ANSWER }, found a value`);
    }
    return [{ who, variant: typeof variant === 'object' ? who : String(variant), given }];
  });
  if (problems.found.hasErrors) throw new BadInput(formatProblems(problems.found.all()));
  return sheets;
}

async function problemsOf(bytes: Uint8Array, name: string) {
  try {
    const source = readText(bytes, name);
    return { source, found: new Problems(name, source) };
  } catch (error) {
    if (!(error instanceof UnreadableSource)) throw error;
    const found = new Problems(name, error.source);
    found.error({ at: error.at, length: 1, path: '' }, error.code, error.message, error.hint);
    throw new BadInput(formatProblems(found.all()));
  }
}
