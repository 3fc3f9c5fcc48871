import type { Entry, Event } from '../../../src/kernel/journal.ts';
import type { Invariant, PowerLog, Subject } from './invariant.ts';

/** Time goes on in whole nanoseconds; causes come before what they cause. */
export class Order implements Invariant {
  readonly #subject: Subject;
  #lastNs = 0;
  #last = -1;

  constructor(subject: Subject) {
    this.#subject = subject;
  }

  add({ seq, atNs, cause, event }: Entry): void {
    const { report } = this.#subject;
    if (!Number.isSafeInteger(atNs) || atNs < this.#lastNs)
      report('clock-backwards', `${atNs} ns comes after ${this.#lastNs} ns`, seq);
    if (seq !== this.#last + 1) report('clock-backwards', `entry ${seq} comes after ${this.#last}`, seq);
    if (cause !== null && cause >= seq) report('cause-later', `its cause is ${cause}`, seq);
    if (isLater(event, seq)) report('cause-later', 'it carries what comes later', seq);
    const number = numberOf(event);
    if (!Number.isSafeInteger(number)) report('estimate-absurd', `${event.kind} ${number} is no whole number`, seq);
    this.#lastNs = atNs;
    this.#last = seq;
  }

  settle(nowNs: number): void {
    if (!Number.isSafeInteger(nowNs) || nowNs < this.#lastNs)
      this.#subject.report('clock-backwards', `the clock shows ${nowNs} ns`);
  }
}

function isLater(event: Event, seq: number): boolean {
  if (!('carries' in event)) return false;
  const { carries } = event;
  for (let index = 0; index < carries.length; index++) if ((carries[index] as number) >= seq) return true;
  return false;
}

/** What it measures: another engine would write a fraction differently. */
function numberOf(event: Event): number {
  if (event.kind === 'metric') return event.value;
  if (event.kind === 'timer') return event.dueNs;
  return 'measure' in event ? event.measure : 0;
}

/** What takes frames: a host hands them up, a switch passes them on. */
const FRAMES: ReadonlySet<string> = new Set(['ethernet', 'switch']);

/** What arrives is handed on or ends with a reason, layer by layer. */
export class Handling implements Invariant {
  readonly #subject: Subject;
  readonly #power: PowerLog;
  readonly #ends: ReadonlySet<string>;
  /** Entries of this event that something must follow from. */
  readonly #open = new Map<number, string>();

  constructor(subject: Subject, power: PowerLog) {
    this.#subject = subject;
    this.#power = power;
    this.#ends = new Set(subject.scenario.nodes.map(({ name }) => name));
  }

  add({ seq, node, cause, event }: Entry): void {
    if (cause !== null) this.#open.delete(cause);
    if (!this.#ends.has(node) || this.#power.isPaused(node)) return;
    if (event.kind === 'arrived') this.#open.set(seq, `a frame arrived at ${node}`);
    if (event.kind === 'decoded' && event.layer === 2 && FRAMES.has(event.protocol))
      this.#open.set(seq, `${node} took a frame`);
    // UDP takes a datagram and hands it on or answers; a fragment waits for the others.
    if (event.kind === 'decoded' && event.protocol === 'udp') this.#open.set(seq, `${node} took a UDP datagram`);
  }

  settle(): void {
    for (const [seq, what] of this.#open) this.#subject.report('frame-unhandled', `${what} and nothing followed`, seq);
    this.#open.clear();
  }
}
