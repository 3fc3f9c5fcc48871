/**
 * Puts fragments together again (RFC 791 section 3.2, RFC 1122 section 3.3.2, RFC 815; RFC 8200 section 4.5): the same for
 * both families but for where a fragment says what it is.
 */

import type { Context } from '../../kernel/context.ts';
import type { Nanos } from '../../kernel/journal.ts';
import type { Timer } from '../../kernel/kernel.ts';
import { drop } from '../drop.ts';
import { MAX_DATAGRAMS_REASSEMBLED_BY_A_HOST } from '../limits.ts';
import type { Pdu } from '../pdu.ts';

/** How the fragments of one family are read. A fragment's window is the whole IP packet. */
export interface FragmentFormat {
  readonly protocol: 'ipv4' | 'ipv6';
  /** The same for fragments of one datagram. */
  keyOf(fragment: Pdu): string;
  /** Octets of the datagram's payload before this fragment. */
  offsetOf(fragment: Pdu): number;
  hasMore(fragment: Pdu): boolean;
  /** Where in `bytes` the fragment's part of the payload begins. */
  dataAt(fragment: Pdu): number;
  /** Octets of the header that the datagram will have. */
  headerBytesOf(fragment: Pdu): number;
  /** The most octets of header and payload together. */
  readonly greatestBytes: number;
  /** A datagram with its header, after that of the first fragment, and room for the payload. */
  withHeader(first: Pdu, payloadBytes: number): Pdu;
}

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

export interface Collected {
  readonly whole: Pdu;
  readonly pieces: readonly Pdu[];
}

export class Reassembly {
  readonly #context: Context;
  readonly #format: FragmentFormat;
  readonly #timeoutNs: Nanos;
  /** Told when time is over for a datagram whose first fragment is here: RFC 1122 asks for ICMP 11/1 then. */
  readonly #onTimeout: (first: Pdu) => void;
  readonly #partials = new Map<string, Partial>();

  constructor(context: Context, format: FragmentFormat, timeoutNs: Nanos, onTimeout: (first: Pdu) => void) {
    this.#context = context;
    this.#format = format;
    this.#timeoutNs = timeoutNs;
    this.#onTimeout = onTimeout;
  }

  /** Takes a fragment (the window is the IP packet). Returns the whole datagram when this was the missing piece. */
  take(fragment: Pdu, via: string): Pdu | null {
    return this.collect(fragment, via)?.whole ?? null;
  }

  /** The same for who needs the pieces too; they are in the order of what they carry. */
  collect(fragment: Pdu, via: string): Collected | null {
    const format = this.#format;
    const offset = format.offsetOf(fragment);
    const piece = { start: offset, end: offset + fragment.end - format.dataAt(fragment), pdu: fragment };
    const hasMore = format.hasMore(fragment);
    const partial = this.#partials.get(format.keyOf(fragment)) ?? this.#open(fragment);
    const problem = whyNot(partial, piece, hasMore, format.greatestBytes - format.headerBytesOf(fragment));
    if (problem === 'duplicate') {
      drop(this.#context, fragment, 3, format.protocol, via, 'duplicate', 'this fragment is here already');
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
    if (oldest && this.#partials.size >= MAX_DATAGRAMS_REASSEMBLED_BY_A_HOST) {
      this.#abandon(
        oldest,
        'buffer-full',
        `${MAX_DATAGRAMS_REASSEMBLED_BY_A_HOST} datagrams wait for missing fragments already`,
        '',
      );
    }
    const key = this.#format.keyOf(fragment);
    const silence = () => this.#onSilence(partial);
    const timer = this.#context.timer(3, this.#format.protocol, `reassembly ${key}`, silence);
    // Fixed from the first fragment on: RFC 1122 section 3.3.2 wants no extension by later ones.
    timer.set(this.#timeoutNs);
    const partial: Partial = { key, pieces: [], timer, total: null };
    this.#partials.set(key, partial);
    return partial;
  }

  #onSilence(partial: Partial): void {
    const first = partial.pieces.find((piece) => piece.start === 0);
    this.#abandon(partial, 'timed-out', 'the other fragments did not come in time', '');
    if (first) this.#onTimeout(first.pdu);
  }

  #abandon(partial: Partial, reason: 'timed-out' | 'malformed' | 'buffer-full', detail: string, via: string): void {
    this.#partials.delete(partial.key);
    partial.timer.clear();
    const { protocol } = this.#format;
    for (const { pdu } of partial.pieces) drop(this.#context, pdu, 3, protocol, via, reason, detail);
  }

  #assemble(partial: Partial): Collected {
    this.#partials.delete(partial.key);
    partial.timer.clear();
    const pieces = partial.pieces.sort((one, other) => one.start - other.start);
    const { pdu: first } = pieces[0] as Piece;
    const total = partial.total as number;
    const whole = this.#format.withHeader(first, total);
    for (const { start, pdu } of pieces) {
      whole.bytes.set(pdu.bytes.subarray(this.#format.dataAt(pdu), pdu.end), whole.end - total + start);
    }
    whole.carries = [...new Set(pieces.flatMap(({ pdu }) => pdu.carries))];
    return { whole, pieces: pieces.map(({ pdu }) => pdu) };
  }
}

/** Why a piece cannot be part of the datagram. Overlaps end all of it, as RFC 8200 section 4.5 rules for IPv6. */
function whyNot({ pieces, total }: Partial, piece: Piece, hasMore: boolean, greatestBytes: number): string | null {
  const length = piece.end - piece.start;
  if (hasMore && (length % 8 !== 0 || length === 0))
    return 'a fragment with more behind it must carry a multiple of 8 octets';
  if (piece.end > greatestBytes) return 'the fragments make more than 65,535 octets';
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
