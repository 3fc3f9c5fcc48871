/** One seed: its scenario is run to the end under every invariant, and again without a journal. */

import { stringify } from 'yaml';
import { defineScenario, journalHash, loadScenario, type ScenarioInput } from '../../src/index.ts';
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
import { Segments } from './invariants/segments.ts';
import { Streams } from './invariants/streams.ts';
import { Timers } from './invariants/timers.ts';
import { marksOf } from './marks.ts';

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
  const marks = new Set<string>();
  const scenario = defineScenario(compose(plan, plan.jobs, plan.faults) as unknown as ScenarioInput);
  const trial = runScenario(scenario, options, (entry) => {
    for (const each of judges) if (!each.struck) each.struck = each.judge(entry);
    for (const mark of marksOf(entry)) marks.add(mark);
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
  look: (entry: Run['entries'][number]) => void = () => {},
): Trial {
  const violations: Violation[] = [];
  const report = (kind: ViolationKind, detail: string, seq?: number) => {
    if (violations.length < MAX_VIOLATIONS) violations.push({ kind, detail, seq: seq ?? null });
  };
  const run = createRun(scenario);
  watched(run, { scenario, report }, look);
  if (options.twice && violations.length === 0) compareUnrecorded(run, scenario, report);
  const header = { title: scenario.title, seed: run.seed, scenario: '' };
  const isWanted = options.hash || options.deep;
  const hash = isWanted && violations.length === 0 ? journalHash(header, run.entries) : '';
  if (options.deep && violations.length === 0)
    lookBack(run, scenario, (entries) => journalHash(header, entries), hash, report);
  return { violations, entries: run.entries.length, events: run.happened, hash };
}

function watched(run: Run, subject: Subject, look: (entry: Run['entries'][number]) => void): void {
  const power = new PowerLog();
  const timers = new Timers(subject, power);
  const segments = new Segments(subject, power, timers);
  const invariants: readonly Invariant[] = [
    new Order(subject),
    timers,
    segments,
    new Frames(subject, run),
    new Handling(subject, power),
    new Streams(subject),
    new Messages(subject, power),
    new Convergence(subject, power, segments),
  ];
  let seen = 0;
  const grow = () => {
    for (; seen < run.entries.length; seen++) {
      const entry = run.entries[seen] as Run['entries'][number];
      power.add(entry);
      for (const invariant of invariants) invariant.add(entry);
      look(entry);
    }
    for (const invariant of invariants) invariant.settle?.(run.nowNs);
  };
  try {
    while (run.step()) {
      grow();
      if (run.happened > MAX_EVENTS) {
        subject.report('livelock', `more than ${MAX_EVENTS} events`);
        return;
      }
    }
  } catch (error) {
    const isLivelock = error instanceof Error && error.name === 'Livelock';
    subject.report(
      isLivelock ? 'livelock' : 'crashed',
      error instanceof Error ? (error.stack ?? error.message) : String(error),
    );
    return;
  }
  grow();
  for (const invariant of invariants) invariant.end?.(run.nowNs);
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
function lookBack(
  run: Run,
  scenario: Scenario,
  hashOf: (entries: Run['entries']) => string,
  hash: string,
  report: Subject['report'],
): void {
  const middle = Math.floor(run.entries.length / 2);
  // A verdict for a crossing that never comes: every frame is looked at, and nothing is changed.
  const branch = run.branch(middle, { kind: 'frame', crossing: Number.MAX_SAFE_INTEGER, verdict: 'corrupt' });
  const passed = new Map(stateAt(branch.entries, scenario, { seq: middle }));
  while (branch.step());
  if (hashOf(branch.entries) !== hash)
    report('replay-differs', `a branch that changes nothing is another run from ${middle} on`);
  for (const [path, value] of stateAt(branch.entries, scenario, { seq: middle })) {
    if (passed.get(path) !== value)
      report('back-not-forward', `${path} was ${passed.get(path)}, looked up ${value}`, middle);
  }
}
