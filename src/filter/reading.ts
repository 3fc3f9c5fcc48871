/** Where the parser stands among the tokens. */

import { type Token, tokenize } from './lexer.ts';
import { quoted, refuse, type Span } from './problem.ts';
import { RESERVED, SIGNS } from './words.ts';

/** Parentheses and `not`s inside each other. Real filters have a few. */
const GREATEST_DEPTH = 200;
/** Operators, slices, braces and functions in one value: each may make its tree one level deeper. */
const GREATEST_OPERATORS = 200;

export class Reading {
  readonly #tokens: readonly Token[];
  #index = 0;
  #depth = 0;
  #operators = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  get token(): Token {
    return this.#tokens[this.#index] as Token;
  }

  get isAtEnd(): boolean {
    return this.token.kind === 'end';
  }

  /** Steps over the token and returns it; the end stays. */
  advance(): Token {
    const token = this.token;
    if (token.kind !== 'end') this.#index++;
    return token;
  }

  /** Steps over an operator, if it is the next token. */
  accept(operator: string): boolean {
    if (!nextIs(this, operator)) return false;
    this.#index++;
    return true;
  }

  /** The same for a word, or the sign that means it. */
  acceptWord(word: string): boolean {
    const { token } = this;
    const written = token.kind === 'word' && token.text === word;
    if (written) this.#index++;
    return written || this.accept(SIGNS.get(word) ?? word);
  }

  /** `not in` or `!in`, where a plain `not` would begin another test. */
  acceptNotIn(): boolean {
    const { token } = this;
    const next = this.#tokens[this.#index + 1];
    const isNot = (token.kind === 'word' && token.text === 'not') || (token.kind === 'operator' && token.text === '!');
    if (!isNot || next?.kind !== 'word' || next.text !== 'in') return false;
    this.#index += 2;
    return true;
  }

  /** Steps over `operator`, which closes or follows what began at `opened`. */
  expect(operator: string, opened: Span, hint?: string): void {
    if (this.accept(operator)) return;
    if (this.token.kind === 'end' && operator !== '{') {
      refuse(opened, `${quoted(operator)} is missing for this`, hint);
    }
    const found = this.token.kind === 'end' ? 'the filter ends' : `${quoted(this.token.text)} stands`;
    refuseHere(this, `${found} where ${quoted(operator)} was expected`, hint);
  }

  isReserved(word: string): boolean {
    return RESERVED.has(word);
  }

  /** From the start of `first` to the end of the token before the next one. */
  since(first: Span): Span {
    const last = this.#tokens[this.#index - 1] as Token;
    return { at: first.at, length: last.at + last.length - first.at };
  }

  /** Reads one level deeper: the parser calls itself, and its stack is not endless. */
  deeper<T>(start: Span, read: () => T): T {
    if (++this.#depth > GREATEST_DEPTH) refuse(start, `the filter is nested more than ${GREATEST_DEPTH} levels deep`);
    const result = read();
    this.#depth--;
    return result;
  }

  startValue(): void {
    this.#operators = 0;
  }

  spendOperator(): void {
    if (++this.#operators > GREATEST_OPERATORS) {
      refuseHere(this, `a value has more than ${GREATEST_OPERATORS} operators, slices and braces`);
    }
  }
}

export function startReading(text: string): Reading {
  return new Reading(tokenize(text));
}

export function nextIs({ token }: Reading, operator: string): boolean {
  return token.kind === 'operator' && token.text === operator;
}

export function refuseHere({ token }: Reading, message: string, hint?: string): never {
  return refuse(token, message, hint);
}
