import { ETHER_TYPE, ETHERNET_HEADER_BYTES, FCS_BYTES, writeFcs } from '../layers/2-link/ethernet/header.ts';
import { VLAN_TAG_BYTES } from '../layers/2-link/vlan/header.ts';
import { markCongestion } from '../layers/3-network/ipv4/header.ts';
import type { Pdu } from '../layers/pdu.ts';
import { u8, u16 } from '../wire/reader.ts';

/**
 * Tells whoever receives this frame that it found a congested queue, where its sender understands that (RFC 3168 section
 * 5): the ECN field becomes "congestion experienced". False: the packet is not ECN-capable. A queue stands in a device
 * that knows its packets, which is why this reaches up into the network layer. `hasFcs`: the FCS is there to be renewed.
 */
export function markFrame(frame: Pdu, hasFcs: boolean): boolean {
  let at = frame.start + ETHERNET_HEADER_BYTES;
  if (frame.end - at < 2 * VLAN_TAG_BYTES) return false;
  while (u16(frame.bytes, at - 2) === ETHER_TYPE.vlan && frame.end - at > VLAN_TAG_BYTES) at += VLAN_TAG_BYTES;
  const type = u16(frame.bytes, at - 2);
  if (type !== ETHER_TYPE.ipv4 && type !== ETHER_TYPE.ipv6) return false;
  // IPv6 has its traffic class four bits further on (RFC 8200 section 3).
  const ecn = type === ETHER_TYPE.ipv4 ? u16(frame.bytes, at) & 3 : (u16(frame.bytes, at) >>> 4) & 3;
  if (ecn === 0) return false;
  if (ecn === 3) return true;
  const offset = at - frame.start;
  frame.own();
  if (type === ETHER_TYPE.ipv4) markCongestion(frame.bytes, frame.start + offset);
  else frame.bytes[frame.start + offset + 1] = u8(frame.bytes, frame.start + offset + 1) | 0x30;
  if (hasFcs) writeFcs(frame.bytes, frame.start, frame.end - FCS_BYTES);
  return true;
}
