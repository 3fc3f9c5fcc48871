/**
 * What happened in the nodes, one moment at a time and in words: commands, what applications said, states that changed,
 * PDUs that ended. Together with the crossings of the links it is the story of a run.
 */

import type { Entry, LayerNumber, Nanos } from '../kernel/journal.ts';
import { printable } from './printable.ts';

export interface Moment {
  readonly seq: number;
  readonly atNs: Nanos;
  readonly node: string;
  readonly layer: LayerNumber;
  readonly kind: 'input' | 'app' | 'state' | 'dropped';
  /** Printable. */
  readonly text: string;
}

/** What nobody needs to be told: every host on a hub drops what is not for it, and a switch what needs no forwarding. */
const QUIET: ReadonlySet<string> = new Set(['not-for-us', 'filtered']);

/** The entry at which a timeline entry of the scenario happened, known by its input, which carries its id; null: it never did. */
export function happeningOf(entries: readonly Entry[], id: string): Entry | null {
  return entries.find(({ event }) => event.kind === 'input' && event.machine === `timeline.${id}`) ?? null;
}

export function timelineOf(entries: Iterable<Entry>): Moment[] {
  const moments: Moment[] = [];
  for (const entry of entries) {
    const text = textOf(entry);
    const { seq, atNs, node, event } = entry;
    const { kind, layer } = event;
    if (text === null) continue;
    if (kind === 'input' || kind === 'app' || kind === 'state' || kind === 'dropped') {
      const moment: Moment = { seq, atNs, node, layer, kind, text: printable(text) };
      const before = moments.at(-1);
      const joined = before ? joinedStates(before, moment) : null;
      if (joined) moments[moments.length - 1] = joined;
      else moments.push(moment);
    }
  }
  return moments;
}

/** `A → B` and at once `B → C`, with nothing else told between: `A → B → C`. Null: they do not belong together. */
function joinedStates(before: Moment, after: Moment): Moment | null {
  const isOne = before.kind === 'state' && after.kind === 'state' && before.node === after.node;
  if (!isOne || before.atNs !== after.atNs) return null;
  const [from = '', ...to] = after.text.split(' → ');
  const machine = from.slice(0, from.lastIndexOf(' ') + 1);
  const state = from.slice(machine.length);
  if (!before.text.startsWith(machine) || !before.text.endsWith(` → ${state}`)) return null;
  return { ...before, text: [before.text, ...to].join(' → ') };
}

function textOf({ event }: Entry): string | null {
  switch (event.kind) {
    case 'input':
    case 'app':
      return event.text;
    case 'state':
      return `${event.machine} ${event.from} → ${event.to}`;
    case 'dropped':
      if (event.link !== '' || QUIET.has(event.reason)) return null;
      return `${event.protocol}: ${event.detail} (${event.reason})`;
    default:
      return null;
  }
}
