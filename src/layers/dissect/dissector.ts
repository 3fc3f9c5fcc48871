/**
 * Reads the frames of one vantage point in order and says what Wireshark would say of each. Reading keeps what later
 * frames need (streams, sequence numbers, unanswered requests); fields and texts are built when somebody looks.
 */

import type { Nanos } from '../../kernel/journal.ts';
import { formatIpv4, formatMac } from '../../wire/address.ts';
import { u8, u16 } from '../../wire/reader.ts';
import { ARP, arpFields, arpInfo, arpText, duplicateInfo, isEthernetIpv4 } from '../2-link/arp/fields.ts';
import { ETHERNET, ethernetFields, ethernetTail, ethernetText } from '../2-link/ethernet/fields.ts';
import {
  destinationOf as destinationMacOf,
  ETHER_TYPE,
  ETHERNET_HEADER_BYTES,
  etherTypeOf,
  sourceOf as sourceMacOf,
} from '../2-link/ethernet/header.ts';
import { VLAN, VLAN_TAG_BYTES, vlanFields, vlanText } from '../2-link/vlan/fields.ts';
import { ICMP, icmpFields, icmpInfo } from '../3-network/icmp/fields.ts';
import { ICMP_TYPE, isIcmpError, typeOf } from '../3-network/icmp/header.ts';
import { IPV4, ipv4Fields, ipv4Text, protocolName, protocolText } from '../3-network/ipv4/fields.ts';
import * as ipv4 from '../3-network/ipv4/header.ts';
import { pseudoHeaderSum } from '../3-network/service.ts';
import {
  controlBits,
  flagNames,
  relative,
  scaledWindow,
  TCP,
  type TcpSeen,
  tcpFields,
  tcpText,
} from '../4-transport/tcp/fields.ts';
import * as tcp from '../4-transport/tcp/header.ts';
import { optionInfo } from '../4-transport/tcp/option-fields.ts';
import { UDP, type UdpSeen, udpFields, udpInfo, udpText } from '../4-transport/udp/fields.ts';
import * as udp from '../4-transport/udp/header.ts';
import type { Dissection } from '../field.ts';
import { ArpClaims } from './arp-claims.ts';
import { Conversations, conversationKey, isForward } from './conversations.ts';
import { DATA, dataFields } from './data-fields.ts';
import { FrameDissection, Layer, type ReadFrame } from './dissection.ts';
import { Echoes } from './echoes.ts';
import { FRAME, frameFields, frameText } from './frame-fields.ts';
import { type Connection, completenessOf, learnBases, learnWindowScale, newConnection } from './tcp-connection.ts';

/** 2000-01-01T00:00:00Z in ns since 1970: the moment that virtual time counts from. */
export const VIRTUAL_EPOCH_NS = 946_684_800_000_000_000n;

export interface DissectorOptions {
  /** What the frames' `atNs` counts from, in ns since 1970. Default: `VIRTUAL_EPOCH_NS`. */
  readonly epochNs?: bigint;
  /**
   * Whether FCS and checksums of IP, UDP and TCP are verified. Wireshark does so only when asked to (`ip.check_checksum`
   * and so on), because captures on a sending host often lack them; a simulator's are right or tell something.
   * Default: true.
   */
  readonly verify?: boolean;
}

interface DatagramFlow {
  firstNs: Nanos;
  previousNs: Nanos;
}

export class Dissector {
  readonly #epochNs: bigint;
  readonly #verify: boolean;
  readonly #datagrams = new Conversations<DatagramFlow>(() => ({ firstNs: -1, previousNs: -1 }));
  readonly #connections = new Conversations<Connection>(newConnection);
  readonly #echoes = new Echoes();
  readonly #arpClaims = new ArpClaims();
  #firstNs: Nanos | null = null;
  #previousNs: Nanos = 0;

  constructor(options: DissectorOptions = {}) {
    this.#epochNs = options.epochNs ?? VIRTUAL_EPOCH_NS;
    this.#verify = options.verify ?? true;
  }

