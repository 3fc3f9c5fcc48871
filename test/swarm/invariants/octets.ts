/** The octets that a stream had under each number when they were sent first. */
export class Octets {
  #bytes = new Uint8Array(1024);
  #isKnown = new Uint8Array(1024);

  /** Takes what is new; returns the first number whose octet is another one than before, or null. */
  compare(at: number, data: Uint8Array): number | null {
    if (at < 0) return at;
    while (at + data.length > this.#bytes.length) {
      this.#bytes = grown(this.#bytes);
      this.#isKnown = grown(this.#isKnown);
    }
    for (let index = 0; index < data.length; index++) {
      const number = at + index;
      if (this.#isKnown[number] === 0) {
        this.#bytes[number] = data[index] as number;
        this.#isKnown[number] = 1;
      } else if (this.#bytes[number] !== data[index]) return number;
    }
    return null;
  }
}

function grown(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const twice = new Uint8Array(2 * bytes.length);
  twice.set(bytes);
  return twice;
}
