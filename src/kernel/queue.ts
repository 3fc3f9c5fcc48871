/**
 * The event queue: 4-ary heaps ordered by (time, insertion number), as ns-3's (ts, uid). Times and numbers lie in
 * typed arrays, so that sifting compares doubles that are next to each other; a 4-ary heap is half as deep as a binary.
 */

/** Who is called when something is due. */
export interface Runnable {
  run(): void;
}

export const NEVER = Number.POSITIVE_INFINITY;

/** A place in the order of events: a time in whole ns since the start, and among what happens then an insertion number. */
export interface Instant {
  readonly dueNs: number;
  readonly order: number;
}

/**
 * Something that will happen. Its numbers belong to the queue; at most one place in the queue is a task's own. There are
 * few classes of them: the queue looks at these numbers more often than anybody at anything.
 */
export abstract class Task implements Runnable {
  /** When it is due, in whole ns since the start; `NEVER` when it is not. */
  dueNs = NEVER;
  /** Insertion number: ties in time run in the order in which they were scheduled. */
  order = -1;
  /** Its place in the queue, at or before (dueNs, order); `NEVER` and -1 when it has none. */
  queuedNs = NEVER;
  queuedOrder = -1;

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

const INITIAL = 1024;
/** What is due within that time of the event before it: frames on their way, not timers that mostly never fire. */
const SOON_NS = 16_777_216;

/** A task, or what was enqueued for sure. */
type Entry = Task | Runnable;

/** Entries by (time, insertion number). */
class Heap {
  times = new Float64Array(INITIAL);
  orders = new Float64Array(INITIAL);
  readonly entries: Entry[] = [];
  size = 0;

  /** Two numbers in place of the instant would be two boxes for the collector. */
  insert(entry: Entry, { dueNs: atNs, order }: Instant): void {
    if (this.size === this.times.length) this.#grow();
    const { times, orders, entries } = this;
    let at = this.size++;
    while (at > 0) {
      const parent = (at - 1) >> 2;
      const parentNs = times[parent] as number;
      if (parentNs < atNs || (parentNs === atNs && (orders[parent] as number) < order)) break;
      times[at] = parentNs;
      orders[at] = orders[parent] as number;
      entries[at] = entries[parent] as Entry;
      at = parent;
    }
    times[at] = atNs;
    orders[at] = order;
    entries[at] = entry;
  }

  removeTop(): void {
    const size = --this.size;
    const { times, orders, entries } = this;
    const entry = entries[size] as Entry;
    entries.pop();
    if (size === 0) return;
    const atNs = times[size] as number;
    const order = orders[size] as number;
    let at = 0;
    for (;;) {
      const first = 4 * at + 1;
      if (first >= size) break;
      const end = Math.min(first + 4, size);
      let least = first;
      let leastNs = times[first] as number;
      for (let child = first + 1; child < end; child++) {
        const ns = times[child] as number;
        if (ns < leastNs || (ns === leastNs && (orders[child] as number) < (orders[least] as number))) {
          least = child;
          leastNs = ns;
        }
      }
      if (leastNs > atNs || (leastNs === atNs && (orders[least] as number) > order)) break;
      times[at] = leastNs;
      orders[at] = orders[least] as number;
      entries[at] = entries[least] as Entry;
      at = least;
    }
    times[at] = atNs;
    orders[at] = order;
    entries[at] = entry;
  }

  #grow(): void {
    const times = new Float64Array(this.times.length * 2);
    times.set(this.times);
    this.times = times;
    const orders = new Float64Array(this.orders.length * 2);
    orders.set(this.orders);
    this.orders = orders;
  }
}

/**
 * Two heaps: what is due soon passes through a small one, and does not climb over the thousands of timers that stand in
 * the other. The next task is the earlier of both tops, so nobody can tell.
 */
export class EventQueue {
  readonly #soon = new Heap();
  readonly #later = new Heap();
  /** The place that was taken last. */
  #reachedNs = 0;
  #reachedOrder = -1;
  #inserted = 0;

  /** Places in the heaps, stale ones included. */
  get size(): number {
    return this.#soon.size + this.#later.size;
  }

  /** Insertion numbers given so far: what is pushed from now on has at least this one. */
  get inserted(): number {
    return this.#inserted;
  }

  push(task: Task, atNs: number): void {
    task.dueNs = atNs;
    task.order = this.#inserted++;
    this.enqueue(task);
  }

  /** An insertion number for something that will be pushed later, and counts as pushed now. */
  reserve(): number {
    return this.#inserted++;
  }

  /** Pushes a task by its own `dueNs` and `order`, as if that had been done when its number was reserved. */
  enqueue(task: Task): void {
    task.queuedNs = task.dueNs;
    task.queuedOrder = task.order;
    this.#insert(task, task);
  }

  /**
   * Pushes what will neither be cancelled nor put off, and has no other place: it needs no task. The number of `when` was
   * reserved.
   */
  enqueueForSure(runnable: Runnable, when: Instant): void {
    this.#insert(runnable, when);
  }

  #insert(entry: Entry, when: Instant): void {
    const heap = when.dueNs - this.#reachedNs < SOON_NS ? this.#soon : this.#later;
    heap.insert(entry, when);
  }

  /**
   * Makes a task that has a place due later than it. Only its numbers change: the old place moves on when its turn
   * comes, with the insertion number of now, so that the order of events is as if it had been pushed.
   */
  putOff(task: Task, atNs: number): void {
    task.dueNs = atNs;
    task.order = this.#inserted++;
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
      const entry = heap.entries[0] as Entry;
      const isReal = !(entry instanceof Task) || (entry.queuedOrder === heap.orders[0] && isDueThen(entry));
      if (isReal) return heap.times[0] as number;
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
    if (soonNs !== laterNs) return soonNs < laterNs ? soon : later;
    return (soon.orders[0] as number) < (later.orders[0] as number) ? soon : later;
  }

  /**
   * Removes the first place, and returns whom to call where something is really due then. A timer that was cleared or put
   * off left its old place behind: such a place is thrown away, or the task moves on to its later time. The clock never
   * sees it.
   */
  #takeTop(heap: Heap): Runnable | null {
    const entry = heap.entries[0] as Entry;
    const order = heap.orders[0] as number;
    this.#reachedNs = heap.times[0] as number;
    this.#reachedOrder = order;
    heap.removeTop();
    return entry instanceof Task ? this.#ifDue(entry, order) : entry;
  }

  #ifDue(task: Task, order: number): Task | null {
    if (task.queuedOrder !== order) return null;
    const isDue = isDueThen(task);
    task.queuedNs = NEVER;
    task.queuedOrder = -1;
    if (isDue) return task;
    this.#moveOn(task);
    return null;
  }

  /** The task of a place that was removed gets its new one, if it is to happen at all. */
  #moveOn(task: Task): void {
    if (task.dueNs !== NEVER) this.enqueue(task);
  }
}

/** Whether a task is due where its place is; else it was cleared or put off. */
function isDueThen({ dueNs, order, queuedOrder }: Task): boolean {
  return order === queuedOrder && dueNs !== NEVER;
}
