/** One seed: its scenario is run to the end under every invariant, and again without a journal. */

import { stringify } from 'yaml';
import { defineScenario, journalHash, loadScenario, type ScenarioInput } from '../../src/index.ts';
import type { Entry } from '../../src/kernel/journal.ts';
import { stateAt } from '../../src/projections/state-at.ts';
import type { Scenario } from '../../src/scenario/scenario.ts';
import { createRun, type Run } from '../../src/world/run.ts';
import { draw } from './draw/draw.ts';
import { compose, type Fault, type Job, type Plan } from './draw/plan.ts';
import { Convergence } from './invariants/convergence.ts';
import { Frames } from './invariants/frames.ts';
import { type Invariant, PowerLog, type Subject, type Violation, type ViolationKind } from './invariants/invariant.ts';
import { Messages } from './invariants/messages.ts';
import { Handling, Order } from './invariants/order.ts';
import { Remnants } from './invariants/remnants.ts';
import { Segments } from './invariants/segments.ts';
import { Streams } from './invariants/streams.ts';
import { Timers } from './invariants/timers.ts';
import { markOf } from './marks.ts';
import { firstDifference } from './same.ts';

/** Many more than any seed needs. */
const MAX_EVENTS = 400_000;
/** Of one run; the first says most. */
const MAX_VIOLATIONS = 20;

export interface Outcome {
  readonly seed: string;
  readonly violations: readonly Violation[];
  /** Kinds of faults that were drawn, and whether they struck. */
  readonly faults: readonly { readonly kind: string; readonly struck: boolean }[];
  readonly marks: readonly string[];
  readonly entries: number;
  readonly events: number;
  /** SHA-256 of the journal; '' where nobody asked. */
  readonly hash: string;
}

export interface TrialOptions {
  /** The journal's hash too. */
  readonly hash?: boolean;
  /** Once more without a journal. */
  readonly twice?: boolean;
  /** Watch, branch and look back too, as a person at the screen does. */
  readonly deep?: boolean;
}

export function textOf(plan: Plan, jobs: readonly Job[] = plan.jobs, faults: readonly Fault[] = plan.faults): string {
  return stringify(compose(plan, jobs, faults), { aliasDuplicateObjects: false });
}

/** Looking from more sides takes longer, so not every seed is looked at from all; which are, its number says. */
const TWICE_EVERY = 3;
const DEEP_EVERY = 16;

export function sidesOf(seed: string): TrialOptions {
  return { twice: Number(seed) % TWICE_EVERY === 0, deep: Number(seed) % DEEP_EVERY === 0 };
}

export function runSeed(seed: string, options: TrialOptions = sidesOf(seed)): Outcome {
  const plan = draw(seed);
  const judges = plan.faults.map(({ kind, evidence }) => ({ kind, judge: evidence(), struck: false }));
  let waiting = judges;
  const marks = new Set<string>();
  const scenario = defineScenario(compose(plan, plan.jobs, plan.faults) as unknown as ScenarioInput);
  const trial = runScenario(scenario, options, (entry) => {
    let isSomeStruck = false;
    for (const each of waiting) {
      each.struck = each.judge(entry);
      isSomeStruck ||= each.struck;
    }
    if (isSomeStruck) waiting = waiting.filter(({ struck }) => !struck);
    const mark = markOf(entry);
    if (mark !== null) marks.add(mark);
  });
  const faults = judges.map(({ kind, struck }) => ({ kind, struck }));
  return { seed, faults, marks: [...marks], ...trial };
}

type Trial = Pick<Outcome, 'violations' | 'entries' | 'events' | 'hash'>;

/** A file under the same invariants. */
export function runText(text: string, name: string, options: TrialOptions = {}): Trial {
  const loaded = loadScenario(text, name);
  if (!loaded.scenario) throw new Error(`${name} does not load: ${JSON.stringify(loaded)}`);
  return runScenario(loaded.scenario, options);
}

