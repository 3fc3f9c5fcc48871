/** Datagrams that a host is sent to see what it says to them: Linux through a TUN device, and a host of this stack. */

import { Context } from '../../src/kernel/context.ts';
import { Journal } from '../../src/kernel/journal.ts';
import { Kernel } from '../../src/kernel/kernel.ts';
import { writeIcmp } from '../../src/layers/3-network/icmp/header.ts';
import { Icmp } from '../../src/layers/3-network/icmp/icmp.ts';
import { ICMPV6_TYPE, writeIcmpv6 } from '../../src/layers/3-network/icmpv6/header.ts';
import { Icmpv6 } from '../../src/layers/3-network/icmpv6/icmpv6.ts';
import { IP_PROTOCOL, MORE_FRAGMENTS, writeIpv4 } from '../../src/layers/3-network/ipv4/header.ts';
import { Ipv4Machine } from '../../src/layers/3-network/ipv4/ipv4.ts';
import { IPV6_HEADER_BYTES, NEXT_HEADER, writeIpv6 } from '../../src/layers/3-network/ipv6/header.ts';
import { Ipv6Interface } from '../../src/layers/3-network/ipv6/interface.ts';
import { Ipv6Machine } from '../../src/layers/3-network/ipv6/ipv6.ts';
import type { NetworkService } from '../../src/layers/3-network/service.ts';
import { pseudoHeaderSum } from '../../src/layers/3-network/service.ts';
import { Udp } from '../../src/layers/4-transport/udp/udp.ts';
import { finish, sum } from '../../src/wire/checksum.ts';
import { u8 } from '../../src/wire/reader.ts';
import { putU16, putU32 } from '../../src/wire/writer.ts';
import { RawLink } from './raw-link.ts';

/** net.ipv4.ipfrag_time; RFC 1122 section 3.3.2 wants 60 to 120 s. */
const LINUX_REASSEMBLY_NS = 30_000_000_000;

export type Family = 'ipv4' | 'ipv6';

/** Who is asked, and who asks. */
export const ENDS = {
  ipv4: { own: 0x0a090001, asker: 0x0a090002, cidr: '10.9.0.1/24', askerText: '10.9.0.2' },
  ipv6: {
    own: 0xfd000009000000000000000000000001n,
    asker: 0xfd000009000000000000000000000002n,
    cidr: 'fd00:9::1/64',
    askerText: 'fd00:9::2',
  },
} as const;

/** Puts an IP header in front of a payload that goes to the host. */
export function ipPacket(family: Family, protocol: number, payload: Uint8Array, hops = 64, fragment = 0): Uint8Array {
  const headerBytes = family === 'ipv4' ? 20 : IPV6_HEADER_BYTES;
  const packet = new Uint8Array(headerBytes + payload.length);
  packet.set(payload, headerBytes);
  if (family === 'ipv4') {
    const { own, asker } = ENDS.ipv4;
    const rest = { ttl: hops, protocol, source: asker, destination: own };
    writeIpv4(packet, 0, { totalLength: packet.length, identification: 77, flagsAndOffset: fragment, ...rest });
  } else {
    const { own, asker } = ENDS.ipv6;
    const rest = { hopLimit: hops, source: asker, destination: own };
    writeIpv6(packet, 0, { payloadLength: payload.length, nextHeader: protocol, ...rest });
  }
  return packet;
}

/** Where in a packet without extension headers the payload begins. */
export const payloadAt = (family: Family, packet: Uint8Array) => (family === 'ipv4' ? (u8(packet, 0) & 15) * 4 : 40);

function udp(family: Family, octets: number, hasChecksum = true): Uint8Array {
  const datagram = new Uint8Array(8 + octets);
  const words = [40_000, 9, datagram.length, 0];
  for (const [index, word] of words.entries()) putU16(datagram, 2 * index, word);
  const { own, asker } = ENDS[family];
  const pseudo = pseudoHeaderSum(asker, own, IP_PROTOCOL.udp, datagram.length);
  if (hasChecksum) putU16(datagram, 6, finish(sum(datagram, 0, datagram.length, pseudo)) || 0xffff);
  return datagram;
}

function echoRequest(family: Family, octets: number): Uint8Array {
  const message = new Uint8Array(8 + octets).map((_, index) => index & 255);
  if (family === 'ipv4') writeIcmp(message, 0, message.length, 8, 0, 5, 6);
  else {
    const { own, asker } = ENDS.ipv6;
    const pseudo = pseudoHeaderSum(asker, own, IP_PROTOCOL.icmpv6, message.length);
    writeIcmpv6(message, 0, message.length, ICMPV6_TYPE.echoRequest, 0, 0x50006, pseudo);
  }
  return message;
}

