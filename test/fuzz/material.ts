/** Sound octets to begin with: what real runs put on the wire and into files, by protocol. */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { defineScenario, type ScenarioInput, simulate } from '../../src/index.ts';
import { captureOf } from '../../src/projections/capture.ts';
import { crossingsOf } from '../../src/projections/crossings.ts';
import { pcapng } from '../../src/projections/pcapng.ts';
import { draw } from '../swarm/draw/draw.ts';
import { compose } from '../swarm/draw/plan.ts';

export interface Material {
  readonly frames: readonly Uint8Array[];
  /** PDUs by protocol, as they were made. */
  readonly pdus: ReadonlyMap<string, readonly Uint8Array[]>;
  readonly pcapng: readonly Uint8Array[];
  readonly yaml: readonly string[];
  readonly filters: readonly string[];
}

/** Enough seeds that every application and terrain is among them. */
const SEEDS = 40;
const MOST_OF_A_KIND = 600;

/** `root`: of the repository. */
export function gather(root: string): Material {
  const frames: Uint8Array[] = [];
  const pdus = new Map<string, Uint8Array[]>();
  const captures: Uint8Array[] = [];
  for (let seed = 1; seed <= SEEDS; seed++) {
    const plan = draw(String(seed));
    const run = simulate(defineScenario(compose(plan, plan.jobs, []) as unknown as ScenarioInput));
    for (const { event } of run.entries) {
      if (event.kind === 'departed' && frames.length < 4 * MOST_OF_A_KIND) frames.push(event.bytes);
      if (event.kind !== 'encoded') continue;
      const list = pdus.get(event.protocol) ?? [];
      if (list.length < MOST_OF_A_KIND) pdus.set(event.protocol, [...list, event.bytes]);
    }
    if (seed > 4) continue;
    const seen = captureOf(crossingsOf(run.entries, run.scenario), 'all').slice(0, 40);
    const nameOf = ({ node, interface: name }: { readonly node: string; readonly interface: string }) =>
      `${node}:${name}`;
    const names = [...new Set(seen.map(({ port }) => nameOf(port)))];
    captures.push(
      Buffer.concat([
        ...pcapng(
          names,
          seen.map(({ port, ...rest }) => ({ interface: nameOf(port), ...rest })),
        ),
      ]),
    );
  }
  const folder = join(root, 'scenarios');
  const yaml = readdirSync(folder).flatMap((name) =>
    name.endsWith('.yaml') ? [readFileSync(join(folder, name), 'utf8')] : [],
  );
  const filters = yaml.flatMap((text) =>
    [...text.matchAll(/match: ([^,}\n]+)/g)].map(([, filter]) => (filter as string).trim()),
  );
  return { frames, pdus, pcapng: captures, yaml, filters };
}
