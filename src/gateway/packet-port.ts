/**
 * IP packets in and out of an Ethernet cable, for bridges that know no Ethernet (TUN devices): packets get a frame around
 * them on the way in and lose it on the way out, and somebody answers for every neighbour that the node asks for.
 */

import { ARP_BYTES, ARP_OPERATION, readArp, writeArp } from '../layers/2-link/arp/header.ts';
import { ETHER_TYPE, ETHERNET_HEADER_BYTES, etherTypeOf, writeEthernet } from '../layers/2-link/ethernet/header.ts';
import type { Mac } from '../wire/address.ts';
import { isMalformed, u16 } from '../wire/reader.ts';
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
