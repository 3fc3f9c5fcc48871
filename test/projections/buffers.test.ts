import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { loadScenario, simulate } from '../../src/index.ts';
import { buffersAt } from '../../src/projections/buffers.ts';
import { Chronicle } from '../../src/projections/chronicle.ts';

function chronicleOf(name: string): Chronicle {
  const text = readFileSync(new URL(`../../scenarios/${name}.pw.yaml`, import.meta.url), 'utf8');
  const { scenario } = loadScenario(text, name);
  if (!scenario) throw new Error('no scenario');
  const chronicle = new Chronicle(simulate(scenario).entries, scenario);
  chronicle.grow();
  return chronicle;
}

const SECOND = 1_000_000_000;

describe('what waits above the network', () => {
  const mqtt = chronicleOf('mqtt-offline');
  const at = (seconds: number) => buffersAt(mqtt, mqtt.lastAt(seconds * SECOND));
  const store = (seconds: number, machine: string) =>
    at(seconds).stores.find((one) => one.node === 'broker' && one.machine === machine);

  it('fills the queue of a session whose client is away, and empties it when it is back', () => {
    expect(store(4, 'mqtt.faithful')?.state).toBe('connected');
    const away = store(19, 'mqtt.faithful');
    expect(away?.state).toBe('offline');
    expect(away?.gauges[0]).toMatchObject({ name: 'queued', value: 6, most: 6 });
    expect(away?.notes).toContain('news');
    expect(store(65, 'mqtt.faithful')?.gauges[0]).toMatchObject({ value: 0, most: 6 });
  });

  it('knows at no moment more than has happened', () => {
    expect(store(1, 'mqtt.faithful')?.gauges).toEqual([]);
    expect(store(12.5, 'mqtt.faithful')?.gauges[0]?.most).toBeLessThan(6);
    expect(buffersAt(mqtt, 0)).toEqual({ stores: [], outstanding: [] });
  });

  it('lists what nobody has acknowledged, the oldest first', () => {
    const { outstanding } = at(60.056);
    expect(outstanding.length).toBeGreaterThan(1);
    expect(outstanding[0]).toMatchObject({ node: 'broker', machine: 'mqtt.faithful' });
    expect(outstanding[0]?.text).toBe('PUBLISH news  qos 1  waits for PUBACK');
    const times = outstanding.map(({ sinceNs }) => sinceNs);
    expect(times).toEqual(times.toSorted((one, other) => one - other));
    expect(at(64).outstanding).toEqual([]);
  });

  it('shows deliveries of a work queue that wait for their acknowledgment', () => {
    const queue = chronicleOf('queue-redelivery');
    const deliveries = queue.entries
      .filter(({ event }) => event.kind === 'table' && event.change.row?.state === 'unacked')
      .map(({ seq }) => buffersAt(queue, seq).outstanding);
    expect(deliveries.length).toBeGreaterThan(5);
    for (const list of deliveries) expect(list.at(-1)?.text).toContain('waits for basic.ack');
    expect(deliveries.some((list) => list.some(({ text }) => text.includes('delivery 2')))).toBe(true);
  });
});