/** Any scenario. What the invariants say of the healing they say where it has probes. */
export function runScenario(
  scenario: Scenario,
  options: TrialOptions = {},
  look: (entry: Entry) => void = () => {},
): Trial {
  const violations: Violation[] = [];
  const report = (kind: ViolationKind, detail: string, seq?: number) => {
    if (violations.length < MAX_VIOLATIONS) violations.push({ kind, detail, seq: seq ?? null });
  };
  const run = createRun(scenario);
  const entries = watched(run, { scenario, report }, look);
  if (options.twice && violations.length === 0) compareUnrecorded(run, scenario, report);
  const header = { title: scenario.title, seed: run.seed, scenario: '' };
  const hash = options.hash && violations.length === 0 ? journalHash(header, entries) : '';
  if (options.deep && violations.length === 0) lookBack(run, entries, scenario, report);
  return { violations, entries: entries.length, events: run.happened, hash };
}

/** Runs it to the end and returns its journal: each entry is read once and handed to all. */
function watched(run: Run, subject: Subject, look: (entry: Entry) => void): readonly Entry[] {
  const power = new PowerLog();
  const timers = new Timers(subject, power);
  const segments = new Segments(subject, power, timers);
  const invariants: readonly Invariant[] = [
    new Order(subject),
    timers,
    segments,
    new Frames(subject, run),
    new Handling(subject, power),
    new Streams(subject, power),
    new Remnants(subject, power),
    new Messages(subject, power),
    new Convergence(subject, power, segments),
  ];
  const settling = invariants.filter(({ settle }) => settle !== undefined);
  const entries: Entry[] = [];
  const { journal } = run;
  const grow = () => {
    while (entries.length < journal.length) {
      const { seq, atNs, node, cause, kind, event } = journal.at(entries.length);
      const entry: Entry = { seq, atNs, node, cause, kind, event };
      entries.push(entry);
      power.add(entry);
      for (const invariant of invariants) invariant.add(entry);
      look(entry);
    }
    for (const invariant of settling) invariant.settle?.(run.nowNs);
  };
  try {
    while (run.step()) {
      grow();
      if (run.happened > MAX_EVENTS) {
        subject.report('livelock', `more than ${MAX_EVENTS} events`);
        return entries;
      }
    }
  } catch (error) {
    const isLivelock = error instanceof Error && error.name === 'Livelock';
    subject.report(
      isLivelock ? 'livelock' : 'crashed',
      error instanceof Error ? (error.stack ?? error.message) : String(error),
    );
    return entries;
  }
  grow();
  for (const invariant of invariants) invariant.end?.(run.nowNs);
  return entries;
}

/** A run that nobody records does the same. */
function compareUnrecorded(run: Run, scenario: Scenario, report: Subject['report']): void {
  const twin = createRun(scenario, { record: false });
  try {
    twin.runToEnd();
  } catch (error) {
    report('observer-effect', `without a journal it fails: ${error instanceof Error ? error.stack : error}`);
    return;
  }
  const said = (one: Run) =>
    JSON.stringify({ now: one.nowNs, happened: one.happened, links: one.links, applications: one.applications });
  if (said(twin) !== said(run)) report('observer-effect', `recorded ${said(run)}, not recorded ${said(twin)}`);
}

/** Somebody at the screen: watches every frame, takes branches, and goes back. */
function lookBack(run: Run, entries: readonly Entry[], scenario: Scenario, report: Subject['report']): void {
  const middle = Math.floor(entries.length / 2);
  // A verdict for a crossing that never comes: every frame is looked at, and nothing is changed.
  const branch = run.branch(middle, { kind: 'frame', crossing: Number.MAX_SAFE_INTEGER, verdict: 'corrupt' });
  const passed = new Map(stateAt(branch.entries, scenario, { seq: middle }));
  while (branch.step());
  const differs = firstDifference(entries, branch.entries);
  if (differs !== null)
    report('replay-differs', `a branch from ${middle} that changes nothing is another run`, differs);
  for (const [path, value] of stateAt(branch.entries, scenario, { seq: middle })) {
    if (passed.get(path) !== value)
      report('back-not-forward', `${path} was ${passed.get(path)}, looked up ${value}`, middle);
  }
}
