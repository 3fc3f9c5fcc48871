/** Writing integers in network byte order, in place. Values are masked to their width; callers keep ranges. */

export function putU8(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value;
}

export function putU16(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 8;
  bytes[at + 1] = value;
}

export function putU32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 24;
  bytes[at + 1] = value >>> 16;
  bytes[at + 2] = value >>> 8;
  bytes[at + 3] = value;
}

/** A growing buffer for formats whose length is only known at the end. */
export class Writer {
  #bytes = new Uint8Array(256);
  length = 0;

  #room(length: number): number {
    const at = this.length;
    if (at + length > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(this.#bytes.length * 2, at + length));
      grown.set(this.#bytes);
      this.#bytes = grown;
    }
    this.length = at + length;
    return at;
  }

  u8(value: number): this {
    const at = this.#room(1);
    this.#bytes[at] = value;
    return this;
  }

  u16(value: number): this {
    const at = this.#room(2);
    putU16(this.#bytes, at, value);
    return this;
  }

  u32(value: number): this {
    const at = this.#room(4);
    putU32(this.#bytes, at, value);
    return this;
  }

  bytes(from: Uint8Array): this {
    const at = this.#room(from.length);
    this.#bytes.set(from, at);
    return this;
  }

  /** Overwrites two octets that were written before, for lengths that come first. */
  patchU16(at: number, value: number): void {
    putU16(this.#bytes, at, value);
  }

  /** A copy of what was written. */
  done(): Uint8Array {
    return this.#bytes.slice(0, this.length);
  }
}
