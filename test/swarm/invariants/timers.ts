import type { Entry } from '../../../src/kernel/journal.ts';
import type { Invariant, PowerLog, Subject } from './invariant.ts';

interface Pending {
  readonly node: string;
  readonly machine: string;
  readonly name: string;
  readonly dueNs: number;
}

/** A timer that is set fires when it is due or is cleared; none outlives its connection. */
export class Timers implements Invariant {
  readonly #subject: Subject;
  readonly #power: PowerLog;
  readonly #pending = new Map<string, Pending>();
  /** Machines of this event that have closed, with their entries. */
  readonly #closed = new Map<string, number>();
  readonly #shared = new Map<string, number[]>();
  readonly #byMachine = new Map<string, Set<string>>();

  constructor(subject: Subject, power: PowerLog) {
    this.#subject = subject;
    this.#power = power;
  }

  /** Whether something is still to happen for a machine. */
  isPending(node: string, machine: string): boolean {
    return (this.#byMachine.get(`${node} ${machine}`)?.size ?? 0) > 0;
  }

  add({ seq, atNs, node, event }: Entry): void {
    if (event.kind === 'input' && event.text === `${node} crashes`) this.#forget(node);
    if (event.kind === 'state' && event.layer === 4) {
      const key = `${node} ${event.machine}`;
      if (event.to === 'CLOSED') this.#closed.set(key, seq);
      else this.#closed.delete(key);
    }
    if (event.kind !== 'timer') return;
    const { machine, name, phase, dueNs } = event;
    const key = `${node} ${machine} ${name}`;
    if (event.layer > 4) {
      this.#onShared(seq, key, phase, dueNs);
      return;
    }
    const known = this.#pending.get(key);
    const { report } = this.#subject;
    if (phase === 'set') {
      if (dueNs < atNs) report('timer-wrong', `${key} is set to ${dueNs} ns when it is ${atNs} ns`, seq);
      this.#put(key, { node, machine, name, dueNs });
      return;
    }
    if (!known) report('timer-wrong', `${key} was ${phase} and not set`, seq);
    else if (known.dueNs !== dueNs)
      report('timer-wrong', `${key} was set to ${known.dueNs} ns and says ${dueNs} ns`, seq);
    else if (phase === 'fired' && dueNs !== atNs && this.#power.resumedNs(node) !== atNs) {
      report('timer-wrong', `${key} was due at ${dueNs} ns and fires at ${atNs} ns`, seq);
    }
    this.#take(key);
  }

  /** Applications have many timers of one name, one for each question: any of them may be meant. */
  #onShared(seq: number, key: string, phase: 'set' | 'fired' | 'cleared', dueNs: number): void {
    const dues = this.#shared.get(key) ?? [];
    const at = dues.indexOf(dueNs);
    if (phase === 'set') dues.push(dueNs);
    else if (at >= 0) dues.splice(at, 1);
    else this.#subject.report('timer-wrong', `${key} was ${phase} and not set`, seq);
    this.#shared.set(key, dues);
  }

  settle(): void {
    for (const [key, seq] of this.#closed) {
      if ((this.#byMachine.get(key)?.size ?? 0) === 0) continue;
      const left = [...(this.#byMachine.get(key) ?? [])].map((each) => this.#pending.get(each)?.name);
      this.#subject.report('timer-leak', `${key} is closed and ${left} still runs`, seq);
      for (const each of [...(this.#byMachine.get(key) ?? [])]) this.#take(each);
    }
    this.#closed.clear();
  }

  end(nowNs: number): void {
    for (const [key, { node, dueNs }] of this.#pending) {
      if (dueNs < nowNs && this.#power.isUp(node))
        this.#subject.report('timer-wrong', `${key} was due at ${dueNs} ns and never fired`);
    }
  }

  #put(key: string, pending: Pending): void {
    this.#pending.set(key, pending);
    const machine = `${pending.node} ${pending.machine}`;
    const names = this.#byMachine.get(machine) ?? new Set();
    this.#byMachine.set(machine, names.add(key));
  }

  #take(key: string): void {
    const known = this.#pending.get(key);
    if (!known) return;
    this.#pending.delete(key);
    this.#byMachine.get(`${known.node} ${known.machine}`)?.delete(key);
  }

  #forget(node: string): void {
    for (const [key, pending] of [...this.#pending]) if (pending.node === node) this.#take(key);
  }
}
