/** A link that carries IP packets as they are between a host of ours and a Linux host, and harms them both ways. */

import type { Context } from '../../src/kernel/context.ts';
import type { NeighbourService, NeighbourUser } from '../../src/layers/2-link/service.ts';
import { Pdu } from '../../src/layers/pdu.ts';

export interface Harm {
  readonly delayMs: number;
  /** Each packet's delay is longer by 0 to this: packets overtake each other. */
  readonly jitterMs: number;
  readonly loss: number;
  readonly duplicate: number;
}

export class RawLink implements NeighbourService {
  readonly name = 'tun0';
  readonly mtuBytes: number;
  /** Where packets to the other end go. */
  onPacketOut: (packet: Uint8Array) => void = () => {};
  readonly #context: Context;
  readonly #harm: Harm;
  #user: NeighbourUser | null = null;

  constructor(context: Context, harm: Harm, mtuBytes = 1500) {
    this.#context = context;
    this.#harm = harm;
    this.mtuBytes = mtuBytes;
  }

  attach(user: NeighbourUser): void {
    this.#user = user;
  }

  send(pdu: Pdu): void {
    const packet = Uint8Array.from(pdu.view());
    this.#harmed('out', () => this.onPacketOut(packet));
  }

  broadcast(): void {
    throw new Error('a raw link has nobody to broadcast to');
  }

  /** A packet from the other end. */
  receive(packet: Uint8Array): void {
    this.#harmed('in', () => this.#user?.onPacket(Pdu.around(packet), false, this.name));
  }

  #harmed(direction: 'in' | 'out', pass: () => void): void {
    const { delayMs, jitterMs, loss, duplicate } = this.#harm;
    const random = this.#context.random(`raw-link/${direction}`);
    const chance = (share: number) => random.between(0, 999_999) < share * 1_000_000;
    const passLater = () => this.#context.after((delayMs * 1000 + random.between(0, jitterMs * 1000)) * 1000, pass);
    if (chance(loss)) return;
    passLater();
    if (chance(duplicate)) passLater();
  }
}
