/**
 * Address resolution (RFC 826; RFC 1122 section 2.3.2): finds the MAC address of a next hop, keeps it for a while, and
 * holds packets until it is known.
 */

import type { Context } from '../../../kernel/context.ts';
import type { Nanos } from '../../../kernel/journal.ts';
import type { Timer } from '../../../kernel/kernel.ts';
import {
  formatIpv4,
  formatMac,
  type IpAddress,
  type Ipv4,
  isGroupMac,
  MAC_BROADCAST,
  type Mac,
  macHigh,
  macLow,
} from '../../../wire/address.ts';
import { isMalformed } from '../../../wire/reader.ts';
import { drop } from '../../drop.ts';
import { opened, Pdu, sealed } from '../../pdu.ts';
import { ETHER_TYPE } from '../ethernet/header.ts';
import type { FrameService, FrameUser, NeighbourService, NeighbourUser } from '../service.ts';
import { AddressCheck } from './address-check.ts';
import { ARP_BYTES, ARP_OPERATION, type ArpPacket, readArp, writeArp } from './header.ts';

const MS: Nanos = 1_000_000;
const SECOND: Nanos = 1000 * MS;
/** RFC 1122 section 2.3.2.1: "at most 1 per second per destination". */
const RETRY_NS = SECOND;
const REQUESTS = 3;
/** RFC 1122 section 2.3.2.1: "The timeout should be on the order of a minute". */
const LIFETIME_NS = 60 * SECOND;
const CACHE_ROWS = 1024;
/** RFC 1122 section 2.3.2.2 asks for at least the latest one. */
const PENDING_PACKETS = 16;
/** Linux's net.ipv4.neigh.default.unres_qlen, which it works out of unres_qlen_bytes (212,992). */
export const LINUX_PENDING_PACKETS = 101;
/** RFC 5227 section 1.1: ANNOUNCE_NUM and ANNOUNCE_INTERVAL. */
const ANNOUNCEMENTS = 2;
const ANNOUNCE_INTERVAL_NS = 2 * SECOND;

interface Row {
  readonly mac: Mac;
  readonly expiresNs: Nanos;
}

interface Resolution {
  readonly waiting: Pdu[];
  readonly timer: Timer;
  requests: number;
}

export class Arp implements NeighbourService, FrameUser {
  // What every packet asks for comes first and lies together.
  readonly name: string;
  #user: NeighbourUser | null = null;
  readonly #frames: FrameService;
  readonly #context: Context;
  /** The neighbour that was looked up last: most packets of a link go to one. */
  #lastAddress: Ipv4 = -1;
  /** Its MAC address in two parts, and how long that surely is known: whole ms, which fit without a box. */
  #lastHigh = 0;
  #lastLow = 0;
  #lastUntilMs = 0;
  readonly #cache = new Map<Ipv4, Row>();
  /** Addresses of this interface: what requests are answered for. */
  #addresses: readonly Ipv4[];
  readonly #checks = new Map<Ipv4, AddressCheck>();
  readonly #resolutions = new Map<Ipv4, Resolution>();
  readonly #pendingPackets: number;

  /** `pendingPackets`: how many wait for one address; the oldest gives way to the next. */
  constructor(
    context: Context,
    frames: FrameService,
    addresses: readonly Ipv4[],
    pendingPackets: number = PENDING_PACKETS,
  ) {
    this.name = frames.name;
    this.#context = context;
    this.#pendingPackets = pendingPackets;
    this.#frames = frames;
    this.#addresses = addresses;
    const onArp: FrameUser = { onPayload: (pdu) => this.#receive(pdu) };
    frames.register(ETHER_TYPE.arp, onArp);
    frames.register(ETHER_TYPE.ipv4, this);
  }

  get mtuBytes(): number {
    return this.#frames.mtuBytes;
  }

  attach(user: NeighbourUser): void {
    this.#user = user;
  }

  /** An IPv4 packet has come. */
  onPayload(pdu: Pdu, group: boolean): void {
    this.#user?.onPacket(pdu, group, this.name);
  }

  /** The interface has these addresses from now on. */
  own(addresses: readonly Ipv4[]): void {
    this.#addresses = addresses;
  }

  /** Asks whether anybody has the address; `done` hears who, or null (RFC 5227 section 2.1). Takes 4 to 7 s. */
  check(address: Ipv4, done: (holder: Mac | null) => void): void {
    const probe = () => this.#transmit(this.#request(0, address), MAC_BROADCAST);
    const check = new AddressCheck(this.#context, this.#machine, address, this.#frames.mac, probe, (holder) => {
      this.#checks.delete(address);
      done(holder);
    });
    this.#checks.get(address)?.stop();
    this.#checks.set(address, check);
    check.start();
  }

