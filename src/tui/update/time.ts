/** Moving the cursor: forward lets the run go on, backward only looks at what there is. */

import { messageOf } from '../../projections/lineage.ts';
import { countUpTo } from '../../projections/sorted.ts';
import { stackAt } from '../../projections/stack-at.ts';
import { gateAfter, isLessonStep, isLocked, lessonSteps } from '../lesson.ts';
import { branchOf, cursorOf, type Goal, type Model, storyOf, told, withBranch } from '../model.ts';
import { isLoss, isPacket } from '../story.ts';

/** Entries that one piece of a journey looks at before the screen may answer again. */
const PIECE = 4000;

export function step(model: Model, direction: 1 | -1): Model {
  const story = storyOf(model);
  const seq = cursorOf(model);
  if (direction === 1 && isLocked(model)) return recalled(model);
  const to = direction === 1 ? story.stopAfter(seq) : story.stopBefore(seq);
  if (to !== null) return withBranch(model, { cursor: to });
  return told(model, direction === 1 ? 'this is the end of the run' : 'this is the start');
}

/** To a place, remembering where from. */
function jumpTo(model: Model, seq: number): Model {
  const from = cursorOf(model);
  if (from === seq) return model;
  if (seq > from && isLocked(model)) return recalled(model);
  // Forward no further than to what is asked on the way.
  const gate = seq > from ? gateAfter(model, from) : null;
  const to = gate !== null && gate < seq ? (storyOf(model).stopFrom(gate) ?? seq) : seq;
  return withBranch(model, { cursor: to, jumpedFrom: from });
}

/** What keeps time from going on comes to the front. */
function recalled(model: Model): Model {
  const next = model.lesson ? { ...model, lesson: { ...model.lesson, asideAt: null } } : model;
  const text = model.lesson?.hasBegun
    ? 'first the question: answer it, or ? skips it'
    : 'enter begins, e ends the lesson';
  return told({ ...next, isPlaying: false }, text);
}

export function seek(model: Model, seq: number): Model {
  const story = storyOf(model);
  if (!story.reach(seq)) return model;
  const stop = story.stopFrom(Math.max(0, seq));
  return stop === null ? model : jumpTo(model, stop);
}

/** Sets out; what does not end within one piece goes on with `travel` messages. */
export function setOut(model: Model, goal: Goal, label: string): Model {
  if (isLocked(model)) return recalled(model);
  return travel({ ...model, journey: { goal, label } }, true);
}

export function travel(model: Model, isFirst = false): Model {
  const { journey } = model;
  if (!journey) return model;
  const story = storyOf(model);
  const from = cursorOf(model);
  const gate = gateAfter(model, from);
  let seq = from;
  for (let looked = 0; looked < PIECE; looked++) {
    if (!story.reach(seq + 1)) return arrive(model, lastStop(model), isFirst, endText(model, journey.goal));
    seq++;
    if (isReached(model, journey.goal, seq)) {
      const stop = journey.goal.kind === 'time' ? story.stopBefore(seq) : story.stopFrom(seq);
      return arrive(model, stop ?? from, isFirst, null);
    }
    if (seq === gate) return arrive(model, story.stopFrom(seq) ?? from, isFirst, null);
  }
  const stop = story.isStop(seq) ? seq : (story.stopBefore(seq) ?? from);
  const jumpedFrom = isFirst ? from : branchOf(model).jumpedFrom;
  return withBranch(model, { cursor: Math.max(stop, from), jumpedFrom });
}

function arrive(model: Model, seq: number, isFirst: boolean, text: string | null): Model {
  const branch = branchOf(model);
  const jumpedFrom = isFirst ? branch.cursor : branch.jumpedFrom;
  const arrived = { ...withBranch(model, { cursor: seq, jumpedFrom }), journey: null };
  return text === null ? arrived : told(arrived, text);
}

function endText(model: Model, goal: Goal): string | null {
  switch (goal.kind) {
    case 'packet':
      return model.filter ? 'no more match: the end of the run' : 'no more packet: the end of the run';
    case 'stop':
      return 'no more stop: the end of the run';
    case 'fate':
      return 'the run ended before that';
    case 'match':
      return 'no match: the end of the run';
    default:
      return null;
  }
}

function lastStop(model: Model): number {
  const { entries } = storyOf(model);
  const last = entries.length - 1;
  return storyOf(model).isStop(last) ? last : cursorOf(model);
}

