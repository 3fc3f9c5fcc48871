/** Sets of octets: what one position of a regular expression accepts. */

export class OctetSet {
  readonly #bits = new Uint32Array(8);

  has(octet: number): boolean {
    return (((this.#bits[octet >>> 5] as number) >>> (octet & 31)) & 1) === 1;
  }

  add(octet: number): this {
    this.#bits[octet >>> 5] = (this.#bits[octet >>> 5] as number) | (1 << (octet & 31));
    return this;
  }

  /** Both ends included. */
  addRange(from: number, to: number): this {
    for (let octet = from; octet <= to; octet++) this.add(octet);
    return this;
  }

  addAll(other: OctetSet): this {
    for (let octet = 0; octet < 256; octet++) if (other.has(octet)) this.add(octet);
    return this;
  }

  /** With `caseless`, an ASCII letter brings its other case. */
  addCase(octet: number, caseless: boolean): this {
    this.add(octet);
    const lower = octet | 0x20;
    if (caseless && lower >= 0x61 && lower <= 0x7a) this.add(octet ^ 0x20);
    return this;
  }

  inverted(): OctetSet {
    const result = new OctetSet();
    for (let octet = 0; octet < 256; octet++) if (!this.has(octet)) result.add(octet);
    return result;
  }
}

/** From pairs of characters: `azAZ` is all letters. */
export function octetSet(ranges: string): OctetSet {
  const set = new OctetSet();
  for (let at = 0; at < ranges.length; at += 2) set.addRange(ranges.charCodeAt(at), ranges.charCodeAt(at + 1));
  return set;
}

/** `\w`: what words are made of. */
export const WORD = octetSet('azAZ09__');
