/** 1,000 seeds of a bad network, cut cables and crashes, over work queues; the other 1,000 are MQTT's. */

import { describe, expect, it } from 'vitest';
import { Rng } from '../../../../src/kernel/rng.ts';
import { MS, SECOND, Stage } from './stage.ts';

const RUNS = 1_000;
const JOBS = 6;

function unluckyRun(seed: number): Stage {
  const rng = new Rng(String(seed), 'test/faults');
  const link = {
    delayNs: rng.between(1, 40) * MS,
    jitterNs: rng.between(0, 1) * MS,
    loss: { kind: 'uniform' as const, perMillion: rng.between(0, 80_000) },
    duplicatePerMillion: rng.between(0, 50_000),
    reorderPerMillion: rng.between(0, 50_000),
    corruptPerMillion: rng.between(0, 20_000),
  };
  const work = { prefetch: rng.between(0, 3), workNs: rng.between(0, 300) * MS };
  const boot = (stage: Stage, node: string) => {
    if (node !== 'app') stage.consumeNow(node, 'jobs', work);
  };
  const stage = new Stage(['app', 'w1', 'w2'], { jobs: {} }, { seed: String(seed), link, boot });
  const times = { times: JOBS, everyNs: rng.between(1, 400) * MS };
  stage.enqueue(30 * SECOND, 'app', 'jobs', 'j{n}', times);
  for (let fault = rng.between(0, 3); fault > 0; fault--) {
    const node = ['app', 'broker', 'w1', 'w2'][rng.below(4)] as string;
    const atNs = 30 * SECOND + rng.between(0, 3_000) * MS;
    const forNs = rng.between(50, 8_000) * MS;
    if (rng.chance(500_000)) stage.star.at(atNs, node, () => stage.star.restartIn(node, forNs));
    else {
      const { aToB, bToA } = stage.star.cableOf(node);
      const set = (down: boolean) => {
        for (const channel of [aToB, bToA]) channel.impairments = { ...channel.impairments, down };
      };
      stage.star.kernel.after(atNs, () => set(true));
      stage.star.kernel.after(atNs + forNs, () => set(false));
    }
  }
  stage.run(900 * SECOND);
  return stage;
}

describe('work queues under random faults', () => {
  it(`lose nothing that was confirmed, and say what became of the rest, over ${RUNS} seeds`, {
    timeout: 300_000,
  }, () => {
    for (let seed = 0; seed < RUNS; seed++) {
      const stage = unluckyRun(seed);
      const enqueued = stage.star
        .told('app')
        .flatMap((text) => /^enqueues \d+ octets: "(.*)" into/.exec(text)?.[1] ?? []);
      const confirmed = stage.confirmed('app');
      const done = [...stage.done('w1'), ...stage.done('w2')];
      const ended = stage.star
        .of('app')
        .flatMap(({ event }) =>
          event.kind === 'dropped' && event.layer === 7 ? [Buffer.from(event.bytes).toString('latin1')] : [],
        );
      const where = `seed ${seed}: enqueued ${enqueued}, confirmed ${confirmed}, done ${done}, ended ${ended}`;
      expect(
        done.filter((each) => !enqueued.includes(each)),
        where,
      ).toEqual([]);
      expect(
        confirmed.filter((each) => !done.includes(each)),
        where,
      ).toEqual([]);
      // Each is confirmed, or its end has a reason.
      expect(
        enqueued.filter((each) => !confirmed.includes(each) && !ended.includes(each)),
        where,
      ).toEqual([]);
      expect(stage.state().get('broker.queue.jobs.messages.rows') ?? 0, where).toBe(0);
    }
  });
});
