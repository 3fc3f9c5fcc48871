/**
 * Memory for packets. A typed array costs the engine more than most packets cost us, so buffers are cut from large slabs,
 * and what a packet gives back the next one takes. Nothing depends on where a packet lies.
 */

/** Each slab is twice as large as the one before, up to the greatest: a large world's packets lie in few of them. */
const FIRST_SLAB_BYTES = 256 * 1024;
const GREATEST_SLAB_BYTES = 8 * 1024 * 1024;
/** Sizes are multiples of that, so that what one packet gives back fits the next of about its length. */
const GRAIN_BYTES = 32;
/** A full frame of Ethernet with all the room around it is used again; what is larger is rare. */
const LARGEST_BYTES = 2048;

export class BufferPool {
  /** The buffer that was taken last: `size` octets of `bytes` from `floor` on, with whatever stood there before. */
  bytes: Uint8Array = new Uint8Array(0);
  floor = 0;
  size = 0;
  #slab = new Uint8Array(0);
  #slabBytes = FIRST_SLAB_BYTES;
  #used = 0;
  readonly #free = Array.from({ length: LARGEST_BYTES / GRAIN_BYTES + 1 }, () => new FreeList());

  /** Makes the fields above a buffer of at least so many octets. */
  take(octets: number): void {
    this.size = (octets + GRAIN_BYTES - 1) & -GRAIN_BYTES;
    const free = this.#free[this.size / GRAIN_BYTES];
    if (free && free.count > 0) {
      free.count--;
      this.bytes = free.bytes[free.count] as Uint8Array;
      this.floor = free.floors[free.count] as number;
    } else this.#cut(this.size);
  }

  give(bytes: Uint8Array, floor: number, size: number): void {
    const free = this.#free[size / GRAIN_BYTES];
    if (!free) return;
    free.bytes[free.count] = bytes;
    free.floors[free.count] = floor;
    free.count++;
  }

  #cut(size: number): void {
    if (this.#used + size > this.#slab.length) {
      this.#slab = new Uint8Array(Math.max(this.#slabBytes, size));
      this.#slabBytes = Math.min(2 * this.#slabBytes, GREATEST_SLAB_BYTES);
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
