/** VLANs as a scenario says them, and what segments come of it. */

import { describe, expect, it } from 'vitest';
import { createRun } from '../../src/index.ts';
import { verdictsOf } from '../../src/projections/expectations.ts';
import {
  expectProblem,
  expectWarning,
  HEAD,
  interfacesOf,
  macsOf,
  nodeOf,
  problemsOf,
  routesOf,
  scenarioOf,
  warningsOf,
} from './loading.ts';

const lines = (text: string, ...names: string[]) => {
  const made = scenarioOf(text);
  return names.map((name) => [...interfacesOf(nodeOf(made, name)), ...routesOf(nodeOf(made, name))].join(' | '));
};

const HOUSE =
  `${HEAD}nodes:\n  a: {}\n  b: {}\n  c: {}\n  d: {}\n  s: { kind: switch }\n  t: { kind: switch }\n` +
  '  r: { kind: router, interfaces: { lan.10: , lan.20: } }\n' +
  'links:\n  - { between: [a, s], vlan: 10 }\n  - { between: [b, s], vlan: 20 }\n  - { between: [c, t], vlan: 10 }\n' +
  '  - { between: [d, t], vlan: 20 }\n  - { between: [s, t], trunk: [10, 20] }\n  - { between: [s, "r:lan"], trunk: all }\n';

describe('VLANs', () => {
  it('each is a segment of its own, with a subnet, over trunks and to interfaces of a router', () => {
    expect(lines(HOUSE, 'a', 'b', 'c', 'd', 'r')).toEqual([
      'eth0 10.0.0.1/24 on a-s | 0.0.0.0/0 via 10.0.0.3',
      'eth0 10.0.1.1/24 on b-s | 0.0.0.0/0 via 10.0.1.3',
      'eth0 10.0.0.2/24 on c-t | 0.0.0.0/0 via 10.0.0.3',
      'eth0 10.0.1.2/24 on d-t | 0.0.0.0/0 via 10.0.1.3',
      'lan  on s-r | lan.10 10.0.0.3/24 on s-r | lan.20 10.0.1.3/24 on s-r',
    ]);
    const router = nodeOf(scenarioOf(HOUSE), 'r');
    expect(new Set(macsOf(router)).size).toBe(1);
    expect(router.interfaces.map(({ vlan, isBare }) => [vlan?.card, vlan?.id, isBare])).toEqual([
      [undefined, undefined, true],
      ['lan', 10, undefined],
      ['lan', 20, undefined],
    ]);
  });

  it('links say what their ports are members of; of which nothing is said, VLAN 1', () => {
    const text = `${HEAD}nodes: { a: {}, b: {}, c: {}, s: { kind: switch } }\nlinks: [{ between: [a, s] }, { between: [b, s], vlan: 1 }, { between: [c, s], vlan: 2 }]\n`;
    expect(lines(text, 'a', 'b', 'c')).toEqual([
      'eth0 10.0.0.1/24 on a-s',
      'eth0 10.0.0.2/24 on b-s',
      'eth0 10.0.1.1/24 on c-s',
    ]);
    expect(scenarioOf(HOUSE).links.map(({ vlans }) => vlans)).toEqual([
      { untagged: 10, tagged: [] },
      { untagged: 20, tagged: [] },
      { untagged: 10, tagged: [] },
      { untagged: 20, tagged: [] },
      { untagged: null, tagged: [10, 20] },
      { untagged: null, tagged: 'all' },
    ]);
  });

  it('a native VLAN reaches whoever hears no tags; a switch without VLANs and a hub pass tags on', () => {
    const text = (kind: string) =>
      `${HEAD}nodes:\n  a: {}\n  s: { kind: switch }\n  m: { kind: ${kind} }\n  h: { interfaces: { e: , e.10: } }\n  g: {}\n` +
      'links:\n  - { between: [a, s], vlan: 10 }\n  - { between: [s, m], trunk: [10], native: 5 }\n' +
      '  - { between: [m, h] }\n  - { between: [g, s], vlan: 5 }\n';
    expect(lines(text('hub'), 'a', 'g', 'h')).toEqual([
      'eth0 10.0.0.1/24 on a-s',
      'eth0 10.0.1.2/24 on g-s',
      'e 10.0.1.1/24 on m-h | e.10 10.0.0.2/24 on m-h',
    ]);
  });

  it('the same network may not be written in two', () => {
    const text = HOUSE.replace('a: {}', 'a: { ip: 10.5.0.1/24 }').replace('b: {}', 'b: { ip: ⟦10.5.0.2/24⟧ }');
    expectProblem(text, 'PW0408', 'overlaps');
  });

  it.each([
    ['vlan: ⟦0⟧', 'PW0306'],
    ['vlan: ⟦4095⟧', 'PW0306'],
    ['vlan: ⟦"10"⟧', 'PW0303'],
    ['trunk: ⟦[]⟧', 'PW0306'],
    ['trunk: ⟦some⟧', 'PW0303'],
    ['vlan: 10, ⟦trunk⟧: [20]', 'PW0307'],
    ['⟦native⟧: 10', 'PW0307'],
    ['vlan: 10, ⟦native⟧: 10', 'PW0307'],
  ])('%s is refused', (keys, code) => {
    expectProblem(`${HEAD}nodes: { a: {}, s: { kind: switch } }\nlinks: [{ between: [a, s], ${keys} }]\n`, code, '');
  });

  it('are of switches', () => {
    const text = `${HEAD}nodes: { a: {}, b: {} }\nlinks: [{ between: [a, b], ⟦vlan⟧: 10 }]\n`;
    expectProblem(text, 'PW0414', 'only a switch has VLANs');
  });

  it('interfaces on VLANs have numbers that there are, and no cables of their own', () => {
    const text = (name: string, end: string) =>
      `${HEAD}nodes: { a: { interfaces: { ${name}: } }, s: { kind: switch } }\nlinks: [{ between: [${end}, s], trunk: all }]\n`;
    expectProblem(text('⟦lan.4095⟧', 'a'), 'PW0306', 'from 1 to 4094');
    expect(problemsOf(text('lan.010', 'a'))[0]?.message).toContain('a VLAN on it is `lan.10`');
    expectProblem(text('lan.10', '⟦"a:lan.10"⟧'), 'PW0403', 'has no interface `lan.10`');
  });

  it('warns of whoever hears nothing', () => {
    const text = (keys: string, host = '{}') =>
      `${HEAD}nodes: { a: ${host}, s: { kind: switch } }\nlinks: [{ between: [a, s], ${keys} }]\n`;
    expectWarning(text('⟦trunk⟧: [10]'), 'PW0710', 'hears nothing on this trunk');
    expectWarning(text('vlan: 10', '{ interfaces: { ⟦e.10⟧: } }'), 'PW0710', 'has no tagged frames of VLAN 10');
    expect(warningsOf(text('trunk: [10]', '{ interfaces: { e.10: } }'))).toEqual([]);
    expect(warningsOf(text('trunk: [10], native: 1'))).toEqual([]);
  });
});

