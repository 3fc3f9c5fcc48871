import type { Entry, TimerChanged } from '../../../src/kernel/journal.ts';
import { ByMachine } from './by-machine.ts';
import type { Invariant, PowerLog, Subject } from './invariant.ts';

/** A timer that is set fires when it is due or is cleared; none outlives its connection. */
export class Timers implements Invariant {
  readonly #subject: Subject;
  readonly #power: PowerLog;
  /** When the timers of a machine are due, by their names. */
  readonly #pending = new ByMachine<Map<string, number>>();
  /** Machines of this event that have closed, with their entries. */
  readonly #closed = new Map<string, { readonly seq: number; readonly node: string; readonly machine: string }>();
  /** Nodes that have crashed in this event: some of their timers are cleared, and the others are gone. */
  readonly #crashed: string[] = [];
  readonly #shared = new ByMachine<Map<string, number[]>>();

  constructor(subject: Subject, power: PowerLog) {
    this.#subject = subject;
    this.#power = power;
  }

  /** Whether something is still to happen for a machine. */
  isPending(node: string, machine: string): boolean {
    return (this.#pending.get(node, machine)?.size ?? 0) > 0;
  }

  add({ seq, atNs, node, event }: Entry): void {
    if (event.kind === 'input' && event.text === `${node} crashes`) this.#crashed.push(node);
    if (event.kind === 'state' && event.layer === 4) {
      const { machine } = event;
      const key = `${node} ${machine}`;
      if (event.to === 'CLOSED') this.#closed.set(key, { seq, node, machine });
      else this.#closed.delete(key);
    }
    if (event.kind !== 'timer') return;
    const { machine, name, phase, dueNs } = event;
    const what = () => `${node} ${machine} ${name}`;
    if (event.layer > 4) {
      const shared = this.#shared.get(node, machine) ?? this.#shared.set(node, machine, new Map());
      this.#onShared(seq, what, shared, event);
      return;
    }
    const timers = this.#pending.get(node, machine) ?? this.#pending.set(node, machine, new Map());
    const { report } = this.#subject;
    if (phase === 'set') {
      if (dueNs < atNs) report('timer-wrong', `${what()} is set to ${dueNs} ns when it is ${atNs} ns`, seq);
      timers.set(name, dueNs);
      return;
    }
    const knownNs = timers.get(name);
    if (knownNs === undefined) report('timer-wrong', `${what()} was ${phase} and not set`, seq);
    else if (knownNs !== dueNs) report('timer-wrong', `${what()} was set to ${knownNs} ns and says ${dueNs} ns`, seq);
    else if (phase === 'fired' && dueNs !== atNs && this.#power.resumedNs(node) !== atNs) {
      report('timer-wrong', `${what()} was due at ${dueNs} ns and fires at ${atNs} ns`, seq);
    }
    timers.delete(name);
  }

  /** Applications have many timers of one name, one for each question: any of them may be meant. */
  #onShared(
    seq: number,
    what: () => string,
    timers: Map<string, number[]>,
    { name, phase, dueNs }: TimerChanged,
  ): void {
    const dues = timers.get(name) ?? [];
    const at = dues.indexOf(dueNs);
    if (phase === 'set') dues.push(dueNs);
    else if (at >= 0) dues.splice(at, 1);
    else this.#subject.report('timer-wrong', `${what()} was ${phase} and not set`, seq);
    timers.set(name, dues);
  }

  settle(): void {
    for (const node of this.#crashed.splice(0)) this.#pending.forget(node);
    if (this.#closed.size === 0) return;
    for (const [key, { seq, node, machine }] of this.#closed) {
      const timers = this.#pending.get(node, machine);
      if (!timers || timers.size === 0) continue;
      this.#subject.report('timer-leak', `${key} is closed and ${[...timers.keys()]} still runs`, seq);
      timers.clear();
    }
    this.#closed.clear();
  }

  end(nowNs: number): void {
    for (const [node, machine, timers] of this.#pending) {
      if (!this.#power.isUp(node)) continue;
      for (const [name, dueNs] of timers) {
        if (dueNs < nowNs)
          this.#subject.report('timer-wrong', `${node} ${machine} ${name} was due at ${dueNs} ns and never fired`);
      }
    }
  }
}
