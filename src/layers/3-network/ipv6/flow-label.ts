import type { Ipv6 } from '../../../wire/address.ts';
import { u32 } from '../../../wire/reader.ts';
import { IP_PROTOCOL } from '../ipv4/header.ts';

/**
 * A flow label (RFC 6437 section 3): the same for all packets of a conversation, and hard to foretell. Conversations are
 * told apart by their ports, which stand in the first four octets of the payload; what has none is not labelled.
 */
export function flowLabelFor(
  bytes: Uint8Array,
  at: number,
  protocol: number,
  destination: Ipv6,
  secret: number,
): number {
  if (protocol !== IP_PROTOCOL.tcp && protocol !== IP_PROTOCOL.udp) return 0;
  let hash = Math.imul(u32(bytes, at) ^ secret, 0x9e3779b1);
  hash = Math.imul((hash ^ (hash >>> 15) ^ Number(destination & 0xffffffffn)) | 0, 0x85ebca6b);
  return (hash ^ (hash >>> 13)) & 0xfffff || 1;
}
