/**
 * A host that configures itself (RFC 4862, RFC 4861 section 6.3): it checks its link-local address, asks for routers, and
 * makes addresses and routes of what they advertise.
 */

import type { Context } from '../../../kernel/context.ts';
import type { Nanos } from '../../../kernel/journal.ts';
import type { Timer } from '../../../kernel/kernel.ts';
import { formatIpv6, type Ipv6 } from '../../../wire/address.ts';
import { ALL_ROUTERS, interfaceIdOf, ipv6NetworkOf, isLinkLocal, linkLocalOf } from '../../../wire/ipv6-address.ts';
import { Pdu } from '../../pdu.ts';
import { ICMPV6_HEADER_BYTES, ICMPV6_TYPE } from '../icmpv6/header.ts';
import { LEAST_MTU_BYTES } from '../ipv6/header.ts';
import type { Ipv6Machine } from '../ipv6/ipv6.ts';
import type { NeighbourDiscovery, RouterMessageUser } from './discovery.ts';
import {
  INFINITE_SECONDS,
  MAC_OPTION_BYTES,
  ND_OPTION,
  type NdOptions,
  type PrefixInformation,
  type RouterPreference,
  readRouterAdvertisement,
  writeMacOption,
} from './header.ts';

const SECOND: Nanos = 1_000_000_000;
/** RFC 4861 section 10. */
const SOLICITATIONS = 3;
const SOLICITATION_INTERVAL_NS = 4 * SECOND;
/** RFC 4862 section 5.5.3(e): an advertisement that nobody signed cannot shorten a life below this. */
const TWO_HOURS_NS = 7200 * SECOND;
const NEVER = Number.MAX_SAFE_INTEGER;
const PREFERENCES: readonly RouterPreference[] = ['high', 'medium', 'low'];

interface DefaultRouter {
  readonly address: Ipv6;
  preference: RouterPreference;
  untilNs: Nanos;
}

interface OnLinkPrefix {
  readonly prefix: Ipv6;
  readonly prefixLength: number;
  untilNs: Nanos;
}

export class Autoconfiguration implements RouterMessageUser {
  readonly #context: Context;
  readonly #network: Ipv6Machine;
  readonly #discovery: NeighbourDiscovery;
  readonly #routers = new Map<Ipv6, DefaultRouter>();
  readonly #prefixes = new Map<string, OnLinkPrefix>();
  readonly #solicitation: Timer;
  readonly #expiry: Timer;
  #asked = 0;
  /** RFC 4862 section 5.4.5: where even the link-local address is another's, IPv6 is over on this interface. */
  #isDisabled = false;

  constructor(network: Ipv6Machine, discovery: NeighbourDiscovery) {
    const { context, out } = discovery;
    this.#context = context;
    this.#network = network;
    this.#discovery = discovery;
    this.#solicitation = context.timer(3, `ndp.${out.name}`, 'router solicitation', () => this.#ask());
    this.#expiry = context.timer(3, `ndp.${out.name}`, 'lifetimes', () => this.#expire());
    discovery.routerMessagesTo(this);
  }

