/**
 * IP packets in and out of an Ethernet cable, for bridges that know no Ethernet (TUN devices): packets get a frame around
 * them on the way in and lose it on the way out, and somebody answers for every neighbour that the node asks for.
 */

import { ARP_BYTES, ARP_OPERATION, readArp, writeArp } from '../layers/2-link/arp/header.ts';
import { ETHER_TYPE, ETHERNET_HEADER_BYTES, etherTypeOf, writeEthernet } from '../layers/2-link/ethernet/header.ts';
import { ICMPV6_TYPE, writeIcmpv6 } from '../layers/3-network/icmpv6/header.ts';
import { IP_PROTOCOL } from '../layers/3-network/ipv4/header.ts';
import {
  IPV6_HEADER_BYTES,
  nextHeaderOf,
  payloadLengthOf,
  sourceOf,
  writeIpv6,
} from '../layers/3-network/ipv6/header.ts';
import {
  MAC_OPTION_BYTES,
  ND_OPTION,
  NEIGHBOUR_MESSAGE_BYTES,
  OVERRIDE_FLAG,
  optionsOffset,
  ROUTER_FLAG,
  SOLICITED_FLAG,
  targetOf,
  writeMacOption,
  writeTarget,
} from '../layers/3-network/ndp/header.ts';
import { pseudoHeaderSum } from '../layers/3-network/service.ts';
import type { Mac } from '../wire/address.ts';
import { IPV6_UNSPECIFIED } from '../wire/ipv6-address.ts';
import { isMalformed, u8, u16 } from '../wire/reader.ts';
import type { FrameEnd } from './frame-end.ts';

/** Locally administered; the world's own are counted up from 02:00:00:00:00:01. */
const OUTSIDE_MAC: Mac = 0x02_ff_00_00_00_01;

export class PacketPort implements FrameEnd {
  /** Packets that leave the simulated world. */
  onFrame: (packet: Uint8Array) => void = () => {};
  readonly #cable: FrameEnd;
  readonly #mac: Mac;

  /** `mac`: of the interface that the cable is plugged into. */
  constructor(cable: FrameEnd, mac: Mac) {
    this.#cable = cable;
    this.#mac = mac;
    cable.onFrame = (frame) => this.#onFrame(frame);
  }

  put(packet: Uint8Array): void {
    const isIpv6 = (packet[0] ?? 0) >>> 4 === 6;
    this.#send(packet, isIpv6 ? ETHER_TYPE.ipv6 : ETHER_TYPE.ipv4);
  }

  #send(payload: Uint8Array, etherType: number): void {
    const frame = new Uint8Array(ETHERNET_HEADER_BYTES + payload.length);
    writeEthernet(frame, 0, this.#mac, OUTSIDE_MAC, etherType);
    frame.set(payload, ETHERNET_HEADER_BYTES);
    this.#cable.put(frame);
  }

  #onFrame(frame: Uint8Array): void {
    const etherType = etherTypeOf(frame, 0);
    if (etherType === ETHER_TYPE.arp) this.#answer(frame);
    else if (etherType === ETHER_TYPE.ipv4) this.onFrame(withoutPadding(frame, u16(frame, ETHERNET_HEADER_BYTES + 2)));
    else if (etherType === ETHER_TYPE.ipv6) this.#onIpv6(frame);
  }

  /** Neighbour Discovery stays on this side; there are no link-layer addresses on the other. */
  #onIpv6(frame: Uint8Array): void {
    const at = ETHERNET_HEADER_BYTES;
    if (frame.length < at + IPV6_HEADER_BYTES) return;
    const isDiscovery =
      nextHeaderOf(frame, at) === IP_PROTOCOL.icmpv6 && optionsOffset(u8(frame, at + IPV6_HEADER_BYTES)) !== null;
    if (!isDiscovery) this.onFrame(withoutPadding(frame, IPV6_HEADER_BYTES + payloadLengthOf(frame, at)));
    else if (u8(frame, at + IPV6_HEADER_BYTES) === ICMPV6_TYPE.neighbourSolicitation) this.#advertise(frame, at);
  }

  /** As for ARP: everybody's neighbour, but whoever checks his own address for duplicates is left in peace. */
  #advertise(frame: Uint8Array, at: number): void {
    const asker = sourceOf(frame, at);
    if (asker === IPV6_UNSPECIFIED || frame.length < at + IPV6_HEADER_BYTES + NEIGHBOUR_MESSAGE_BYTES) return;
    const target = targetOf(frame, at + IPV6_HEADER_BYTES);
    const length = NEIGHBOUR_MESSAGE_BYTES + MAC_OPTION_BYTES;
    const packet = new Uint8Array(IPV6_HEADER_BYTES + length);
    writeTarget(packet, IPV6_HEADER_BYTES, target);
    writeMacOption(packet, IPV6_HEADER_BYTES + NEIGHBOUR_MESSAGE_BYTES, ND_OPTION.targetMac, OUTSIDE_MAC);
    const nextHeader = IP_PROTOCOL.icmpv6;
    writeIpv6(packet, 0, { payloadLength: length, nextHeader, hopLimit: 255, source: target, destination: asker });
    const pseudo = pseudoHeaderSum(target, asker, nextHeader, length);
    const flags = ROUTER_FLAG + SOLICITED_FLAG + OVERRIDE_FLAG;
    writeIcmpv6(packet, IPV6_HEADER_BYTES, packet.length, ICMPV6_TYPE.neighbourAdvertisement, 0, flags, pseudo);
    this.#send(packet, ETHER_TYPE.ipv6);
  }

  /** As a proxy for the whole other side (RFC 1027); but nobody is told that his own address is taken (RFC 5227). */
  #answer(frame: Uint8Array): void {
    const asked = readArp(frame, ETHERNET_HEADER_BYTES, frame.length);
    if (isMalformed(asked) || asked.operation !== ARP_OPERATION.request) return;
    if (asked.senderIp === 0 || asked.senderIp === asked.targetIp) return;
    const reply = new Uint8Array(ARP_BYTES);
    writeArp(reply, 0, {
      operation: ARP_OPERATION.reply,
      senderMac: OUTSIDE_MAC,
      senderIp: asked.targetIp,
      targetMac: asked.senderMac,
      targetIp: asked.senderIp,
    });
    this.#send(reply, ETHER_TYPE.arp);
  }
}

function withoutPadding(frame: Uint8Array, lengthBytes: number): Uint8Array {
  return frame.subarray(ETHERNET_HEADER_BYTES, Math.min(frame.length, ETHERNET_HEADER_BYTES + lengthBytes));
}
