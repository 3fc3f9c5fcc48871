/** Whole runs with a node between two hosts that decides what passes, and what is asked of them. */

import { createRun, loadScenario, type Run } from '../../../src/index.ts';
import { formatProblems } from '../../../src/scenario/problem.ts';

export function runOf(scenario: object): Run {
  const file = JSON.stringify({ packetwalk: 1, title: 't', until: '200s', ...scenario });
  const loaded = loadScenario(file, 'test.json', {});
  if (loaded.scenario === null) throw new Error(formatProblems(loaded.problems));
  const run = createRun(loaded.scenario);
  run.runToEnd();
  return run;
}

export const doing = (at: string, node: string, action: object) => ({ at, node, do: action });

/** What applications of a node told, a line each. */
export const toldBy = (run: Run, node: string): string =>
  run.entries.flatMap(({ node: at, event }) => (at === node && event.kind === 'app' ? [event.text] : [])).join('\n');

/** The changes of one table. */
export const rowsOf = (run: Run, table: string) =>
  run.entries.flatMap(({ event }) => (event.kind === 'table' && event.change.table === table ? [event.change] : []));

/** Why things ended, in order; of one node where it is named. */
export const dropsOf = (run: Run, node?: string) =>
  run.entries.flatMap((entry) =>
    entry.event.kind === 'dropped' && (node === undefined || entry.node === node) ? [entry.event.reason] : [],
  );

/** ICMP messages that reached a node, as `type/code`. */
export const icmpAt = (run: Run, node: string): string[] =>
  run.entries.flatMap(({ node: at, event }) =>
    at === node && event.kind === 'decoded' && event.protocol === 'icmp' ? [`${event.bytes[0]}/${event.bytes[1]}`] : [],
  );
