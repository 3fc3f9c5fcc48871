import type { Journal, LayerNumber, Nanos } from './journal.ts';
import type { Power } from './power.ts';
import { EventQueue, type Instant, NEVER, type Runnable, Task } from './queue.ts';
import { Rng } from './rng.ts';

/** More events than this at one instant is a loop that never lets time pass (bad-input I5). */
export const MAX_EVENTS_AT_ONE_INSTANT = 1_000_000;
/**
 * A round is what was scheduled by the round before it, all at one instant. Frames that circle need a round or two a hop
 * and never stop; frames that multiply as they circle make ever larger rounds. Either is told long before a million
 * events have been written down. A connection over links without delay needs a few rounds each round trip.
 */
export const MAX_ROUNDS_AT_ONE_INSTANT = 20_000;
export const MAX_EVENTS_IN_A_ROUND = 50_000;

/** The simulation runs in circles: our bug or a scenario's (a switch loop), told with the place where it was seen. */
export class Livelock extends Error {
  override readonly name = 'Livelock';
}

/** Time, chance and memory. One per run; knows nothing of networks. */
export class Kernel {
  readonly journal: Journal;
  readonly seed: string;
  /** What is due later than that does not happen. */
  untilNs: Nanos = NEVER;
  #nowNs: Nanos = 0;
  #happened = 0;
  #atThisInstant = 0;
  #rounds = 0;
  #inThisRound = 0;
  /** The first insertion number of the next round. */
  #nextRound = 0;
  readonly #queue = new EventQueue();
  readonly #streams = new Map<string, Rng>();

  constructor(seed: string, journal: Journal) {
    this.seed = seed;
    this.journal = journal;
  }

  get nowNs(): Nanos {
    return this.#nowNs;
  }

  /** Tasks run so far. */
  get happened(): number {
    return this.#happened;
  }

  /** When the next task is due, or `NEVER` (infinity) when nothing is left to happen. */
  get nextNs(): Nanos {
    return this.#queue.peekNs();
  }

  /** The stream of that name; the same object each time, so that two users of one name share its sequence. */
  random(stream: string): Rng {
    let rng = this.#streams.get(stream);
    if (!rng) {
      rng = new Rng(this.seed, stream);
      this.#streams.set(stream, rng);
    }
    return rng;
  }

  /**
   * Makes a task due `atNs`; it may be due already, and is then put off or brought forward. Throws RangeError for what is
   * past, or no whole number of ns.
   */
  set(task: Task, atNs: Nanos): void {
    this.#refusePast(atNs);
    this.#queue.set(task, atNs);
  }

  /** A task that is due will not happen. */
  cancel(task: Task): void {
    this.#queue.cancel(task);
  }

  /** When a task is due; `NEVER` when it is not. */
  dueNsOf(task: Task): Nanos {
    return this.#queue.dueNsOf(task);
  }

  /** The number that a task would have which is set now: for `enqueue`, when its turn to stand in the queue comes. */
  reserveOrder(): number {
    return this.#queue.reserve();
  }

  /** As `set`, of a task that is not due: it runs in the order in which it would if it had been set when its number was reserved. */
  enqueue(task: Task, when: Instant): void {
    this.#refusePast(when.dueNs);
    this.#queue.enqueue(task, when);
  }

  /** A seat for who has many places in the queue, all of them for sure: `enqueueForSure`. It lasts as long as the run. */
  enroll(runnable: Runnable): number {
    return this.#queue.enroll(runnable);
  }

  /** One more place of who was enrolled. What happens at every frame uses this: a time that is handed over is a box. */
  enqueueForSure(seat: number, when: Instant): void {
    this.#refusePast(when.dueNs);
    this.#queue.enqueueForSure(seat, when);
  }

