import { Pdu } from '../../pdu.ts';
import { adjustLengthAndFlags, flagsAndOffsetOf, headerLengthOf, MORE_FRAGMENTS } from './header.ts';

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
