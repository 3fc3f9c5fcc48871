/**
 * The neighbour cache of an interface and Neighbour Unreachability Detection (RFC 4861 sections 5.1 and 7.3): finds the
 * MAC address of a next hop, holds packets until it is known, and notices when it is no longer there.
 */

import type { Context } from '../../../kernel/context.ts';
import type { Nanos } from '../../../kernel/journal.ts';
import type { Timer } from '../../../kernel/kernel.ts';
import { formatIpv6, formatMac, type IpAddress, type Ipv6, type Mac } from '../../../wire/address.ts';
import { ALL_NODES, isIpv6Multicast, multicastMacOf } from '../../../wire/ipv6-address.ts';
import { ETHER_TYPE } from '../../2-link/ethernet/header.ts';
import type { FrameService, NeighbourService, NeighbourUser } from '../../2-link/service.ts';
import { drop } from '../../drop.ts';
import type { Pdu } from '../../pdu.ts';
import { sourceOf } from '../ipv6/header.ts';

const SECOND: Nanos = 1_000_000_000;
/** RFC 4861 section 10. */
const REACHABLE_NS = 30 * SECOND;
const RETRANS_NS = SECOND;
const DELAY_FIRST_PROBE_NS = 5 * SECOND;
const SOLICITATIONS = 3;
/** RFC 4861 section 7.2.2 asks for at least the latest one; as many as ARP keeps here. */
const PENDING_PACKETS = 16;
const CACHE_ROWS = 1024;

export type NeighbourState = 'INCOMPLETE' | 'REACHABLE' | 'STALE' | 'DELAY' | 'PROBE';

/** Asks for a neighbour: everybody who may have the address, or the MAC address that it had. */
export type Solicit = (target: Ipv6, mac: Mac | null, source: Ipv6 | null) => void;

interface Neighbour {
  readonly address: Ipv6;
  /** null: INCOMPLETE. */
  mac: Mac | null;
  state: NeighbourState;
  isRouter: boolean;
  reachableUntilNs: Nanos;
  tries: number;
  readonly waiting: Pdu[];
  readonly timer: Timer;
}

export class Neighbours implements NeighbourService {
  readonly #context: Context;
  readonly #frames: FrameService;
  readonly #rows = new Map<Ipv6, Neighbour>();
  #user: NeighbourUser | null = null;
  #solicit: Solicit = () => {};
  #onRouterChange: (router: Ipv6) => void = () => {};
  #reachableNs: Nanos;
  #retransNs: Nanos = RETRANS_NS;
  #baseReachableNs: Nanos = REACHABLE_NS;

  readonly #pendingPackets: number;

