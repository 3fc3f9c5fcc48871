/** Octets one behind the other, in as many arrays as it takes: growing copies nothing. */

/** Octets of one array; a power of two. */
const CHUNK = 1 << 16;

export class Octets {
  readonly #chunks: Uint8Array[] = [];
  #last = new Uint8Array(0);
  #used = 0;

  /** Takes a copy of bytes[start..end), of CHUNK octets at most, and returns its place. */
  put(bytes: Uint8Array, start: number, end: number): number {
    const length = end - start;
    if (this.#used + length > this.#last.length) {
      this.#last = new Uint8Array(CHUNK);
      this.#chunks.push(this.#last);
      this.#used = 0;
    }
    const chunk = this.#last;
    let to = this.#used;
    this.#used = to + length;
    const place = (this.#chunks.length - 1) * CHUNK + to;
    for (let at = start; at < end; at++) chunk[to++] = bytes[at] as number;
    return place;
  }

  at(place: number, length: number): Uint8Array {
    const from = place % CHUNK;
    return (this.#chunks[(place - from) / CHUNK] as Uint8Array).subarray(from, from + length);
  }
}
