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

export function timelineOf(entries: Iterable<Entry>): Moment[] {
  const moments: Moment[] = [];
  for (const entry of entries) {
    const text = textOf(entry);
    const { seq, atNs, node, event } = entry;
    const { kind, layer } = event;
    if (text === null) continue;
    if (kind === 'input' || kind === 'app' || kind === 'state' || kind === 'dropped') {
      moments.push({ seq, atNs, node, layer, kind, text: printable(text) });
    }
  }
  return moments;
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
