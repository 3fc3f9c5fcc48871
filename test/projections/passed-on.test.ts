import { describe, expect, it } from 'vitest';
import { loadScenario, type Scenario } from '../../src/index.ts';
import { deliveryOf } from '../../src/projections/delivery.ts';
import { loadBundled, runToEnd } from '../bundled.ts';
import { HandMade, PAIR } from './hand-made.ts';

/** As the machines themselves count: what the applications of a node were given, under names that begin so. */
function given(run: ReturnType<typeof runToEnd>, node: string, name: RegExp): number {
  const latest = new Map<string, number>();
  for (const { node: at, event } of run.entries) {
    if (at !== node || event.kind !== 'metric' || event.machine !== 'app.received' || !name.test(event.name)) continue;
    latest.set(event.name, Number(event.value));
  }
  return [...latest.values()].reduce((sum, value) => sum + value, 0);
}

describe('what a broker passes on', () => {
  it('over MQTT is what the subscriber counts: QoS 0 loses, QoS 1 repeats, QoS 2 does neither', () => {
    const run = runToEnd(loadBundled('mqtt-qos'));
    const { sent, delivered, repeated, outOfOrder } = deliveryOf(run.entries, 'sensor', 'office', []);
    expect(sent.messages).toBe(36);
    expect(delivered.messages + repeated.messages).toBe(given(run, 'office', /^readings/));
    expect(repeated.messages).toBe(1);
    expect(delivered.messages).toBe(12 + 12 + given(run, 'office', /zero$/));
    expect(outOfOrder).toBe(0);
  });

  it('is no will, which the broker publishes of itself', () => {
    const will = `packetwalk: 1
title: A will
nodes: { sensor: {}, office: {}, broker: { apps: { mqtt-broker: {} } }, lan: { kind: switch } }
links: [{ between: [sensor, lan] }, { between: [office, lan] }, { between: [broker, lan] }]
timeline:
  - { at: 0s, node: sensor, do: { mqtt-connect: { to: broker, keep-alive: 10s, will: { topic: t/gone, data: gone } } } }
  - { at: 0s, node: office, do: { mqtt-connect: { to: broker } } }
  - { at: 1s, node: office, do: { subscribe: { topic: "t/#", qos: 2 } } }
  - { at: 5s, node: sensor, do: { publish: { topic: t/x, data: "m{n}", qos: 1, times: 3, every: 1s } } }
  - { at: 20s, node: sensor, crash: true }
`;
    const run = runToEnd(loadScenario(will, 'will.pw.yaml').scenario as Scenario);
    const { sent, delivered, outOfOrder } = deliveryOf(run.entries, 'sensor', 'office', []);
    expect(given(run, 'office', /^t\//)).toBe(4);
    expect([sent.messages, delivered.messages, outOfOrder]).toEqual([3, 3, 0]);
  });

  it.each(['first', 'second'])('over AMQP is what the %s worker counts', (worker) => {
    const run = runToEnd(loadBundled('queue-redelivery'));
    const { sent, delivered, repeated } = deliveryOf(run.entries, 'shop', worker, []);
    expect(sent.messages).toBe(10);
    expect(delivered.messages + repeated.messages).toBe(given(run, worker, /^jobs$/));
    expect(delivered.bytes).toBeGreaterThan(0);
    expect(delivered.bytes).toBeLessThan(sent.bytes);
  });

  it('over Socket.IO is what comes of an event', () => {
    const run = runToEnd(loadBundled('sio-namespaces'));
    const { delivered } = deliveryOf(run.entries, 'phone', 'tablet', []);
    expect(delivered.messages).toBe(given(run, 'tablet', /^(?!bytes|messages)/));
  });
});

describe('a message that others pass on', () => {
  const NEAR = 'tcp 10.0.0.1:40000 10.0.0.2:1883';
  const FAR = 'tcp 10.0.0.2:1883 10.0.0.3:40000';
  const publish = (...octets: number[]) => Uint8Array.of(0x34, 4, 0, 1, 97, ...octets);

  function passed(...toEnd: readonly (readonly [bytes: Uint8Array, of: number])[]): HandMade {
    const run = new HandMade(PAIR);
    const brought = [1, 2].map((octet) => {
      run.message(0, 'sensor', 'encoded', NEAR, publish(octet), undefined, 'mqtt');
      return run.message(5, 'broker', 'decoded', NEAR, publish(octet), undefined, 'mqtt');
    });
    for (const [bytes, of] of toEnd) {
      run.message(6, 'broker', 'encoded', FAR, bytes, [brought[of] ?? 0], 'mqtt');
      run.message(9, 'office', 'decoded', FAR, bytes, undefined, 'mqtt');
    }
    return run;
  }

  const judge = (run: HandMade) => deliveryOf(run.entries, 'sensor', 'office', ['10.0.0.3']);

  it('is followed to whoever made it', () => {
    const run = passed([publish(1), 0], [publish(2), 1]);
    expect(judge(run)).toMatchObject({ sent: { messages: 2 }, delivered: { bytes: 12, messages: 2 }, outOfOrder: 0 });
    expect(deliveryOf(run.entries, 'other', 'office', ['10.0.0.3']).sent.messages).toBe(0);
  });

  it('comes twice, or after a later one', () => {
    expect(judge(passed([publish(1), 0], [publish(1), 0]))).toMatchObject({ repeated: { messages: 1 } });
    expect(judge(passed([publish(2), 1], [publish(1), 0]))).toMatchObject({ outOfOrder: 1, repeated: { messages: 0 } });
  });

  it('sent again with QoS 2 is known again, and is no repetition', () => {
    const again = Uint8Array.from(publish(1), (octet, at) => (at === 0 ? 0x3c : octet));
    expect(judge(passed([publish(1), 0], [again, 0]))).toMatchObject({ repeated: { messages: 0 } });
  });
});
