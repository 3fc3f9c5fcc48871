/**
 * Whether somebody on the link has an address already, asked before it is used (RFC 5227 section 2.1): three probes, which
 * name no sender address so that no cache learns from them, and a silence after them.
 */

import type { Context } from '../../../kernel/context.ts';
import type { Nanos } from '../../../kernel/journal.ts';
import type { Timer } from '../../../kernel/kernel.ts';
import type { Rng } from '../../../kernel/rng.ts';
import { formatIpv4, type Ipv4, type Mac } from '../../../wire/address.ts';
import { ARP_OPERATION, type ArpPacket } from './header.ts';

const SECOND: Nanos = 1_000_000_000;
/** RFC 5227 section 1.1: PROBE_WAIT, PROBE_NUM, PROBE_MIN, PROBE_MAX, ANNOUNCE_WAIT. */
const PROBE_WAIT_NS = SECOND;
const PROBES = 3;
const PROBE_MIN_NS = SECOND;
const PROBE_MAX_NS = 2 * SECOND;
const ANNOUNCE_WAIT_NS = 2 * SECOND;

export class AddressCheck {
  readonly #address: Ipv4;
  readonly #mac: Mac;
  readonly #probe: () => void;
  readonly #done: (holder: Mac | null) => void;
  readonly #random: Rng;
  readonly #timer: Timer;
  #probes = 0;

  /** `machine`: of the interface's ARP. `done` is called once: with who has the address, or null where nobody does. */
  constructor(
    context: Context,
    machine: string,
    address: Ipv4,
    mac: Mac,
    probe: () => void,
    done: (holder: Mac | null) => void,
  ) {
    this.#address = address;
    this.#mac = mac;
    this.#probe = probe;
    this.#done = done;
    this.#random = context.random(`${machine}/probe`);
    this.#timer = context.timer(2, machine, `probe ${formatIpv4(address)}`, () => this.#next());
  }

  start(): void {
    this.#timer.set(this.#random.between(0, PROBE_WAIT_NS));
  }

  stop(): void {
    this.#timer.clear();
  }

  #next(): void {
    if (this.#probes === PROBES) {
      this.#done(null);
      return;
    }
    this.#probes++;
    const isLast = this.#probes === PROBES;
    this.#timer.set(isLast ? ANNOUNCE_WAIT_NS : this.#random.between(PROBE_MIN_NS, PROBE_MAX_NS));
    this.#probe();
  }

  /** Somebody who speaks from the address has it; somebody who probes for it at the same time wants it as well. */
  hear({ operation, senderMac, senderIp, targetIp }: ArpPacket): void {
    const isRival = senderIp === 0 && operation === ARP_OPERATION.request && targetIp === this.#address;
    if (senderMac === this.#mac || !(senderIp === this.#address || isRival)) return;
    this.stop();
    this.#done(senderMac);
  }
}
