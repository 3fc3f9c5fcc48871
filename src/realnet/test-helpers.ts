/** For vitest, jest and node:test. */

import { AssertionError } from 'node:assert';
import { seconds } from '../projections/time.ts';
import { leaveEvidence, type TestPlace } from './evidence.ts';
import { framesSeen } from './frame-watch.ts';
import type { SimulateOptions, Topology } from './simulate.ts';
import { simulate } from './simulate.ts';
import { Simulation } from './simulation.ts';

export interface Seen {
  /** Exactly so many frames. */
  readonly times?: number;
  readonly atLeast?: number;
  readonly atMost?: number;
}

interface Judged {
  readonly pass: boolean;
  readonly sentence: string;
}

/** Without numbers: at least one frame. */
function judge(net: Simulation, filter: string, { times, atLeast, atMost }: Seen): Judged {
  const frames = framesSeen(filter, net.session.run);
  const least = times ?? atLeast ?? (atMost === undefined ? 1 : 0);
  const most = times ?? atMost ?? Number.POSITIVE_INFINITY;
  const count = frames.length;
  const expected =
    least === most
      ? `exactly ${least}`
      : most === Number.POSITIVE_INFINITY
        ? `at least ${least}`
        : `${least} to ${most}`;
  const when = frames.slice(0, 4).map(({ atNs }) => `${seconds(atNs)} s`);
  const at = when.length === 0 ? '' : `, at ${when.join(', ')}${count > 4 ? ' …' : ''}`;
  const sentence = `${count} ${count === 1 ? 'frame matches' : 'frames match'} ${filter} (expected ${expected})${at}`;
  return { pass: count >= least && count <= most, sentence };
}

/** What vitest and jest tell a matcher. */
interface MatcherContext {
  readonly currentTestName?: string;
  readonly testPath?: string;
  readonly isNot?: boolean;
}

/** `expect.extend(matchers)`, then `expect(net).toHaveSeen('tcp.flags.reset == 1', { times: 1 })`. */
export const matchers = {
  toHaveSeen(this: MatcherContext, net: unknown, filter: string, seen: Seen = {}) {
    if (!(net instanceof Simulation)) throw new TypeError('toHaveSeen judges what simulate() returned');
    const { pass, sentence } = judge(net, filter, seen);
    const isFailure = pass === (this.isNot ?? false);
    const place = { name: this.currentTestName ?? 'test', file: this.testPath ?? null };
    const evidence = isFailure ? leaveEvidence(net, place) : [];
    return { pass, message: () => [this.isNot ? `not expected: ${sentence}` : sentence, ...evidence].join('\n') };
  },
};

/** The same for node:test and everybody else. Throws an AssertionError. */
export function assertSeen(net: Simulation, filter: string, seen: Seen = {}): void {
  const { pass, sentence } = judge(net, filter, seen);
  if (pass) return;
  throw new AssertionError({ message: [sentence, ...leaveEvidence(net, placeOf(null))].join('\n') });
}

/**
 * Runs a test on a simulation of its own. Whatever it throws (an assertion of any kind) is told with the seed, the
 * commands and the files. `name`: for runners that do not tell.
 */
export async function trial<T>(
  scenario: Topology | string | URL,
  options: SimulateOptions & { readonly name?: string },
  test: (net: Simulation) => T | Promise<T>,
): Promise<T> {
  const net = await simulate(scenario, options);
  try {
    return await test(net);
  } catch (error) {
    if (error instanceof Error && !error.message.includes('PACKETWALK_SEED=')) {
      const lines = leaveEvidence(net, placeOf(options.name ?? null));
      const message = [error.message, '', ...lines].join('\n');
      // Some runners print the message, some the stack, whose first lines are the message of before.
      const stack = error.stack?.replace(error.message, () => message);
      error.message = message;
      if (stack !== undefined) error.stack = stack;
    }
    throw error;
  } finally {
    net.close();
  }
}

/** What the runner knows of the test that runs now. */
function placeOf(name: string | null): TestPlace {
  const { expect } = globalThis as { expect?: { getState?(): MatcherContext } };
  const state = expect?.getState?.() ?? vitestState() ?? {};
  return { name: name ?? state.currentTestName ?? 'test', file: state.testPath ?? null };
}

/** Where vitest keeps its `expect` when it is imported and not a global. */
function vitestState(): MatcherContext | null {
  const holder = globalThis as unknown as Record<symbol, unknown>;
  const states = holder[Symbol.for('matchers-object')];
  const expect = holder[Symbol.for('expect-global')] as object | undefined;
  if (!(states instanceof WeakMap) || !expect) return null;
  return (states.get(expect) as MatcherContext | undefined) ?? null;
}
