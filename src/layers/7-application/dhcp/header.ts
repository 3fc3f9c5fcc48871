/**
 * DHCP messages (RFC 2131 section 2, options RFC 2132): BOOTP's 236 octets, a magic cookie, and options.
 *
 *   op 1 | htype 1 | hlen 1 | hops 1 | xid 4 | secs 2 | flags 2 | ciaddr 4 | yiaddr 4 | siaddr 4 | giaddr 4 |
 *   chaddr 16 | sname 64 | file 128 | cookie 4 | options
 */

import { type Ipv4, type Mac, readMac, writeMac } from '../../../wire/address.ts';
import { type Malformed, u8, u16, u32 } from '../../../wire/reader.ts';
import { putU8, putU16, putU32 } from '../../../wire/writer.ts';

export const DHCP_SERVER_PORT = 67;
export const DHCP_CLIENT_PORT = 68;

const FIXED_BYTES = 236;
/** 99.130.83.99 (RFC 2131 section 3). */
const MAGIC_COOKIE = 0x63825363;
/** BOOTP's messages are no shorter (RFC 1542 section 2.1), and there are relays that drop shorter ones. */
const LEAST_BYTES = 300;
const ETHERNET = 1;
const BROADCAST_FLAG = 0x8000;

export const DHCP_TYPE = {
  discover: 1,
  offer: 2,
  request: 3,
  decline: 4,
  ack: 5,
  nak: 6,
  release: 7,
  inform: 8,
} as const;

/** RFC 2132. */
export const DHCP_OPTION = {
  pad: 0,
  subnetMask: 1,
  router: 3,
  nameServer: 6,
  hostName: 12,
  requestedAddress: 50,
  leaseTime: 51,
  messageType: 53,
  serverIdentifier: 54,
  parameterList: 55,
  renewalTime: 58,
  rebindingTime: 59,
  clientIdentifier: 61,
  end: 255,
} as const;

export interface DhcpMessage {
  readonly isReply: boolean;
  readonly type: number;
  readonly transaction: number;
  readonly seconds: number;
  /** The client cannot hear what is sent to its address alone: it has none yet. */
  readonly wantsBroadcast: boolean;
  readonly clientAddress: Ipv4;
  readonly yourAddress: Ipv4;
  /** Of the relay that it came through; 0: of none. */
  readonly relayAddress: Ipv4;
  readonly clientMac: Mac;
  /** Without the message type. */
  readonly options: ReadonlyMap<number, Uint8Array>;
}

export function encodeDhcp(message: DhcpMessage): Uint8Array {
  const all = [[DHCP_OPTION.messageType, Uint8Array.of(message.type)] as const, ...message.options];
  const length = all.reduce((sum, [, value]) => sum + 2 + value.length, FIXED_BYTES + 4 + 1);
  const bytes = new Uint8Array(Math.max(LEAST_BYTES, length));
  putU8(bytes, 0, message.isReply ? 2 : 1);
  putU8(bytes, 1, ETHERNET);
  putU8(bytes, 2, 6);
  putU32(bytes, 4, message.transaction);
  putU16(bytes, 8, message.seconds);
  putU16(bytes, 10, message.wantsBroadcast ? BROADCAST_FLAG : 0);
  putU32(bytes, 12, message.clientAddress);
  putU32(bytes, 16, message.yourAddress);
  putU32(bytes, 24, message.relayAddress);
  writeMac(bytes, 28, message.clientMac);
  putU32(bytes, FIXED_BYTES, MAGIC_COOKIE);
  let at = FIXED_BYTES + 4;
  for (const [code, value] of all) {
    putU8(bytes, at, code);
    putU8(bytes, at + 1, value.length);
    bytes.set(value, at + 2);
    at += 2 + value.length;
  }
  putU8(bytes, at, DHCP_OPTION.end);
  return bytes;
}

export function decodeDhcp(bytes: Uint8Array): DhcpMessage | Malformed {
  if (bytes.length < FIXED_BYTES + 4)
    return { malformed: `${bytes.length} octets are too short for a DHCP message`, at: bytes.length };
  const operation = u8(bytes, 0);
  if (operation !== 1 && operation !== 2) return { malformed: `the operation ${operation} is neither 1 nor 2`, at: 0 };
  if (u8(bytes, 1) !== ETHERNET || u8(bytes, 2) !== 6)
    return { malformed: 'the hardware address is no MAC address', at: 1 };
  if (u32(bytes, FIXED_BYTES) !== MAGIC_COOKIE)
    return { malformed: 'the magic cookie is another one', at: FIXED_BYTES };
  const options = decodeOptions(bytes, FIXED_BYTES + 4);
  if ('malformed' in options) return options;
  const type = options.found.get(DHCP_OPTION.messageType);
  if (type?.length !== 1) return { malformed: 'there is no message type, so this is BOOTP', at: FIXED_BYTES + 4 };
  options.found.delete(DHCP_OPTION.messageType);
  return {
    isReply: operation === 2,
    type: type[0] as number,
    transaction: u32(bytes, 4),
    seconds: u16(bytes, 8),
    wantsBroadcast: (u16(bytes, 10) & BROADCAST_FLAG) !== 0,
    clientAddress: u32(bytes, 12),
    yourAddress: u32(bytes, 16),
    relayAddress: u32(bytes, 24),
    clientMac: readMac(bytes, 28),
    options: options.found,
  };
}

/** Parts of one option follow each other (RFC 3396 section 5). */
function decodeOptions(bytes: Uint8Array, start: number): { readonly found: Map<number, Uint8Array> } | Malformed {
  const found = new Map<number, Uint8Array>();
  let at = start;
  while (at < bytes.length) {
    const code = u8(bytes, at);
    if (code === DHCP_OPTION.end) return { found };
    if (code === DHCP_OPTION.pad) {
      at++;
      continue;
    }
    const length = at + 1 < bytes.length ? u8(bytes, at + 1) : 0;
    if (at + 2 + length > bytes.length) return { malformed: `option ${code} reaches beyond the message`, at };
    const value = bytes.slice(at + 2, at + 2 + length);
    const before = found.get(code);
    found.set(code, before ? Uint8Array.of(...before, ...value) : value);
    at += 2 + length;
  }
  return { malformed: 'the options have no end', at };
}

export function addressOption(address: Ipv4): Uint8Array {
  return numberOption(address);
}

export function numberOption(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  putU32(bytes, 0, value);
  return bytes;
}

/** The first 32-bit number or address of an option; null: it is not there, or too short. */
export function firstOf(options: ReadonlyMap<number, Uint8Array>, code: number): number | null {
  const value = options.get(code);
  return value && value.length >= 4 ? u32(value, 0) : null;
}

/** All addresses of an option. */
export function addressesOf(options: ReadonlyMap<number, Uint8Array>, code: number): Ipv4[] {
  const value = options.get(code) ?? new Uint8Array(0);
  return Array.from({ length: Math.floor(value.length / 4) }, (_, index) => u32(value, index * 4));
}

/** RFC 2132 section 9.14: the hardware type and address. */
export function clientIdentifierOf(mac: Mac): Uint8Array {
  const bytes = new Uint8Array(7);
  bytes[0] = ETHERNET;
  writeMac(bytes, 1, mac);
  return bytes;
}