  #refusePast(dueNs: Nanos): void {
    if (dueNs < this.#nowNs || !Number.isSafeInteger(dueNs)) {
      throw new RangeError(`a task cannot be scheduled at ${dueNs} ns when it is ${this.#nowNs} ns`);
    }
  }

  /** Runs a function once, after a delay, with the cause of now. Returns how to cancel it. For what is not hot. */
  after(delayNs: Nanos, run: () => void): () => void {
    const task = new Once(this.journal, run);
    this.set(task, this.#nowNs + delayNs);
    return () => this.cancel(task);
  }

  /** Lets one task happen. False when none is left, or none that is due until `untilNs`. */
  step(): boolean {
    const queue = this.#queue;
    const due = queue.pop(this.untilNs);
    if (!due) return false;
    if (queue.reachedNs === this.#nowNs) {
      this.#countAtThisInstant(queue.reachedOrder);
    } else {
      this.#nowNs = queue.reachedNs;
      this.#atThisInstant = 0;
      this.#rounds = 0;
      this.#inThisRound = 0;
      this.#nextRound = this.#queue.inserted;
    }
    this.#happened++;
    this.journal.cause = null;
    due.run();
    return true;
  }

  #countAtThisInstant(order: number): void {
    this.#atThisInstant++;
    this.#inThisRound++;
    if (order >= this.#nextRound) {
      this.#rounds++;
      this.#inThisRound = 1;
      this.#nextRound = this.#queue.inserted;
    }
    const isStill =
      this.#rounds > MAX_ROUNDS_AT_ONE_INSTANT ||
      this.#inThisRound > MAX_EVENTS_IN_A_ROUND ||
      this.#atThisInstant > MAX_EVENTS_AT_ONE_INSTANT;
    if (isStill) {
      throw new Livelock(`${this.#atThisInstant} events happened at ${this.#nowNs} ns and time does not pass`);
    }
  }

  /** Lets events happen until a time has passed. */
  runUntil(atNs: Nanos): void {
    while (this.nextNs <= atNs) this.step();
    this.idleUntil(atNs);
  }

  /** Moves the clock forward to a time before which nothing is left to happen; for `until`. */
  idleUntil(atNs: Nanos): void {
    if (atNs > this.#nowNs && atNs <= this.nextNs) this.#nowNs = atNs;
  }
}

class Once extends Task {
  readonly #journal: Journal;
  readonly #cause: number | null;
  readonly #run: () => void;

  constructor(journal: Journal, run: () => void) {
    super();
    this.#journal = journal;
    this.#cause = journal.cause;
    this.#run = run;
  }

  run(): void {
    this.#journal.cause = this.#cause;
    this.#run();
  }
}

/** A firing that waits for its node to go on. */
interface Held {
  readonly dueNs: Nanos;
}

/**
 * A timer that is set, put off and cleared many times, as TCP's are. Putting it off only writes a number: its old place
 * in the queue moves on by itself when its time comes, so a busy connection leaves one place there and not thousands.
 */
export class Timer extends Task {
  /** It is due, or held. */
  #isSet = false;
  /** It was due while the node stood still, and will fire when the node goes on, unless it is set or cleared before. */
  #held: Held | null = null;
  readonly #kernel: Kernel;
  readonly #power: Power;
  readonly #node: string;
  readonly #layer: LayerNumber;
  readonly #machine: string;
  readonly #name: string;
  readonly #run: () => void;
  #cause: number | null = null;

  constructor(
    kernel: Kernel,
    power: Power,
    node: string,
    layer: LayerNumber,
    machine: string,
    name: string,
    run: () => void,
  ) {
    super();
    this.#kernel = kernel;
    this.#power = power;
    this.#node = node;
    this.#layer = layer;
    this.#machine = machine;
    this.#name = name;
    this.#run = run;
  }

  /** When it is due; `NEVER` when it is not. */
  get dueNs(): Nanos {
    return this.#kernel.dueNsOf(this);
  }

  get isSet(): boolean {
    return this.#isSet;
  }

  set(delayNs: Nanos): void {
    this.#isSet = true;
    this.#held = null;
    const dueNs = this.#kernel.nowNs + delayNs;
    this.#kernel.set(this, dueNs);
    if (this.#kernel.journal.recording) this.#cause = this.#record('set', dueNs);
  }

  clear(): void {
    if (!this.#isSet) return;
    this.#isSet = false;
    const dueNs = this.#held?.dueNs ?? this.dueNs;
    this.#kernel.cancel(this);
    this.#held = null;
    if (this.#kernel.journal.recording) this.#record('cleared', dueNs);
  }

  /** The kernel calls this. What follows is caused by the firing, and the firing by the setting. */
  run(): void {
    const dueNs = this.#kernel.nowNs;
    if (this.#power.isOn) this.#fire(dueNs);
    else {
      const held = { dueNs };
      this.#held = held;
      this.#power.hold(() => this.#fireHeld(held));
    }
  }

  /** What happened before it while the node stood still happens before it now, and may have made it void. */
  #fireHeld(held: Held): void {
    if (this.#held !== held) return;
    this.#held = null;
    this.#fire(held.dueNs);
  }

  #fire(dueNs: Nanos): void {
    this.#isSet = false;
    const journal = this.#kernel.journal;
    if (journal.recording) {
      journal.cause = this.#cause;
      journal.cause = this.#record('fired', dueNs);
    }
    this.#run();
  }

  #record(phase: 'set' | 'fired' | 'cleared', dueNs: Nanos): number {
    const { journal, nowNs } = this.#kernel;
    return journal.append(nowNs, this.#node, {
      kind: 'timer',
      layer: this.#layer,
      machine: this.#machine,
      name: this.#name,
      phase,
      dueNs,
    });
  }
}
