/** From a scenario, or a mere topology, to a simulation that programs can run on. */

import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { defineScenario, loadScenario } from '../index.ts';
import { formatProblems } from '../scenario/problem.ts';
import type { Scenario } from '../scenario/scenario.ts';
import type { ScenarioInput } from '../scenario/schema/file.ts';
import { routeFetch } from './http-patches.ts';
import { Simulation } from './simulation.ts';

export interface SimulateOptions {
  /** 0 to 2^64-1. `PACKETWALK_SEED` in the environment goes before it, and it before the scenario's. */
  readonly seed?: number | bigint | string;
  /** What the clocks of the hosts show at the start. Default: 2026-01-01T00:00:00Z. */
  readonly epoch?: Date | string;
  /** What becomes of a program that uses what is not simulated. Default: report, a warning of the process. */
  readonly escapes?: 'report' | 'fail' | 'ignore';
}

/** A scenario without its head: `{ nodes: { a: {}, b: {} }, links: [{ between: ['a', 'b'], delay: '20ms' }] }`. */
export type Topology = Omit<ScenarioInput, 'packetwalk' | 'title'> &
  Partial<Pick<ScenarioInput, 'packetwalk' | 'title'>>;

/** Until whatever time a test lets pass: the longest that a scenario may say. */
const FOREVER = '720h';
const EPOCH = '2026-01-01T00:00:00Z';

/** `scenario`: an object, a file (path or URL), or the text of one. */
export function simulate(scenario: Topology | string | URL, options: SimulateOptions = {}): Promise<Simulation> {
  routeFetch();
  // Made when they are first used, and then a host's printing would look like an escape.
  void process.stdout;
  void process.stderr;
  const seed = process.env.PACKETWALK_SEED ?? options.seed?.toString();
  const settings = { until: FOREVER, ...(seed !== undefined && { seed }) };
  const { loaded, source } = load(scenario, settings);
  const { epoch = EPOCH, escapes = 'report' } = options;
  const epochMs = new Date(epoch).getTime();
  if (!Number.isSafeInteger(epochMs)) throw new TypeError(`${String(epoch)} is no date`);
  return Promise.resolve(new Simulation(loaded, source, { epochMs, escapes }));
}

type Settings = { readonly until: string; readonly seed?: string };

function load(given: Topology | string | URL, settings: Settings): { loaded: Scenario; source: string } {
  if (typeof given === 'string' || given instanceof URL) {
    const { text, name } = read(given);
    const loaded = loadScenario(text, name, settings);
    if (loaded.scenario === null) throw new SyntaxError(formatProblems(loaded.problems));
    return { loaded: loaded.scenario, source: text };
  }
  const whole = { packetwalk: 1, title: 'a test', ...given } as ScenarioInput;
  return { loaded: defineScenario(whole, settings), source: JSON.stringify(whole, null, 1) };
}

function read(given: string | URL): { text: string; name: string } {
  if (typeof given === 'string' && given.includes('\n')) return { text: given, name: 'scenario' };
  const path = given instanceof URL ? fileURLToPath(given) : given;
  const bundled = fileURLToPath(new URL(`../../scenarios/${path}.pw.yaml`, import.meta.url));
  const file = !existsSync(path) && /^[a-z0-9-]+$/.test(path) && existsSync(bundled) ? bundled : path;
  return { text: readFileSync(file, 'utf8'), name: path };
}