function isReached(model: Model, goal: Goal, seq: number): boolean {
  const story = storyOf(model);
  const entry = story.entries[seq];
  if (!entry) return false;
  switch (goal.kind) {
    case 'end':
      return false;
    case 'time':
      return entry.atNs > goal.atNs;
    case 'packet':
      return isShownPacket(model, seq);
    case 'stop':
      return isStopPlace(model, seq);
    case 'match':
      return isPacket(entry) && matchesAt(model, seq, goal.filter.text);
    case 'fate':
      return isFate(model, goal.pdu, seq);
  }
}

function isShownPacket(model: Model, seq: number): boolean {
  const { chronicle, entries } = storyOf(model);
  const entry = entries[seq];
  if (!entry || !isPacket(entry)) return false;
  if (!model.matches) return true;
  const passage = chronicle.crossings.ofEntry(entry);
  return passage !== null && model.matches.includes(passage.index, seq);
}

/** A breakpoint's frame leaves, something is lost, or the lesson has something to say. */
function isStopPlace(model: Model, seq: number): boolean {
  const { chronicle, entries } = storyOf(model);
  const entry = entries[seq];
  if (!entry) return false;
  if (isLoss(entry) || isLessonStep(model, seq)) return true;
  if (model.breakpoints.length === 0 || !isPacket(entry)) return false;
  const passage = chronicle.crossings.ofEntry(entry);
  return passage !== null && model.breakpoints.some(({ matches }) => matches.includes(passage.index, seq));
}

function matchesAt(model: Model, seq: number, text: string): boolean {
  const { chronicle, entries } = storyOf(model);
  const breakpoint = model.breakpoints.find(({ filter }) => filter.text === text);
  const entry = entries[seq];
  const passage = entry ? chronicle.crossings.ofEntry(entry) : null;
  return passage !== null && (breakpoint?.matches.includes(passage.index, seq) ?? false);
}

function isFate(model: Model, pdu: number, seq: number): boolean {
  const { chronicle, entries } = storyOf(model);
  const { event } = entries[seq] as (typeof entries)[number];
  if (event.kind !== 'decoded' && event.kind !== 'dropped') return false;
  const fate = chronicle.pdus.fateOf(pdu);
  if (fate.delivered.includes(seq) || fate.dropped.includes(seq)) return true;
  if (event.kind !== 'decoded' || event.layer !== 7) return false;
  // A stream's reader tells of octets: they are the message's when a segment that carried it led to the read.
  for (let at = entries[seq]?.cause ?? null; at !== null; at = entries[at]?.cause ?? null) {
    const cause = entries[at]?.event;
    if (cause?.kind === 'decoded' && cause.layer === 4) return cause.carries.some((one) => fate.carriers.includes(one));
  }
  return false;
}

/** Back to the last of these entries, ascending, of which something is true. */
function backTo(model: Model, seqs: readonly number[], isIt: (seq: number) => boolean, nothing: string): Model {
  const seq = seqs.findLast(isIt);
  if (seq === undefined) return told(model, nothing);
  return jumpTo(model, storyOf(model).stopFrom(seq) ?? seq);
}

export function previousPacket(model: Model): Model {
  const packets = storyOf(model).chronicle.packetsUntil(cursorOf(model) - 1);
  const nothing = model.filter ? 'no match before' : 'no packet before';
  return backTo(model, packets, (seq) => isShownPacket(model, seq), nothing);
}

export function previousStop(model: Model): Model {
  const { chronicle } = storyOf(model);
  const until = cursorOf(model) - 1;
  const losses = chronicle.lossesUntil(until);
  const packets = model.breakpoints.length > 0 ? chronicle.packetsUntil(until) : [];
  const last = losses.at(-1) ?? -1;
  const later = packets.slice(countUpTo(packets, last));
  const here = cursorOf(model);
  // A step of the lesson may begin within what is one stop.
  const steps = lessonSteps(model).filter((seq) => seq <= until && (storyOf(model).stopFrom(seq) ?? here) < here);
  const seqs = [...losses.slice(-1), ...later, ...steps].sort((one, other) => one - other);
  return backTo(model, seqs, (seq) => isStopPlace(model, seq), 'no stop before');
}

/** Made anew at every hop: their fate is that of what they carry. */
const WRAPPINGS: ReadonlySet<string> = new Set(['ethernet', 'ipv4', 'ipv6']);

