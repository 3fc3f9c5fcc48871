/**
 * What the qualities of service promise when a node crashes, at every event of a short run: publisher, broker and
 * subscriber in turn lose their power right after the n-th thing that happens, for each n, and start again.
 */

import { describe, expect, it } from 'vitest';
import type { Qos } from '../../../../src/layers/7-application/mqtt/packet.ts';
import { MS, SECOND, Stage } from './stage.ts';

const MESSAGES = ['m1', 'm2', 'm3', 'm4', 'm5'];

/** The subscriber is there, then the publisher publishes five messages. */
function shortRun(qos: Qos): Stage {
  const stage = new Stage(['pub', 'sub']);
  for (const node of ['pub', 'sub']) stage.connect(0, node, { clean: false, keepAliveSeconds: 2 });
  stage.subscribe(0, 'sub', 't', 2);
  stage.publish(200 * MS, 'pub', 't', 'm{n}', { qos, times: MESSAGES.length, everyNs: 7 * MS });
  return stage;
}

/** Whether the publisher's application got to publish it: what a crash forestalls was never promised. */
function published(stage: Stage): string[] {
  return stage.star.told('pub').flatMap((text) => /^publishes \d+ octets: "(.*)" to/.exec(text)?.[1] ?? []);
}

/** Lets `events` more things happen, then a node crashes, and so on; each node starts again by itself. */
function crashing(qos: Qos, crashes: readonly { node: string; events: number; downNs: number }[]) {
  const stage = shortRun(qos);
  const { kernel } = stage.star;
  let hasHappened = true;
  for (const { node, events, downNs } of crashes) {
    const due = kernel.happened + events;
    while (kernel.happened < due && kernel.nextNs <= SECOND) kernel.step();
    hasHappened = hasHappened && kernel.happened >= due;
    stage.star.restartIn(node, downNs);
  }
  stage.run(120 * SECOND);
  return { stage, hasHappened };
}

/** How often each message that was published reached the application. */
function judge(stage: Stage, qos: Qos, where: string): number[] {
  const received = stage.received('sub');
  expect(received.filter((each) => !MESSAGES.includes(each))).toEqual([]);
  // Exactly once, and in order.
  if (qos === 2) expect(received, where).toEqual([...received].sort());
  return published(stage).map((message) => {
    const times = received.filter((each) => each === message).length;
    if (qos === 0) expect(times, `${message} ${where}`).toBeLessThanOrEqual(1);
    if (qos === 1) expect(times, `${message} ${where}`).toBeGreaterThanOrEqual(1);
    if (qos === 2) expect(times, `${message} ${where}`).toBe(1);
    return times;
  });
}

/** Events until everybody is connected: before that there is no session to keep a promise. */
function eventsBefore(qos: Qos): number {
  const stage = shortRun(qos);
  stage.run(200 * MS - 1);
  return stage.star.kernel.happened;
}

/** Each of them is thousands of runs. */
const PATIENCE = { timeout: 120_000 };

describe.each([0, 1, 2] as const)('QoS %i', PATIENCE, (qos) => {
  it.each(['pub', 'broker', 'sub'])('keeps its promise whenever %s crashes', (node) => {
    const start = eventsBefore(qos);
    const counts: number[] = [];
    let crashes = 0;
    for (; ; crashes++) {
      const downNs = crashes % 2 === 0 ? 100 * MS : 3 * SECOND;
      const { stage, hasHappened } = crashing(qos, [{ node, events: start + crashes, downNs }]);
      if (!hasHappened) break;
      counts.push(...judge(stage, qos, `when ${node} crashes after event ${start + crashes}`));
    }
    expect(crashes).toBeGreaterThan([30, 50, 80][qos] as number);
    // The weaker promises are weaker: some crash shows it. (What has left a node is on its way whatever becomes of it.)
    if (qos === 0 && node !== 'pub') expect(counts).toContain(0);
    if (qos === 1 && node !== 'sub') expect(Math.max(...counts)).toBeGreaterThan(1);
  });

  it('keeps its promise when a second node crashes while the first one comes back', () => {
    const start = eventsBefore(qos);
    const nodes = ['pub', 'broker', 'sub'];
    for (let run = 0; run < 150; run++) {
      const crashes = [0, 1, 2].map((turn) => ({
        node: nodes[(run + turn * (1 + (run % 2))) % 3] as string,
        events: turn === 0 ? start + (run % 60) : 3 + ((run * 7 + turn) % 23),
        downNs: (50 + ((run * 37) % 400)) * MS,
      }));
      judge(crashing(qos, crashes).stage, qos, `in run ${run}: ${JSON.stringify(crashes)}`);
    }
  });
});
