/** What the screen is handed: a scenario as runs, its facts in words, and the files it may write. */

import { complete } from '../filter/complete.ts';
import { compileFilter, FIELD_TABLE } from '../filter/filter.ts';
import { createRun, loadScenario, type Run, type Scenario } from '../index.ts';
import { lentAddresses } from '../projections/lent-addresses.ts';
import { duration } from '../projections/time.ts';
import { filterNamesOf } from '../scenario/filter-names.ts';
import { formatProblems } from '../scenario/problem.ts';
import type { AppSpec, ImpairmentSpec, LinkSpec, NodeSpec } from '../scenario/scenario.ts';
import type { Fault, LinkFacts, NodeFacts, WalkHost } from '../tui/host.ts';
import { formatIp } from '../wire/address.ts';
import { type Amendment, amended } from './amend.ts';
import { watchingMemory } from './memory.ts';
import { checkTargets, writeTarget } from './outputs.ts';
import { stepSlice } from './run-to-end.ts';
import type { Output } from './terminal.ts';

export interface WalkSource {
  readonly scenario: Scenario;
  /** The text of its file. */
  readonly text: string;
  readonly name: string;
  /** What the command line said besides the file. */
  readonly given: Omit<Amendment, 'faults'>;
  /** `--variant`: the file stays as it is, and whoever runs a branch of it says the same word. */
  readonly variant?: string | undefined;
  /** null: this walk writes nothing. */
  readonly out: Output | null;
}

export function walkHost(source: WalkSource): WalkHost {
  const { scenario, text, name, given, variant } = source;
  let current: Run | null = null;
  const lent = lentAddresses(scenario, () => current?.entries ?? []);
  const names = filterNamesOf(scenario, lent);
  const begun = (run: Run): Run => {
    current = watchingMemory(run);
    return current;
  };
  const limits = new Map(scenario.nodes.flatMap(limitsOf));
  const textWith = (faults: readonly Fault[], seed: string | null): string =>
    amended(text, scenario, { ...given, faults, seed: seed ?? given.seed });
  return {
    title: scenario.title,
    name: name.replace(/^.*\//, '').replace(/\.pw\.ya?ml$/, ''),
    seed: scenario.seed,
    profile: `tcp ${scenario.nodes.find(({ tcp }) => tcp.congestion)?.tcp.congestion ?? scenario.profile}`,
    topology: scenario,
    nodes: scenario.nodes.map(nodeFacts),
    links: scenario.links.map(linkFacts),
    fixed: null,
    limitOf: (path) => limits.get(path) ?? null,
    ...(scenario.lesson
      ? {
          async lesson(isWanted: () => boolean) {
            const { lessonOf } = await import('../projections/lesson.ts');
            const run = watchingMemory(createRun(scenario));
            return (await runsOut(run, isWanted)) ? lessonOf(scenario, run.entries) : null;
          },
        }
      : {}),
    start(faults, seed) {
      if (faults.length === 0) return begun(createRun(scenario, seed === null ? {} : { seed }));
      const loaded = loadScenario(textWith(faults, seed), scenario.file, variant === undefined ? {} : { variant });
      // The file was accepted without the faults, and the faults name what it holds: anything else is our bug.
      if (loaded.scenario === null) throw new Error(`a branch is no scenario: ${formatProblems(loaded.problems)}`);
      return begun(createRun(loaded.scenario));
    },
    compileFilter: (filter) => compileFilter(filter, names),
    completeFilter: (filter, at) => complete(filter, at, { table: FIELD_TABLE, names }),
    async save(faults, seed, path) {
      await write(source, path, textWith(faults, seed));
      const word = variant === undefined ? '' : ` --variant ${variant}`;
      return `saved: packetwalk run ${path}${word} is this branch`;
    },
    async write(path, content) {
      await write(source, path, content);
      return `written: ${path}`;
    },
  };
}

/** To the end, as long as somebody wants it; keys and signals are heard meanwhile. */
async function runsOut(run: Run, isWanted: () => boolean): Promise<boolean> {
  while (isWanted()) {
    if (!stepSlice(run)) return true;
    await new Promise((resolve) => setImmediate(resolve));
  }
  return false;
}

async function write({ out, scenario }: WalkSource, path: string, content: string): Promise<void> {
  if (!out) throw new Error(`this walk writes no ${path}`);
  // The format only says how messages call it; what is written is text either way.
  const target = { format: 'jsonl', path } as const;
  await checkTargets([target], false, [scenario.file]);
  await writeTarget(target, [content], out, async () => {});
}

function nodeFacts({ name, kind, interfaces, apps }: NodeSpec): NodeFacts {
  const addresses = interfaces.flatMap((each) => [
    ...(each.dhcp ? ['dhcp'] : []),
    ...each.addresses.map(({ address }) => formatIp(address)),
  ]);
  return { name, kind, addresses, apps: apps.map(appText) };
}

/** What brokers keep at most, by the path of the metric that counts it. */
function limitsOf({ name, apps }: NodeSpec, _: number, nodes: readonly NodeSpec[]): [string, number][] {
  return apps.flatMap((app): [string, number][] => {
    if (app.kind === 'mqtt-broker') return nodes.map((node) => [`${name}.mqtt.${node.name}.queued`, app.maxQueued]);
    if (app.kind !== 'queue-broker') return [];
    return app.queues.flatMap(({ name: queue, maxLength }): [string, number][] =>
      maxLength === null ? [] : [[`${name}.queue.${queue}.depth`, maxLength]],
    );
  });
}

function appText(app: AppSpec): string {
  return 'port' in app ? `${app.kind} :${app.port}` : app.kind;
}

function linkFacts({ id, aToB, bToA }: LinkSpec): LinkFacts {
  const there = impairmentText(aToB);
  const back = impairmentText(bToA);
  return { id, text: there === back ? there : `${there} / ${back}` };
}

function impairmentText({ bitsPerSecond, delayNs, loss, scripted }: ImpairmentSpec): string {
  const parts = [
    bitsPerSecond === null ? '' : rateText(bitsPerSecond),
    duration(delayNs),
    loss.kind === 'gilbert' ? 'bursty loss' : loss.perMillion > 0 ? `loss ${loss.perMillion / 10_000} %` : '',
    scripted.length > 0 ? 'scripted faults' : '',
  ];
  return parts.filter((part) => part !== '').join(' · ');
}

function rateText(bitsPerSecond: number): string {
  if (bitsPerSecond >= 1e9) return `${bitsPerSecond / 1e9} Gbit/s`;
  return bitsPerSecond >= 1e6 ? `${bitsPerSecond / 1e6} Mbit/s` : `${bitsPerSecond / 1e3} kbit/s`;
}
