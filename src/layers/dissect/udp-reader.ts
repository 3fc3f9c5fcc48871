/** Reads UDP datagrams: which conversation they belong to, and what they carry. */

import type { Nanos } from '../../kernel/journal.ts';
import { pseudoHeaderSum } from '../3-network/service.ts';
import { isChecksumBad, UDP, type UdpSeen, udpFields, udpInfo, udpText } from '../4-transport/udp/fields.ts';
import { destinationPortOf, lengthOf, sourcePortOf, UDP_HEADER_BYTES } from '../4-transport/udp/header.ts';
import type { Applications } from './applications.ts';
import { Conversations, conversationKey } from './conversations.ts';
import type { FrameDissection } from './dissection.ts';
import { addMalformed } from './malformed.ts';
import type { Packet } from './packet.ts';

const UDP_PROTOCOL = 17;

interface DatagramTimes {
  firstNs: Nanos;
  previousNs: Nanos;
}

export class UdpReader {
  readonly #verify: boolean;
  /** null: what datagrams carry is not read. */
  readonly #applications: Applications | null;
  readonly #conversations = new Conversations<DatagramTimes>(() => ({ firstNs: -1, previousNs: -1 }));

  constructor(verify: boolean, applications: Applications | null) {
    this.#verify = verify;
    this.#applications = applications;
  }

  read(read: FrameDissection, packet: Packet): void {
    const { bytes, start: at, end } = packet;
    if (end - at < 4) return;
    read.setProtocol('UDP');
    const readable = end - at >= UDP_HEADER_BYTES && lengthOf(bytes, at) >= UDP_HEADER_BYTES;
    if (readable) this.#datagram(read, packet);
    else {
      this.#add(read, packet, null);
      if (end - at >= UDP_HEADER_BYTES) read.setInfo(() => udpInfo(bytes, at, end - at));
    }
  }

  #datagram(read: FrameDissection, packet: Packet): void {
    const { bytes, start: at, end } = packet;
    const sourcePort = sourcePortOf(bytes, at);
    const destinationPort = destinationPortOf(bytes, at);
    const key = conversationKey(packet.source, sourcePort, packet.destination, destinationPort);
    const seen = this.#see(read, packet, key);
    this.#add(read, packet, seen);
    const data = at + UDP_HEADER_BYTES;
    const stop = Math.min(end, at + lengthOf(bytes, at));
    read.setInfo(() => {
      const remark = isChecksumBad(bytes, at, end, seen.pseudo) ? ' [UDP CHECKSUM INCORRECT]' : '';
      return udpInfo(bytes, at, end - at) + remark;
    });
    const carrier = { conversation: `udp ${key}`, sourcePort, destinationPort };
    this.#applications?.readDatagram(read, bytes, data, stop, carrier);
    if (end === data && lengthOf(bytes, at) > UDP_HEADER_BYTES && !read.quoting) addMalformed(read, 'UDP', bytes, end);
  }

  #add(read: FrameDissection, { bytes, start: at, end }: Packet, seen: UdpSeen | null): void {
    read.add(
      UDP,
      bytes,
      at,
      Math.min(UDP_HEADER_BYTES, end - at),
      () => udpText(bytes, at),
      () => udpFields(bytes, at, end, seen),
      end - at,
    );
  }

  /** Wireshark measures no times for a datagram without payload. */
  #see(read: FrameDissection, { bytes, start: at, source, destination }: Packet, key: string): UdpSeen {
    const { atNs } = read.frame;
    const { stream, state } = this.#conversations.between(key);
    if (state.firstNs < 0) state.firstNs = state.previousNs = atNs;
    const timed = !read.quoting && lengthOf(bytes, at) > UDP_HEADER_BYTES;
    const times = !timed ? null : { relativeNs: atNs - state.firstNs, deltaNs: atNs - state.previousNs };
    if (timed) state.previousNs = atNs;
    const pseudo = this.#verify ? pseudoHeaderSum(source, destination, UDP_PROTOCOL, lengthOf(bytes, at)) : null;
    return { stream, times, pseudo };
  }
}
