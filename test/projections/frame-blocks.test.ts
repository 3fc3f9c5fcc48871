import { describe, expect, it } from 'vitest';
import { createRun, loadScenario } from '../../src/index.ts';
import { fieldText } from '../../src/layers/dissect/field-text.ts';
import { Chronicle } from '../../src/projections/chronicle.ts';

const TEXT = `packetwalk: 1
title: upload
until: 1m
nodes:
  a: { ip: 10.0.0.1/24 }
  b: { ip: 10.0.0.2/24, apps: { sink: { port: 9 } } }
links: [{ between: [a, b], rate: 100Mbit, delay: 1ms, loss: 1% }]
timeline:
  - { at: 0s, node: a, do: { tcp-connect: { to: "b:9", as: up } } }
  - { at: 0s, node: a, do: { tcp-send: { on: up, size: 100KB, times: 15 } } }
`;

function scenario() {
  const loaded = loadScenario(TEXT, 'upload');
  if (!loaded.scenario) throw new Error(JSON.stringify(loaded.problems));
  return loaded.scenario;
}

describe('the fields of frames far into a run', () => {
  const whole = createRun(scenario());
  whole.runToEnd();
  const fresh = () => {
    const chronicle = new Chronicle(whole.entries, scenario());
    chronicle.grow();
    return chronicle;
  };
  const told = (chronicle: Chronicle, index: number) => {
    const { info, layers } = chronicle.frames.dissectionOf(index);
    return `${info} ${layers
      .flatMap(({ fields }) => fields)
      .map((field) => `${field.type.name}=${fieldText(field)}`)
      .join(' ')}`;
  };

  it('are the same whenever and in whichever order they are asked for', () => {
    const upwards = fresh();
    const { length } = upwards.crossings.all;
    expect(length).toBeGreaterThan(1500);
    const indexes = Array.from({ length: 8 }, (_, at) => 1020 + at * 37);
    const expected = indexes.map((index) => told(upwards, index));
    const downwards = fresh();
    const backwards = indexes.toReversed().map((index) => told(downwards, index));
    expect(backwards.toReversed()).toEqual(expected);
    expect(told(fresh(), indexes[4] as number)).toBe(expected[4]);
  }, 30_000);

  it('and while the run goes on', () => {
    const run = createRun(scenario());
    const growing = new Chronicle(run.entries, scenario());
    const seen: string[] = [];
    while (growing.crossings.all.length < 1300 && run.step()) {
      growing.grow();
      const newest = growing.crossings.all.length - 1;
      while (1090 + seen.length <= newest) seen.push(told(growing, 1090 + seen.length));
    }
    const after = fresh();
    expect(seen.length).toBeGreaterThan(150);
    expect(seen).toEqual(seen.map((_, at) => told(after, 1090 + at)));
  }, 30_000);
});
