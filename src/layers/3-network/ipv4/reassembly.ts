/** Puts fragments together again (RFC 791 section 3.2, RFC 1122 section 3.3.2, RFC 815). */

import type { Context } from '../../../kernel/context.ts';
import type { Nanos } from '../../../kernel/journal.ts';
import type { Timer } from '../../../kernel/kernel.ts';
import { drop } from '../../drop.ts';
import { Pdu } from '../../pdu.ts';
import {
  adjustLengthAndFlags,
  destinationOf,
  flagsAndOffsetOf,
  fragmentOffsetOf,
  headerLengthOf,
  identificationOf,
  MORE_FRAGMENTS,
  protocolOf,
  sourceOf,
} from './header.ts';

/** Datagrams that may wait for their missing pieces at one host; the oldest gives way. */
const MOST_DATAGRAMS = 64;
const GREATEST_DATAGRAM_BYTES = 65_535;

interface Piece {
  readonly start: number;
  readonly end: number;
  readonly pdu: Pdu;
}

interface Partial {
  readonly key: string;
  readonly pieces: Piece[];
  readonly timer: Timer;
  /** Octets of payload in all; known when the last fragment is there. */
  total: number | null;
}

export class Reassembly {
  readonly #context: Context;
  readonly #timeoutNs: Nanos;
  /** Told when time is over for a datagram whose first fragment is here: RFC 1122 asks for ICMP 11/1 then. */
  readonly #onTimeout: (first: Pdu) => void;
  readonly #partials = new Map<string, Partial>();

  constructor(context: Context, timeoutNs: Nanos, onTimeout: (first: Pdu) => void) {
    this.#context = context;
    this.#timeoutNs = timeoutNs;
    this.#onTimeout = onTimeout;
  }

  /** Takes a fragment (the window is the IP packet). Returns the whole datagram when this was the missing piece. */
  take(fragment: Pdu, via: string): Pdu | null {
    const { bytes, start, end } = fragment;
    const offset = fragmentOffsetOf(bytes, start);
    const piece = { start: offset, end: offset + end - start - headerLengthOf(bytes, start), pdu: fragment };
    const hasMore = (flagsAndOffsetOf(bytes, start) & MORE_FRAGMENTS) !== 0;
    const partial = this.#partials.get(keyOf(fragment)) ?? this.#open(fragment);
    const problem = whyNot(partial, piece, hasMore);
    if (problem === 'duplicate') {
      drop(this.#context, fragment, 3, 'ipv4', via, 'duplicate', 'this fragment is here already');
      return null;
    }
    if (problem !== null) {
      partial.pieces.push(piece);
      this.#abandon(partial, 'malformed', problem, via);
      return null;
    }
    partial.pieces.push(piece);
    if (!hasMore) partial.total = piece.end;
    return isWhole(partial) ? this.#assemble(partial) : null;
  }

  #open(fragment: Pdu): Partial {
    const [oldest] = this.#partials.values();
    if (oldest && this.#partials.size >= MOST_DATAGRAMS) {
      this.#abandon(oldest, 'buffer-full', `${MOST_DATAGRAMS} datagrams wait for missing fragments already`, '');
    }
    const key = keyOf(fragment);
    const timer = this.#context.timer(3, 'ipv4', `reassembly ${key}`, () => this.#onSilence(key));
    // Fixed from the first fragment on: RFC 1122 section 3.3.2 wants no extension by later ones.
    timer.set(this.#timeoutNs);
    const partial = { key, pieces: [], timer, total: null };
    this.#partials.set(key, partial);
    return partial;
  }

  #onSilence(key: string): void {
    const partial = this.#partials.get(key);
    if (!partial) return;
    const first = partial.pieces.find((piece) => piece.start === 0);
    this.#abandon(partial, 'timed-out', 'the other fragments did not come in time', '');
    if (first) this.#onTimeout(first.pdu);
  }

  #abandon(partial: Partial, reason: 'timed-out' | 'malformed' | 'buffer-full', detail: string, via: string): void {
    this.#partials.delete(partial.key);
    partial.timer.clear();
    for (const { pdu } of partial.pieces) drop(this.#context, pdu, 3, 'ipv4', via, reason, detail);
  }

  #assemble(partial: Partial): Pdu {
    this.#partials.delete(partial.key);
    partial.timer.clear();
    const pieces = partial.pieces.sort((one, other) => one.start - other.start);
    const { pdu: first } = pieces[0] as Piece;
    const headerLength = headerLengthOf(first.bytes, first.start);
    const whole = Pdu.withRoom(headerLength + (partial.total as number));
    whole.bytes.set(first.bytes.subarray(first.start, first.start + headerLength), whole.start);
    for (const { start, pdu } of pieces) {
      const at = pdu.start + headerLengthOf(pdu.bytes, pdu.start);
      whole.bytes.set(pdu.bytes.subarray(at, pdu.end), whole.start + headerLength + start);
    }
    adjustLengthAndFlags(whole.bytes, whole.start, whole.length, 0);
    whole.carries = [...new Set(pieces.flatMap(({ pdu }) => pdu.carries))];
    return whole;
  }
}

function keyOf({ bytes, start }: Pdu): string {
  return `${sourceOf(bytes, start)} ${destinationOf(bytes, start)} ${protocolOf(bytes, start)} ${identificationOf(bytes, start)}`;
}

/** Why a piece cannot be part of the datagram. Overlaps end all of it, as RFC 5722 rules for IPv6. */
function whyNot({ pieces, total }: Partial, piece: Piece, hasMore: boolean): string | null {
  const length = piece.end - piece.start;
  if (hasMore && (length % 8 !== 0 || length === 0))
    return 'a fragment with more behind it must carry a multiple of 8 octets';
  if (piece.end + 20 > GREATEST_DATAGRAM_BYTES) return 'the fragments make more than 65,535 octets';
  if (pieces.some(({ start, end }) => start === piece.start && end === piece.end)) return 'duplicate';
  if (pieces.some(({ start, end }) => start < piece.end && piece.start < end)) return 'fragments overlap';
  if (total !== null && (piece.end > total || !hasMore)) return 'a fragment lies behind the last one';
  if (!hasMore && pieces.some(({ end }) => end > piece.end)) return 'a fragment lies behind the last one';
  return null;
}

function isWhole({ pieces, total }: Partial): boolean {
  if (total === null) return false;
  return pieces.reduce((sum, { start, end }) => sum + end - start, 0) === total;
}