  start(): void {
    const { out, mac } = this.#discovery;
    const own = {
      address: linkLocalOf(mac),
      prefix: 64,
      state: 'tentative' as const,
      preferredUntilNs: NEVER,
      validUntilNs: NEVER,
    };
    out.assign(own, 'made of the MAC address');
    this.#discovery.check(own, (isOurs) => {
      if (isOurs) this.#ask();
      else this.#isDisabled = true;
    });
  }

  /** RFC 4861 section 6.3.7. The check for duplicates has waited already, so the first one does not wait again. */
  #ask(): void {
    const { out, mac } = this.#discovery;
    const source = out.linkLocal;
    if (source === null || this.#asked === SOLICITATIONS) return;
    this.#asked++;
    if (this.#asked < SOLICITATIONS) this.#solicitation.set(SOLICITATION_INTERVAL_NS);
    const pdu = Pdu.withRoom(ICMPV6_HEADER_BYTES + MAC_OPTION_BYTES);
    writeMacOption(pdu.bytes, pdu.start + ICMPV6_HEADER_BYTES, ND_OPTION.sourceMac, mac);
    this.#discovery.send(pdu, ICMPV6_TYPE.routerSolicitation, 0, source, ALL_ROUTERS);
  }

  onRouterMessage({ bytes, start }: Pdu, type: number, source: Ipv6, options: NdOptions): void {
    if (type !== ICMPV6_TYPE.routerAdvertisement || this.#isDisabled) return;
    const { out, neighbours } = this.#discovery;
    const said = readRouterAdvertisement(bytes, start);
    if (said.hopLimit > 0) out.hopLimit = said.hopLimit;
    neighbours.setTimes(said.reachableMs, said.retransMs);
    if (options.mtuBytes !== null && options.mtuBytes >= LEAST_MTU_BYTES) out.limitMtu(options.mtuBytes);
    if (options.sourceMac !== null) neighbours.hear(source, options.sourceMac, 'a router advertises itself', true);
    if (said.lifetimeSeconds > 0) {
      this.#solicitation.clear();
      const untilNs = this.#until(said.lifetimeSeconds);
      this.#routers.set(source, { address: source, preference: said.preference, untilNs });
    } else this.#routers.delete(source);
    for (const each of options.prefixes) {
      if (isLinkLocal(each.prefix)) continue;
      if (each.onLink) this.#onLink(each);
      if (each.autonomous) this.#form(each, source);
    }
    this.#settle(`${formatIpv6(source)} advertised it`);
  }

  /** A neighbour came or went: it may be the router that was used, or a better one. */
  onRouterChange(address: Ipv6): void {
    if (!this.#routers.has(address)) return;
    // RFC 4861 section 7.3.3: who says that it is a host is no default router any more.
    if (!this.#discovery.neighbours.mayRoute(address)) this.#routers.delete(address);
    this.#settle(`whether ${formatIpv6(address)} can be reached has changed`);
  }

  #onLink({ prefix, prefixLength, validSeconds }: PrefixInformation): void {
    const network = ipv6NetworkOf(prefix, prefixLength);
    const key = `${network}/${prefixLength}`;
    if (validSeconds === 0) this.#prefixes.delete(key);
    else this.#prefixes.set(key, { prefix: network, prefixLength, untilNs: this.#until(validSeconds) });
  }

  /** RFC 4862 section 5.5.3. */
  #form({ prefix, prefixLength, validSeconds, preferredSeconds }: PrefixInformation, router: Ipv6): void {
    const { out, mac } = this.#discovery;
    if (preferredSeconds > validSeconds || prefixLength !== 64) return;
    const address = ipv6NetworkOf(prefix, 64) | interfaceIdOf(mac);
    const known = out.own(address);
    const [preferredUntilNs, validUntilNs] = [this.#until(preferredSeconds), this.#until(validSeconds)];
    const { nowNs } = this.#context;
    if (known) {
      known.preferredUntilNs = preferredUntilNs;
      const leftNs = known.validUntilNs - nowNs;
      if (validUntilNs - nowNs > TWO_HOURS_NS || validUntilNs > known.validUntilNs) known.validUntilNs = validUntilNs;
      else if (leftNs > TWO_HOURS_NS) known.validUntilNs = nowNs + TWO_HOURS_NS;
      if (known.state === 'deprecated' && preferredUntilNs > nowNs) out.become(known, 'preferred', 'advertised anew');
      return;
    }
    if (validSeconds === 0) return;
    const own = { address, prefix: 64, state: 'tentative' as const, preferredUntilNs, validUntilNs };
    out.assign(own, `made of the MAC address and the prefix that ${formatIpv6(router)} advertised`);
    this.#discovery.check(own, () => {});
  }

  #until(seconds: number): Nanos {
    return seconds === INFINITE_SECONDS ? NEVER : this.#context.nowNs + seconds * SECOND;
  }

  /** What has outlived its time goes. */
  #expire(): void {
    const { nowNs } = this.#context;
    const { out } = this.#discovery;
    for (const { address, untilNs } of this.#routers.values()) if (untilNs <= nowNs) this.#routers.delete(address);
    for (const [key, { untilNs }] of this.#prefixes) if (untilNs <= nowNs) this.#prefixes.delete(key);
    for (const own of out.addresses) {
      if (own.validUntilNs <= nowNs) out.withdraw(own, 'its valid lifetime is over');
      else if (own.preferredUntilNs <= nowNs && own.state === 'preferred') {
        out.become(own, 'deprecated', 'its preferred lifetime is over');
      }
    }
    this.#settle('a lifetime is over');
  }

  /** Routes as they follow from what is known now, and when that will change by itself. */
  #settle(because: string): void {
    const { out } = this.#discovery;
    const onLink = [...this.#prefixes.values()].map(({ prefix, prefixLength }) => ({
      to: prefix,
      prefix: prefixLength,
      via: null,
    }));
    const router = this.#best();
    const defaults = router === null ? [] : [{ to: 0n, prefix: 0, via: router }];
    this.#network.learnRoutes(out, [...onLink, ...defaults], because);
    const { nowNs } = this.#context;
    const ends = [
      ...[...this.#routers.values(), ...this.#prefixes.values()].map(({ untilNs }) => untilNs),
      ...out.addresses.flatMap((own) => [own.preferredUntilNs, own.validUntilNs]),
    ].filter((endNs) => endNs > nowNs && endNs < NEVER);
    if (ends.length > 0) this.#expiry.set(Math.min(...ends) - nowNs);
    else this.#expiry.clear();
  }

  /** RFC 4861 section 6.3.6 and RFC 4191 section 3.2: who can be reached goes first, then the preference, then who came first. */
  #best(): Ipv6 | null {
    const { neighbours } = this.#discovery;
    const rank = ({ address, preference }: DefaultRouter) =>
      (neighbours.isReachable(address) ? 0 : 10) + PREFERENCES.indexOf(preference);
    const [first] = [...this.#routers.values()].sort((one, other) => rank(one) - rank(other));
    return first?.address ?? null;
  }
}
