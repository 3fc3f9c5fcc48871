/** Other runs: the same scenario with one fault more, or with another seed. The run they came from stays. */

import { compared, relatives } from '../comparison.ts';
import { faultChoices, faultText } from '../faults.ts';
import type { Fault } from '../host.ts';
import { Matches } from '../matches.ts';
import { type Branch, branchOf, cursorOf, type Model, storyOf, told } from '../model.ts';
import { Story } from '../story.ts';

export function openInject(model: Model): Model {
  const { fixed } = model.host;
  if (fixed !== null) return told(model, fixed, true);
  return { ...model, inject: { choice: 0 }, isPlaying: false };
}

export function chooseFault(model: Model, by: number): Model {
  const count = faultChoices(model).length;
  if (!model.inject || count === 0) return model;
  return { ...model, inject: { choice: (model.inject.choice + by + count) % count } };
}

export function injectByKey(model: Model, key: string): Model {
  const choice = faultChoices(model).findIndex((one) => one.key === key);
  return choice < 0 ? model : acceptFault({ ...model, inject: { choice } });
}

export function acceptFault(model: Model): Model {
  const chosen = faultChoices(model)[model.inject?.choice ?? 0];
  const closed = { ...model, inject: null };
  if (!chosen) return closed;
  return branchOff(closed, chosen.fault, chosen.seq);
}

/** A run with one fault more, walked to where it leaves the old one. */
function branchOff(model: Model, fault: Fault, seq: number): Model {
  const from = branchOf(model);
  const faults = [...from.faults, fault];
  const next = opened(model, faults, from.seed, seq);
  return told(next, `branch ${branchOf(next).name}: ${faultText(fault)} · { } switch, D compares, x saves`);
}

export function rerun(model: Model, text: string): Model {
  const seed = text.trim();
  if (!/^\d{1,20}$/.test(seed)) return told(model, 'a seed is a whole number', true);
  if (model.host.fixed !== null) return told(model, model.host.fixed, true);
  const next = opened(model, branchOf(model).faults, seed, cursorOf(model));
  return told(next, `branch ${branchOf(next).name}: seed ${seed}`);
}

function opened(model: Model, faults: readonly Fault[], seed: string | null, seq: number): Model {
  const story = new Story(model.host.start(faults, seed), model.host.topology);
  story.reach(seq);
  const cursor = story.isStop(seq) ? seq : (story.stopBefore(seq) ?? story.stopAfter(-1) ?? -1);
  const branch: Branch = {
    name: nameOf(model.branches.length),
    story,
    seed,
    faults,
    from: { branch: model.branch, seq },
    cursor: Math.min(cursor, story.entries.length - 1),
    marks: [],
    jumpedFrom: null,
  };
  return shown({ ...model, branches: [...model.branches, branch] }, model.branches.length);
}

export function switchBranch(model: Model, by: 1 | -1): Model {
  const { length } = model.branches;
  if (length === 1) return told(model, 'there is only one branch: i injects a fault and makes another');
  const next = shown(model, (model.branch + by + length) % length);
  const { name, faults, seed } = branchOf(next);
  const what = [...faults.map(faultText), seed === null ? '' : `seed ${seed}`].filter((part) => part !== '');
  return told(next, `branch ${name}${what.length > 0 ? `: ${what.join('; ')}` : ': the scenario as it is written'}`);
}

/** What is found out frame by frame belongs to one run. */
function shown(model: Model, branch: number): Model {
  const next = { ...model, branch, journey: null, isPlaying: false };
  const { chronicle } = storyOf(next);
  const matches = next.filter ? new Matches(next.filter, chronicle) : null;
  const breakpoints = next.breakpoints.map(({ filter }) => ({ filter, matches: new Matches(filter, chronicle) }));
  return { ...next, matches, breakpoints };
}

/** A, B, …, Z, AA, … */
function nameOf(index: number): string {
  const letter = String.fromCharCode(65 + (index % 26));
  return index < 26 ? letter : nameOf(Math.floor(index / 26) - 1) + letter;
}

/** Two branches side by side: those named, `A B`; this one and the named one; this one and the one it came from. */
export function diff(model: Model, text = ''): Model {
  if (model.branches.length < 2) return told(model, 'there is only one branch: i makes another');
  const indexes = text
    .trim()
    .split(/[\s,]+/)
    .filter((name) => name !== '')
    .map((name) => model.branches.findIndex((branch) => branch.name === name.toUpperCase()));
  if (indexes.includes(-1) || indexes.length > 2) {
    return told(model, `branches are ${model.branches.map(({ name }) => name).join(' ')}: diff A B`, true);
  }
  const [one, other] = indexes;
  if (one === undefined) return shownDiff(model, ...relatives(model));
  return other === undefined ? shownDiff(model, one, model.branch) : shownDiff(model, one, other);
}

function shownDiff(model: Model, one: number, other: number): Model {
  return { ...model, comparison: compared(model, one, other), leaf: 'diff', scroll: 0 };
}
