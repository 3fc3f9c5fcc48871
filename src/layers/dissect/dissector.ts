/**
 * Reads the frames of one vantage point in order and says what Wireshark would say of each. Reading keeps what later
 * frames need (streams, sequence numbers, unanswered requests); fields and texts are built when somebody looks.
 */

import type { Nanos } from '../../kernel/journal.ts';
import { formatMac } from '../../wire/address.ts';
import { u16 } from '../../wire/reader.ts';
import { ARP, arpEnd, arpFields, arpInfo, arpProtocol, arpText, duplicateInfo } from '../2-link/arp/fields.ts';
import {
  COOKED,
  COOKED_BYTES,
  cookedFields,
  cookedSource,
  cookedText,
  cookedType,
  LOOPBACK,
  LOOPBACK_BYTES,
  loopbackFamily,
  loopbackFields,
  RAW,
  versionOf,
} from '../2-link/cooked/fields.ts';
import {
  ETHERNET,
  type EthernetTail,
  ethernetFields,
  ethernetTail,
  ethernetText,
  isFcsBad,
} from '../2-link/ethernet/fields.ts';
import {
  destinationOf,
  ETHER_TYPE,
  ETHERNET_HEADER_BYTES,
  etherTypeOf,
  FCS_BYTES,
  sourceOf,
} from '../2-link/ethernet/header.ts';
import { VLAN, vlanFields, vlanText } from '../2-link/vlan/fields.ts';
import { VLAN_TAG_BYTES, vlanIdOf } from '../2-link/vlan/header.ts';
import type { Dissection } from '../field.ts';
import { ArpClaims } from './arp-claims.ts';
import { addData } from './data-fields.ts';
import type { Depth } from './depth.ts';
import { FrameDissection, type ReadFrame } from './dissection.ts';
import { FRAME, frameFields, frameText } from './frame-fields.ts';
import { IpReader } from './ip-reader.ts';
import { addMalformed } from './malformed.ts';

/** 2000-01-01T00:00:00Z in ns since 1970: the moment that virtual time counts from. */
export const VIRTUAL_EPOCH_NS = 946_684_800_000_000_000n;

/** As libpcap numbers them. */
const LINK_TYPE = {
  loopback: 0,
  ethernet: 1,
  openBsdLoopback: 108,
  cooked: 113,
  ipv4: 228,
  ipv6: 229,
  cooked2: 276,
} as const;

const BAD_FCS = ' [ETHERNET FRAME CHECK SEQUENCE INCORRECT]';

export interface DissectorOptions {
  /** What the frames' `atNs` counts from, in ns since 1970. Default: `VIRTUAL_EPOCH_NS`. */
  readonly epochNs?: bigint;
  /**
   * Whether FCS and checksums of IP, UDP and TCP are verified. Wireshark does so only when asked to (`ip.check_checksum`
   * and so on), because captures on a sending host often lack them; a simulator's are right or tell something.
   * Default: true.
   */
  readonly verify?: boolean;
  /** Default: `messages`. */
  readonly depth?: Depth;
}

export class Dissector {
  readonly #epochNs: bigint;
  readonly #verify: boolean;
  readonly #ip: IpReader;
  readonly #arpClaims = new ArpClaims();
  #firstNs: Nanos | null = null;
  #previousNs: Nanos = 0;

  constructor(options: DissectorOptions = {}) {
    this.#epochNs = options.epochNs ?? VIRTUAL_EPOCH_NS;
    this.#verify = options.verify ?? true;
    this.#ip = new IpReader(this.#verify, this.#epochNs, options.depth ?? 'messages');
  }

  /** The next frame. Frames must come in the order in which they were captured. */
  dissect(frame: ReadFrame): Dissection {
    const read = new FrameDissection(frame);
    const sincePreviousNs = this.#firstNs === null ? 0 : frame.atNs - this.#previousNs;
    this.#firstNs ??= frame.atNs;
    this.#previousNs = frame.atNs;
    const times = { sinceFirstNs: frame.atNs - this.#firstNs, sincePreviousNs, epochNs: this.#epochNs };
    read.add(
      FRAME,
      frame.bytes,
      0,
      frame.bytes.length,
      () => frameText(read),
      () => frameFields(read, times),
    );
    this.#link(read);
    return read;
  }

  #link(read: FrameDissection): void {
    const { bytes, linkType = LINK_TYPE.ethernet } = read.frame;
    const end = bytes.length;
    if (linkType === LINK_TYPE.ethernet) this.#ethernet(read);
    else if (linkType === LINK_TYPE.cooked) this.#cooked(read, 1);
    else if (linkType === LINK_TYPE.cooked2) this.#cooked(read, 2);
    else if (linkType === LINK_TYPE.loopback || linkType === LINK_TYPE.openBsdLoopback) this.#loopback(read);
    else if (linkType === LINK_TYPE.ipv4) this.#ip.read(read, 4, 0, end);
    else if (linkType === LINK_TYPE.ipv6) this.#ip.read(read, 6, 0, end);
    else this.#raw(read);
  }

