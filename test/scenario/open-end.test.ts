import { describe, expect, it } from 'vitest';
import { defineScenario } from '../../src/index.ts';
import { withOpenEnd } from '../../src/scenario/open-end.ts';

const scenario = defineScenario({
  packetwalk: 1,
  title: 'A router with open interfaces',
  nodes: {
    r: { kind: 'router', interfaces: { wan: '10.9.0.2/24', two: '10.7.0.1/24', lan: '10.8.0.1/24' } },
    server: { ip: '10.8.0.2/24' },
  },
  links: [{ between: ['r:lan', 'server'] }],
});

const problemOf = (text: string): string => {
  const opened = withOpenEnd(scenario, text, 1500);
  return 'problem' in opened ? `${opened.problem}; ${opened.hint}` : 'none';
};

describe('withOpenEnd', () => {
  it('plugs a cable into an interface that stood open', () => {
    const opened = withOpenEnd(scenario, 'r:wan', 1400);
    if ('problem' in opened) throw new Error(opened.problem);
    expect(opened.end).toEqual({ node: 'outside', interface: 'wan' });
    expect(opened.scenario.links.at(-1)).toMatchObject({
      id: 'r-outside',
      a: { node: 'r', interface: 'wan' },
      mtuBytes: 1400,
    });
    expect(opened.scenario.nodes[0]?.interfaces.map(({ link }) => link)).toEqual(['r-outside', null, 'r-server']);
    const second = withOpenEnd(opened.scenario, 'r:two', 1500);
    if ('problem' in second) throw new Error(second.problem);
    expect(second.end).toEqual({ node: 'outside2', interface: 'two' });
    expect(scenario.links).toHaveLength(1);
  });

  it('names what stands open where a port does not', () => {
    expect(problemOf('r:lan')).toBe('r:lan is plugged into the link r-server; these stand open: r:wan, r:two');
    expect(problemOf('r:eth0')).toBe("r has no interface 'eth0'; these stand open: r:wan, r:two");
    expect(problemOf('servr:eth0')).toBe("the scenario has no node 'servr'; did you mean server?");
    expect(problemOf('wan')).toMatch(/^it is written as NODE:INTERFACE; /);
    expect(problemOf('r:')).toMatch(/^it is written as NODE:INTERFACE; /);
  });
});
