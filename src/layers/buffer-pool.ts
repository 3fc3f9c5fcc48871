/**
 * Memory for packets. A typed array costs the engine more than most packets cost us, so buffers are cut from large slabs,
 * and what a packet gives back the next one takes. Nothing depends on where a packet lies.
 */

const SLAB_BYTES = 256 * 1024;
/** Two sizes are used again: an acknowledgment with its headers, and a full frame of Ethernet. */
const SMALL_BYTES = 256;
const LARGE_BYTES = 1792;

export class BufferPool {
  /** The buffer that was taken last: `size` octets of `bytes` from `floor` on, with whatever stood there before. */
  bytes: Uint8Array = new Uint8Array(0);
  floor = 0;
  size = 0;
  #slab = new Uint8Array(0);
  #used = 0;
  readonly #small = new FreeList();
  readonly #large = new FreeList();

  /** Makes the fields above a buffer of at least so many octets. */
  take(octets: number): void {
    this.size = octets <= SMALL_BYTES ? SMALL_BYTES : Math.max(octets, LARGE_BYTES);
    const free = this.#listOf(this.size);
    if (free && free.count > 0) {
      free.count--;
      this.bytes = free.bytes[free.count] as Uint8Array;
      this.floor = free.floors[free.count] as number;
    } else this.#cut(this.size);
  }

  give(bytes: Uint8Array, floor: number, size: number): void {
    const free = this.#listOf(size);
    if (!free) return;
    free.bytes[free.count] = bytes;
    free.floors[free.count] = floor;
    free.count++;
  }

  #listOf(size: number): FreeList | null {
    return size === SMALL_BYTES ? this.#small : size === LARGE_BYTES ? this.#large : null;
  }

  #cut(size: number): void {
    if (this.#used + size > this.#slab.length) {
      this.#slab = new Uint8Array(Math.max(SLAB_BYTES, size));
      this.#used = 0;
    }
    this.bytes = this.#slab;
    this.floor = this.#used;
    this.#used += size;
  }
}

/** Last in, first out: the next packet finds its buffer in the processor's cache. */
class FreeList {
  readonly bytes: Uint8Array[] = [];
  readonly floors: number[] = [];
  count = 0;
}
