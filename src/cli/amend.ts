/**
 * A scenario file with faults more: what somebody did on the screen, written so that the same run comes out again. The
 * file's own words, order and comments stay.
 */

import { isMap, isSeq, parseDocument, type YAMLMap } from 'yaml';
import type { Scenario } from '../scenario/scenario.ts';
import { writtenSeed } from '../scenario/seed.ts';
import type { Fault } from '../tui/host.ts';

export interface Amendment {
  readonly faults: readonly Fault[];
  /** In place of the file's; null: as it is. */
  readonly seed: string | null;
  /** `--set`: parameters with another value than the file's. */
  readonly set: readonly (readonly [string, string])[];
  readonly until: string | null;
  readonly profile: string | null;
}

const RULES = {
  drop: 'drop',
  delay: 'delay-frame',
  duplicate: 'duplicate-frame',
  corrupt: 'corrupt-frame',
} as const;

/** `text` is a file from which `scenario` was loaded without an error. */
export function amended(text: string, scenario: Scenario, amendment: Amendment): string {
  const document = parseDocument(text);
  const { seed, until, profile, set, faults } = amendment;
  if (seed !== null) document.set('seed', writtenSeed(seed));
  if (until !== null) document.set('until', until);
  if (profile !== null) document.set('profile', profile);
  for (const [name, value] of set) {
    const isBlock = isMap(document.getIn(['params', name]));
    document.setIn(isBlock ? ['params', name, 'default'] : ['params', name], value);
  }
  for (const fault of faults) {
    if ('nth' in fault) addRule(document, scenario, fault);
    else addEntry(document, fault);
  }
  return document.toString({ lineWidth: 120 });
}

type FrameFault = Extract<Fault, { readonly nth: number }>;
type TimeFault = Exclude<Fault, FrameFault>;
type Document = ReturnType<typeof parseDocument>;

function addRule(document: Document, scenario: Scenario, fault: FrameFault): void {
  const index = scenario.links.findIndex(({ id }) => id === fault.link);
  const link = scenario.links[index];
  if (!link) throw new Error(`the scenario has no link ${fault.link}`);
  const direction = link.a.node === fault.from ? 'a-to-b' : 'b-to-a';
  const rule = { match: 'eth', nth: fault.nth, ...(fault.kind === 'delay' && { by: `${fault.delayNs}ns` }) };
  append(document, ['links', index, direction, RULES[fault.kind]], rule);
}

function addEntry(document: Document, fault: TimeFault): void {
  const what =
    fault.kind === 'cut' ? { link: fault.link, set: { down: true } } : { node: fault.node, do: { [fault.kind]: true } };
  const lasting = fault.forNs === null ? {} : { for: `${fault.forNs}ns` };
  append(document, ['timeline'], { at: `${fault.atNs}ns`, ...lasting, ...what });
}

/** Adds to a list that may not be there yet. */
function append(document: Document, path: readonly (string | number)[], item: object): void {
  const list = document.getIn(path, true);
  const node = document.createNode(item) as YAMLMap;
  node.flow = true;
  if (isSeq(list)) list.add(node);
  else document.setIn(path, document.createNode([node]));
}