  stopChecks(): void {
    for (const check of this.#checks.values()) check.stop();
    this.#checks.clear();
  }

  /** Tells everybody whose the address is now, so that old cache rows go (RFC 5227 section 2.3). */
  announce(address: Ipv4, times = ANNOUNCEMENTS): void {
    if (times === 0 || !this.#addresses.includes(address)) return;
    this.#transmit(this.#request(address, address), MAC_BROADCAST);
    this.#context.after(ANNOUNCE_INTERVAL_NS, () => this.announce(address, times - 1));
  }

  introduce(neighbour: IpAddress, mac: Mac): void {
    this.#keep(neighbour as Ipv4, mac, 'whoever gave it its address knows it');
  }

  broadcast(pdu: Pdu): void {
    this.#frames.send(pdu, ETHER_TYPE.ipv4, MAC_BROADCAST);
  }

  send(pdu: Pdu, nextHop: IpAddress): void {
    const address = nextHop as Ipv4;
    const isKnown = address === this.#lastAddress && this.#context.nowNs < this.#lastUntilMs * MS;
    if (isKnown || this.#lookUp(address)) this.#frames.sendTo(pdu, ETHER_TYPE.ipv4, this.#lastHigh, this.#lastLow);
    else this.#resolve(pdu, address);
  }

  #resolve(pdu: Pdu, address: Ipv4): void {
    let resolution = this.#resolutions.get(address);
    if (!resolution) {
      // Of its name only the journal knows.
      const name = this.#context.recording ? `arp ${formatIpv4(address)}` : 'arp';
      const timer = this.#context.timer(2, this.#machine, name, () => this.#onSilence(address));
      resolution = { waiting: [], timer, requests: 0 };
      this.#resolutions.set(address, resolution);
      this.#ask(address, resolution);
    }
    if (resolution.waiting.length === this.#pendingPackets) {
      const oldest = resolution.waiting.shift() as Pdu;
      const detail = `${this.#pendingPackets} packets wait for the MAC address of ${formatIpv4(address)} already`;
      drop(this.#context, oldest, 2, 'arp', this.name, 'buffer-full', detail);
    }
    resolution.waiting.push(pdu);
  }

  get #machine(): string {
    return `arp.${this.name}`;
  }

  /** Makes it the last, where it is known. */
  #lookUp(address: Ipv4): boolean {
    const row = this.#cache.get(address);
    if (!row) return false;
    if (row.expiresNs > this.#context.nowNs) {
      this.#lastAddress = address;
      this.#lastHigh = macHigh(row.mac);
      this.#lastLow = macLow(row.mac);
      this.#lastUntilMs = Math.floor(row.expiresNs / MS);
      return true;
    }
    this.#lastAddress = -1;
    this.#cache.delete(address);
    this.#tell(address, null, 'its lifetime is over');
    return false;
  }

  #ask(address: Ipv4, resolution: Resolution): void {
    resolution.requests++;
    resolution.timer.set(RETRY_NS);
    this.#transmit(this.#request(this.#addresses[0] ?? 0, address), MAC_BROADCAST);
  }

  #request(senderIp: Ipv4, targetIp: Ipv4): ArpPacket {
    return { operation: ARP_OPERATION.request, senderMac: this.#frames.mac, senderIp, targetMac: 0, targetIp };
  }

