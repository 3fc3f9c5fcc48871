/** VLANs on one card: an interface for each, as `eth0.10` in Linux, whose frames are tagged on the wire. */

import type { Context } from '../../../kernel/context.ts';
import { type Mac, macHigh, macLow } from '../../../wire/address.ts';
import { u16 } from '../../../wire/reader.ts';
import { drop } from '../../drop.ts';
import { opened, type Pdu, sealed } from '../../pdu.ts';
import type { EthernetInterface } from '../ethernet/ethernet.ts';
import { ETHER_TYPE } from '../ethernet/header.ts';
import type { FrameService, FrameUser } from '../service.ts';
import { VLAN_TAG_BYTES, vlanIdOf, writeTag } from './header.ts';

/** Hands what comes in tagged to the interface of its VLAN. */
export class VlanCard implements FrameUser {
  readonly #context: Context;
  readonly #card: EthernetInterface;
  readonly #interfaces = new Map<number, VlanInterface>();

  constructor(context: Context, card: EthernetInterface) {
    this.#context = context;
    this.#card = card;
    card.register(ETHER_TYPE.vlan, this);
  }

  add(name: string, id: number): VlanInterface {
    const added = new VlanInterface(this.#context, this.#card, name, id);
    this.#interfaces.set(id, added);
    return added;
  }

  onPayload(pdu: Pdu, group: boolean): void {
    const context = this.#context;
    const { name } = this.#card;
    if (pdu.length < VLAN_TAG_BYTES) {
      drop(context, pdu, 2, 'vlan', name, 'malformed', `${pdu.length} octets are too short for a tag`);
      return;
    }
    const id = vlanIdOf(u16(pdu.bytes, pdu.start));
    const etherType = u16(pdu.bytes, pdu.start + 2);
    const to = this.#interfaces.get(id);
    // A tag of VLAN 0 says a priority and nothing else (802.1Q table 9-2).
    const user = id === 0 ? this.#card.userOf(etherType) : to?.userOf(etherType);
    if (!user) {
      const why = id === 0 || to ? `nobody here understands EtherType 0x${etherType.toString(16)}` : null;
      const reason = why === null ? 'not-for-us' : 'unknown-protocol';
      drop(context, pdu, 2, 'vlan', to?.name ?? name, reason, why ?? `there is no interface for VLAN ${id} here`);
      return;
    }
    opened(context, pdu, 2, 'vlan', to?.name ?? name);
    pdu.open(VLAN_TAG_BYTES);
    user.onPayload(pdu, group);
  }
}

class VlanInterface implements FrameService {
  readonly name: string;
  readonly #context: Context;
  readonly #card: EthernetInterface;
  readonly #id: number;
  readonly #users = new Map<number, FrameUser>();

  constructor(context: Context, card: EthernetInterface, name: string, id: number) {
    this.#context = context;
    this.#card = card;
    this.name = name;
    this.#id = id;
  }

  get mac(): Mac {
    return this.#card.mac;
  }

  /** The card's own: a tag does not count (IEEE 802.3-2018 clause 3.2.7, 1504 octets in a tagged frame). */
  get mtuBytes(): number {
    return this.#card.mtuBytes;
  }

  userOf(etherType: number): FrameUser | undefined {
    return this.#users.get(etherType);
  }

  register(etherType: number, user: FrameUser): void {
    this.#users.set(etherType, user);
  }

  join(group: Mac): void {
    this.#card.join(group);
  }

  send(pdu: Pdu, etherType: number, destination: Mac): void {
    this.sendTo(pdu, etherType, macHigh(destination), macLow(destination));
  }

  sendTo(pdu: Pdu, etherType: number, high: number, low: number): void {
    const context = this.#context;
    if (pdu.length > this.mtuBytes) {
      const detail = `${pdu.length} octets do not fit the MTU of ${this.mtuBytes}`;
      drop(context, pdu, 2, 'vlan', this.name, 'too-big', detail);
      return;
    }
    const at = pdu.seal(VLAN_TAG_BYTES);
    writeTag(pdu.bytes, at, this.#id, etherType);
    const was = sealed(context, pdu, 2, 'vlan', this.name);
    this.#card.sendTo(pdu, ETHER_TYPE.vlan, high, low);
    context.resume(was);
  }
}
