/** A router that advertises itself and the prefixes of its link (RFC 4861 section 6.2). */

import type { Nanos } from '../../../kernel/journal.ts';
import type { Timer } from '../../../kernel/kernel.ts';
import type { Rng } from '../../../kernel/rng.ts';
import type { Ipv6 } from '../../../wire/address.ts';
import { ALL_NODES, ipv6NetworkOf, isLinkLocal } from '../../../wire/ipv6-address.ts';
import { Pdu } from '../../pdu.ts';
import { ICMPV6_TYPE } from '../icmpv6/header.ts';
import type { NeighbourDiscovery, RouterMessageUser } from './discovery.ts';
import {
  advertisementRest,
  MAC_OPTION_BYTES,
  MTU_OPTION_BYTES,
  ND_OPTION,
  type NdOptions,
  PREFIX_OPTION_BYTES,
  ROUTER_ADVERTISEMENT_BYTES,
  type RouterPreference,
  writeMacOption,
  writeMtuOption,
  writePrefixOption,
  writeRouterAdvertisement,
} from './header.ts';

const SECOND: Nanos = 1_000_000_000;
/** RFC 4861 section 10. */
const INITIAL_ADVERTISEMENTS = 3;
const INITIAL_INTERVAL_NS = 16 * SECOND;
const BETWEEN_NS = 3 * SECOND;
const ANSWER_DELAY_NS = SECOND / 2;
const USUAL_MTU_BYTES = 1500;

/** RFC 4861 section 6.2.1, in whole seconds. */
export interface AdvertiserOptions {
  readonly preference: RouterPreference;
  /** As a default router; 0: it is none. */
  readonly lifetimeSeconds: number;
  /** Of its prefixes. */
  readonly validSeconds: number;
  readonly preferredSeconds: number;
  /** The longest time between two advertisements that nobody asked for; the shortest is a third of it. */
  readonly everySeconds: number;
}

export class RouterAdvertiser implements RouterMessageUser {
  readonly #discovery: NeighbourDiscovery;
  readonly #options: AdvertiserOptions;
  readonly #random: Rng;
  readonly #periodic: Timer;
  readonly #answer: Timer;
  #sent = 0;
  #lastNs: Nanos = -BETWEEN_NS;

  constructor(discovery: NeighbourDiscovery, options: AdvertiserOptions) {
    const { context, out } = discovery;
    this.#discovery = discovery;
    this.#options = options;
    this.#random = context.random(`ndp/${out.name}/advertisements`);
    this.#periodic = context.timer(3, `ndp.${out.name}`, 'router advertisement', () => this.#advertise());
    this.#answer = context.timer(3, `ndp.${out.name}`, 'answer to a solicitation', () => this.#advertise());
    discovery.routerMessagesTo(this);
  }

  /** `wasUp`: it has been advertising for long when the run begins. */
  start(wasUp: boolean): void {
    if (wasUp) {
      this.#sent = INITIAL_ADVERTISEMENTS;
      this.#periodic.set(this.#random.below(this.#options.everySeconds * SECOND) + 1);
    } else this.#advertise();
  }

  onRouterMessage(_pdu: Pdu, type: number, source: Ipv6, { sourceMac }: NdOptions): void {
    if (type !== ICMPV6_TYPE.routerSolicitation) return;
    const { context, neighbours } = this.#discovery;
    if (sourceMac !== null) neighbours.hear(source, sourceMac, 'it asks for routers', false);
    if (this.#answer.isSet) return;
    // RFC 4861 section 6.2.6: a while later, and not too soon after the last one to all.
    const soonestNs = this.#lastNs + BETWEEN_NS;
    const delayNs = this.#random.below(ANSWER_DELAY_NS);
    this.#answer.set(Math.max(delayNs, soonestNs - context.nowNs + delayNs));
  }

  #advertise(): void {
    const { context, out } = this.#discovery;
    const source = out.linkLocal;
    if (source === null) return;
    this.#answer.clear();
    this.#sent++;
    this.#lastNs = context.nowNs;
    const { everySeconds } = this.#options;
    const least = Math.floor(everySeconds / 3);
    const drawn = (least + this.#random.below(everySeconds - least + 1)) * SECOND;
    this.#periodic.set(this.#sent < INITIAL_ADVERTISEMENTS ? Math.min(drawn, INITIAL_INTERVAL_NS) : drawn);
    this.#discovery.send(this.#message(), ICMPV6_TYPE.routerAdvertisement, this.#rest(), source, ALL_NODES);
  }

  #said() {
    const { preference, lifetimeSeconds } = this.#options;
    const { hopLimit } = this.#discovery.out;
    return { hopLimit, preference, lifetimeSeconds, reachableMs: 0, retransMs: 0 };
  }

  #rest(): number {
    return advertisementRest(this.#said());
  }

  #message(): Pdu {
    const { out, mac } = this.#discovery;
    const { validSeconds, preferredSeconds } = this.#options;
    const own = out.addresses.filter(({ address }) => !isLinkLocal(address));
    const networks = new Map(
      own.map(({ address, prefix }) => [`${ipv6NetworkOf(address, prefix)}/${prefix}`, { address, prefix }]),
    );
    const hasMtu = out.mtuBytes !== USUAL_MTU_BYTES;
    const prefixBytes = networks.size * PREFIX_OPTION_BYTES;
    const optionBytes = MAC_OPTION_BYTES + (hasMtu ? MTU_OPTION_BYTES : 0) + prefixBytes;
    const pdu = Pdu.withRoom(ROUTER_ADVERTISEMENT_BYTES + optionBytes);
    writeRouterAdvertisement(pdu.bytes, pdu.start, this.#said());
    let at = pdu.start + ROUTER_ADVERTISEMENT_BYTES;
    writeMacOption(pdu.bytes, at, ND_OPTION.sourceMac, mac);
    at += MAC_OPTION_BYTES;
    if (hasMtu) {
      writeMtuOption(pdu.bytes, at, out.mtuBytes);
      at += MTU_OPTION_BYTES;
    }
    for (const { address, prefix } of networks.values()) {
      writePrefixOption(pdu.bytes, at, {
        prefix: ipv6NetworkOf(address, prefix),
        prefixLength: prefix,
        onLink: true,
        autonomous: prefix === 64,
        validSeconds,
        preferredSeconds,
      });
      at += PREFIX_OPTION_BYTES;
    }
    return pdu;
  }
}
