import type { Nanos } from '../../../kernel/journal.ts';
import type { Kernel } from '../../../kernel/kernel.ts';
import { type Runnable, Task } from '../../../kernel/queue.ts';
import type { Pdu } from '../../pdu.ts';
import { NO_FRAME } from './queue.ts';
import { Ring } from './ring.ts';

/** Where the wire ends. */
export interface WireUser {
  /** The last bit of a frame is there. */
  land(frame: Pdu, damaged: boolean, crossing: number, departed: number | null): void;
}

/** A frame on the wire. Landed ones are used again. */
interface Flight {
  frame: Pdu;
  damaged: boolean;
  /** The number of its crossing. */
  crossing: number;
  /** The journal entry that says it left. */
  departed: number | null;
  /** When its last bit arrives, and its place among what happens at that instant. */
  atNs: Nanos;
  order: number;
}

/**
 * Frames that fly in one direction. They arrive in the order in which they left unless jitter lets one overtake, so only
 * the first of them stands in the kernel's queue: it stays short however long the wire is. One that overtakes stands
 * there by itself.
 */
export class Wire extends Ring<Flight> implements Runnable {
  readonly #kernel: Kernel;
  readonly #user: WireUser;
  /** When the last of them arrives. */
  #lastNs: Nanos = 0;
  readonly #arrival = new Task(this);

  constructor(kernel: Kernel, user: WireUser) {
    super(idle);
    this.#kernel = kernel;
    this.#user = user;
  }

  carry(frame: Pdu, damaged: boolean, crossing: number, departed: number | null, atNs: Nanos): void {
    const order = this.#kernel.reserveOrder();
    const isFirst = this.count === 0;
    if (!isFirst && atNs < this.#lastNs) {
      const run = () => this.#user.land(frame, damaged, crossing, departed);
      this.#kernel.scheduleAs(new Task({ run }), atNs, order);
      return;
    }
    const flight = this.push();
    flight.frame = frame;
    flight.damaged = damaged;
    flight.crossing = crossing;
    flight.departed = departed;
    flight.atNs = atNs;
    flight.order = order;
    this.#lastNs = atNs;
    if (isFirst) this.#kernel.scheduleAs(this.#arrival, atNs, order);
  }

  /** The kernel calls this when the first of them arrives. */
  run(): void {
    const flight = this.shift() as Flight;
    const next = this.first;
    if (next) this.#kernel.scheduleAs(this.#arrival, next.atNs, next.order);
    const { frame, damaged, crossing, departed } = flight;
    flight.frame = NO_FRAME;
    this.#user.land(frame, damaged, crossing, departed);
  }
}

function idle(): Flight {
  return { frame: NO_FRAME, damaged: false, crossing: 0, departed: null, atNs: 0, order: 0 };
}
