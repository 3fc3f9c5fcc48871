/** 1,000 seeds of a bad network, cut cables and crashes, over MQTT; the other 1,000 are the work queues'. */

import { describe, expect, it } from 'vitest';
import { Rng } from '../../../../src/kernel/rng.ts';
import type { Qos } from '../../../../src/layers/7-application/mqtt/packet.ts';
import { MS, SECOND, Stage } from './stage.ts';

const RUNS = 1_000;
const MESSAGES = 6;

function unluckyRun(seed: number): { stage: Stage; qos: Qos } {
  const rng = new Rng(String(seed), 'test/faults');
  const link = {
    delayNs: rng.between(1, 40) * MS,
    jitterNs: rng.between(0, 1) * MS,
    loss: { kind: 'uniform' as const, perMillion: rng.between(0, 80_000) },
    duplicatePerMillion: rng.between(0, 50_000),
    reorderPerMillion: rng.between(0, 50_000),
    corruptPerMillion: rng.between(0, 20_000),
  };
  const qos = rng.between(0, 2) as Qos;
  const stage = new Stage(['pub', 'sub'], { seed: String(seed), link });
  for (const node of ['pub', 'sub']) stage.connect(0, node, { clean: false, keepAliveSeconds: 10 });
  stage.subscribe(0, 'sub', 't', 2);
  stage.publish(40 * SECOND, 'pub', 't', 'reading {n}', { qos, times: MESSAGES, everyNs: rng.between(1, 400) * MS });
  for (let fault = rng.between(0, 3); fault > 0; fault--) {
    const node = ['pub', 'broker', 'sub'][rng.below(3)] as string;
    const atNs = 40 * SECOND + rng.between(0, 3_000) * MS;
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
  stage.run(300 * SECOND);
  return { stage, qos };
}

/** The octets of everything that ended for good above the network layer: with an application, or with a connection. */
function gravesOf(stage: Stage): string[] {
  return stage.star.journal.entries.flatMap(({ event }) => {
    if (event.kind !== 'dropped' || event.layer < 4) return [];
    const isFinal = event.layer === 7 || ['reset', 'timed-out', 'closed', 'crashed'].includes(event.reason);
    return isFinal ? [Buffer.from(event.bytes).toString('latin1')] : [];
  });
}

describe('MQTT under random faults', () => {
  it(`invents, reorders and doubles nothing, and loses nothing that it promised, over ${RUNS} seeds`, {
    timeout: 300_000,
  }, () => {
    for (let seed = 0; seed < RUNS; seed++) {
      const { stage, qos } = unluckyRun(seed);
      const published = stage.star
        .told('pub')
        .flatMap((text) => /^publishes \d+ octets: "(.*)" to/.exec(text)?.[1] ?? []);
      const received = stage.received('sub');
      const first = [...new Set(received)];
      const where = `seed ${seed}, QoS ${qos}: published ${published}, received ${received}`;
      expect(
        first.filter((each) => !published.includes(each)),
        where,
      ).toEqual([]);
      // What comes for the first time comes in the order in which it was published.
      expect(first, where).toEqual(published.filter((each) => first.includes(each)));
      if (qos !== 1) expect(received, where).toEqual(first);
      if (qos > 0) expect(first, where).toEqual(published);
      // Whatever did not arrive ended somewhere, with a reason.
      const missing = published.filter((each) => !first.includes(each));
      const graves = missing.length > 0 ? gravesOf(stage) : [];
      expect(
        missing.filter((each) => !graves.some((grave) => grave.includes(each))),
        where,
      ).toEqual([]);
      expect(stage.state().get('pub.mqtt.pub.in-flight') ?? 0, where).toBe(0);
      expect(stage.state().get('broker.mqtt.sub.queued') ?? 0, where).toBe(0);
    }
  });
});
