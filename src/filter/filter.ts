/** Wireshark's display filters: from a line of text to a question that can be asked of every frame. */

import { FIELDS, PROTOCOLS } from '../layers/codecs.ts';
import { check } from './check.ts';
import { evaluatorOf } from './evaluate.ts';
import type { FilterFrame } from './frame.ts';
import { parse } from './parse.ts';
import type { Operand, Plan } from './plan.ts';
import { type FilterProblem, orProblem } from './problem.ts';
import { type FieldTable, type FilterNames, fieldTableOf, NO_NAMES } from './vocabulary.ts';

export type { FilterFrame } from './frame.ts';
export { type FilterProblem, isFilterProblem } from './problem.ts';
export { EXTRA_FIELDS, type FieldTable, type FilterNames } from './vocabulary.ts';

export interface CompiledFilter {
  readonly text: string;
  /** The fields it asks for; without any, no field of a frame is built. */
  readonly fields: ReadonlySet<string>;
  /** The protocols in whose layers it looks. */
  readonly protocols: ReadonlySet<string>;
  /** Never throws. Not to be called from within itself: it keeps where it is. */
  test(frame: FilterFrame): boolean;
}

/** All fields that are dissected, and the simulator's own. */
export const FIELD_TABLE: FieldTable = fieldTableOf(FIELDS, PROTOCOLS);

/**
 * The filter that `text` describes, or what is wrong with it. `names`: the nodes whose names stand for addresses.
 */
export function compileFilter(
  text: string,
  names: FilterNames = NO_NAMES,
  table: FieldTable = FIELD_TABLE,
): CompiledFilter | FilterProblem {
  return orProblem(() => {
    const plan = check(parse(text), { names, table });
    const needs = { fields: new Set<string>(), protocols: new Set<string>() };
    collectNeeds(plan, needs);
    return { text, ...needs, test: evaluatorOf(plan) };
  });
}

interface Needs {
  readonly fields: Set<string>;
  readonly protocols: Set<string>;
}

function collectNeeds(plan: Plan, needs: Needs): void {
  switch (plan.kind) {
    case 'and':
    case 'or':
    case 'xor':
      for (const part of plan.parts) collectNeeds(part, needs);
      break;
    case 'not':
      collectNeeds(plan.test, needs);
      break;
    case 'compare':
    case 'contains':
      collectSources([plan.left, plan.right], needs);
      break;
    case 'between':
      collectSources([plan.value, plan.low, plan.high], needs);
      break;
    default:
      collectSources([plan.value], needs);
  }
}

function collectSources(sources: readonly Operand[], needs: Needs): void {
  for (const source of sources) {
    if (source.kind === 'field') {
      needs.fields.add(source.name);
      if (source.holder !== null) needs.protocols.add(source.holder);
    } else if (source.kind === 'protocol') needs.protocols.add(source.name);
    else if (source.kind === 'extra') needs.fields.add(source.name);
    else if (source.kind === 'arithmetic') collectSources([source.left, source.right], needs);
    else if (source.kind === 'call') collectSources(source.arguments, needs);
    else if ('of' in source) collectSources([source.of], needs);
  }
}
