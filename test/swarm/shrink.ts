/** A failing seed is made small: jobs and faults that it does not need go, then single frames (as `hunt` does). */

import { type Fault as FrameFault, faultsOf, scheduled } from '../../src/cli/hunt/schedule.ts';
import { shrunk } from '../../src/cli/hunt/shrink.ts';
import { loadScenario, simulate } from '../../src/index.ts';
import { draw } from './draw/draw.ts';
import type { Fault, Job } from './draw/plan.ts';
import type { ViolationKind } from './invariants/invariant.ts';
import { runText, sidesOf, textOf } from './trial.ts';

const PATIENCE_MS = 60_000;

export interface Small {
  readonly text: string;
  readonly jobs: readonly string[];
  readonly faults: readonly string[];
}

export async function shrinkSeed(seed: string, kind: ViolationKind): Promise<Small> {
  const plan = draw(seed);
  const endMs = performance.now() + PATIENCE_MS;
  const mayGoOn = async () => performance.now() < endMs;
  const fails = (text: string) => {
    try {
      return runText(text, `swarm-${seed}`, sidesOf(seed)).violations.some((each) => each.kind === kind);
    } catch {
      return false;
    }
  };
  const isJob = (part: Job | Fault): part is Job => !('evidence' in part);
  const textWith = (parts: readonly (Job | Fault)[]) =>
    textOf(
      plan,
      parts.filter(isJob),
      parts.filter((part): part is Fault => !isJob(part)),
    );
  const parts: readonly (Job | Fault)[] = [...plan.faults, ...plan.jobs];
  const kept = await shrunk(parts, (some) => fails(textWith(some)), mayGoOn);
  const text = textWith(kept);
  const names = (some: readonly (Job | Fault)[]) => some.map((part) => part.kind);
  const frames = await shrinkFrames(text, seed, fails, mayGoOn);
  return {
    text: frames ?? text,
    jobs: names(kept.filter(isJob)),
    faults: names(kept.filter((part) => !isJob(part))),
  };
}

/** What chance did, written frame by frame; null where that alone does not fail alike. */
async function shrinkFrames(
  text: string,
  seed: string,
  fails: (text: string) => boolean,
  mayGoOn: () => Promise<boolean>,
): Promise<string | null> {
  const { scenario } = loadScenario(text, 'swarm');
  if (!scenario) return null;
  let all: FrameFault[];
  try {
    all = faultsOf(scenario, text, simulate(scenario).entries);
  } catch {
    return null;
  }
  const withFaults = (some: readonly FrameFault[]) => scheduled(text, seed, all, new Set(some));
  if (!fails(withFaults(all))) return null;
  return withFaults(await shrunk(all, (some) => fails(withFaults(some)), mayGoOn));
}
