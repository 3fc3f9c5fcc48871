import type { Nanos } from '../../../kernel/journal.ts';
import type { Kernel } from '../../../kernel/kernel.ts';
import { Task } from '../../../kernel/queue.ts';
import type { Pdu } from '../../pdu.ts';
import { NO_FRAME } from './queue.ts';

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
  /** A ring; its length is a power of two. */
  #flights: Flight[] = Array.from({ length: 4 }, idle);
  #first = 0;
  #count = 0;
  /** When the last of them arrives. */
  #lastNs: Nanos = 0;
  readonly #arrival = new Task({ run: () => this.#arrive() });

  constructor(kernel: Kernel, land: Land) {
    this.#kernel = kernel;
    this.#land = land;
  }

  carry(frame: Pdu, damaged: boolean, crossing: number, departed: number | null, atNs: Nanos): void {
    const order = this.#kernel.reserveOrder();
    if (this.#count > 0 && atNs < this.#lastNs) {
      this.#kernel.scheduleAs(new Task({ run: () => this.#land(frame, damaged, crossing, departed) }), atNs, order);
      return;
    }
    if (this.#count === this.#flights.length) this.#grow();
    const flight = this.#flights[(this.#first + this.#count) & (this.#flights.length - 1)] as Flight;
    flight.frame = frame;
    flight.damaged = damaged;
    flight.crossing = crossing;
    flight.departed = departed;
    flight.atNs = atNs;
    flight.order = order;
    this.#lastNs = atNs;
    if (this.#count++ === 0) this.#kernel.scheduleAs(this.#arrival, atNs, order);
  }

  #arrive(): void {
    const flight = this.#flights[this.#first] as Flight;
    this.#first = (this.#first + 1) & (this.#flights.length - 1);
    if (--this.#count > 0) {
      const next = this.#flights[this.#first] as Flight;
      this.#kernel.scheduleAs(this.#arrival, next.atNs, next.order);
    } else this.#first = 0;
    const { frame, damaged, crossing, departed } = flight;
    flight.frame = NO_FRAME;
    this.#land(frame, damaged, crossing, departed);
  }

  #grow(): void {
    const size = this.#flights.length;
    const inOrder = this.#flights.map((_, index) => this.#flights[(this.#first + index) & (size - 1)] as Flight);
    this.#flights = [...inOrder, ...Array.from({ length: size }, idle)];
    this.#first = 0;
  }
}

function idle(): Flight {
  return { frame: NO_FRAME, damaged: false, crossing: 0, departed: null, atNs: 0, order: 0 };
}
