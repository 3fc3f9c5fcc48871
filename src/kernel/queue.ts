/** The event queue: what happens next, by (time, insertion number). */

import { Heap } from './heap.ts';

/** Who is called when something is due. */
export interface Runnable {
  run(): void;
}

export const NEVER = Number.POSITIVE_INFINITY;
/**
 * The time before anything has happened. Minus zero is no small integer, so a field that begins with it holds doubles from
 * the first: V8 need not change all objects of its class, and compile all that knows them anew, when time has passed.
 */
export const AT_START = -0;

/** A place in the order of events: a time in whole ns since the start, and among what happens then an insertion number. */
export interface Instant {
  readonly dueNs: number;
  readonly order: number;
}

/** Something that will happen once. It has a seat in the queue while it has a place there, and -1 while it has none. */
export abstract class Task implements Runnable {
  seat = -1;

  /** Called when it is due. */
  abstract run(): void;
}

/** A task that calls a function. */
export class Call extends Task {
  readonly #call: () => void;

  constructor(call: () => void) {
    super();
    this.#call = call;
  }

  run(): void {
    this.#call();
  }
}

/**
 * What the queue knows of a task, by its seat: when it is due, `NEVER` if it is not after all; its insertion number, for
 * ties in time run in the order in which they were scheduled; and its place, at or before these, `NEVER` if none yet. They lie together and
 * not in the task: of a thousand timers most are put off and never fire, and are not looked at themselves.
 */
const ROW = 4;
const DUE = 0;
const ORDER = 1;
const PLACE = 2;
const PLACE_ORDER = 3;
const INITIAL_ROWS = 1024;

/** What is due within that time of the event before it: frames on their way, not timers that mostly never fire. */
const SOON_NS = 16_777_216;

/**
 * Two heaps: what is due soon passes through a small one, and does not climb over the thousands of timers that stand in
 * the other. The next task is the earlier of both tops, so nobody can tell.
 */
export class EventQueue {
  readonly #soon = new Heap();
  readonly #later = new Heap();
  #rows = new Float64Array(ROW * INITIAL_ROWS);
  /** By seat. */
  readonly #tasks: (Task | null)[] = [];
  readonly #free: number[] = [];
  /** By the complement of their seat: who keeps one for ever. */
  readonly #enrolled: Runnable[] = [];
  /** The place that was taken last. */
  #reachedNs = AT_START;
  #reachedOrder = -1;
  #inserted = 0;

  /** Insertion numbers given so far: what is pushed from now on has at least this one. */
  get inserted(): number {
    return this.#inserted;
  }

  /** An insertion number for something that will be pushed later, and counts as pushed now. */
  reserve(): number {
    return this.#inserted++;
  }

  /**
   * Makes a task due then, which may be due already. Where its place is not later, only its numbers change: the place
   * moves on when its turn comes, with the insertion number of now, so that the order of events is as if the task had
   * been taken out and pushed. Else it gets another place, and the old one is stale.
   */
  set(task: Task, atNs: number): void {
    const seat = task.seat < 0 ? this.#takeSeat(task) : task.seat;
    const row = ROW * seat;
    const rows = this.#rows;
    rows[row + DUE] = atNs;
    rows[row + ORDER] = this.#inserted++;
    if ((rows[row + PLACE] as number) > atNs) this.#place(seat);
  }

  /** Makes a task due that has no place, with an insertion number that was reserved. */
  enqueue(task: Task, when: Instant): void {
    const seat = this.#takeSeat(task);
    const row = ROW * seat;
    this.#rows[row + DUE] = when.dueNs;
    this.#rows[row + ORDER] = when.order;
    this.#place(seat);
  }

  /** It will not happen. */
  cancel(task: Task): void {
    if (task.seat >= 0) this.#rows[ROW * task.seat + DUE] = NEVER;
  }