/** The innermost PDU at the cursor that has not met its fate. */
export function untilFate(model: Model): Model {
  const { chronicle, entries } = storyOf(model);
  const seq = cursorOf(model);
  const view = stackAt(entries, chronicle.crossings, seq);
  // A message of an application is followed as a whole; of packets and frames, what they were made for.
  const own = view?.entry.event.kind === 'encoded' && view.entry.event.layer === 7 ? view.entry.seq : null;
  const inside = view?.nest.filter(({ layer, protocol }) => layer < 7 && !WRAPPINGS.has(protocol)) ?? [];
  const candidates = own !== null ? [own] : inside.map((pdu) => pdu.seq);
  const pdu = candidates.find((each) => {
    const { delivered, dropped } = chronicle.pdus.fateOf(each);
    return ![...delivered, ...dropped].some((at) => at <= seq);
  });
  if (pdu === undefined) return told(model, 'this PDU has met its fate already');
  return setOut(model, { kind: 'fate', pdu }, 'until it is delivered or dropped');
}

export function backToOrigin(model: Model): Model {
  const { entries } = storyOf(model);
  const message = messageOf(entries, cursorOf(model));
  if (!message || message.seq >= cursorOf(model)) return told(model, 'this is where it was made');
  return jumpTo(model, message.seq);
}

export function toMark(model: Model, direction: 1 | -1): Model {
  const { marks } = branchOf(model);
  const seq = cursorOf(model);
  const found = direction === 1 ? marks.find((mark) => mark > seq) : marks.findLast((mark) => mark < seq);
  return found === undefined ? told(model, direction === 1 ? 'no mark ahead' : 'no mark before') : jumpTo(model, found);
}

export function toggleMark(model: Model): Model {
  const { marks } = branchOf(model);
  const seq = cursorOf(model);
  const isThere = marks.includes(seq);
  const next = isThere ? marks.filter((mark) => mark !== seq) : [...marks, seq].sort((one, other) => one - other);
  return told(withBranch(model, { marks: next }), isThere ? 'mark removed' : 'mark set: [ and ] go to marks');
}

export function jumpBack(model: Model): Model {
  const { jumpedFrom } = branchOf(model);
  return jumpedFrom === null ? told(model, 'no jump to go back from') : jumpTo(model, jumpedFrom);
}

/** `1.5s`, `200ms`, `1.25` (seconds), `+20ms` from here, `#120` an event. */
export function goTo(model: Model, text: string): Model {
  const trimmed = text.trim();
  const event = /^#(\d{1,9})$/.exec(trimmed);
  if (event) {
    const to = Number(event[1]);
    return storyOf(model).reach(to)
      ? seek(model, to)
      : told(model, `the run has only ${storyOf(model).entries.length} events`, true);
  }
  const [, sign, number, unit = 's'] = /^([+-]?)(\d+(?:\.\d+)?)\s*(ns|us|µs|ms|s|m)?$/.exec(trimmed) ?? [];
  if (number === undefined) return told(model, 'a time is written 1.5s, 200ms or +20ms; an event #120', true);
  const scale = { ns: 1, us: 1e3, µs: 1e3, ms: 1e6, s: 1e9, m: 60e9 }[unit] ?? 1e9;
  const nowNs = storyOf(model).entries[cursorOf(model)]?.atNs ?? 0;
  const amount = Math.round(Number(number) * scale);
  const atNs = sign === '+' ? nowNs + amount : sign === '-' ? nowNs - amount : amount;
  if (atNs >= nowNs) return setOut(model, { kind: 'time', atNs }, `to ${trimmed}`);
  const story = storyOf(model);
  const last = story.chronicle.lastAt(atNs);
  return jumpTo(model, story.stopBefore(last + 1) ?? story.stopAfter(-1) ?? 0);
}

/** One tick of playing. */
export function play(model: Model): Model {
  if (!model.isPlaying) return model;
  const seq = cursorOf(model);
  let next = model;
  if (model.speed < 3) next = step(model, 1);
  else if (model.speed === 3) next = setOut(model, { kind: 'packet' }, 'playing');
  else for (let packets = 0; packets < 10; packets++) next = setOut(next, { kind: 'packet' }, 'playing');
  next = { ...next, journey: null };
  if (isLocked(next)) return { ...next, isPlaying: false };
  return cursorOf(next) === seq
    ? { ...told(next, 'this is the end of the run'), isPlaying: false }
    : { ...next, notice: null };
}

/** How long a tick lasts, by speed. */
export const TICK_MS: readonly number[] = [1000, 250, 63, 80, 100];
