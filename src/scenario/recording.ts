/** A scenario file with what somebody did while it ran, written so that the same run comes out again. */

import { isSeq, parseDocument, type YAMLMap } from 'yaml';
import type { Nanos } from '../kernel/journal.ts';
import { writtenSeed } from './seed.ts';

export interface Recording {
  readonly seed: string;
  /** When it ended. */
  readonly untilNs: Nanos;
  readonly inputs: readonly {
    readonly atNs: Nanos;
    readonly file: Readonly<Record<string, unknown>>;
    readonly forNs: Nanos | null;
  }[];
}

/** `text` is a scenario file, YAML or JSON; its own words, order and comments stay. */
export function recorded(text: string, { seed, untilNs, inputs }: Recording): string {
  const document = parseDocument(text);
  document.set('seed', writtenSeed(seed));
  document.set('until', `${Math.max(1, untilNs)}ns`);
  const list = document.getIn(['timeline'], true);
  const nodes = inputs.map(({ atNs, file, forNs }) => {
    const node = document.createNode({
      at: `${atNs}ns`,
      ...(forNs !== null && { for: `${forNs}ns` }),
      ...file,
    }) as YAMLMap;
    node.flow = true;
    return node;
  });
  if (isSeq(list)) for (const node of nodes) list.add(node);
  else if (nodes.length > 0) document.set('timeline', document.createNode(nodes));
  return document.toString({ lineWidth: 0 });
}
