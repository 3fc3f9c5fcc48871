/** What `traceroute`, `resolve` and `skew` do with their arguments, and how often a node reports errors. */

import { describe, expect, it } from 'vitest';
import { doing, icmpAt, runOf, toldBy } from '../layers/3-network/gate-runs.ts';

const CHAIN = {
  nodes: {
    a: { ip: '10.1.0.2/24', dns: '10.2.0.2' },
    r: { kind: 'router' },
    b: { ip: '10.2.0.2/24', apps: { 'dns-server': { zone: { 'web.test': '10.2.0.2' } }, sink: {} } },
  },
  links: [{ between: ['a', 'r'] }, { id: 'far', between: ['r', 'b'], delay: '5ms', mtu: '600B' }],
};
const play = (timeline: readonly object[], more: object = {}) => runOf({ ...CHAIN, timeline, ...more });

describe('traceroute', () => {
  it('hears the routers on the way by their errors (RFC 792, time exceeded), three probes a hop', () => {
    const told = toldBy(play([doing('0s', 'a', { traceroute: 'b' })]), 'a').split('\n');
    expect(told.map((line) => line.slice(0, 14))).toEqual([
      ...Array(3).fill('hop 1: 10.1.0.'),
      ...Array(3).fill('hop 2: 10.2.0.'),
    ]);
    expect(told.at(-1)).toMatch(/10 ms, the target$/);
  });

  it('`count` probes a hop, `every` so long, `size` octets', () => {
    const run = play([doing('0s', 'a', { traceroute: { to: 'b', count: 1, every: '2s', size: '100B' } })]);
    const probes = run.entries.filter(
      ({ node, event }) => node === 'a' && event.kind === 'encoded' && event.protocol === 'icmp',
    );
    expect(probes.map(({ atNs }) => atNs / 1e9)).toEqual([0, 2]);
    expect(probes.map(({ event }) => (event.kind === 'encoded' ? event.bytes.length : 0))).toEqual([108, 108]);
    expect(toldBy(run, 'a').split('\n')).toHaveLength(2);
  });

  it('`df` finds the narrow link', () => {
    const run = play([doing('0s', 'a', { traceroute: { to: 'b', count: 1, size: '1000B', df: true } })]);
    expect(toldBy(run, 'a')).toMatch(/hop 2: 10\.1\.0\.\d+ 0 ms, Frag needed and DF set \(mtu = 600\)/);
  });
});

describe('traceroute where answers take 6 s', () => {
  it('waits 5 s for each, and takes none for the answer to a later probe', () => {
    const links = [{ id: 'near', between: ['a', 'r'] }, { between: ['r', 'b'] }];
    const timeline = [
      doing('0s', 'a', { ping: 'b' }),
      { at: '1s', link: 'near', set: { delay: '3s' } },
      doing('2s', 'a', { traceroute: { to: 'b', count: 1 } }),
    ];
    const run = play(timeline, { links, until: '20s' });
    const told = toldBy(run, 'a').split('\n').slice(-3);
    expect(told).toEqual([1, 2, 3].map((hop) => `hop ${hop}: no answer within 5 s`));
    expect(icmpAt(run, 'a')).toEqual(['0/0', '11/0', '0/0', '0/0']);
  });

  it('and what has no address is not traced', () => {
    expect(toldBy(play([doing('0s', 'a', { traceroute: 'nowhere.test' })]), 'a')).toMatch(
      /\ncannot trace nowhere\.test: /,
    );
  });
});

describe('resolve', () => {
  it('asks `count` times, `every` so long', () => {
    const run = play([doing('0s', 'a', { resolve: { target: 'web.test', count: 3, every: '2s' } })]);
    const told = run.entries.flatMap(({ node, atNs, event }) =>
      node === 'a' && event.kind === 'app' && event.text === 'web.test: 10.2.0.2' ? [Math.floor(atNs / 1e9)] : [],
    );
    expect(told).toEqual([0, 2, 4]);
  });
});

describe('skew', () => {
  it('changes what {t} shows, until it is over, and no timer', () => {
    const send = (at: string) => doing(at, 'a', { 'udp-send': { to: 'b:9', data: '{t}' } });
    const run = play([send('1s'), { at: '2s', node: 'a', skew: '30s', for: '2s' }, send('3s'), send('5s')]);
    const texts = run.entries.flatMap(({ node, atNs, event }) =>
      node === 'a' && event.kind === 'encoded' && event.protocol === 'udp'
        ? [[Math.floor(atNs / 1e9), Number(new TextDecoder().decode(event.bytes.subarray(8)))]]
        : [],
    );
    expect(texts).toEqual([
      [1, 1],
      [3, 33],
      [5, 5],
    ]);
  });
});

describe('ICMP errors are limited (RFC 1812 4.3.2.8)', () => {
  const flood = [doing('0s', 'a', { 'udp-send': { to: 'b:4000', data: 'x', times: 40, every: '50ms' } })];

  it('linux: six at once, then one a second for each peer', () => {
    const run = play(flood, { profile: 'linux' });
    expect(icmpAt(run, 'a')).toEqual(Array(6 + 1).fill('3/3'));
  });

  it('rfc: ten at once, then ten a second (RFC 4443 2.4 (f))', () => {
    const run = play(flood);
    expect(icmpAt(run, 'a').length).toBe(10 + 19);
  });

  it('linux: "fragmentation needed" is never held back', () => {
    const ping = { ping: { to: 'b', size: '1000B', df: true, count: 20, every: '50ms' } };
    expect(icmpAt(play([doing('0s', 'a', ping)], { profile: 'linux' }), 'a')).toEqual(Array(20).fill('3/4'));
  });
});
