/** UDP (RFC 768): source port, destination port, length, checksum; 8 octets. */

import { finish, sum } from '../../../wire/checksum.ts';
import { u16 } from '../../../wire/reader.ts';
import { putU16 } from '../../../wire/writer.ts';

export const UDP_HEADER_BYTES = 8;
/** The greatest payload over IPv4: 65,535 octets of datagram less IP's and UDP's headers. */
export const GREATEST_PAYLOAD_BYTES = 65_507;

export function sourcePortOf(bytes: Uint8Array, at: number): number {
  return u16(bytes, at);
}

export function destinationPortOf(bytes: Uint8Array, at: number): number {
  return u16(bytes, at + 2);
}

/** Header and data in octets, as the sender says. */
export function lengthOf(bytes: Uint8Array, at: number): number {
  return u16(bytes, at + 4);
}

export function checksumOf(bytes: Uint8Array, at: number): number {
  return u16(bytes, at + 6);
}

/**
 * Writes the header at `at` over the datagram that ends at `end`. `pseudo` is the partial sum of the pseudo-header.
 * RFC 768: "If the computed checksum is zero, it is transmitted as all ones".
 */
export function writeUdp(
  bytes: Uint8Array,
  at: number,
  end: number,
  sourcePort: number,
  destinationPort: number,
  pseudo: number,
): void {
  putU16(bytes, at, sourcePort);
  putU16(bytes, at + 2, destinationPort);
  putU16(bytes, at + 4, end - at);
  putU16(bytes, at + 6, 0);
  const checksum = finish(sum(bytes, at, end, pseudo));
  putU16(bytes, at + 6, checksum === 0 ? 0xffff : checksum);
}

/** True when the checksum over pseudo-header, header and data holds, or the sender made none (0 over IPv4). */
export function checksumHolds(bytes: Uint8Array, at: number, end: number, pseudo: number): boolean {
  return checksumOf(bytes, at) === 0 || finish(sum(bytes, at, end, pseudo)) === 0;
}
