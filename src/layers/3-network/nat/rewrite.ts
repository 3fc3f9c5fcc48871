/**
 * Addresses and ports changed in a datagram on its way, its checksums with them, word by word (RFC 1624 equation 3).
 * Ports stand at the same place in TCP and UDP; to an echo the identifier is what a port is (RFC 5508 section 3.1).
 */

import type { Ipv4 } from '../../../wire/address.ts';
import { adjust } from '../../../wire/checksum.ts';
import { u16 } from '../../../wire/reader.ts';
import { putU16, putU32 } from '../../../wire/writer.ts';
import { headerLengthOf, IP_PROTOCOL, protocolOf } from '../ipv4/header.ts';

/** Where the sender or the receiver stands: in the IP header, and its port in a TCP or UDP header. */
const SOURCE = { address: 12, port: 0 } as const;
const DESTINATION = { address: 16, port: 2 } as const;
const ECHO_IDENTIFIER = 4;

/** Where the checksum stands that covers addresses and ports. */
const CHECKSUM: ReadonlyMap<number, number> = new Map([
  [IP_PROTOCOL.tcp, 16],
  [IP_PROTOCOL.udp, 6],
  [IP_PROTOCOL.icmp, 2],
]);

/**
 * Puts another address, and where `port` is not null another port, into the datagram at `at`. `end`: before it the
 * octets end; an ICMP error may quote less of a datagram than reaches to its checksum.
 */
export function rewrite(
  bytes: Uint8Array,
  at: number,
  end: number,
  side: 'source' | 'destination',
  address: Ipv4,
  port: number | null,
): void {
  const place = side === 'source' ? SOURCE : DESTINATION;
  const protocol = protocolOf(bytes, at);
  const payload = at + headerLengthOf(bytes, at);
  const before = [u16(bytes, at + place.address), u16(bytes, at + place.address + 2)] as const;
  putU32(bytes, at + place.address, address);
  const after = [u16(bytes, at + place.address), u16(bytes, at + place.address + 2)] as const;
  const changes = [
    [before[0], after[0]],
    [before[1], after[1]],
  ] as [number, number][];
  change(bytes, at + 10, changes, false);
  // An ICMP checksum covers no addresses (RFC 792); TCP's and UDP's do, by their pseudo-header.
  const covered = protocol === IP_PROTOCOL.icmp ? [] : changes;
  if (port !== null) {
    const portAt = payload + (protocol === IP_PROTOCOL.icmp ? ECHO_IDENTIFIER : place.port);
    covered.push([u16(bytes, portAt), port]);
    putU16(bytes, portAt, port);
  }
  const checksumAt = payload + (CHECKSUM.get(protocol) ?? 0);
  if (covered.length === 0 || !CHECKSUM.has(protocol) || checksumAt + 2 > end) return;
  change(bytes, checksumAt, covered, protocol === IP_PROTOCOL.udp);
}

function change(
  bytes: Uint8Array,
  at: number,
  changes: readonly (readonly [before: number, after: number])[],
  isUdp: boolean,
): void {
  const was = u16(bytes, at);
  // RFC 768: zero is no checksum at all, and a checksum of zero is written as all ones.
  if (isUdp && was === 0) return;
  const now = changes.reduce((sum, [before, after]) => adjust(sum, before, after), was);
  putU16(bytes, at, isUdp && now === 0 ? 0xffff : now);
}
