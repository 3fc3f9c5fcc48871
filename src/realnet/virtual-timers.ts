/** Timers of programs on simulated hosts: they fire when the run's time has come. */

import { AsyncResource } from 'node:async_hooks';
import type { Nanos } from '../kernel/journal.ts';
import { Call, EventQueue, type Task } from '../kernel/queue.ts';
import { currentScope } from './scope.ts';

const GREATEST_MS = 2 ** 31 - 1;
const NS_PER_MS = 1_000_000;

/** All timers of one simulation, in the order in which they are due. */
export class VirtualTimers {
  isOver = false;
  readonly #queue = new EventQueue();
  readonly #now: () => Nanos;

  constructor(now: () => Nanos) {
    this.#now = now;
  }

  get nextNs(): Nanos {
    return this.#queue.peekNs();
  }

  /** Fires the one that is due next. */
  fire(): void {
    this.#queue.pop()?.run();
  }

  /** As Node does: whole milliseconds, at least one; what is out of range is one. */
  set(timer: Task, delayMs: number): void {
    const ms = delayMs >= 1 && delayMs <= GREATEST_MS ? Math.trunc(delayMs) : 1;
    const dueNs = this.#now() + ms * NS_PER_MS;
    this.#queue.set(timer, dueNs);
  }

  clear(timer: Task): void {
    this.#queue.cancel(timer);
  }
}

/** For `clearTimeout(Number(timer))`. */
const byNumber = new Map<number, VirtualTimeout>();
let numbered = 0;

/** What `setTimeout` and `setInterval` return on a simulated host. */
export class VirtualTimeout extends AsyncResource {
  #task = this.#newTask();
  #timers: VirtualTimers;
  readonly #callback: () => void;
  readonly #delayMs: number;
  readonly #repeats: boolean;
  #hasRef = true;
  #number: number | null = null;

  constructor(timers: VirtualTimers, callback: () => void, delayMs: number, repeats: boolean) {
    super('VirtualTimeout');
    this.#timers = timers;
    this.#callback = callback;
    this.#delayMs = Number(delayMs);
    this.#repeats = repeats;
    timers.set(this.#task, this.#delayMs);
  }

  #newTask(): Call {
    return new Call(() => this.#fire());
  }

  #fire(): void {
    if (this.#repeats) this.#timers.set(this.#task, this.#delayMs);
    else this.#forget();
    this.runInAsyncScope(this.#callback);
  }

  ref(): this {
    this.#hasRef = true;
    return this;
  }

  unref(): this {
    this.#hasRef = false;
    return this;
  }

  hasRef(): boolean {
    return this.#hasRef;
  }

  /**
   * Starts anew. A library may keep one timer for a whole process; where its simulation is over, it goes on in the one
   * that refreshes it.
   */
  refresh(): this {
    const scope = currentScope();
    if (this.#timers.isOver && scope) {
      this.#timers = scope.timers;
      // The old one may still have its seat in the other queue.
      this.#task = this.#newTask();
    }
    this.#timers.set(this.#task, this.#delayMs);
    return this;
  }

  close(): this {
    this.#timers.clear(this.#task);
    this.#forget();
    return this;
  }

  [Symbol.toPrimitive](): number {
    if (this.#number === null) {
      this.#number = ++numbered + 2 ** 40;
      byNumber.set(this.#number, this);
    }
    return this.#number;
  }

  #forget(): void {
    if (this.#number !== null) byNumber.delete(this.#number);
  }
}

if (Symbol.dispose) {
  Object.defineProperty(VirtualTimeout.prototype, Symbol.dispose, {
    value(this: VirtualTimeout) {
      this.close();
    },
  });
}

/** The timer of ours that a handle or a number means; null for one of Node's. */
export function virtualTimeoutOf(handle: unknown): VirtualTimeout | null {
  if (handle instanceof VirtualTimeout) return handle;
  return typeof handle === 'number' || typeof handle === 'string' ? (byNumber.get(Number(handle)) ?? null) : null;
}
