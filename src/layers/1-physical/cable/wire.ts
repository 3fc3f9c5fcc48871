import type { Nanos } from '../../../kernel/journal.ts';
import type { Kernel } from '../../../kernel/kernel.ts';
import { Task } from '../../../kernel/queue.ts';
import type { Pdu } from '../../pdu.ts';
import { NO_FRAME } from './queue.ts';
import { Ring } from './ring.ts';

/** Hears of each frame when its last bit is there. */
type Land = (frame: Pdu, damaged: boolean, crossing: number, departed: number | null) => void;

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
export class Wire {
  readonly #kernel: Kernel;
  readonly #land: Land;
  readonly #flights = new Ring(idle);
  /** When the last of them arrives. */
  #lastNs: Nanos = 0;
  readonly #arrival = new Task({ run: () => this.#arrive() });

  constructor(kernel: Kernel, land: Land) {
    this.#kernel = kernel;
    this.#land = land;
  }

  carry(frame: Pdu, damaged: boolean, crossing: number, departed: number | null, atNs: Nanos): void {
    const order = this.#kernel.reserveOrder();
    const isFirst = this.#flights.count === 0;
    if (!isFirst && atNs < this.#lastNs) {
      this.#kernel.scheduleAs(new Task({ run: () => this.#land(frame, damaged, crossing, departed) }), atNs, order);
      return;
    }
    const flight = this.#flights.push();
    flight.frame = frame;
    flight.damaged = damaged;
    flight.crossing = crossing;
    flight.departed = departed;
    flight.atNs = atNs;
    flight.order = order;
    this.#lastNs = atNs;
    if (isFirst) this.#kernel.scheduleAs(this.#arrival, atNs, order);
  }

  #arrive(): void {
    const flight = this.#flights.shift() as Flight;
    const next = this.#flights.first;
    if (next) this.#kernel.scheduleAs(this.#arrival, next.atNs, next.order);
    const { frame, damaged, crossing, departed } = flight;
    flight.frame = NO_FRAME;
    this.#land(frame, damaged, crossing, departed);
  }
}

function idle(): Flight {
  return { frame: NO_FRAME, damaged: false, crossing: 0, departed: null, atNs: 0, order: 0 };
}
