/** Reads UDP datagrams: which conversation they belong to, and what they carry. */

import type { Nanos } from '../../kernel/journal.ts';
import { pseudoHeaderSum } from '../3-network/service.ts';
import { UDP, type UdpSeen, udpFields, udpInfo, udpText } from '../4-transport/udp/fields.ts';
import { destinationPortOf, lengthOf, sourcePortOf, UDP_HEADER_BYTES } from '../4-transport/udp/header.ts';
import type { Applications } from './applications.ts';
import { Conversations, conversationKey } from './conversations.ts';
import type { FrameDissection } from './dissection.ts';
import type { Packet } from './packet.ts';

const UDP_PROTOCOL = 17;

interface DatagramTimes {
  firstNs: Nanos;
  previousNs: Nanos;
}

export class UdpReader {
  readonly #verify: boolean;
  readonly #applications: Applications;
  readonly #conversations = new Conversations<DatagramTimes>(() => ({ firstNs: -1, previousNs: -1 }));

  constructor(verify: boolean, applications: Applications) {
    this.#verify = verify;
    this.#applications = applications;
  }

  read(read: FrameDissection, packet: Packet): void {
    const { bytes, start: at, end } = packet;
    if (end - at < UDP_HEADER_BYTES) return;
    const sourcePort = sourcePortOf(bytes, at);
    const destinationPort = destinationPortOf(bytes, at);
    const key = conversationKey(packet.source, sourcePort, packet.destination, destinationPort);
    const seen = this.#see(read, packet, key);
    const length = Math.max(UDP_HEADER_BYTES, lengthOf(bytes, at));
    const stop = Math.min(end, at + length);
    read.setProtocol('UDP');
    read.setInfo(() => udpInfo(bytes, at));
    read.add(
      UDP,
      bytes,
      at,
      UDP_HEADER_BYTES,
      () => udpText(bytes, at),
      () => udpFields(bytes, at, stop, seen),
      stop - at,
    );
    const carrier = { conversation: `udp ${key}`, sourcePort, destinationPort };
    this.#applications.readDatagram(read, bytes, at + UDP_HEADER_BYTES, stop, carrier);
  }

  /** Wireshark measures no times for a datagram without payload. */
  #see(read: FrameDissection, { bytes, start: at, end, source, destination }: Packet, key: string): UdpSeen {
    const { atNs } = read.frame;
    const { stream, state } = this.#conversations.between(key);
    if (state.firstNs < 0) state.firstNs = state.previousNs = atNs;
    const timed = !read.quoting && end - at > UDP_HEADER_BYTES;
    const times = !timed ? null : { relativeNs: atNs - state.firstNs, deltaNs: atNs - state.previousNs };
    if (timed) state.previousNs = atNs;
    const pseudo = this.#verify ? pseudoHeaderSum(source, destination, UDP_PROTOCOL, lengthOf(bytes, at)) : null;
    return { stream, times, pseudo };
  }
}
