import { putU8, putU16, putU32 } from '../../../wire/writer.ts';
import { Pdu } from '../../pdu.ts';
import type { FragmentFormat } from '../reassembly.ts';
import {
  type Chain,
  FRAGMENT_HEADER_BYTES,
  fragmentIdentificationOf,
  fragmentOffsetOf,
  hasMoreFragments,
  readChain,
} from './extensions.ts';
import {
  destinationOf,
  GREATEST_PAYLOAD_BYTES,
  IPV6_HEADER_BYTES,
  NEXT_HEADER,
  nextHeaderOf,
  sourceOf,
} from './header.ts';

/**
 * Cuts a datagram of this host into fragments that fit an MTU (RFC 8200 section 4.5). Its header has no extensions: those
 * that this host sends are the fragment headers made here.
 */
export function fragment(datagram: Pdu, mtuBytes: number, identification: number): Pdu[] {
  const { bytes, start, end } = datagram;
  const from = start + IPV6_HEADER_BYTES;
  const step = (mtuBytes - IPV6_HEADER_BYTES - FRAGMENT_HEADER_BYTES) & ~7;
  const fragments: Pdu[] = [];
  for (let at = from; at < end; at += step) {
    const to = Math.min(end, at + step);
    const piece = Pdu.withRoom(IPV6_HEADER_BYTES + FRAGMENT_HEADER_BYTES + to - at);
    piece.bytes.set(bytes.subarray(start, from), piece.start);
    putU16(piece.bytes, piece.start + 4, FRAGMENT_HEADER_BYTES + to - at);
    putU8(piece.bytes, piece.start + 6, NEXT_HEADER.fragment);
    const head = piece.start + IPV6_HEADER_BYTES;
    putU8(piece.bytes, head, nextHeaderOf(bytes, start));
    putU16(piece.bytes, head + 2, (at - from) | (to < end ? 1 : 0));
    putU32(piece.bytes, head + 4, identification);
    piece.bytes.set(bytes.subarray(at, to), head + FRAGMENT_HEADER_BYTES);
    piece.carries = datagram.carries;
    fragments.push(piece);
  }
  return fragments;
}

/** Where the fragment header of a packet is, whose chain was read and found to have one. */
function headAt({ bytes, start, end }: Pdu): Chain {
  return readChain(bytes, start, end) as Chain;
}

/** RFC 8200 section 4.5: source, destination and identification tell which fragments belong together. */
export const IPV6_FRAGMENTS: FragmentFormat = {
  protocol: 'ipv6',
  greatestBytes: IPV6_HEADER_BYTES + GREATEST_PAYLOAD_BYTES,
  keyOf: (piece) => {
    const { bytes, start } = piece;
    const identification = fragmentIdentificationOf(bytes, headAt(piece).at);
    return `${sourceOf(bytes, start)} ${destinationOf(bytes, start)} ${identification}`;
  },
  offsetOf: (piece) => fragmentOffsetOf(piece.bytes, headAt(piece).at),
  hasMore: (piece) => hasMoreFragments(piece.bytes, headAt(piece).at),
  dataAt: (piece) => headAt(piece).at + FRAGMENT_HEADER_BYTES,
  headerBytesOf: (piece) => headAt(piece).at - piece.start,
  withHeader: (first, payloadBytes) => {
    const { bytes, start } = first;
    const { at, namedAt } = headAt(first);
    const whole = Pdu.withRoom(at - start + payloadBytes);
    whole.bytes.set(bytes.subarray(start, at), whole.start);
    putU16(whole.bytes, whole.start + 4, whole.length - IPV6_HEADER_BYTES);
    // What the fragment header named follows the headers before it directly now.
    putU8(whole.bytes, whole.start + namedAt - start, bytes[at] as number);
    return whole;
  },
};
