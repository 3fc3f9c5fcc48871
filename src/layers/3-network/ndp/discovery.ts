/**
 * Neighbour Discovery on one interface (RFC 4861): solicitations and advertisements of neighbours, and the check whether
 * somebody else has an address already (RFC 4862 section 5.4).
 */

import type { Context } from '../../../kernel/context.ts';
import type { Timer } from '../../../kernel/kernel.ts';
import { formatIpv6, type Ipv6, type Mac } from '../../../wire/address.ts';
import {
  ALL_NODES,
  IPV6_UNSPECIFIED,
  isIpv6Multicast,
  isLinkLocal,
  solicitedNodeOf,
} from '../../../wire/ipv6-address.ts';
import { isMalformed, u8, u32 } from '../../../wire/reader.ts';
import { drop } from '../../drop.ts';
import { opened, Pdu, sealed } from '../../pdu.ts';
import { codeOf, ICMPV6_TYPE, typeOf, writeIcmpv6 } from '../icmpv6/header.ts';
import type { DiscoveryUser } from '../icmpv6/icmpv6.ts';
import { IP_PROTOCOL } from '../ipv4/header.ts';
import { hopLimitOf } from '../ipv6/header.ts';
import { type Ipv6Interface, isUsable, type OwnAddress } from '../ipv6/interface.ts';
import type { Ipv6Machine } from '../ipv6/ipv6.ts';
import { pseudoHeaderSum } from '../service.ts';
import {
  MAC_OPTION_BYTES,
  ND_OPTION,
  type NdOptions,
  NEIGHBOUR_MESSAGE_BYTES,
  OVERRIDE_FLAG,
  optionsOffset,
  ROUTER_FLAG,
  readOptions,
  SOLICITED_FLAG,
  targetOf,
  writeMacOption,
  writeTarget,
} from './header.ts';
import type { Neighbours } from './neighbours.ts';

/** RFC 4861 section 10, MAX_RTR_SOLICITATION_DELAY: hosts that start together do not speak together. */
const GREATEST_DELAY_NS = 1_000_000_000;

/** Who wants the messages of routers: a host that configures itself, or a router that is asked. */
export interface RouterMessageUser {
  onRouterMessage(pdu: Pdu, type: number, source: Ipv6, options: NdOptions): void;
}

export class NeighbourDiscovery implements DiscoveryUser {
  readonly out: Ipv6Interface;
  readonly neighbours: Neighbours;
  readonly mac: Mac;
  readonly context: Context;
  readonly #network: Ipv6Machine;
  readonly #isRouter: boolean;
  readonly #checks = new Map<Ipv6, { readonly timer: Timer; readonly onEnd: (isOurs: boolean) => void }>();
  #routerMessages: RouterMessageUser | null = null;

  constructor(
    context: Context,
    network: Ipv6Machine,
    out: Ipv6Interface,
    neighbours: Neighbours,
    mac: Mac,
    isRouter: boolean,
  ) {
    this.context = context;
    this.#network = network;
    this.out = out;
    this.neighbours = neighbours;
    this.mac = mac;
    this.#isRouter = isRouter;
  }

  /** Neighbours ask through this machine; `onRouterChange` hears which of them came or went. */
  start(onRouterChange: (router: Ipv6) => void): void {
    this.neighbours.serve((target, mac, source) => this.#solicit(target, mac, source), onRouterChange);
  }

  routerMessagesTo(user: RouterMessageUser): void {
    this.#routerMessages = user;
  }

  /**
   * Duplicate Address Detection: one solicitation from nowhere, and a second of silence makes the address ours (RFC 4862
   * section 5.4.2; DupAddrDetectTransmits is 1). It must be assigned and tentative.
   */
  check(own: OwnAddress, onEnd: (isOurs: boolean) => void): void {
    const { context, out, neighbours } = this;
    const target = own.address;
    let isAsked = false;
    const name = `check ${formatIpv6(target)}`;
    const timer = context.timer(3, `ndp.${out.name}`, name, () => {
      if (isAsked) {
        this.#endCheck(own, true, 'nobody else has it');
        return;
      }
      isAsked = true;
      timer.set(neighbours.retransNs);
      const question = neighbourMessage(target, null, null);
      this.#send(question, ICMPV6_TYPE.neighbourSolicitation, 0, IPV6_UNSPECIFIED, solicitedNodeOf(target));
    });
    timer.set(context.random(`ndp/${out.name}/dad`).below(GREATEST_DELAY_NS));
    this.#checks.set(target, { timer, onEnd });
  }

  onMessage(pdu: Pdu, source: Ipv6, destination: Ipv6): void {
    const { bytes, start } = pdu;
    const type = typeOf(bytes, start);
    const options = this.#optionsOf(pdu, type);
    const problem = typeof options === 'string' ? options : whyInvalid(pdu, type, source, destination, options);
    if (typeof options === 'string' || problem !== null) {
      drop(this.context, pdu, 3, 'icmpv6', this.out.name, 'not-acceptable', problem ?? '');
      return;
    }
    opened(this.context, pdu, 3, 'icmpv6', this.out.name);
    if (type === ICMPV6_TYPE.neighbourSolicitation) this.#onSolicitation(targetOf(bytes, start), source, options);
    else if (type === ICMPV6_TYPE.neighbourAdvertisement) {
      this.#onAdvertisement(targetOf(bytes, start), u32(bytes, start + 4), options);
    } else this.#routerMessages?.onRouterMessage(pdu.fork(), type, source, options);
  }

  /** Sends a message that begins with an ICMPv6 header; its checksum is written here. */
  send(pdu: Pdu, type: number, rest: number, source: Ipv6, destination: Ipv6): void {
    this.#send(pdu, type, rest, source, destination);
  }

  #optionsOf({ bytes, start, end, outer }: Pdu, type: number): NdOptions | string {
    // RFC 4861 section 3.1: only a neighbour can send with 255; what a router passed on has less.
    if (hopLimitOf(bytes, outer) !== 255) return 'its hop limit is not 255: it may come from another link';
    if (codeOf(bytes, start) !== 0) return 'its code is not 0';
    const from = start + (optionsOffset(type) ?? 0);
    if (from > end) return 'it is too short';
    const options = readOptions(bytes, from, end);
    return isMalformed(options) ? options.malformed : options;
  }

