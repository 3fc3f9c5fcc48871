/** Builds frames by hand for the dissector's tests: every header by its own writer, every checksum right unless said. */

import { writeArp } from '../../src/layers/2-link/arp/header.ts';
import { writeEthernet, writeFcs } from '../../src/layers/2-link/ethernet/header.ts';
import { writeIcmp } from '../../src/layers/3-network/icmp/header.ts';
import { writeIpv4 } from '../../src/layers/3-network/ipv4/header.ts';
import { pseudoHeaderSum } from '../../src/layers/3-network/service.ts';
import { writeTcp } from '../../src/layers/4-transport/tcp/header.ts';
import { writeUdp } from '../../src/layers/4-transport/udp/header.ts';
import { type Ipv4, type Mac, parseIpv4 } from '../../src/wire/address.ts';

export function ip(text: string): Ipv4 {
  const address = parseIpv4(text);
  if (address === null) throw new Error(`${text} is no address`);
  return address;
}

/** The MAC that goes with an address in these tests. */
export function macOf(address: Ipv4): Mac {
  return 0x020000000000 + (address % 0x1000000);
}

export function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

export function joined(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** Header, payload, padding to 60 octets, FCS. */
export function ethernet(source: Mac, destination: Mac, etherType: number, payload: Uint8Array): Uint8Array {
  const length = Math.max(60, 14 + payload.length);
  const bytes = new Uint8Array(length + 4);
  writeEthernet(bytes, 0, destination, source, etherType);
  bytes.set(payload, 14);
  writeFcs(bytes, 0, length);
  return bytes;
}

export interface IpOptions {
  readonly identification?: number;
  readonly flagsAndOffset?: number;
  readonly ttl?: number;
  readonly protocol: number;
}

export function ipv4(source: Ipv4, destination: Ipv4, payload: Uint8Array, options: IpOptions): Uint8Array {
  const bytes = new Uint8Array(20 + payload.length);
  bytes.set(payload, 20);
  writeIpv4(bytes, 0, {
    totalLength: bytes.length,
    identification: options.identification ?? 0,
    flagsAndOffset: options.flagsAndOffset ?? 0x4000,
    ttl: options.ttl ?? 64,
    protocol: options.protocol,
    source,
    destination,
  });
  return bytes;
}

/** An IPv4 packet as a frame between the two hosts' own MAC addresses. */
export function onEthernet(packet: Uint8Array): Uint8Array {
  const view = new DataView(packet.buffer, packet.byteOffset);
  return ethernet(macOf(view.getUint32(12)), macOf(view.getUint32(16)), 0x0800, packet);
}

export function arp(operation: number, sender: Ipv4, target: Ipv4, senderMac = macOf(sender)): Uint8Array {
  const bytes = new Uint8Array(28);
  const targetMac = operation === 1 ? 0 : macOf(target);
  writeArp(bytes, 0, { operation, senderMac, senderIp: sender, targetMac, targetIp: target });
  return ethernet(senderMac, operation === 1 ? 0xffffffffffff : targetMac, 0x0806, bytes);
}

export function udp(
  source: Ipv4,
  destination: Ipv4,
  sourcePort: number,
  destinationPort: number,
  payload: Uint8Array,
): Uint8Array {
  const bytes = new Uint8Array(8 + payload.length);
  bytes.set(payload, 8);
  const pseudo = pseudoHeaderSum(source, destination, 17, bytes.length);
  writeUdp(bytes, 0, bytes.length, sourcePort, destinationPort, pseudo);
  return ipv4(source, destination, bytes, { protocol: 17 });
}

export function icmp(
  source: Ipv4,
  destination: Ipv4,
  type: number,
  code: number,
  first: number,
  second: number,
  payload: Uint8Array,
): Uint8Array {
  const bytes = new Uint8Array(8 + payload.length);
  bytes.set(payload, 8);
  writeIcmp(bytes, 0, bytes.length, type, code, first, second);
  return ipv4(source, destination, bytes, { protocol: 1, flagsAndOffset: 0 });
}

export interface TcpSegment {
  readonly source: Ipv4;
  readonly destination: Ipv4;
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly sequence: number;
  readonly acknowledgment: number;
  readonly flags: number;
  readonly window: number;
  /** A multiple of four octets. */
  readonly options?: Uint8Array;
  readonly payload?: Uint8Array;
}

export function tcp(segment: TcpSegment): Uint8Array {
  const options = segment.options ?? new Uint8Array(0);
  const payload = segment.payload ?? new Uint8Array(0);
  const bytes = joined(new Uint8Array(20), options, payload);
  writeTcp(
    bytes,
    0,
    bytes.length,
    segment.sourcePort,
    segment.destinationPort,
    segment.sequence >>> 0,
    segment.acknowledgment >>> 0,
    segment.flags,
    segment.window,
    options.length,
    pseudoHeaderSum(segment.source, segment.destination, 6, bytes.length),
  );
  return ipv4(segment.source, segment.destination, bytes, { protocol: 6 });
}