/** A fragment of a datagram of UDP of 128 octets: some of them from `offset` on. */
function fragment(family: Family, offset: number, octets: number, hasMore: boolean): Uint8Array {
  const payload = udp(family, 120).subarray(offset, offset + octets);
  if (family === 'ipv4') {
    return ipPacket('ipv4', IP_PROTOCOL.udp, payload, 64, (hasMore ? MORE_FRAGMENTS : 0) | (offset / 8));
  }
  const behind = new Uint8Array(8 + octets);
  behind[0] = IP_PROTOCOL.udp;
  putU16(behind, 2, offset | (hasMore ? 1 : 0));
  putU32(behind, 4, 77);
  behind.set(payload, 8);
  return ipPacket('ipv6', NEXT_HEADER.fragment, behind);
}

export interface IpProbe {
  readonly name: string;
  readonly packets: (family: Family) => readonly Uint8Array[];
  /** Waited for so long, in s; standard 0.3. */
  readonly seconds?: number;
}

export const IP_PROBES: readonly IpProbe[] = [
  {
    name: 'UDP to closed port, 828 octets',
    packets: (family) => [ipPacket(family, IP_PROTOCOL.udp, udp(family, 800))],
  },
  {
    name: 'UDP to closed port, 1400 octets',
    packets: (family) => [ipPacket(family, IP_PROTOCOL.udp, udp(family, 1350))],
  },
  {
    name: 'UDP to closed port, without a checksum',
    packets: (family) => [ipPacket(family, IP_PROTOCOL.udp, udp(family, 20, false))],
  },
  { name: 'unknown IP protocol 253', packets: (family) => [ipPacket(family, 253, new Uint8Array(20))] },
  {
    name: 'echo request',
    packets: (family) => [ipPacket(family, family === 'ipv4' ? 1 : 58, echoRequest(family, 56))],
  },
  {
    name: 'echo request whose TTL is 1 when it arrives',
    packets: (family) => [ipPacket(family, family === 'ipv4' ? 1 : 58, echoRequest(family, 56), 1)],
  },
  {
    name: 'bad checksum (of IPv4, of ICMPv6)',
    packets: (family) => {
      const packet = ipPacket(family, family === 'ipv4' ? IP_PROTOCOL.udp : 58, echoRequest(family, 56));
      packet[family === 'ipv4' ? 10 : 42] = 0xde;
      return [packet];
    },
  },
  {
    name: 'two fragments that are whole, the last first',
    packets: (family) => [fragment(family, 64, 64, false), fragment(family, 0, 64, true)],
  },
  {
    name: 'two fragments that overlap by 8 octets, then the rest',
    packets: (family) => [
      fragment(family, 0, 64, true),
      fragment(family, 56, 64, true),
      fragment(family, 120, 8, false),
    ],
  },
];

/** `first fragment only`: the answer comes when the time for reassembly is over. */
export const LONE_FRAGMENT: IpProbe = {
  name: 'first fragment only',
  packets: (family) => [fragment(family, 0, 64, true)],
  seconds: 70,
};

/** What came, in words: of ICMP type and code, how much it carries, and the TTL. */
export function inWords(family: Family, packets: readonly Uint8Array[]): string {
  const texts = packets.map((packet) => {
    const at = payloadAt(family, packet);
    const hops = u8(packet, family === 'ipv4' ? 8 : 7);
    return `${u8(packet, at)}/${u8(packet, at + 1)} with ${packet.length - at - 8}, ttl ${hops}`;
  });
  return texts.join('; ') || 'nothing';
}

/** What a host of ours says, and after how many seconds the last of it. */
export function askHost(family: Family, probe: IpProbe): { readonly text: string; readonly seconds: number } {
  const kernel = new Kernel('1', new Journal(false));
  const context = new Context(kernel, 'host');
  const link = new RawLink(context, { delayMs: 0, jitterMs: 0, loss: 0, duplicate: 0 });
  const transports = (user: Udp) => (protocol: number) => (protocol === IP_PROTOCOL.udp ? user : null);
  if (family === 'ipv4') {
    const ipv4 = new Ipv4Machine(
      context,
      [{ link, address: ENDS.ipv4.own, prefix: 24 }],
      [],
      false,
      LINUX_REASSEMBLY_NS,
    );
    ipv4.reportTo(new Icmp(context, ipv4, transports(new Udp(context, ipv4 as NetworkService))));
  } else {
    const out = new Ipv6Interface(context, link, false);
    const never = Number.MAX_SAFE_INTEGER;
    const lifetime = { preferredUntilNs: never, validUntilNs: never };
    out.assign({ address: ENDS.ipv6.own, prefix: 64, state: 'preferred', ...lifetime }, 'test');
    const ipv6 = new Ipv6Machine(context, [out], [], false);
    new Icmpv6(context, ipv6, transports(new Udp(context, ipv6 as NetworkService)));
  }
  const came: Uint8Array[] = [];
  let atNs = 0;
  link.onPacketOut = (packet) => {
    came.push(packet);
    atNs = kernel.nowNs;
  };
  for (const packet of probe.packets(family)) {
    link.receive(packet);
    const until = kernel.nowNs + 1_000_000;
    while (kernel.nextNs <= until) kernel.step();
  }
  const untilNs = (probe.seconds ?? 0.3) * 1e9;
  while (kernel.nextNs <= untilNs) kernel.step();
  return { text: inWords(family, came), seconds: atNs / 1e9 };
}
