/** What is wrong with a filter, and where, so that a caret can stand under it. */

export interface FilterProblem {
  /** A sentence without its full stop: `tcp.prot is neither a field nor a protocol`. */
  readonly message: string;
  /** Offset in the filter's text, in UTF-16 code units; the text's length when something is missing at its end. */
  readonly at: number;
  /** Code units that are wrong, at least 1. */
  readonly length: number;
  /** What to write instead, where that can be said. */
  readonly hint?: string;
}

/** A part of the filter's text. */
export interface Span {
  readonly at: number;
  readonly length: number;
}

/**
 * Ends the reading of a filter. The first problem is the only one that is told: what stands behind it was read under a
 * wrong impression.
 */
class FilterRefusal extends Error {
  override readonly name = 'FilterRefusal';
  readonly problem: FilterProblem;

  constructor(problem: FilterProblem) {
    super(problem.message);
    this.problem = problem;
  }
}

export function refuse({ at, length }: Span, message: string, hint?: string): never {
  const place = { message, at, length: Math.max(1, length) };
  throw new FilterRefusal(hint === undefined ? place : { ...place, hint });
}

/** Runs `read` and returns what it returns, or the problem that ended it. */
export function orProblem<T>(read: () => T): T | FilterProblem {
  try {
    return read();
  } catch (refusal) {
    if (refusal instanceof FilterRefusal) return refusal.problem;
    throw refusal;
  }
}

export function isFilterProblem(value: object): value is FilterProblem {
  return 'message' in value && 'at' in value;
}

/** A part of a filter as messages quote it, cut where it is long. */
export function quoted(text: string): string {
  return `\`${text.length > 40 ? `${text.slice(0, 39)}…` : text}\``;
}
