/**
 * Reading integers from bytes in network byte order (most significant octet first, RFC 1700 "Data Notation").
 *
 * The functions take (bytes, at) so that nobody needs a view object per header. They do not check bounds: a header's
 * `decode` checks its length once, then reads. `Reader` is for formats whose length is only known while reading.
 */

/** One octet, 0..255. */
export function u8(bytes: Uint8Array, at: number): number {
  return bytes[at] as number;
}

/** Two octets, 0..65535. */
export function u16(bytes: Uint8Array, at: number): number {
  return ((bytes[at] as number) << 8) | (bytes[at + 1] as number);
}

/** Four octets, 0..2^32-1. */
export function u32(bytes: Uint8Array, at: number): number {
  return (
    (((bytes[at] as number) << 24) |
      ((bytes[at + 1] as number) << 16) |
      ((bytes[at + 2] as number) << 8) |
      (bytes[at + 3] as number)) >>>
    0
  );
}

/** What a decoder answers instead of a header when the bytes are not one. Never thrown: the network misbehaves in data. */
export interface Malformed {
  readonly malformed: string;
  /** Offset of the first octet that is wrong, in the buffer that was read. */
  readonly at: number;
}

export function malformed(at: number, why: string): Malformed {
  return { malformed: why, at };
}

export function isMalformed(value: object): value is Malformed {
  return 'malformed' in value;
}

/** Reads forward; past the end it answers zeros and sets `short`, so that a decoder checks once, at the end. */
export class Reader {
  readonly bytes: Uint8Array;
  readonly end: number;
  at: number;
  short = false;

  constructor(bytes: Uint8Array, at = 0, end = bytes.length) {
    this.bytes = bytes;
    this.at = at;
    this.end = end;
  }

  get left(): number {
    return this.end - this.at;
  }

  #take(length: number): number {
    const at = this.at;
    if (length < 0 || at + length > this.end) {
      this.short = true;
      this.at = this.end;
      return -1;
    }
    this.at += length;
    return at;
  }

  u8(): number {
    const at = this.#take(1);
    return at < 0 ? 0 : u8(this.bytes, at);
  }

  u16(): number {
    const at = this.#take(2);
    return at < 0 ? 0 : u16(this.bytes, at);
  }

  u32(): number {
    const at = this.#take(4);
    return at < 0 ? 0 : u32(this.bytes, at);
  }

  slice(length: number): Uint8Array {
    const at = this.#take(length);
    return at < 0 ? new Uint8Array(0) : this.bytes.subarray(at, at + length);
  }
}
