/** One attachment of a host or router to an IPv6 network: its addresses, and the groups it listens to (RFC 4291 section 2.8). */

import type { Context } from '../../../kernel/context.ts';
import type { Nanos } from '../../../kernel/journal.ts';
import { formatIpv6, type Ipv6 } from '../../../wire/address.ts';
import {
  ALL_NODES,
  ALL_ROUTERS,
  commonPrefixLength,
  isIpv6Multicast,
  isLinkLocal,
  solicitedNodeOf,
} from '../../../wire/ipv6-address.ts';
import type { NeighbourService } from '../../2-link/service.ts';

/**
 * RFC 4862 section 5.5.4. `tentative`: being checked for duplicates, and not to be used; `duplicate`: somebody else has
 * it; `deprecated`: new conversations should not begin with it.
 */
export type AddressState = 'tentative' | 'preferred' | 'deprecated' | 'duplicate';

export interface OwnAddress {
  readonly address: Ipv6;
  readonly prefix: number;
  state: AddressState;
  /** When it becomes deprecated, and when it goes; `Number.MAX_SAFE_INTEGER`: never. */
  preferredUntilNs: Nanos;
  validUntilNs: Nanos;
}

export class Ipv6Interface {
  readonly link: NeighbourService;
  /** What packets leave with unless told otherwise; routers advertise one (RFC 4861 section 6.3.4). */
  hopLimit = 64;
  readonly #context: Context;
  readonly #addresses = new Map<Ipv6, OwnAddress>();
  /** Groups with the number of reasons to listen to them: two addresses may share their last 24 bits. */
  readonly #groups = new Map<Ipv6, number>();
  /** What a router said (RFC 4861 section 4.6.4). */
  #limitBytes = Number.MAX_SAFE_INTEGER;

  constructor(context: Context, link: NeighbourService, forwards: boolean) {
    this.#context = context;
    this.link = link;
    this.#join(ALL_NODES);
    if (forwards) this.#join(ALL_ROUTERS);
  }

  get name(): string {
    return this.link.name;
  }

  /** The link's MTU as it is now, or less where a router says so. */
  get mtuBytes(): number {
    return Math.min(this.#limitBytes, this.link.mtuBytes);
  }

  limitMtu(mtuBytes: number): void {
    this.#limitBytes = mtuBytes;
  }

  get addresses(): readonly OwnAddress[] {
    return [...this.#addresses.values()];
  }

  /** The address it speaks from on its own link; null before it has one that is checked. */
  get linkLocal(): Ipv6 | null {
    return this.addresses.find(({ address, state }) => isLinkLocal(address) && isUsable(state))?.address ?? null;
  }

  own(address: Ipv6): OwnAddress | null {
    return this.#addresses.get(address) ?? null;
  }

  /** Packets for it are this node's: checked, and not somebody else's. */
  isLocal(address: Ipv6): boolean {
    const own = this.#addresses.get(address);
    return own !== undefined && isUsable(own.state);
  }

  isListening(group: Ipv6): boolean {
    return this.#groups.has(group);
  }

  assign(own: OwnAddress, because: string): void {
    this.#addresses.set(own.address, own);
    this.#join(solicitedNodeOf(own.address));
    this.tell(own, because);
  }

  become(own: OwnAddress, state: AddressState, because: string): void {
    own.state = state;
    this.tell(own, because);
  }

  withdraw(own: OwnAddress, because: string): void {
    this.#addresses.delete(own.address);
    this.#leave(solicitedNodeOf(own.address));
    this.#record(own.address, null, because);
  }

  /** The best source towards a destination over this interface (RFC 6724 section 5, rules 2, 3 and 8). */
  sourceTowards(destination: Ipv6): Ipv6 | null {
    const wantsLocal = isLinkLocal(destination) || (isIpv6Multicast(destination) && scopeOf(destination) <= 2);
    let best: OwnAddress | null = null;
    for (const own of this.#addresses.values()) {
      if (!isUsable(own.state) || isLinkLocal(own.address) !== wantsLocal) continue;
      if (best === null || isBetter(own, best, destination)) best = own;
    }
    return best?.address ?? (wantsLocal ? null : this.linkLocal);
  }

  tell(own: OwnAddress, because: string): void {
    const row = { prefix: own.prefix, state: own.state, interface: this.name };
    this.#record(own.address, row, because);
  }

  #record(address: Ipv6, row: Readonly<Record<string, string | number>> | null, because: string): void {
    if (!this.#context.recording) return;
    const change = { table: 'addresses', key: formatIpv6(address), row, because };
    this.#context.record({ kind: 'table', layer: 3, protocol: 'ipv6', change });
  }

  #join(group: Ipv6): void {
    const reasons = this.#groups.get(group) ?? 0;
    this.#groups.set(group, reasons + 1);
    if (reasons === 0) this.link.join?.(group);
  }

  #leave(group: Ipv6): void {
    const reasons = (this.#groups.get(group) ?? 1) - 1;
    if (reasons > 0) this.#groups.set(group, reasons);
    else this.#groups.delete(group);
  }
}

export function isUsable(state: AddressState): boolean {
  return state === 'preferred' || state === 'deprecated';
}

function isBetter(one: OwnAddress, other: OwnAddress, destination: Ipv6): boolean {
  if (one.state !== other.state) return one.state === 'preferred';
  return commonPrefixLength(one.address, destination) > commonPrefixLength(other.address, destination);
}

/** The scope of a group (RFC 4291 section 2.7): 1 the interface, 2 the link. */
function scopeOf(group: Ipv6): number {
  return Number((group >> 112n) & 15n);
}