  /** `pendingPackets`: how many wait for one address; the oldest gives way to the next. */
  constructor(context: Context, frames: FrameService, pendingPackets: number = PENDING_PACKETS) {
    this.#context = context;
    this.#pendingPackets = pendingPackets;
    this.#frames = frames;
    this.#reachableNs = this.#drawReachable();
    frames.register(ETHER_TYPE.ipv6, { onPayload: (pdu, group) => this.#user?.onPacket(pdu, group, frames.name) });
  }

  get name(): string {
    return this.#frames.name;
  }

  get mtuBytes(): number {
    return this.#frames.mtuBytes;
  }

  /** How long a solicitation waits for its answer; a router's advertisement may change it. */
  get retransNs(): Nanos {
    return this.#retransNs;
  }

  attach(user: NeighbourUser): void {
    this.#user = user;
  }

  /** Who sends the solicitations, and who wants to know that a router is gone or here again. */
  serve(solicit: Solicit, onRouterChange: (router: Ipv6) => void): void {
    this.#solicit = solicit;
    this.#onRouterChange = onRouterChange;
  }

  join(group: IpAddress): void {
    this.#frames.join(multicastMacOf(group as Ipv6));
  }

  broadcast(pdu: Pdu): void {
    this.send(pdu, ALL_NODES);
  }

  /** What a router advertised: ms, 0 where it did not say (RFC 4861 section 6.3.4). */
  setTimes(reachableMs: number, retransMs: number): void {
    if (retransMs > 0) this.#retransNs = retransMs * 1_000_000;
    if (reachableMs === 0 || reachableMs * 1_000_000 === this.#baseReachableNs) return;
    this.#baseReachableNs = reachableMs * 1_000_000;
    this.#reachableNs = this.#drawReachable();
  }

  send(pdu: Pdu, nextHop: IpAddress): void {
    const address = nextHop as Ipv6;
    if (isIpv6Multicast(address)) {
      this.#frames.send(pdu, ETHER_TYPE.ipv6, multicastMacOf(address));
      return;
    }
    const row = this.#rows.get(address);
    if (!row) this.#resolve(address, pdu);
    else if (row.mac === null) this.#hold(row, pdu);
    else {
      this.#use(row);
      this.#frames.send(pdu, ETHER_TYPE.ipv6, row.mac);
    }
  }

  confirm(neighbour: IpAddress): void {
    const row = this.#rows.get(neighbour as Ipv6);
    if (!row || row.mac === null) return;
    if (row.state === 'REACHABLE') row.reachableUntilNs = this.#context.nowNs + this.#reachableNs;
    else this.#becomeReachable(row, 'what was sent to it got there, says the transport');
  }

  /** It sent something with its MAC address in it, though not to prove that it hears us (RFC 4861 sections 6.2.6, 6.3.4, 7.2.3). */
  hear(address: Ipv6, mac: Mac, because: string, isRouter: boolean | null): void {
    const row = this.#rows.get(address) ?? this.#add(address);
    if (isRouter !== null) row.isRouter = isRouter;
    if (row.mac === mac) return;
    this.#learn(row, mac);
    this.#become(row, 'STALE', because);
    this.#flush(row);
  }

  /** RFC 4861 section 7.2.5; `mac` null: the advertisement named none. */
  onAdvertisement(
    address: Ipv6,
    mac: Mac | null,
    flags: { readonly isSolicited: boolean; readonly overrides: boolean; readonly isRouter: boolean },
  ): void {
    const row = this.#rows.get(address);
    if (!row) return;
    if (row.mac === null) {
      if (mac === null) return;
      this.#learn(row, mac);
      row.isRouter = flags.isRouter;
      if (flags.isSolicited) this.#becomeReachable(row, 'it answered');
      else this.#become(row, 'STALE', 'it said so unasked');
      this.#flush(row);
      return;
    }
    const isOther = mac !== null && mac !== row.mac;
    if (isOther && !flags.overrides) {
      if (row.state === 'REACHABLE') this.#become(row, 'STALE', `${formatMac(mac)} says that it is this one too`);
      return;
    }
    if (isOther) this.#learn(row, mac);
    const wasRouter = row.isRouter;
    row.isRouter = flags.isRouter;
    if (flags.isSolicited) this.#becomeReachable(row, 'it answered');
    else if (isOther) this.#become(row, 'STALE', 'it has another MAC address now');
    if (wasRouter && !flags.isRouter) this.#onRouterChange(address);
  }

  /** Whether packets may be sent to it in good faith: known, or not yet asked for in vain (RFC 4861 section 6.3.6). */
  isReachable(address: Ipv6): boolean {
    const row = this.#rows.get(address);
    return row !== undefined && row.mac !== null;
  }

  /** False: it said that it is a host. */
  mayRoute(address: Ipv6): boolean {
    return this.#rows.get(address)?.isRouter ?? true;
  }

  #resolve(address: Ipv6, pdu: Pdu): void {
    const row = this.#add(address);
    row.waiting.push(pdu);
    this.#become(row, 'INCOMPLETE', 'a packet is for it');
    row.tries = 1;
    row.timer.set(this.#retransNs);
    this.#solicit(address, null, sourceOf(pdu.bytes, pdu.start));
  }

  #hold(row: Neighbour, pdu: Pdu): void {
    if (row.waiting.length === this.#pendingPackets) {
      const detail = `${this.#pendingPackets} packets wait for the MAC address of ${formatIpv6(row.address)} already`;
      drop(this.#context, row.waiting.shift() as Pdu, 3, 'ndp', this.name, 'buffer-full', detail);
    }
    row.waiting.push(pdu);
  }

  /** RFC 4861 section 7.3.3: a neighbour that is used without being known to be there is asked, in a while. */
  #use(row: Neighbour): void {
    if (row.state === 'REACHABLE') {
      if (this.#context.nowNs < row.reachableUntilNs) return;
      this.#become(row, 'STALE', 'nothing has confirmed it for a while');
    }
    if (row.state !== 'STALE') return;
    this.#become(row, 'DELAY', 'a packet goes to it');
    row.timer.set(DELAY_FIRST_PROBE_NS);
  }

  #onTime(row: Neighbour): void {
    if (row.state === 'DELAY') {
      row.tries = 0;
      this.#become(row, 'PROBE', 'nobody confirmed it within 5 s');
    }
    if (row.tries < SOLICITATIONS) {
      row.tries++;
      row.timer.set(this.#retransNs);
      this.#solicit(row.address, row.mac, null);
      return;
    }
    this.#rows.delete(row.address);
    this.#tell(row, true, `${SOLICITATIONS} solicitations got no answer`);
    const waiting = row.waiting.splice(0);
    for (const pdu of waiting) {
      const detail = `nobody answered ${SOLICITATIONS} solicitations for ${formatIpv6(row.address)}`;
      drop(this.#context, pdu, 3, 'ndp', this.name, 'unresolved', detail);
      this.#user?.onUnresolved(pdu, row.address);
    }
    this.#onRouterChange(row.address);
  }

  #add(address: Ipv6): Neighbour {
    if (this.#rows.size >= CACHE_ROWS) this.#forgetOldest();
    const name = `neighbour ${formatIpv6(address)}`;
    const row: Neighbour = {
      address,
      mac: null,
      state: 'INCOMPLETE',
      isRouter: false,
      reachableUntilNs: 0,
      tries: 0,
      waiting: [],
      timer: this.#context.timer(3, `ndp.${this.name}`, name, () => this.#onTime(row)),
    };
    this.#rows.set(address, row);
    return row;
  }

  /** The first that nobody waits for; Neighbour Discovery finds it again. */
  #forgetOldest(): void {
    for (const row of this.#rows.values()) {
      if (row.mac === null) continue;
      this.#rows.delete(row.address);
      row.timer.clear();
      this.#tell(row, true, `there is room for ${CACHE_ROWS}`);
      return;
    }
  }

  #learn(row: Neighbour, mac: Mac): void {
    row.mac = mac;
    row.timer.clear();
  }

  #becomeReachable(row: Neighbour, because: string): void {
    row.timer.clear();
    row.reachableUntilNs = this.#context.nowNs + this.#reachableNs;
    this.#become(row, 'REACHABLE', because);
  }

  #become(row: Neighbour, state: NeighbourState, because: string): void {
    row.state = state;
    if (state === 'STALE') row.timer.clear();
    this.#tell(row, false, because);
  }

  #flush(row: Neighbour): void {
    for (const pdu of row.waiting.splice(0)) this.send(pdu, row.address);
    this.#onRouterChange(row.address);
  }

  /** RFC 4861 section 6.3.2: half to one and a half times the base, so that hosts do not probe all at once. */
  #drawReachable(): Nanos {
    const half = Math.floor(this.#baseReachableNs / 2);
    return half + this.#context.random(`ndp/${this.name}/reachable`).below(this.#baseReachableNs);
  }

  #tell({ address, mac, state, isRouter }: Neighbour, isGone: boolean, because: string): void {
    if (!this.#context.recording) return;
    const shown = { mac: mac === null ? '' : formatMac(mac), state, router: isRouter, interface: this.name };
    const change = { table: 'neighbours', key: formatIpv6(address), row: isGone ? null : shown, because };
    this.#context.record({ kind: 'table', layer: 3, protocol: 'ndp', change });
  }
}