  /** RFC 4861 section 7.2.3, and of addresses that are being checked RFC 4862 section 5.4.3. */
  #onSolicitation(target: Ipv6, source: Ipv6, { sourceMac }: NdOptions): void {
    const own = this.out.own(target);
    if (!own) return;
    if (own.state === 'tentative') {
      if (source === IPV6_UNSPECIFIED) this.#endCheck(own, false, 'somebody else checks the same address');
      return;
    }
    if (!isUsable(own.state)) return;
    if (sourceMac !== null) this.neighbours.hear(source, sourceMac, 'it asks for us', null);
    const isCheck = source === IPV6_UNSPECIFIED;
    const flags = (this.#isRouter ? ROUTER_FLAG : 0) + (isCheck ? 0 : SOLICITED_FLAG) + OVERRIDE_FLAG;
    const answer = neighbourMessage(target, ND_OPTION.targetMac, this.mac);
    this.#send(answer, ICMPV6_TYPE.neighbourAdvertisement, flags, target, isCheck ? ALL_NODES : source);
  }

  #onAdvertisement(target: Ipv6, flags: number, { targetMac }: NdOptions): void {
    const own = this.out.own(target);
    if (own?.state === 'tentative') this.#endCheck(own, false, 'somebody else has it');
    if (own) return;
    this.neighbours.onAdvertisement(target, targetMac, {
      isRouter: (flags & ROUTER_FLAG) !== 0,
      isSolicited: (flags & SOLICITED_FLAG) !== 0,
      overrides: (flags & OVERRIDE_FLAG) !== 0,
    });
  }

  #endCheck(own: OwnAddress, isOurs: boolean, because: string): void {
    const check = this.#checks.get(own.address);
    if (!check) return;
    check.timer.clear();
    this.#checks.delete(own.address);
    this.out.become(own, isOurs ? 'preferred' : 'duplicate', because);
    check.onEnd(isOurs);
  }

  /** RFC 4861 section 7.2.2: from the address of the packet that is waiting, where it is one of this interface's. */
  #solicit(target: Ipv6, mac: Mac | null, preferred: Ipv6 | null): void {
    const isOwn = preferred !== null && this.out.isLocal(preferred);
    const source = isOwn ? preferred : (this.out.linkLocal ?? this.out.sourceTowards(target));
    if (source === null) return;
    const message = neighbourMessage(target, ND_OPTION.sourceMac, this.mac);
    const destination = mac === null ? solicitedNodeOf(target) : target;
    this.#send(message, ICMPV6_TYPE.neighbourSolicitation, 0, source, destination);
  }

  #send(pdu: Pdu, type: number, rest: number, source: Ipv6, destination: Ipv6): void {
    const pseudo = pseudoHeaderSum(source, destination, IP_PROTOCOL.icmpv6, pdu.length);
    writeIcmpv6(pdu.bytes, pdu.start, pdu.end, type, 0, rest, pseudo);
    const was = sealed(this.context, pdu, 3, 'icmpv6', this.out.name);
    this.#network.sendOn(this.out, pdu, IP_PROTOCOL.icmpv6, source, destination);
    this.context.resume(was);
  }
}

/** A solicitation or advertisement without its ICMPv6 header, which `send` writes. */
function neighbourMessage(target: Ipv6, option: number | null, mac: Mac | null): Pdu {
  const pdu = Pdu.withRoom(NEIGHBOUR_MESSAGE_BYTES + (option === null ? 0 : MAC_OPTION_BYTES));
  writeTarget(pdu.bytes, pdu.start, target);
  if (option !== null && mac !== null) {
    writeMacOption(pdu.bytes, pdu.start + NEIGHBOUR_MESSAGE_BYTES, option, mac);
  }
  return pdu;
}

/** RFC 4861 sections 6.1 and 7.1: what makes a message void besides its hop limit, code and length. */
function whyInvalid(pdu: Pdu, type: number, source: Ipv6, destination: Ipv6, options: NdOptions): string | null {
  const { bytes, start } = pdu;
  const fromNowhere = source === IPV6_UNSPECIFIED;
  if (type === ICMPV6_TYPE.routerAdvertisement) {
    return isLinkLocal(source) ? null : 'a router advertises from its link-local address';
  }
  if (type === ICMPV6_TYPE.redirect) return 'redirects are not followed here';
  if (fromNowhere && options.sourceMac !== null) return 'it comes from nowhere and names a MAC address';
  if (type === ICMPV6_TYPE.routerSolicitation) return null;
  const target = targetOf(bytes, start);
  if (isIpv6Multicast(target)) return `${formatIpv6(target)} is a group and can be no neighbour`;
  if (type === ICMPV6_TYPE.neighbourAdvertisement) {
    const isAnswer = (u8(bytes, start + 4) & 0x40) !== 0;
    return isAnswer && isIpv6Multicast(destination) ? 'an answer is not sent to a group' : null;
  }
  const isToGroup = destination === solicitedNodeOf(target);
  return fromNowhere && !isToGroup ? 'a check for duplicates goes to the solicited-node group' : null;
}
