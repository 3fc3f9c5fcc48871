/**
 * The part of a file that is in memory: chunks come in at the end, records are taken from the start. Nothing is kept
 * that was stepped over, and no more is asked for than a record needs.
 */

import { allJoined } from '../wire/octets.ts';

export class ByteWindow {
  bytes: Uint8Array = new Uint8Array(0);
  /** Where the unread octets begin in `bytes`. */
  at = 0;
  /** The same place in the file. */
  offset = 0;
  #waiting: Uint8Array[] = [];
  #waitingLength = 0;
  #needed = 0;
  #toSkip = 0;

  /** Octets that were handed in and not stepped over. */
  get left(): number {
    return this.bytes.length - this.at + this.#waitingLength;
  }

  /** Are `length` octets there, in one piece? If not, chunks are put together only when they are. */
  has(length: number): boolean {
    this.#needed = length;
    return this.bytes.length - this.at >= length;
  }

  /** Takes a chunk, which must not change afterwards. */
  append(chunk: Uint8Array): void {
    const skipped = Math.min(this.#toSkip, chunk.length);
    this.#toSkip -= skipped;
    this.offset += skipped;
    if (skipped === chunk.length) return;
    // Of a Buffer, `slice` would be no copy: whoever takes a copy of a frame to change it relies on that.
    this.#waiting.push(new Uint8Array(chunk.buffer, chunk.byteOffset + skipped, chunk.length - skipped));
    this.#waitingLength += chunk.length - skipped;
    if (this.left >= this.#needed) this.#join();
  }

  #join(): void {
    const rest = this.bytes.subarray(this.at);
    const [only] = this.#waiting;
    if (rest.length === 0 && this.#waiting.length === 1 && only) this.bytes = only;
    else this.bytes = allJoined([rest, ...this.#waiting]);
    this.at = 0;
    this.#waiting = [];
    this.#waitingLength = 0;
  }

  /** Steps over octets; those that are not there yet are dropped when they come. */
  skip(length: number): void {
    if (this.#waiting.length > 0) this.#join();
    const step = Math.min(length, this.bytes.length - this.at);
    this.at += step;
    this.offset += step;
    this.#toSkip += length - step;
    this.#needed = 0;
  }
}
