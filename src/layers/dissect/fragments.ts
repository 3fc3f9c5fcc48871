/** Fragments of IP packets, put together as one who listens does (RFC 791 section 3.2, RFC 8200 section 4.5). */

import type { Reassembled } from '../3-network/reassembled.ts';

/** Packets that may wait for their missing pieces; the oldest gives way. */
const MOST_PACKETS = 1024;
const GREATEST_PACKET_BYTES = 65_535;

interface Piece {
  readonly frame: number;
  readonly start: number;
  readonly bytes: Uint8Array;
}

interface Partial {
  readonly pieces: Piece[];
  /** Octets in all; null until the last piece is there. */
  total: number | null;
}

export class Fragments {
  readonly #partials = new Map<string, Partial>();

  /** Takes a piece of the packet that `key` names. The whole when this was the last that was missing; else null. */
  take(key: string, frame: number, start: number, bytes: Uint8Array, isLast: boolean): Reassembled | null {
    if (start + bytes.length > GREATEST_PACKET_BYTES) return null;
    const partial = this.#partials.get(key) ?? this.#open(key);
    partial.pieces.push({ frame, start, bytes });
    if (isLast) partial.total ??= start + bytes.length;
    if (partial.total === null) return null;
    const whole = joined(partial.pieces, partial.total);
    if (whole) this.#partials.delete(key);
    return whole;
  }

  #open(key: string): Partial {
    const partial: Partial = { pieces: [], total: null };
    this.#partials.set(key, partial);
    if (this.#partials.size > MOST_PACKETS) {
      const [oldest] = this.#partials.keys();
      if (oldest !== undefined) this.#partials.delete(oldest);
    }
    return partial;
  }
}

/** Null while there is a gap. Where pieces overlap, what came first stays. */
function joined(pieces: readonly Piece[], total: number): Reassembled | null {
  const inOrder = pieces.toSorted((one, other) => one.start - other.start);
  const bytes = new Uint8Array(total);
  let filled = 0;
  for (const { start, bytes: part } of inOrder) {
    if (start > filled) return null;
    const fresh = part.subarray(filled - start, total - start);
    bytes.set(fresh, filled);
    filled += fresh.length;
  }
  return filled < total ? null : { frames: inOrder.map(({ frame }) => frame), bytes };
}
