/** A NAT between whole hosts: who is seen as whom, what comes back, and what does not. */

import { describe, expect, it } from 'vitest';
import type { Run } from '../../../../src/index.ts';
import { doing, dropsOf, icmpAt, rowsOf, runOf, toldBy } from '../gate-runs.ts';

const NAT = { inside: 'lan', outside: 'wan', idle: '30s' };

/** Two hosts behind a NAT, a server before it. */
function play(timeline: readonly object[], nat: object = NAT, link: object = {}): Run {
  const nodes = {
    one: { ip: '192.168.1.10/24' },
    two: { ip: '192.168.1.11/24' },
    lan: { kind: 'switch' },
    home: { kind: 'nat', nat, interfaces: { lan: '192.168.1.1/24', wan: '10.0.0.1/24' } },
    server: {
      ip: '10.0.0.2/24',
      routes: [{ to: '192.168.1.0/24', via: '10.0.0.1' }],
      apps: { 'http-server': { pages: { '/': 'hello', '/big': { size: '50KiB' } } }, 'echo-server': {} },
    },
  };
  const links = [
    { between: ['one', 'lan'], delay: '1ms' },
    { between: ['two', 'lan'], delay: '1ms' },
    { between: ['home:lan', 'lan'], delay: '1ms' },
    { id: 'wan', between: ['home:wan', 'server'], delay: '10ms', ...link },
  ];
  return runOf({ nodes, links, timeline });
}

/** Source addresses of IPv4 frames that left a node on the outer link, in dotted form. */
function seenOutside(run: Run, node: string): Set<string> {
  const frames = run.entries.flatMap(({ event }) =>
    event.kind === 'departed' && event.link === 'wan' && event.bytes[12] === 8 && event.bytes[13] === 0
      ? [event.bytes]
      : [],
  );
  const mine = frames.filter((bytes) => bytes.subarray(26, 30).join('.') === node || node === '');
  return new Set((node === '' ? frames : mine).map((bytes) => bytes.subarray(26, 30).join('.')));
}

