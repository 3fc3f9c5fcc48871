/** When nothing is broken any more: new connections work, old ones finish or fail, and every request has an end. */

import type { Entry } from '../../../src/kernel/journal.ts';
import type { Invariant, PowerLog, Subject } from './invariant.ts';
import type { Segments } from './segments.ts';

/** No fault of the timeline comes later by its time; one that waits for a frame may. */
const LATEST_FAULT_NS = 60_000_000_000;

/** Chance drops and damages nothing any more by then. */
const SCRIPTED: ReadonlySet<string> = new Set(['scripted', 'corrupted']);

interface Tally {
  asked: number;
  answered: number;
}

const ANSWERS: readonly { readonly what: string; readonly asks: RegExp; readonly answers: RegExp }[] = [
  { what: 'HTTP requests', asks: /^(get|post) /, answers: /^(GET|POST) / },
  { what: 'pings', asks: /^ping /, answers: /^(\d+ sent, \d+ received|cannot ping)/ },
];

export class Convergence implements Invariant {
  readonly #subject: Subject;
  readonly #power: PowerLog;
  readonly #segments: Segments;
  readonly #tallies = new Map<string, Tally>();
  readonly #probes = new Map<string, { sent: number; received: number }>();
  readonly #states = new Map<string, string>();
  #probeCrashes = 0;
  #probeLosses = 0;

  constructor(subject: Subject, power: PowerLog, segments: Segments) {
    this.#subject = subject;
    this.#power = power;
    this.#segments = segments;
  }

  add({ atNs, node, event }: Entry): void {
    if (atNs > LATEST_FAULT_NS && event.kind === 'input' && event.text === `${node} crashes`) this.#probeCrashes++;
    if (atNs > LATEST_FAULT_NS && event.kind === 'dropped' && SCRIPTED.has(event.reason)) this.#probeLosses++;
    if (event.kind === 'input' || event.kind === 'app') {
      for (const { what, asks, answers } of ANSWERS) {
        if (event.kind === 'input' && asks.test(event.text)) this.#tallyOf(node, what).asked++;
        if (event.kind === 'app' && answers.test(event.text) && event.machine !== 'http-server')
          this.#answer(node, what, event.machine);
      }
    }
    if (event.kind === 'state' && event.layer === 7) this.#states.set(`${node} ${event.machine}`, event.to);
    if ((event.kind === 'encoded' || event.kind === 'decoded') && event.layer === 7 && event.via.startsWith('probe')) {
      const probe = this.#probes.get(event.via) ?? { sent: 0, received: 0 };
      if (event.kind === 'encoded') probe.sent += event.bytes.length;
      else probe.received += event.bytes.length;
      this.#probes.set(event.via, probe);
    }
  }

  #tallyOf(node: string, what: string): Tally {
    const key = `${what} of ${node}`;
    const tally = this.#tallies.get(key) ?? { asked: 0, answered: 0 };
    this.#tallies.set(key, tally);
    return tally;
  }

  /** Servers tell of requests in words like a client's; they are on other nodes. */
  #answer(node: string, what: string, _machine: string): void {
    const tally = this.#tallies.get(`${what} of ${node}`);
    if (tally) tally.answered++;
  }

  end(nowNs: number): void {
    const { report, scenario } = this.#subject;
    for (const [what, { asked, answered }] of this.#tallies) {
      const node = what.split(' of ')[1] as string;
      // Nobody tells a client that only listens that its server, or a gate's memory, is gone.
      const mayHang = what.startsWith('HTTP') && (this.#isForgetful || this.#somebodyCrashed);
      if (!mayHang && this.#power.crashedAt(node) < 0 && answered < asked)
        report('unanswered', `${asked - answered} of ${asked} ${what}`);
    }
    for (const { action } of scenario.timeline) {
      if (action.kind !== 'tcp-connect' || !action.as.startsWith('probe')) continue;
      const { sent, received } = this.#probes.get(action.as) ?? { sent: 0, received: 0 };
      // A crash that waits for a frame may find it in the probe; and what a script drops there is sent again, later than a
      // gate with a short memory waits.
      const isHit = this.#probeCrashes > 0 || (this.#probeLosses > 0 && this.#isForgetful);
      if (!isHit && (sent === 0 || received < sent))
        report('not-converged', `${action.as} of ${action.node} said ${sent} octets and heard ${received}`);
    }
    if (this.#isForgetful) return;
    for (const { node, key, what } of this.#segments.unfinished(nowNs)) {
      if (this.#power.isUp(node)) report('stalled', `${key}: ${what}`);
    }
    this.#judgeSessions();
  }

  get #somebodyCrashed(): boolean {
    return this.#subject.scenario.nodes.some(({ name }) => this.#power.crashedAt(name) >= 0);
  }

  /** A gate that forgets connections, after seconds or in a crash, breaks them for ever. */
  get #isForgetful(): boolean {
    return this.#subject.scenario.nodes.some(({ name, nat, firewall }) => {
      const idleNs = nat?.idleNs ?? firewall?.idleNs ?? null;
      return idleNs !== null && (idleNs < 60e9 || this.#power.crashedAt(name) >= 0);
    });
  }

  #judgeSessions(): void {
    const want: Readonly<Record<string, readonly [prefix: string, state: string]>> = {
      'io-connect': ['io', 'connected'],
      'mqtt-connect': ['mqtt', 'connected'],
      consume: ['queue', 'open'],
    };
    for (const { action } of this.#subject.scenario.timeline) {
      const [prefix, state] = want[action.kind] ?? [];
      if (prefix === undefined || !('as' in action) || !('node' in action) || this.#power.crashedAt(action.node) >= 0)
        continue;
      const is = this.#states.get(`${action.node} ${prefix}.${action.as}`);
      if (is !== state)
        this.#subject.report('stalled', `${prefix}.${action.as} of ${action.node} is ${is}, not ${state}`);
    }
  }
}
