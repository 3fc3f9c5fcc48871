/** 32-bit words one behind the other, in as many arrays as it takes: growing copies nothing. */

/** Words of one array; a power of two. */
const CHUNK = 1 << 16;
/** And of the first one as it is made: a short run does not clear a megabyte, and a sweep not that of each seed. */
const FIRST = 1 << 11;

const double = new Float64Array(1);
const halves = new Int32Array(double.buffer);

export class Words {
  readonly #chunks: Int32Array[] = [];
  /** The one that is written to, and how many of its words are. */
  chunk = new Int32Array(0);
  used = 0;

  get length(): number {
    return this.#chunks.length === 0 ? 0 : (this.#chunks.length - 1) * CHUNK + this.used;
  }

  put(word: number): void {
    if (this.used === this.chunk.length) this.#grow();
    this.chunk[this.used++] = word;
  }

  /** Sees to it that so many words fit into the chunk; the rest of the one before stays empty. */
  room(count: number): void {
    if (this.used + count > this.chunk.length) this.#grow();
  }

  put3(one: number, two: number, three: number): void {
    const at = this.used;
    if (at + 3 > this.chunk.length) {
      this.put(one);
      this.put(two);
      this.put(three);
      return;
    }
    const chunk = this.chunk;
    chunk[at] = one;
    chunk[at + 1] = two;
    chunk[at + 2] = three;
    this.used = at + 3;
  }

  /** Takes two words. */
  putDouble(value: number): void {
    double[0] = value;
    const at = this.used;
    if (at + 2 > this.chunk.length) {
      this.put(halves[0] as number);
      this.put(halves[1] as number);
      return;
    }
    this.chunk[at] = halves[0] as number;
    this.chunk[at + 1] = halves[1] as number;
    this.used = at + 2;
  }

  at(index: number): number {
    return (this.#chunks[index >>> 16] as Int32Array)[index & (CHUNK - 1)] as number;
  }

  set(index: number, word: number): void {
    (this.#chunks[index >>> 16] as Int32Array)[index & (CHUNK - 1)] = word;
  }

  doubleAt(index: number): number {
    halves[0] = this.at(index);
    halves[1] = this.at(index + 1);
    return double[0] as number;
  }

  /** The first array grows until it is as long as all others will be. */
  #grow(): void {
    const { chunk } = this;
    if (this.#chunks.length === 1 && chunk.length < CHUNK) {
      this.chunk = new Int32Array(2 * chunk.length);
      this.chunk.set(chunk);
      this.#chunks[0] = this.chunk;
      return;
    }
    this.chunk = new Int32Array(this.#chunks.length === 0 ? FIRST : CHUNK);
    this.#chunks.push(this.chunk);
    this.used = 0;
  }
}