  #onSilence(address: Ipv4): void {
    const resolution = this.#resolutions.get(address);
    if (!resolution) return;
    if (resolution.requests < REQUESTS) {
      this.#ask(address, resolution);
      return;
    }
    this.#resolutions.delete(address);
    for (const pdu of resolution.waiting) {
      const detail = `nobody answered ${REQUESTS} ARP requests for ${formatIpv4(address)}`;
      drop(this.#context, pdu, 2, 'arp', this.name, 'unresolved', detail);
      this.#user?.onUnresolved(pdu, address);
    }
  }

  #transmit(packet: ArpPacket, destination: Mac): void {
    const pdu = Pdu.withRoom(ARP_BYTES);
    writeArp(pdu.bytes, pdu.start, packet);
    const was = sealed(this.#context, pdu, 2, 'arp', this.name);
    this.#frames.send(pdu, ETHER_TYPE.arp, destination);
    this.#context.resume(was);
  }

  /** RFC 826 "Packet Reception": merge first, look at the opcode last. */
  #receive(pdu: Pdu): void {
    const packet = readArp(pdu.bytes, pdu.start, pdu.end);
    if (isMalformed(packet)) {
      drop(this.#context, pdu, 2, 'arp', this.name, 'malformed', packet.malformed);
      return;
    }
    pdu.trim(ARP_BYTES);
    opened(this.#context, pdu, 2, 'arp', this.name);
    for (const check of this.#checks.values()) check.hear(packet);
    const isTarget = this.#addresses.includes(packet.targetIp);
    // A probe (RFC 5227) has no sender address yet; a group address can be nobody's own.
    const mayLearn = packet.senderIp !== 0 && !isGroupMac(packet.senderMac);
    const known = this.#cache.has(packet.senderIp) || this.#resolutions.has(packet.senderIp);
    if (mayLearn && (known || isTarget)) this.#learn(packet.senderIp, packet.senderMac, packet.operation);
    if (isTarget && packet.operation === ARP_OPERATION.request) this.#answer(packet);
  }

  #answer(request: ArpPacket): void {
    const packet = {
      operation: ARP_OPERATION.reply,
      senderMac: this.#frames.mac,
      senderIp: request.targetIp,
      targetMac: request.senderMac,
      targetIp: request.senderIp,
    };
    this.#transmit(packet, request.senderMac);
  }

  #learn(address: Ipv4, mac: Mac, operation: number): void {
    const before = this.#cache.get(address);
    const what = operation === ARP_OPERATION.request ? 'request' : 'reply';
    const conflict = before && before.mac !== mac ? `; it was ${formatMac(before.mac)}: two hosts, one address?` : '';
    this.#keep(address, mac, `an ARP ${what} came from it${conflict}`);
  }

  #keep(address: Ipv4, mac: Mac, because: string): void {
    // Written again, the row becomes the newest: the map's first row is the one that was silent longest.
    this.#cache.delete(address);
    this.#cache.set(address, { mac, expiresNs: this.#context.nowNs + LIFETIME_NS });
    this.#lastAddress = -1;
    if (this.#cache.size > CACHE_ROWS) {
      const [oldest] = this.#cache.keys();
      if (oldest !== undefined) {
        this.#cache.delete(oldest);
        this.#tell(oldest, null, `there are ${CACHE_ROWS} others, all newer`);
      }
    }
    this.#tell(address, mac, because);
    const resolution = this.#resolutions.get(address);
    if (!resolution) return;
    this.#resolutions.delete(address);
    resolution.timer.clear();
    for (const pdu of resolution.waiting) this.#frames.send(pdu, ETHER_TYPE.ipv4, mac);
  }

  #tell(address: Ipv4, mac: Mac | null, because: string): void {
    if (!this.#context.recording) return;
    const row = mac === null ? null : { mac: formatMac(mac), interface: this.name };
    const change = { table: 'arp', key: formatIpv4(address), row, because };
    this.#context.record({ kind: 'table', layer: 2, protocol: 'arp', change });
  }
}
