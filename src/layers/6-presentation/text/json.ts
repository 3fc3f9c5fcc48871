/** JSON (RFC 8259) checked character by character, so that what is wrong has a place, the same in every engine. */

export interface JsonProblem {
  /** Of the character at which it is no JSON any more. */
  readonly at: number;
  readonly expected: string;
}

/** What a text of JSON is at its outermost. */
export type JsonKind = 'object' | 'array' | 'string' | 'number' | 'true' | 'false' | 'null';

/** Deeper than this is nobody's message, and would be somebody's attack (RFC 8259 section 9 allows a limit). */
const MAX_DEPTH = 512;
const WORDS = ['true', 'false', 'null'] as const;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;

export function readJson(text: string): JsonKind | JsonProblem {
  const reader = new JsonReader(text);
  reader.skipBlanks();
  const kind = reader.value(0);
  if (typeof kind !== 'string') return kind;
  reader.skipBlanks();
  return reader.at === text.length ? kind : { at: reader.at, expected: 'the end' };
}

class JsonReader {
  at = 0;
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  /** Section 2: blank, tab, line feed and carriage return, no others. */
  skipBlanks(): void {
    while (/[ \t\n\r]/.test(this.#text[this.at] ?? '')) this.at++;
  }

  value(depth: number): JsonKind | JsonProblem {
    const first = this.#text[this.at];
    if (depth > MAX_DEPTH) return this.#problem('no more than 512 levels');
    if (first === '{') return this.#list('}', () => this.#member(depth)) ?? 'object';
    if (first === '[') return this.#list(']', () => this.#item(depth)) ?? 'array';
    if (first === '"') return this.#string() ?? 'string';
    const word = WORDS.find((each) => this.#text.startsWith(each, this.at));
    if (word) {
      this.at += word.length;
      return word;
    }
    NUMBER.lastIndex = this.at;
    const [number] = NUMBER.exec(this.#text) ?? [];
    if (number === undefined) return this.#problem('a value');
    this.at += number.length;
    return 'number';
  }

  /** Between its brackets, with commas between. */
  #list(end: string, item: () => JsonProblem | null): JsonProblem | null {
    this.at++;
    this.skipBlanks();
    if (this.#takes(end)) return null;
    for (;;) {
      const problem = item();
      if (problem) return problem;
      this.skipBlanks();
      if (this.#takes(end)) return null;
      if (!this.#takes(',')) return this.#problem(`a comma or ${end}`);
      this.skipBlanks();
    }
  }

  #item(depth: number): JsonProblem | null {
    const kind = this.value(depth + 1);
    return typeof kind === 'string' ? null : kind;
  }

  #member(depth: number): JsonProblem | null {
    if (this.#text[this.at] !== '"') return this.#problem('a name in double quotes');
    const problem = this.#string();
    if (problem) return problem;
    this.skipBlanks();
    if (!this.#takes(':')) return this.#problem('a colon');
    this.skipBlanks();
    return this.#item(depth);
  }

  /** Section 7: controls and the two marks are escaped, everything else stands for itself. */
  #string(): JsonProblem | null {
    this.at++;
    for (;;) {
      const character = this.#text[this.at];
      if (character === undefined) return this.#problem('the end of the string');
      if (character < ' ') return this.#problem('a control character to be escaped');
      this.at++;
      if (character === '"') return null;
      if (character !== '\\') continue;
      const escaped = this.#text[this.at] ?? '';
      if (escaped === 'u') {
        if (!/^[0-9a-fA-F]{4}$/.test(this.#text.slice(this.at + 1, this.at + 5)))
          return this.#problem('four hexadecimal digits');
        this.at += 5;
      } else if ('"\\/bfnrt'.includes(escaped) && escaped !== '') this.at++;
      else return this.#problem('a character that may be escaped');
    }
  }

  #takes(character: string): boolean {
    if (this.#text[this.at] !== character) return false;
    this.at++;
    return true;
  }

  #problem(expected: string): JsonProblem {
    return { at: this.at, expected };
  }
}