  /** A packet without a frame: its first four bits tell what it is. */
  #raw(read: FrameDissection): void {
    const { bytes } = read.frame;
    const end = bytes.length;
    read.add(
      RAW,
      bytes,
      0,
      0,
      () => RAW.title,
      () => [],
      end,
    );
    const version = end === 0 ? 0 : (bytes[0] as number) >>> 4;
    if (version === 4 || version === 6) this.#ip.read(read, version, 0, end);
    else addData(read, bytes, 0, end);
  }

  #cooked(read: FrameDissection, version: 1 | 2): void {
    const { bytes } = read.frame;
    const length = COOKED_BYTES[version];
    if (bytes.length < length) return;
    read.setAddresses(
      () => cookedSource(bytes, 0, version),
      () => '',
    );
    read.add(
      COOKED,
      bytes,
      0,
      length,
      () => cookedText(version),
      () => cookedFields(bytes, 0, version),
      bytes.length,
    );
    this.#payload(read, cookedType(bytes, 0, version), length, bytes.length);
  }

  #loopback(read: FrameDissection): void {
    const { bytes } = read.frame;
    if (bytes.length < LOOPBACK_BYTES) return;
    const version = versionOf(loopbackFamily(bytes, 0));
    read.setAddresses(
      () => 'N/A',
      () => 'N/A',
    );
    read.setProtocol('N/A');
    read.setInfo(LOOPBACK.title);
    read.add(
      LOOPBACK,
      bytes,
      0,
      LOOPBACK_BYTES,
      () => LOOPBACK.title,
      () => loopbackFields(bytes, 0),
      bytes.length,
    );
    if (version !== null) this.#ip.read(read, version, LOOPBACK_BYTES, bytes.length);
    else addData(read, bytes, LOOPBACK_BYTES, bytes.length);
  }

  #ethernet(read: FrameDissection): void {
    const { bytes, fcs } = read.frame;
    if (bytes.length < ETHERNET_HEADER_BYTES) return;
    read.setAddresses(
      () => formatMac(sourceOf(bytes, 0)),
      () => formatMac(destinationOf(bytes, 0)),
    );
    const verify = this.#verify;
    const end = fcs ? Math.max(ETHERNET_HEADER_BYTES, bytes.length - FCS_BYTES) : bytes.length;
    const isTagged = etherTypeOf(bytes, 0) === ETHER_TYPE.vlan && end - ETHERNET_HEADER_BYTES >= VLAN_TAG_BYTES;
    let payloadEnd = end;
    const tail = () => ethernetTail(bytes, payloadEnd, fcs, verify, isTagged);
    read.add(
      ETHERNET,
      bytes,
      0,
      ETHERNET_HEADER_BYTES,
      () => ethernetText(bytes, 0),
      () => ethernetFields(bytes, 0, tail()),
      bytes.length,
    );
    payloadEnd = this.#payload(read, etherTypeOf(bytes, 0), ETHERNET_HEADER_BYTES, end, tail);
    if (verify) read.appendInfo(() => (isFcsBad(bytes, tail()) ? BAD_FCS : ''));
  }

  /** Reads what the EtherType names and returns where it ends. */
  #payload(
    read: FrameDissection,
    type: number,
    at: number,
    end: number,
    tail: (() => EthernetTail) | null = null,
  ): number {
    const { bytes } = read.frame;
    read.protocols.push('ethertype');
    if (type === ETHER_TYPE.vlan && end - at >= VLAN_TAG_BYTES) {
      const inner = u16(bytes, at + 2);
      read.vlan = vlanIdOf(u16(bytes, at));
      const isLast = inner !== ETHER_TYPE.vlan || end - at < 2 * VLAN_TAG_BYTES;
      read.add(
        VLAN,
        bytes,
        at,
        VLAN_TAG_BYTES,
        () => vlanText(bytes, at),
        () => vlanFields(bytes, at, isLast && tail ? trailerOf(tail()) : null),
        bytes.length - at,
      );
      return this.#payload(read, inner, at + VLAN_TAG_BYTES, end, tail);
    }
    if (type === ETHER_TYPE.arp) return this.#arp(read, at, end);
    if (type === ETHER_TYPE.ipv4) return this.#ip.read(read, 4, at, end);
    if (type === ETHER_TYPE.ipv6) return this.#ip.read(read, 6, at, end);
    read.setProtocol(`0x${type.toString(16).padStart(4, '0')}`);
    read.setInfo('Ethernet II');
    addData(read, bytes, at, end);
    return end;
  }

  #arp(read: FrameDissection, at: number, end: number): number {
    const { bytes } = read.frame;
    const stop = Math.min(end, arpEnd(bytes, at, end));
    const whole = arpEnd(bytes, at, end) <= end;
    const doubts = whole ? this.#arpClaims.read(bytes, at, read.frame) : null;
    read.setProtocol(whole ? arpProtocol(bytes, at) : 'ARP');
    const note = doubts?.last ? duplicateInfo(doubts.last) : '';
    read.setInfo(() => (whole ? arpInfo(bytes, at) + note : ''));
    read.add(
      ARP,
      bytes,
      at,
      stop - at,
      () => arpText(bytes, at, end),
      () => arpFields(bytes, at, end, doubts?.duplicates ?? []),
    );
    if (!whole) addMalformed(read, 'ARP/RARP', bytes, end);
    return stop;
  }
}

function trailerOf({ paddingEnd, trailerEnd }: EthernetTail): { readonly from: number; readonly to: number } {
  return { from: paddingEnd, to: trailerEnd };
}
