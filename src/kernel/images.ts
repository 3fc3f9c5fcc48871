/**
 * The octets of packets, each once. A packet lies in one buffer from its sender to its receiver; what it was at one time
 * is an image of it. A router changes a header in place, so the octets that it is about to change are laid aside before,
 * and the old image is read from both. Octets that somebody has seen never change: such a packet is copied instead.
 *
 *   heads      … octets that were laid aside …
 *   image      buffer · where the packet's room begins in it · first octet of the frame · state, or what was laid aside
 *   aside      place in heads · octet behind the last that was laid aside · octet behind the frame
 */

import { Octets } from './octets.ts';
import { Words } from './words.ts';

/** A packet as a layer holds it. */
export interface Packet {
  readonly bytes: Uint8Array;
  /** The first octet of `bytes` that is the packet's. */
  readonly floor: number;
  /** The window, in `bytes`. */
  readonly start: number;
  readonly end: number;
  readonly carries: readonly number[];
  /** The journal's number of what it is now; -1: none yet, or it has changed since. */
  image: number;
  /** Where a frame ends whose FCS nobody has computed yet; 0: there is no such frame around. */
  readonly fcsEnd: number;
}

/** Words of an image, and of what was laid aside of one. */
const IMAGE = 4;
const BASE = 1;
const FIRST = 2;
const STATE = 3;
const ASIDE = 3;
/** States; from 0 on it is the number of what was laid aside. */
const UNSEEN = -1;
const SEEN = -2;
const COMPLETE = -3;
/** Buffers that octets were last seen in: those of a packet's layers follow each other closely. */
const RECENT = 4096;
/** Images that were put together last, a power of two: who looks at one entry looks at those around it. */
const ASSEMBLED = 1024;
/** Frames are short, but those of a link whose MTU is none. */
const LONGEST_HEAD = 1 << 14;

export class Images {
  /** Writes into a frame what its card left out: its last octets. */
  complete: (frame: Uint8Array) => void = () => {};
  readonly #buffers: Uint8Array[] = [];
  /** Images that are a whole buffer. */
  readonly #recent = new Map<ArrayBufferLike, number>();
  readonly #images = new Words();
  readonly #aside = new Words();
  readonly #heads = new Octets();
  #lastBuffer: ArrayBufferLike | null = null;
  #lastWhole = -1;
  #lastBytes: Uint8Array | null = null;
  #lastNumber = -1;
  /** At the number of each, in its last bits. */
  readonly #assembled: (Assembled | undefined)[] = new Array(ASSEMBLED).fill(undefined);

  /** The image of a packet as it is. */
  of(packet: Packet): number {
    return packet.image >= 0 ? packet.image : this.#add(packet);
  }

  /** The same of a packet that is a frame on a link, and nothing more will be put in front of it. */
  ofFrame(packet: Packet): number {
    const image = this.of(packet);
    this.#images.set(IMAGE * image + FIRST, packet.start - packet.floor);
    return image;
  }

  /** The image that is all of a buffer, whose octets nobody will change. */
  ofBuffer(buffer: ArrayBufferLike): number {
    if (buffer === this.#lastBuffer) return this.#lastWhole;
    let image = this.#recent.get(buffer);
    if (image === undefined) {
      image = this.#push(this.#buffers.push(new Uint8Array(buffer)) - 1, 0, COMPLETE);
      this.#recent.set(buffer, image);
      if (this.#recent.size > RECENT) this.#recent.delete(this.#recent.keys().next().value as ArrayBufferLike);
    }
    this.#lastBuffer = buffer;
    this.#lastWhole = image;
    return image;
  }

  /**
   * Before the first octets of a packet change, up to `stop`, and whatever stands in front of them: true, they are laid
   * aside. False: somebody has seen them where they are, so that the packet must be copied.
   */
  layAside(packet: Packet, stop: number): boolean {
    const at = IMAGE * packet.image;
    const images = this.#images;
    if (images.at(at + STATE) !== UNSEEN) return false;
    const { bytes, floor, fcsEnd } = packet;
    const first = floor + images.at(at + FIRST);
    if (stop - first > LONGEST_HEAD) return false;
    const number = this.#aside.length / ASIDE;
    this.#aside.put3(this.#heads.put(bytes, first, stop), stop - floor, fcsEnd - floor);
    images.set(at + STATE, number);
    return true;
  }

  /** Octets of an image. `isDue`: they are a frame, the last of which nobody may have computed yet. */
  octets(image: number, start: number, length: number, isDue: boolean): Uint8Array {
    const at = IMAGE * image;
    const state = this.#images.at(at + STATE);
    if (state >= 0) {
      const first = this.#images.at(at + FIRST);
      const kept = this.#assembled[image & (ASSEMBLED - 1)];
      const assembled = kept?.image === image ? kept : this.#assemble(image, first, state);
      if (isDue && !assembled.isComplete) {
        this.complete(assembled.bytes);
        assembled.isComplete = true;
      }
      return new Uint8Array(assembled.bytes.buffer, start - first, length);
    }
    const source = this.#buffers[this.#images.at(at)] as Uint8Array;
    const base = source.byteOffset + this.#images.at(at + BASE);
    const octets = new Uint8Array(source.buffer, base + start, length);
    if (isDue && state !== COMPLETE) {
      this.complete(octets);
      this.#images.set(at + STATE, COMPLETE);
    } else if (state === UNSEEN) this.#images.set(at + STATE, SEEN);
    return octets;
  }

  #add(packet: Packet): number {
    const { bytes } = packet;
    if (bytes !== this.#lastBytes) {
      this.#lastBytes = bytes;
      this.#lastNumber = this.#buffers.push(bytes) - 1;
    }
    const image = this.#push(this.#lastNumber, packet.floor, UNSEEN);
    packet.image = image;
    return image;
  }

  #push(buffer: number, base: number, state: number): number {
    const image = this.#images.length / IMAGE;
    this.#images.put(buffer);
    this.#images.put3(base, 0, state);
    return image;
  }

  #assemble(image: number, first: number, number: number): Assembled {
    const at = IMAGE * image;
    const place = this.#aside.at(ASIDE * number);
    const stop = this.#aside.at(ASIDE * number + 1);
    const end = this.#aside.at(ASIDE * number + 2);
    const source = this.#buffers[this.#images.at(at)] as Uint8Array;
    const base = this.#images.at(at + BASE);
    const bytes = new Uint8Array(end - first);
    bytes.set(this.#heads.at(place, stop - first));
    bytes.set(source.subarray(base + stop, base + end), stop - first);
    const assembled = { image, bytes, isComplete: false };
    this.#assembled[image & (ASSEMBLED - 1)] = assembled;
    return assembled;
  }
}

interface Assembled {
  readonly image: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
  isComplete: boolean;
}
