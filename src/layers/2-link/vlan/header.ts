/**
 * The VLAN tag (IEEE 802.1Q-2018 clause 9.6): four octets between the addresses of a frame and its EtherType.
 *
 *   0x8100 2 | priority 3 bits, drop eligible 1, VLAN 12 | and then the EtherType of what follows
 */

import { u16 } from '../../../wire/reader.ts';
import { putU16 } from '../../../wire/writer.ts';
import {
  ETHER_TYPE,
  ETHERNET_HEADER_BYTES,
  etherTypeOf,
  FCS_BYTES,
  LEAST_PAYLOAD_BYTES,
  writeFcs,
} from '../ethernet/header.ts';

export const VLAN_TAG_BYTES = 4;
/** Both addresses, in front of a tag. */
const ADDRESSES_BYTES = 12;
const ID_BITS = 0xfff;

/** A frame in a buffer with room in front of it and behind. */
export interface Window {
  readonly bytes: Uint8Array;
  start: number;
  end: number;
}

/** The tag control information of a frame whose EtherType says that it has some; null: it is not tagged. */
export function tagOf({ bytes, start, end }: Window): number | null {
  const isTagged = etherTypeOf(bytes, start) === ETHER_TYPE.vlan;
  return isTagged && end - start >= ETHERNET_HEADER_BYTES + VLAN_TAG_BYTES + FCS_BYTES
    ? u16(bytes, start + ETHERNET_HEADER_BYTES)
    : null;
}

/** The VLAN 1..4094; 0: none, the tag says a priority only. */
export function vlanIdOf(tag: number): number {
  return tag & ID_BITS;
}

/** The same priority in another VLAN. */
export function tagFor(id: number, like: number): number {
  return (like & ~ID_BITS) | id;
}

/** Puts a tag in. `hasFcs`: the FCS at the end is renewed. The window's octets must be the frame's own. */
export function insertTag(frame: Window, tag: number, hasFcs: boolean): void {
  const { bytes } = frame;
  const from = frame.start;
  frame.start -= VLAN_TAG_BYTES;
  bytes.copyWithin(frame.start, from, from + ADDRESSES_BYTES);
  putU16(bytes, frame.start + ADDRESSES_BYTES, ETHER_TYPE.vlan);
  putU16(bytes, frame.start + ETHERNET_HEADER_BYTES, tag);
  if (hasFcs) writeFcs(bytes, frame.start, frame.end - FCS_BYTES);
}

/** Takes the tag out; a frame that had its least length with it is padded again. */
export function removeTag(frame: Window, hasFcs: boolean): void {
  const { bytes } = frame;
  bytes.copyWithin(frame.start + VLAN_TAG_BYTES, frame.start, frame.start + ADDRESSES_BYTES);
  frame.start += VLAN_TAG_BYTES;
  const missing = ETHERNET_HEADER_BYTES + LEAST_PAYLOAD_BYTES + FCS_BYTES - (frame.end - frame.start);
  if (missing > 0) {
    bytes.fill(0, frame.end - FCS_BYTES, frame.end - FCS_BYTES + missing);
    frame.end += missing;
  }
  if (hasFcs) writeFcs(bytes, frame.start, frame.end - FCS_BYTES);
}

/** Writes the four octets that follow the EtherType 0x8100: the tag and what it is in front of. */
export function writeTag(bytes: Uint8Array, at: number, tag: number, etherType: number): void {
  putU16(bytes, at, tag);
  putU16(bytes, at + 2, etherType);
}
