import { Pdu } from '../../pdu.ts';
import type { FragmentFormat } from '../reassembly.ts';
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

/**
 * Cuts a datagram into fragments that fit an MTU (RFC 791 section 3.2): every one but the last carries a multiple of
 * eight octets. The header's options are copied to all of them.
 * Deviation: options without the copied flag (record route, timestamp) are copied too; this host sends none.
 */
export function fragment(datagram: Pdu, mtuBytes: number): Pdu[] {
  const { bytes, start, end } = datagram;
  const headerLength = headerLengthOf(bytes, start);
  const step = (mtuBytes - headerLength) & ~7;
  const original = flagsAndOffsetOf(bytes, start);
  const fragments: Pdu[] = [];
  for (let at = start + headerLength; at < end; at += step) {
    const isLast = at + step >= end;
    const to = isLast ? end : at + step;
    const piece = Pdu.withRoom(headerLength + to - at);
    piece.bytes.set(bytes.subarray(start, start + headerLength), piece.start);
    piece.bytes.set(bytes.subarray(at, to), piece.start + headerLength);
    const offset = (at - start - headerLength) / 8;
    // A fragment that is cut again keeps its "more fragments" in its last piece too.
    const flags = original + offset;
    adjustLengthAndFlags(piece.bytes, piece.start, piece.length, isLast ? flags : flags | MORE_FRAGMENTS);
    piece.carries = datagram.carries;
    fragments.push(piece);
  }
  return fragments;
}

/** RFC 791 section 3.2: source, destination, protocol and identification tell which fragments belong together. */
export const IPV4_FRAGMENTS: FragmentFormat = {
  protocol: 'ipv4',
  greatestBytes: 65_535,
  keyOf: ({ bytes, start }) =>
    `${sourceOf(bytes, start)} ${destinationOf(bytes, start)} ${protocolOf(bytes, start)} ${identificationOf(bytes, start)}`,
  offsetOf: ({ bytes, start }) => fragmentOffsetOf(bytes, start),
  hasMore: ({ bytes, start }) => (flagsAndOffsetOf(bytes, start) & MORE_FRAGMENTS) !== 0,
  dataAt: ({ bytes, start }) => start + headerLengthOf(bytes, start),
  headerBytesOf: () => 20,
  withHeader: ({ bytes, start }, payloadBytes) => {
    const headerLength = headerLengthOf(bytes, start);
    const whole = Pdu.withRoom(headerLength + payloadBytes);
    whole.bytes.set(bytes.subarray(start, start + headerLength), whole.start);
    adjustLengthAndFlags(whole.bytes, whole.start, whole.length, 0);
    return whole;
  },
};
