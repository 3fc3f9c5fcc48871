import type { Entry } from '../../../src/kernel/journal.ts';
import type { Invariant, PowerLog, Subject } from './invariant.ts';

/** The lowest layer whose packets wait for room below: what lies deeper is on its way at once. */
const LOWEST = 5;

/** What a machine has made and nothing below has taken yet ends with a reason when its node crashes. */
export class Remnants implements Invariant {
  readonly #subject: Subject;
  readonly #power: PowerLog;
  /** Entries of packets that nothing carries yet, by node. */
  readonly #made = new Map<string, Map<number, string>>();
  readonly #crashed = new Set<string>();

  constructor(subject: Subject, power: PowerLog) {
    this.#subject = subject;
    this.#power = power;
  }

  add({ seq, node, event }: Entry): void {
    if (this.#power.crashedAt(node) === seq) this.#crashed.add(node);
    if (!('carries' in event)) return;
    const { carries } = event;
    let made = this.#made.get(node);
    if (made && made.size > 0)
      for (let index = 0; index < carries.length; index++) made.delete(carries[index] as number);
    if (event.kind !== 'encoded' || event.layer < LOWEST || event.bytes.length === 0) return;
    if (!made) {
      made = new Map();
      this.#made.set(node, made);
    }
    made.set(seq, `${event.bytes.length} octets of ${event.protocol} by ${event.via} at ${node}`);
  }

  settle(): void {
    if (this.#crashed.size === 0) return;
    for (const node of this.#crashed) {
      for (const [seq, what] of this.#made.get(node) ?? []) {
        this.#subject.report('bytes-without-reason', `${what} waited when it crashed`, seq);
      }
      this.#made.delete(node);
    }
    this.#crashed.clear();
  }
}
