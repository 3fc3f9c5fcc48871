import { describe, expect, it } from 'vitest';
import { defineScenario, filter, loadScenario, ScenarioError, simulate, statisticsOf } from '../src/index.ts';

const HANDSHAKE = {
  packetwalk: 1,
  title: 'A handshake in TypeScript',
  nodes: { client: {}, server: { apps: { 'http-server': { port: 80 } } } },
  links: [{ between: ['client', 'server'], delay: '20ms' }],
  timeline: [{ at: '0s', node: 'client', do: { get: 'http://server/' } }],
} as const;

describe('the public face', () => {
  it('an object runs as the same file does', () => {
    const run = simulate(defineScenario(HANDSHAKE as never));
    const loaded = loadScenario(JSON.stringify(HANDSHAKE), 'scenario');
    if (loaded.scenario === null) throw new Error('the JSON of the object is a scenario file');
    const same = simulate(loaded.scenario);
    expect(run.entries.length).toBeGreaterThan(50);
    expect(same.entries.length).toBe(run.entries.length);
    expect(statisticsOf(run.entries, run.scenario).leaks).toEqual([]);
  });

  it('mistakes in an object are named by their path', () => {
    const wrong = { ...HANDSHAKE, links: [{ between: ['client', 'servr'], delay: 20 }] };
    expect(() => defineScenario(wrong as never)).toThrow(ScenarioError);
    expect(() => defineScenario(wrong as never)).toThrow(/links\[0\]/);
  });

  it('a filter is compiled or explains itself', () => {
    expect(filter('tcp.port == 80')).toHaveProperty('test');
    expect(filter('tcp.prot == 80')).toMatchObject({ at: 0, hint: expect.stringContaining('tcp.p') });
  });
});
