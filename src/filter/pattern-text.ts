/** The octets of a regular expression, and where its reader stands. */

/** Why a pattern cannot be used. `at` counts octets of the pattern, as it is when escapes of the string are resolved. */
export class PatternRefusal extends Error {
  override readonly name = 'PatternRefusal';
  readonly at: number;

  constructor(message: string, at: number) {
    super(message);
    this.at = at;
  }
}

export interface Counts {
  readonly least: number;
  readonly most: number | null;
  /** Octets that it takes, braces included. */
  readonly length: number;
}

export class PatternText {
  readonly #octets: Uint8Array;
  at = 0;

  constructor(octets: Uint8Array) {
    this.#octets = octets;
  }

  get isAtEnd(): boolean {
    return this.at >= this.#octets.length;
  }

  /** The octet at the reader; only to be called before the end. */
  peek(): number {
    return this.#octets[this.at] as number;
  }

  next(): number {
    return this.#octets[this.at++] as number;
  }

  skip(length: number): void {
    this.at += length;
  }

  /** `ascii` is ASCII. */
  startsWith(ascii: string): boolean {
    for (let index = 0; index < ascii.length; index++) {
      if (this.#octets[this.at + index] !== ascii.charCodeAt(index)) return false;
    }
    return true;
  }

  accept(ascii: string): boolean {
    if (!this.startsWith(ascii)) return false;
    this.at += ascii.length;
    return true;
  }

  /** Steps over as many octets as `regexp` (sticky) matches, and returns them as text. */
  take(regexp: RegExp, most: number): string | null {
    const text = String.fromCharCode(...this.#octets.subarray(this.at, this.at + most));
    const found = regexp.exec(text)?.[0];
    if (found === undefined) return null;
    this.at += found.length;
    return found;
  }

  /** `{2}`, `{2,}` or `{2,5}` at the reader; any other brace stands for itself. */
  matchCounts(): Counts | null {
    if (!this.startsWith('{')) return null;
    // Longer numbers than these are refused anyway, with more zeros than this before them they are not read.
    const text = String.fromCharCode(...this.#octets.subarray(this.at, this.at + 40));
    const parts = /^\{([0-9]{1,15})(?:(,)([0-9]{1,15})?)?\}/.exec(text);
    if (!parts) return null;
    const least = Number(parts[1]);
    const most = parts[2] === undefined ? least : parts[3] === undefined ? null : Number(parts[3]);
    return { least, most, length: parts[0].length };
  }

  refuse(message: string, at = this.at): never {
    throw new PatternRefusal(message, at);
  }
}