describe('a run with VLANs', () => {
  it('DHCP, NAT and a partition work on interfaces of VLANs', () => {
    const text =
      `${HEAD}until: 40s\nnodes:\n  a: { ip: dhcp }\n  b: { ip: dhcp }\n  s: { kind: switch }\n` +
      '  n: { kind: nat, interfaces: { lan.10: 192.168.10.1/24, lan.20: 203.0.113.1/24 }, nat: { inside: lan.10, outside: lan.20 }, apps: { dhcp-server: { pool: 192.168.10.50-192.168.10.60 } } }\n' +
      '  w: { ip: 203.0.113.80/24, apps: { http-server: } }\n' +
      'links:\n  - { between: [a, s], vlan: 10 }\n  - { between: [b, s], vlan: 20 }\n  - { between: [w, s], vlan: 20 }\n  - { between: [s, "n:lan"], trunk: [10, 20] }\n' +
      'timeline:\n  - { at: 10s, node: a, do: { get: "http://w/" } }\n  - { at: 20s, node: n, partition: w, for: 5s }\n  - { at: 21s, node: n, do: { ping: w } }\n' +
      'expect:\n' +
      '  - { name: page, match: http.response.code == 200, exactly: 1, at: a }\n' +
      '  - { name: address, state: a.lease.eth0.address, is: 192.168.10.50 }\n' +
      '  - { name: none in the other VLAN, state: b.dhcp.eth0.state, is: SELECTING }\n' +
      '  - { name: translated, match: "tcp.flags.syn == 1 && tcp.flags.ack == 0 && ip.src == n", exactly: 1, at: w }\n' +
      '  - { name: cut off, match: icmp.type == 0, exactly: 0 }\n';
    const run = createRun(scenarioOf(text));
    run.runToEnd();
    expect(verdictsOf(run.scenario, run.entries).flatMap(({ pass, sentence }) => (pass ? [] : [sentence]))).toEqual([]);
  });
});
