/** Builds IPv6 packets by hand for the dissector's tests; checksums are right unless said. */

import { pseudoHeaderSum } from '../../src/layers/3-network/service.ts';
import { writeTcp } from '../../src/layers/4-transport/tcp/header.ts';
import { type Ipv6, parseIpv6 } from '../../src/wire/address.ts';
import { finish, sum } from '../../src/wire/checksum.ts';
import { putU16, putU32 } from '../../src/wire/writer.ts';
import { bytesOf, joined } from './frames.ts';

export function ip6(text: string): Ipv6 {
  const address = parseIpv6(text);
  if (address === null) throw new Error(`${text} is no address`);
  return address;
}

export function octetsOf(address: Ipv6): Uint8Array {
  return Uint8Array.from({ length: 16 }, (_, at) => Number((address >> BigInt(120 - 8 * at)) & 255n));
}

export interface Ipv6Options {
  readonly next: number;
  readonly hopLimit?: number;
  /** First word: version, traffic class, flow label. */
  readonly first?: number;
  readonly payloadLength?: number;
}

export function ipv6(source: Ipv6, destination: Ipv6, payload: Uint8Array, options: Ipv6Options): Uint8Array {
  const head = new Uint8Array(8);
  putU32(head, 0, options.first ?? 0x60000000);
  putU16(head, 4, options.payloadLength ?? payload.length);
  head[6] = options.next;
  head[7] = options.hopLimit ?? 64;
  return joined(head, octetsOf(source), octetsOf(destination), payload);
}

/** A message of type, code and what stands behind the checksum. */
export function icmpv6(source: Ipv6, destination: Ipv6, type: number, code: number, rest: Uint8Array): Uint8Array {
  const bytes = joined(Uint8Array.of(type, code, 0, 0), rest);
  putU16(bytes, 2, finish(sum(bytes, 0, bytes.length, pseudoHeaderSum(source, destination, 58, bytes.length))));
  return bytes;
}

export function udp6(source: Ipv6, destination: Ipv6, ports: readonly [number, number], text: string): Uint8Array {
  const data = bytesOf(text);
  const bytes = joined(new Uint8Array(8), data);
  putU16(bytes, 0, ports[0]);
  putU16(bytes, 2, ports[1]);
  putU16(bytes, 4, bytes.length);
  putU16(bytes, 6, finish(sum(bytes, 0, bytes.length, pseudoHeaderSum(source, destination, 17, bytes.length))));
  return bytes;
}

export function tcp6(
  source: Ipv6,
  destination: Ipv6,
  ports: readonly [number, number],
  sequence: number,
  acknowledgment: number,
  flags: number,
  data: Uint8Array = new Uint8Array(0),
): Uint8Array {
  const bytes = joined(new Uint8Array(20), data);
  const pseudo = pseudoHeaderSum(source, destination, 6, bytes.length);
  writeTcp(bytes, 0, bytes.length, ports[0], ports[1], sequence, acknowledgment, flags, 64240, 0, pseudo);
  return bytes;
}

export function fragmentHeader(next: number, offset: number, more: boolean, identification: number): Uint8Array {
  const bytes = new Uint8Array(8);
  bytes[0] = next;
  putU16(bytes, 2, offset | (more ? 1 : 0));
  putU32(bytes, 4, identification);
  return bytes;
}

export function hex(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text.replaceAll(/[\s:]/g, ''), 'hex'));
}
