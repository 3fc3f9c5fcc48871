/** ARP for IPv4 over Ethernet (RFC 826): 28 octets. */

import { type Ipv4, type Mac, readMac, writeMac } from '../../../wire/address.ts';
import { type Malformed, malformed, u8, u16, u32 } from '../../../wire/reader.ts';
import { putU8, putU16, putU32 } from '../../../wire/writer.ts';
import { ETHER_TYPE } from '../ethernet/header.ts';

export const ARP_BYTES = 28;
const HARDWARE_ETHERNET = 1;
export const ARP_OPERATION = { request: 1, reply: 2 } as const;

export interface ArpPacket {
  readonly operation: number;
  readonly senderMac: Mac;
  readonly senderIp: Ipv4;
  /** 0 in a request: that is what is asked for. */
  readonly targetMac: Mac;
  readonly targetIp: Ipv4;
}

export function writeArp(bytes: Uint8Array, at: number, packet: ArpPacket): void {
  putU16(bytes, at, HARDWARE_ETHERNET);
  putU16(bytes, at + 2, ETHER_TYPE.ipv4);
  putU8(bytes, at + 4, 6);
  putU8(bytes, at + 5, 4);
  putU16(bytes, at + 6, packet.operation);
  writeMac(bytes, at + 8, packet.senderMac);
  putU32(bytes, at + 14, packet.senderIp);
  writeMac(bytes, at + 18, packet.targetMac);
  putU32(bytes, at + 24, packet.targetIp);
}

/** RFC 826 "Packet Reception": "?Do I have the hardware type", "?Do I speak the protocol", lengths "optionally check". */
export function readArp(bytes: Uint8Array, start: number, end: number): ArpPacket | Malformed {
  if (end - start < ARP_BYTES) return malformed(end, `an ARP packet has ${ARP_BYTES} octets, this one ${end - start}`);
  if (u16(bytes, start) !== HARDWARE_ETHERNET) return malformed(start, 'the hardware type is not Ethernet');
  if (u16(bytes, start + 2) !== ETHER_TYPE.ipv4) return malformed(start + 2, 'the protocol type is not IPv4');
  if (u8(bytes, start + 4) !== 6) return malformed(start + 4, 'the hardware address length is not 6');
  if (u8(bytes, start + 5) !== 4) return malformed(start + 5, 'the protocol address length is not 4');
  return {
    operation: u16(bytes, start + 6),
    senderMac: readMac(bytes, start + 8),
    senderIp: u32(bytes, start + 14),
    targetMac: readMac(bytes, start + 18),
    targetIp: u32(bytes, start + 24),
  };
}
