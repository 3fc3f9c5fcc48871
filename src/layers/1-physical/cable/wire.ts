import type { Nanos } from '../../../kernel/journal.ts';
import type { Kernel } from '../../../kernel/kernel.ts';
import { type Runnable, Task } from '../../../kernel/queue.ts';
import type { Pdu } from '../../pdu.ts';
import { FrameRow } from './row.ts';

/** Where the wire ends. */
export interface WireUser {
  /** The last bit of a frame is there. */
  land(frame: Pdu): void;
}

/**
 * Frames that fly in one direction. They arrive in the order in which they left unless jitter lets one overtake, so only
 * the first of them stands in the kernel's queue: it stays short however long the wire is. One that overtakes stands
 * there by itself.
 */
export class Wire extends FrameRow implements Runnable {
  readonly #kernel: Kernel;
  readonly #user: WireUser;
  /** When the last of them arrives. */
  #lastNs: Nanos = 0;
  readonly #arrival = new Task(this);

  constructor(kernel: Kernel, user: WireUser) {
    super();
    this.#kernel = kernel;
    this.#user = user;
  }

  /** A frame leaves, and is there after so many ns. */
  carry(frame: Pdu, delayNs: Nanos): void {
    const kernel = this.#kernel;
    const atNs = kernel.nowNs + delayNs;
    frame.cableNs = atNs;
    frame.order = kernel.reserveOrder();
    const isFirst = this.first === null;
    if (!isFirst && atNs < this.#lastNs) {
      this.#overtake(frame);
      return;
    }
    this.push(frame);
    this.#lastNs = atNs;
    if (isFirst) this.#expect(this.#arrival, frame);
  }

  #overtake(frame: Pdu): void {
    this.#expect(new Task({ run: () => this.#user.land(frame) }), frame);
  }

  #expect(task: Task, frame: Pdu): void {
    task.dueNs = frame.cableNs;
    task.order = frame.order;
    this.#kernel.enqueue(task);
  }

  /** The kernel calls this when the first of them arrives. */
  run(): void {
    const frame = this.shift() as Pdu;
    const next = this.first;
    if (next) this.#expect(this.#arrival, next);
    this.#user.land(frame);
  }
}
