/**
 * Ethernet II framing (IEEE 802.3 clause 3, RFC 894).
 *
 *   destination 6 | source 6 | EtherType 2 | payload 46..MTU, padded with zeros | FCS 4
 *
 * Preamble and start delimiter (8 octets) and the gap between frames (12) are time on the wire, not bytes.
 */

import { type Mac, macHigh, macLow, readMac } from '../../../wire/address.ts';
import { crc32 } from '../../../wire/checksum.ts';
import { u16, u32 } from '../../../wire/reader.ts';
import { putU16, putU32 } from '../../../wire/writer.ts';

export const ETHERNET_HEADER_BYTES = 14;
export const FCS_BYTES = 4;
/** RFC 894: "the data field ... should be padded (with octets of zero) to meet the Ethernet minimum frame size". */
export const LEAST_PAYLOAD_BYTES = 46;

export const ETHER_TYPE = { ipv4: 0x0800, arp: 0x0806, vlan: 0x8100, ipv6: 0x86dd } as const;
/** Below this the field is an IEEE 802.3 length and not a type. */
export const LEAST_ETHER_TYPE = 0x0600;

export function destinationOf(bytes: Uint8Array, at: number): Mac {
  return readMac(bytes, at);
}

export function sourceOf(bytes: Uint8Array, at: number): Mac {
  return readMac(bytes, at + 6);
}

export function etherTypeOf(bytes: Uint8Array, at: number): number {
  return u16(bytes, at + 12);
}

/** Whether a frame is for the station with that address, whose two parts are given. */
export function isFor(bytes: Uint8Array, at: number, high: number, low: number): boolean {
  return u16(bytes, at) === high && (u32(bytes, at + 2) | 0) === low;
}

export function writeEthernet(bytes: Uint8Array, at: number, destination: Mac, source: Mac, etherType: number): void {
  writeEthernetParts(bytes, at, macHigh(destination), macLow(destination), macHigh(source), macLow(source), etherType);
}

/** The same with the addresses in their two parts. */
export function writeEthernetParts(
  bytes: Uint8Array,
  at: number,
  destinationHigh: number,
  destinationLow: number,
  sourceHigh: number,
  sourceLow: number,
  etherType: number,
): void {
  putU16(bytes, at, destinationHigh);
  putU32(bytes, at + 2, destinationLow);
  putU16(bytes, at + 6, sourceHigh);
  putU32(bytes, at + 8, sourceLow);
  putU16(bytes, at + 12, etherType);
}

/** Writes the frame check sequence of bytes[start..end) behind them, least significant octet first (802.3, 3.2.9). */
export function writeFcs(bytes: Uint8Array, start: number, end: number): void {
  const fcs = crc32(bytes, start, end);
  bytes[end] = fcs;
  bytes[end + 1] = fcs >>> 8;
  bytes[end + 2] = fcs >>> 16;
  bytes[end + 3] = fcs >>> 24;
}

/** Writes the frame check sequence of a whole frame into its last four octets. */
export function completeFrame(frame: Uint8Array): void {
  writeFcs(frame, 0, frame.length - FCS_BYTES);
}

/** The frame check sequence that stands in the last four octets before `end`, as the CRC's number. */
export function fcsOf(bytes: Uint8Array, end: number): number {
  return (
    ((bytes[end - 4] as number) |
      ((bytes[end - 3] as number) << 8) |
      ((bytes[end - 2] as number) << 16) |
      ((bytes[end - 1] as number) << 24)) >>>
    0
  );
}