  /** When a task is due; `NEVER`: it is not. */
  dueNsOf(task: Task): number {
    return task.seat < 0 ? NEVER : (this.#rows[ROW * task.seat + DUE] as number);
  }

  /** A seat, below 0, for somebody who has many places, all of them for sure: no task. It is never given back. */
  enroll(runnable: Runnable): number {
    return ~(this.#enrolled.push(runnable) - 1);
  }

  /** One more place of who was enrolled. It is neither cancelled nor put off. The number of `when` was reserved. */
  enqueueForSure(seat: number, when: Instant): void {
    const heap = when.dueNs - this.#reachedNs < SOON_NS ? this.#soon : this.#later;
    const at = heap.extend();
    heap.times[at] = when.dueNs;
    heap.orders[at] = when.order;
    heap.seats[at] = seat;
    heap.rise();
  }

  #takeSeat(task: Task): number {
    const seat = this.#free.pop() ?? this.#tasks.push(null) - 1;
    if (ROW * seat === this.#rows.length) this.#grow();
    this.#rows[ROW * seat + PLACE] = NEVER;
    this.#tasks[seat] = task;
    task.seat = seat;
    return seat;
  }

  #leaveSeat(task: Task, seat: number): void {
    this.#tasks[seat] = null;
    this.#free.push(seat);
    task.seat = -1;
  }

  #grow(): void {
    const rows = new Float64Array(2 * this.#rows.length);
    rows.set(this.#rows);
    this.#rows = rows;
  }

  /** A place where the task of a seat is due. */
  #place(seat: number): void {
    const row = ROW * seat;
    const rows = this.#rows;
    const atNs = rows[row + DUE] as number;
    const order = rows[row + ORDER] as number;
    const heap = atNs - this.#reachedNs < SOON_NS ? this.#soon : this.#later;
    const at = heap.extend();
    rows[row + PLACE] = atNs;
    rows[row + PLACE_ORDER] = order;
    heap.times[at] = atNs;
    heap.orders[at] = order;
    heap.seats[at] = seat;
    heap.rise();
  }

  /** The time of what was popped last, and its insertion number. */
  get reachedNs(): number {
    return this.#reachedNs;
  }

  get reachedOrder(): number {
    return this.#reachedOrder;
  }

  /** Who is next to be called, removed; null when nothing is left, or nothing until then. */
  pop(untilNs = NEVER): Runnable | null {
    for (;;) {
      const heap = this.#next();
      if (heap.size === 0 || (heap.times[0] as number) > untilNs) return null;
      const due = this.#takeTop(heap);
      if (due) return due;
    }
  }

  /** When the next task is due, or NEVER. */
  peekNs(): number {
    for (;;) {
      const heap = this.#next();
      if (heap.size === 0) return NEVER;
      const seat = heap.seats[0] as number;
      if (seat < 0 || this.#isDueThen(seat, heap.orders[0] as number)) return heap.times[0] as number;
      this.#takeTop(heap);
    }
  }

  /** The heap with the earlier top; an empty one where both are empty. */
  #next(): Heap {
    const soon = this.#soon;
    const later = this.#later;
    if (later.size === 0) return soon;
    if (soon.size === 0) return later;
    const soonNs = soon.times[0] as number;
    const laterNs = later.times[0] as number;
    // All of it is asked each time: what V8 has not seen asked when it compiles the loop around this, it compiles anew.
    const isTie = soonNs === laterNs;
    const isFirst = (soon.orders[0] as number) < (later.orders[0] as number);
    return soonNs < laterNs || (isTie && isFirst) ? soon : later;
  }

  /**
   * Removes the first place, and returns whom to call where something is really due then. A timer that was cleared or put
   * off left its old place behind: such a place is thrown away, or the task moves on to its later time. The clock never
   * sees it.
   */
  #takeTop(heap: Heap): Runnable | null {
    const seat = heap.seats[0] as number;
    const order = heap.orders[0] as number;
    this.#reachedNs = heap.times[0] as number;
    this.#reachedOrder = order;
    heap.removeTop();
    return seat < 0 ? (this.#enrolled[~seat] as Runnable) : this.#ifDue(seat, order);
  }

  #ifDue(seat: number, order: number): Task | null {
    if (this.#rows[ROW * seat + PLACE_ORDER] !== order) return null;
    const isDue = this.#isDueThen(seat, order);
    if (!isDue && this.#rows[ROW * seat + DUE] !== NEVER) {
      this.#place(seat);
      return null;
    }
    const task = this.#tasks[seat] as Task;
    this.#leaveSeat(task, seat);
    return isDue ? task : null;
  }

  /** Whether the task of a seat is due at that place; else it was cleared or put off, or has another by now. */
  #isDueThen(seat: number, placeOrder: number): boolean {
    const row = ROW * seat;
    const rows = this.#rows;
    return rows[row + PLACE_ORDER] === placeOrder && rows[row + ORDER] === placeOrder && rows[row + DUE] !== NEVER;
  }
}