  /** The next frame. Frames must come in the order in which they were captured. */
  dissect(frame: ReadFrame): Dissection {
    const read = new FrameDissection(frame);
    this.#firstNs ??= frame.atNs;
    const times = {
      sinceFirstNs: frame.atNs - this.#firstNs,
      sincePreviousNs: frame.number === 1 ? 0 : frame.atNs - this.#previousNs,
      epochNs: this.#epochNs,
    };
    this.#previousNs = frame.atNs;
    read.add(
      new Layer(
        FRAME,
        0,
        frame.bytes.length,
        () => frameText(read),
        () => frameFields(read, times),
      ),
    );
    this.#ethernet(read);
    return read;
  }

  #ethernet(read: FrameDissection): void {
    const { bytes, fcs } = read.frame;
    const at = 0;
    if (bytes.length < ETHERNET_HEADER_BYTES) return;
    read.setAddresses(
      () => formatMac(sourceMacOf(bytes, at)),
      () => formatMac(destinationMacOf(bytes, at)),
    );
    const verify = this.#verify;
    const start = at + ETHERNET_HEADER_BYTES;
    const end = fcs ? Math.max(start, bytes.length - 4) : bytes.length;
    let payloadEnd = end;
    read.add(
      new Layer(
        ETHERNET,
        at,
        ETHERNET_HEADER_BYTES,
        () => ethernetText(bytes, at),
        () => ethernetFields(bytes, at, ethernetTail(bytes, payloadEnd, fcs, verify)),
      ),
    );
    payloadEnd = this.#etherType(read, etherTypeOf(bytes, at), start, end);
  }

  /** Reads the payload and returns where it ends. */
  #etherType(read: FrameDissection, type: number, at: number, end: number): number {
    const { bytes } = read.frame;
    read.protocols.push('ethertype');
    if (type === ETHER_TYPE.vlan && end - at >= VLAN_TAG_BYTES) {
      read.add(
        new Layer(
          VLAN,
          at,
          VLAN_TAG_BYTES,
          () => vlanText(bytes, at),
          () => vlanFields(bytes, at),
        ),
      );
      return this.#etherType(read, u16(bytes, at + 2), at + VLAN_TAG_BYTES, end);
    }
    if (type === ETHER_TYPE.arp) return this.#arp(read, at, end);
    if (type === ETHER_TYPE.ipv4) return this.#ipv4(read, at, end);
    read.setProtocol(`0x${type.toString(16).padStart(4, '0')}`);
    read.setInfo('Ethernet II');
    this.#data(read, at, end);
    return end;
  }

  #data(read: FrameDissection, at: number, end: number): void {
    if (end <= at) return;
    const { bytes } = read.frame;
    read.add(
      new Layer(
        DATA,
        at,
        end - at,
        () => `Data (${end - at} byte${end - at === 1 ? '' : 's'})`,
        () => dataFields(bytes, at, end),
      ),
    );
  }

  #arp(read: FrameDissection, at: number, end: number): number {
    const { bytes } = read.frame;
    if (end - at < 8) return end;
    const length = 8 + 2 * (u8(bytes, at + 4) + u8(bytes, at + 5));
    const stop = Math.min(end, at + length);
    const whole = isEthernetIpv4(bytes, at, stop);
    const duplicates = whole ? this.#arpClaims.read(bytes, at, read.frame) : [];
    read.setProtocol('ARP');
    if (whole) read.setInfo(() => arpInfo(bytes, at) + duplicates.map(duplicateInfo).join(''));
    read.add(
      new Layer(
        ARP,
        at,
        stop - at,
        () => arpText(bytes, at),
        () => arpFields(bytes, at, stop, duplicates),
      ),
    );
    return stop;
  }

  #ipv4(read: FrameDissection, at: number, end: number): number {
    const { bytes } = read.frame;
    if (end - at < ipv4.IPV4_HEADER_BYTES) return end;
    const headerLength = ipv4.headerLengthOf(bytes, at);
    if (headerLength < ipv4.IPV4_HEADER_BYTES || headerLength > end - at) return end;
    const stated = ipv4.totalLengthOf(bytes, at);
    const totalLength = stated === 0 ? end - at : stated;
    const stop = Math.min(end, at + Math.max(totalLength, headerLength));
    const source = ipv4.sourceOf(bytes, at);
    const destination = ipv4.destinationOf(bytes, at);
    read.setAddresses(
      () => formatIpv4(source),
      () => formatIpv4(destination),
    );
    const verify = this.#verify;
    read.add(
      new Layer(
        IPV4,
        at,
        headerLength,
        () => ipv4Text(bytes, at),
        () => ipv4Fields(bytes, at, totalLength, verify),
      ),
    );
    const protocol = ipv4.protocolOf(bytes, at);
    read.setProtocol('IPv4');
    const start = at + headerLength;
    if (ipv4.isFragment(bytes, at)) this.#fragment(read, at, start, stop);
    else if (protocol === ipv4.IP_PROTOCOL.icmp) this.#icmp(read, at, start, stop);
    else if (protocol === ipv4.IP_PROTOCOL.udp) this.#udp(read, at, start, stop);
    else if (protocol === ipv4.IP_PROTOCOL.tcp) this.#tcp(read, at, start, stop);
    else {
      read.setInfo(() => protocolText(protocol));
      this.#data(read, start, stop);
    }
    return stop;
  }

  #fragment(read: FrameDissection, ip: number, at: number, end: number): void {
    const { bytes } = read.frame;
    const protocol = ipv4.protocolOf(bytes, ip);
    const offset = ipv4.fragmentOffsetOf(bytes, ip);
    const identification = ipv4.identificationOf(bytes, ip).toString(16).padStart(4, '0');
    read.setInfo(
      () => `Fragmented IP protocol (proto=${protocolName(protocol)} ${protocol}, off=${offset}, ID=${identification})`,
    );
    this.#data(read, at, end);
  }

  #icmp(read: FrameDissection, ip: number, at: number, end: number): void {
    const { bytes } = read.frame;
    if (end - at < 4) return;
    const type = typeOf(bytes, at);
    const request = read.quoting ? null : this.#echoes.read(bytes, ip, at, end, read.frame);
    const ttl = ipv4.ttlOf(bytes, ip);
    const whole = end - at === ipv4.totalLengthOf(bytes, ip) - ipv4.headerLengthOf(bytes, ip);
    read.setProtocol('ICMP');
    read.setInfo(() => icmpInfo(bytes, at, end, ttl, request));
    const length = Math.min(end - at, 8);
    read.add(
      new Layer(
        ICMP,
        at,
        length,
        () => 'icmp',
        () => icmpFields(bytes, at, end, whole, request),
      ),
    );
    if (end - at <= 8) return;
    if (isIcmpError(type)) {
      const quotingBefore = read.quoting;
      read.quoting = true;
      this.#ipv4(read, at + 8, end);
      read.quoting = quotingBefore;
    } else if (type === ICMP_TYPE.echoRequest || type === ICMP_TYPE.echoReply) this.#data(read, at + 8, end);
  }

  #udp(read: FrameDissection, ip: number, at: number, end: number): void {
    const { bytes, atNs } = read.frame;
    if (end - at < udp.UDP_HEADER_BYTES) return;
    const source = ipv4.sourceOf(bytes, ip);
    const destination = ipv4.destinationOf(bytes, ip);
    const sourcePort = udp.sourcePortOf(bytes, at);
    const destinationPort = udp.destinationPortOf(bytes, at);
    const { stream, state } = this.#datagrams.between(
      conversationKey(source, sourcePort, destination, destinationPort),
    );
    if (state.firstNs < 0) state.firstNs = state.previousNs = atNs;
    const seen: UdpSeen = {
      stream,
      times: read.quoting ? null : { relativeNs: atNs - state.firstNs, deltaNs: atNs - state.previousNs },
      pseudo: this.#verify ? pseudoHeaderSum(source, destination, 17, udp.lengthOf(bytes, at)) : null,
    };
    if (!read.quoting) state.previousNs = atNs;
    const stop = Math.min(end, at + Math.max(udp.UDP_HEADER_BYTES, udp.lengthOf(bytes, at)));
    read.setProtocol('UDP');
    read.setInfo(() => udpInfo(bytes, at));
    read.add(
      new Layer(
        UDP,
        at,
        udp.UDP_HEADER_BYTES,
        () => udpText(bytes, at),
        () => udpFields(bytes, at, stop, seen),
      ),
    );
    this.#data(read, at + udp.UDP_HEADER_BYTES, stop);
  }

  #tcp(read: FrameDissection, ip: number, at: number, end: number): void {
    const { bytes } = read.frame;
    if (end - at < 4) return;
    read.setProtocol('TCP');
    if (end - at < tcp.TCP_HEADER_BYTES) {
      read.add(
        new Layer(
          TCP,
          at,
          end - at,
          () => tcpText(bytes, at, end, null),
          () => tcpFields(bytes, at, end, null),
        ),
      );
      return;
    }
    const seen = this.#connection(read, ip, at, end);
    const headerLength = tcp.headerLengthOf(bytes, at);
    read.add(
      new Layer(
        TCP,
        at,
        headerLength,
        () => tcpText(bytes, at, end, seen),
        () => tcpFields(bytes, at, end, seen),
      ),
    );
    read.setInfo(() => tcpInfo(bytes, at, end, seen));
    this.#data(read, at + headerLength, end);
  }

  #connection(read: FrameDissection, ip: number, at: number, end: number): TcpSeen {
    const { bytes, atNs } = read.frame;
    const source = ipv4.sourceOf(bytes, ip);
    const destination = ipv4.destinationOf(bytes, ip);
    const sourcePort = tcp.sourcePortOf(bytes, at);
    const destinationPort = tcp.destinationPortOf(bytes, at);
    const key = conversationKey(source, sourcePort, destination, destinationPort);
    const { stream, state } = this.#connections.between(key);
    const direction = isForward(source, sourcePort, destination, destinationPort) ? 0 : 1;
    const forward = state.flows[direction];
    const reverse = state.flows[direction === 0 ? 1 : 0];
    const flags = tcp.flagsOf(bytes, at);
    const { completeness } = state;
    if (state.firstNs < 0) state.firstNs = state.previousNs = atNs;
    const deltaNs = atNs - state.previousNs;
    state.previousNs = atNs;
    if (!read.quoting) {
      const dataLength = end - at - tcp.headerLengthOf(bytes, at);
      state.completeness = completenessOf(completeness, flags, dataLength);
      learnBases(forward, reverse, flags, tcp.sequenceOf(bytes, at), tcp.acknowledgmentOf(bytes, at));
      learnWindowScale(forward, reverse, bytes, at);
    }
    return {
      stream,
      completeness,
      baseSequence: read.quoting ? 0 : (forward.base ?? 0),
      baseAcknowledgment: read.quoting ? 0 : (reverse.base ?? 0),
      windowScale: forward.windowScale,
      relativeNs: atNs - state.firstNs,
      deltaNs,
      analysis: null,
      closing: null,
      quoted: read.quoting,
      pseudo: this.#verify ? pseudoHeaderSum(source, destination, 6, end - at) : null,
    };
  }
}

/** `40000 → 80 [SYN] Seq=0 Win=64240 Len=0 MSS=1460`. */
function tcpInfo(bytes: Uint8Array, at: number, end: number, seen: TcpSeen): string {
  const headerLength = tcp.headerLengthOf(bytes, at);
  const bits = controlBits(bytes, at);
  let text = `${tcp.sourcePortOf(bytes, at)} → ${tcp.destinationPortOf(bytes, at)} [${flagNames(bits)}]`;
  text += ` Seq=${relative(tcp.sequenceOf(bytes, at), seen.baseSequence)}`;
  if (bits & tcp.ACK) text += ` Ack=${relative(tcp.acknowledgmentOf(bytes, at), seen.baseAcknowledgment)}`;
  text += ` Win=${scaledWindow(bytes, at, seen.windowScale)}`;
  if (bits & tcp.URG) text += ` Urg=${tcp.urgentPointerOf(bytes, at)}`;
  text += ` Len=${end - at - headerLength}`;
  return text + optionInfo(bytes, at + tcp.TCP_HEADER_BYTES, at + headerLength, seen.baseAcknowledgment);
}
