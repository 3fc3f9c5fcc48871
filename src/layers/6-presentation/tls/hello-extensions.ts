/** The extensions of hellos as we write and read them (RFC 8446 section 4.2, RFC 6066, RFC 7301). */

import { joined } from '../../../wire/octets.ts';
import { Reader } from '../../../wire/reader.ts';
import { TlsProblem } from './header.ts';
import { notDecoded } from './messages.ts';
import { take8, take16, u16List, u16Octets, vector8, vector16 } from './vectors.ts';

export interface Share {
  readonly group: number;
  readonly publicKey: Uint8Array;
}

/** RFC 6066 section 3: addresses are no names. */
export function encodeServerName(name: string): Uint8Array | null {
  if (/^\d+\.\d+\.\d+\.\d+$/.test(name)) return null;
  return vector16(Uint8Array.of(0), vector16(new TextEncoder().encode(name)));
}

export function decodeServerName(content: Uint8Array): string | TlsProblem {
  const reader = new Reader(content);
  const list = new Reader(take16(reader));
  const type = list.u8();
  const name = new TextDecoder('latin1').decode(take16(list));
  if (reader.short || list.short || reader.left > 0 || type !== 0 || name === '') return notDecoded('server_name');
  return name;
}

export function encodeProtocols(protocols: readonly string[]): Uint8Array {
  return vector16(...protocols.map((each) => vector8(new TextEncoder().encode(each))));
}

export function decodeProtocols(content: Uint8Array): string[] | TlsProblem {
  const reader = new Reader(content);
  const list = new Reader(take16(reader));
  const protocols: string[] = [];
  while (list.left > 0 && !list.short) protocols.push(new TextDecoder('latin1').decode(take8(list)));
  const isWrong = reader.short || list.short || reader.left > 0 || protocols.length === 0 || protocols.includes('');
  return isWrong ? notDecoded('ALPN extension') : protocols;
}

/** A list of numbers of 16 bits behind its length: groups, signature schemes. */
export function encodeNumbers(numbers: readonly number[]): Uint8Array {
  return vector16(u16Octets(...numbers));
}

export function decodeNumbers(content: Uint8Array, what: string): number[] | TlsProblem {
  const reader = new Reader(content);
  const numbers = u16List(take16(reader));
  return !numbers || reader.short || reader.left > 0 || numbers.length === 0 ? notDecoded(what) : numbers;
}

export function encodeVersions(versions: readonly number[]): Uint8Array {
  return vector8(u16Octets(...versions));
}

export function decodeVersions(content: Uint8Array): number[] | TlsProblem {
  const reader = new Reader(content);
  const versions = u16List(take8(reader));
  return !versions || reader.short || reader.left > 0 ? notDecoded('supported_versions') : versions;
}

export function encodeShares(shares: readonly Share[]): Uint8Array {
  return vector16(...shares.map(encodeShare));
}

export function encodeShare({ group, publicKey }: Share): Uint8Array<ArrayBuffer> {
  return joined(u16Octets(group), vector16(publicKey));
}

export function decodeShares(content: Uint8Array): Share[] | TlsProblem {
  const reader = new Reader(content);
  const list = new Reader(take16(reader));
  const shares: Share[] = [];
  while (list.left > 0 && !list.short) {
    const group = list.u16();
    shares.push({ group, publicKey: take16(list) });
  }
  if (reader.short || list.short || reader.left > 0) return notDecoded('key_share');
  const groups = new Set(shares.map(({ group }) => group));
  return groups.size === shares.length ? shares : new TlsProblem('illegal_parameter', 'two shares of one group');
}

export function decodeShare(content: Uint8Array): Share | TlsProblem {
  const reader = new Reader(content);
  const group = reader.u16();
  const publicKey = take16(reader);
  return reader.short || reader.left > 0 ? notDecoded('key_share') : { group, publicKey };
}

/** Section 4.2.2: what a client says again in its second hello, as it came: at least an octet behind its length. */
export function isCookie(content: Uint8Array): boolean {
  const reader = new Reader(content);
  return take16(reader).length > 0 && !reader.short && reader.left === 0;
}

/** Section 4.2.9: how a client would use a key of before; 1: with a new exchange of keys. */
export function decodeModes(content: Uint8Array): readonly number[] | TlsProblem {
  const reader = new Reader(content);
  const modes = take8(reader);
  return reader.short || reader.left > 0 || modes.length === 0 ? notDecoded('psk_key_exchange_modes') : [...modes];
}
