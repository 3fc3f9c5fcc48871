/** What can be done to a run at the cursor: the choices of the fault box. */

import type { Nanos } from '../kernel/journal.ts';
import type { Passage } from '../projections/crossing-log.ts';
import { stackAt } from '../projections/stack-at.ts';
import { seconds } from '../projections/time.ts';
import type { Fault } from './host.ts';
import { cursorOf, type Model, storyOf } from './model.ts';
import type { Story } from './story.ts';

export interface FaultChoice {
  readonly key: string;
  readonly label: string;
  readonly fault: Fault;
  /** Where the branch begins: the last entry that both have. */
  readonly seq: number;
}

const MS = 1_000_000;
const SECOND = 1000 * MS;
/** How far the run is looked ahead for the frame that a PDU in the making will leave in. */
const LOOK_AHEAD = 2000;

export function faultChoices(model: Model): FaultChoice[] {
  const story = storyOf(model);
  const seq = cursorOf(model);
  const entry = story.entries[seq];
  if (!entry) return [];
  const passage = passageFor(story, seq);
  const choices: FaultChoice[] = passage ? frameChoices(story, passage) : [];
  // A moment later than anything that has happened by now, so that the past is the same in the branch.
  const atNs = entry.atNs + 1;
  const add = (key: string, label: string, fault: Fault) => choices.push({ key, label, fault, seq });
  const link = passage?.link ?? model.host.topology.links[0]?.id;
  if (link !== undefined) {
    add('u', `cut ${link} for 4 s`, { kind: 'cut', link, atNs, forNs: 4 * SECOND });
    add('U', `cut ${link} for good`, { kind: 'cut', link, atNs, forNs: null });
  }
  const node = passage?.to.node ?? entry.node;
  const isHost = model.host.nodes.some(({ name, kind }) => name === node && kind !== 'hub');
  if (isHost) {
    add('x', `crash ${node}, back after 4 s`, { kind: 'crash', node, atNs, forNs: 4 * SECOND });
    add('X', `crash ${node} for good`, { kind: 'crash', node, atNs, forNs: null });
    add('p', `pause ${node} for 4 s`, { kind: 'pause', node, atNs, forNs: 4 * SECOND });
  }
  return choices;
}

function frameChoices(story: Story, passage: Passage): FaultChoice[] {
  const nth = departuresUntil(story, passage);
  const at = { link: passage.link, from: passage.from.node, nth };
  const text = story.chronicle.frames.textOf(passage.index);
  const what = `packet ${passage.index + 1} (${text.protocol})`;
  const seq = passage.departedSeq;
  return [
    { key: 'd', label: `drop ${what}`, fault: { kind: 'drop', ...at }, seq },
    { key: 'y', label: `delay ${what} by 200 ms`, fault: { kind: 'delay', ...at, delayNs: 200 * MS }, seq },
    { key: 'o', label: `hold ${what} back by 30 ms`, fault: { kind: 'delay', ...at, delayNs: 30 * MS }, seq },
    { key: 'k', label: `flip a bit of ${what}`, fault: { kind: 'corrupt', ...at }, seq },
    { key: 'D', label: `duplicate ${what}`, fault: { kind: 'duplicate', ...at }, seq },
  ];
}

/** The crossing that the cursor is about; of a PDU that is still being made, the one that it will leave in. */
function passageFor(story: Story, seq: number): Passage | null {
  const { chronicle } = story;
  const view = stackAt(chronicle.entries, chronicle.crossings, seq);
  if (view?.passage) return view.passage.departedSeq >= 0 ? view.passage : null;
  const made = view?.nest.find(({ layer }) => layer < 7)?.seq ?? view?.nest[0]?.seq;
  if (made === undefined) return null;
  for (let ahead = 1; ahead < LOOK_AHEAD && story.reach(seq + ahead); ahead++) {
    const { event } = story.entries[seq + ahead] as (typeof story.entries)[number];
    if (event.kind !== 'departed') continue;
    const passage = chronicle.pdus.fateOf(made).passages.find(({ departedSeq }) => departedSeq > seq);
    if (passage) return passage;
  }
  return null;
}

/** Which of the frames that this end sent over the link it is, as scripted faults count them; copies do not count. */
function departuresUntil(story: Story, passage: Passage): number {
  return story.chronicle.crossings.all.filter(
    ({ link, from, isCopy, departedSeq }) =>
      link === passage.link &&
      from.node === passage.from.node &&
      !isCopy &&
      departedSeq >= 0 &&
      departedSeq <= passage.departedSeq,
  ).length;
}

/** A fault in a few words. */
export function faultText(fault: Fault): string {
  const lasting = (forNs: Nanos | null) => (forNs === null ? '' : ` for ${seconds(forNs, 0)} s`);
  switch (fault.kind) {
    case 'drop':
    case 'duplicate':
    case 'corrupt':
      return `${fault.kind} frame ${fault.nth} from ${fault.from} on ${fault.link}`;
    case 'delay':
      return `delay frame ${fault.nth} from ${fault.from} on ${fault.link} by ${seconds(fault.delayNs, 3)} s`;
    case 'cut':
      return `cut ${fault.link}${lasting(fault.forNs)}`;
    default:
      return `${fault.kind} ${fault.node}${lasting(fault.forNs)}`;
  }
}