describe('a NAT', () => {
  it('shows one address outside, whoever asks, and brings every answer to whom it is for', () => {
    const get = { get: 'http://10.0.0.2/big' };
    const run = play([doing('0s', 'one', get), doing('0s', 'two', get)]);
    expect(toldBy(run, 'one')).toMatch(/200, 51200 octets/);
    expect(toldBy(run, 'two')).toMatch(/200, 51200 octets/);
    expect([...seenOutside(run, '')].sort()).toEqual(['10.0.0.1', '10.0.0.2']);
    expect(dropsOf(run)).toEqual([]);
  });

  it('keeps the port where it is free and takes another where it is not', () => {
    const send = { 'udp-send': { to: '10.0.0.2:7', data: 'x' } };
    const run = play([doing('0s', 'one', send), doing('0s', 'two', send)]);
    const outside = rowsOf(run, 'nat').flatMap(({ row }) => (row ? [row.outside] : []));
    expect(new Set(outside).size).toBe(outside.length);
    expect(dropsOf(run).filter((reason) => reason === 'checksum')).toEqual([]);
  });

  it('lets two hosts ping with their own identifiers, and cut echoes too', () => {
    const ping = { ping: { to: '10.0.0.2', count: 2, size: '3000B' } };
    const run = play([doing('0s', 'one', ping), doing('0s', 'two', ping)]);
    expect(toldBy(run, 'one').match(/3000|3008/g)?.length).toBeGreaterThanOrEqual(2);
    expect(dropsOf(run)).toEqual([]);
  });

  it('forgets a flow after the idle time: what then comes from outside is dropped with a reason', () => {
    const run = play([
      doing('0s', 'one', { 'tcp-connect': '10.0.0.2:7' }),
      doing('1s', 'one', { 'tcp-send': 'hello' }),
      doing('100s', 'server', { 'udp-send': { to: '10.0.0.1:5000', data: 'x' } }),
    ]);
    expect(rowsOf(run, 'nat').map(({ row, because }) => [row !== null, because])).toEqual([
      [true, 'the first packet from inside'],
      [false, 'nothing passed for the idle time'],
    ]);
    expect(dropsOf(run)).toEqual(['filtered']);
  });

  it('lets nobody in who was not asked, at the inside address neither', () => {
    const run = play([
      doing('0s', 'server', { 'udp-send': { to: '192.168.1.10:7', data: 'x' } }),
      doing('1s', 'server', { 'tcp-connect': '192.168.1.10:7' }),
    ]);
    expect(dropsOf(run).length).toBeGreaterThan(1);
    expect(new Set(dropsOf(run))).toEqual(new Set(['filtered']));
  });

  it('translates errors from outside: a closed port is told to whom it concerns', () => {
    const run = play([
      doing('0s', 'one', { 'udp-send': { to: '10.0.0.2:9999', data: 'x' } }),
      doing('1s', 'two', { traceroute: '10.0.0.2' }),
    ]);
    expect(icmpAt(run, 'one')).toEqual(['3/3']);
    expect(toldBy(run, 'two')).toMatch(/192\.168\.1\.1[\s\S]*10\.0\.0\.2/);
  });

  it('tells the inside of a smaller MTU outside', () => {
    const ping = { ping: { to: '10.0.0.2', size: '1400B', df: true } };
    const run = play([doing('0s', 'one', ping)], NAT, { mtu: '1000B' });
    expect(icmpAt(run, 'one')).toEqual(['3/4']);
  });

  it('its own flows get their answers, and it answers pings itself', () => {
    const run = play([
      doing('0s', 'home', { get: 'http://10.0.0.2/' }),
      doing('1s', 'server', { ping: '10.0.0.1' }),
      doing('2s', 'home', { ping: '10.0.0.2' }),
    ]);
    expect(toldBy(run, 'home')).toMatch(/200, 5 octets/);
    expect(toldBy(run, 'home')).toMatch(/1 sent, 1 received/);
    expect(toldBy(run, 'server')).toMatch(/1 sent, 1 received/);
    expect(dropsOf(run)).toEqual([]);
  });

  it.each(['home', 'an inner router'])('an error of %s shows nobody the inside address (RFC 5508 4.2)', (who) => {
    // The echo is 70 s on its way: by then the ARP rows are old, and one is down.
    const inner = who !== 'home';
    const run = runOf({
      nodes: {
        one: { ip: inner ? '192.168.2.10/24' : '192.168.1.10/24' },
        ...(inner ? { inner: { kind: 'router', interfaces: { down: '192.168.2.1/24', up: '192.168.1.2/24' } } } : {}),
        home: {
          kind: 'nat',
          nat: { ...NAT, idle: '100s' },
          interfaces: { lan: '192.168.1.1/24', wan: '10.0.0.1/24' },
        },
        server: { ip: '10.0.0.2/24', apps: { 'echo-server': {} } },
      },
      links: [
        ...(inner
          ? [{ between: ['one', 'inner:down'] }, { between: ['inner:up', 'home:lan'] }]
          : [{ between: ['one', 'home:lan'] }]),
        { id: 'wan', between: ['home:wan', 'server'], 'b-to-a': { 'delay-frame': [{ match: 'udp', by: '70s' }] } },
      ],
      timeline: [
        doing('0s', 'one', { 'udp-send': { to: '10.0.0.2:7', data: 'x' } }),
        { at: '10s', node: 'one', crash: true },
      ],
    });
    const errors = run.entries.flatMap(({ event }) =>
      event.kind === 'arrived' && event.link === 'wan' && event.bytes[23] === 1 ? [event.bytes] : [],
    );
    const address = (at: number) => errors[0]?.subarray(at, at + 4).join('.');
    expect([errors.length, errors[0]?.[34], errors[0]?.[35]]).toEqual([1, 3, 1]);
    expect([address(26), address(30), address(54), address(58)]).toEqual([
      '10.0.0.1',
      '10.0.0.2',
      '10.0.0.2',
      '10.0.0.1',
    ]);
    expect(icmpAt(run, 'server')).toEqual(['3/1']);
  });

  it('nobody outside has a route to the inside, unless it is written', () => {
    const run = runOf({
      nodes: {
        one: { ip: '192.168.1.10/24' },
        home: { kind: 'nat', nat: NAT, interfaces: { lan: '192.168.1.1/24', wan: '10.0.0.1/24' } },
        isp: { kind: 'router' },
        server: { ip: '10.9.0.2/24' },
      },
      links: [{ between: ['one', 'home:lan'] }, { between: ['home:wan', 'isp'] }, { between: ['isp', 'server'] }],
      timeline: [doing('0s', 'server', { ping: '192.168.1.10' }), doing('1s', 'one', { ping: '10.9.0.2' })],
    });
    expect(dropsOf(run)).toEqual(['no-route']);
    expect(toldBy(run, 'one')).toMatch(/1 sent, 1 received/);
  });

  it.each([
    [{ inside: 'lan', outside: 'wann' }, /no interface `wann`; did you mean `wan`|no interface `wann`/],
    [{ inside: 'lan', outside: 'lan' }, /same interface/],
  ])('refuses %j', (nat, message) => expect(() => play([], nat)).toThrow(message));
});
