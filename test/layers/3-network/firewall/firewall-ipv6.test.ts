/** IPv6 through a firewall, which judges it as IPv4, and through a NAT, which passes it on as it is. */

import { describe, expect, it } from 'vitest';
import type { Run } from '../../../../src/index.ts';
import { doing, dropsOf, rowsOf, runOf, toldBy } from '../gate-runs.ts';

const CLIENT = '2001:db8:1::10';
const SERVER = '2001:db8:2::2';

/** client (lan) – gate – server (wan), dual stack. */
function play(timeline: readonly object[], gate: object, link: object = {}) {
  return runOf({
    nodes: {
      client: { ip: ['192.168.1.10/24', `${CLIENT}/64`], apps: { 'echo-server': {} } },
      gate: {
        ...gate,
        interfaces: { lan: ['192.168.1.1/24', '2001:db8:1::1/64'], wan: ['10.0.0.1/24', '2001:db8:2::1/64'] },
      },
      server: { ip: ['10.0.0.2/24', `${SERVER}/64`], apps: { 'http-server': {}, 'echo-server': {} } },
    },
    links: [
      { between: ['client', 'gate:lan'], delay: '1ms' },
      { between: ['gate:wan', 'server'], delay: '10ms', ...link },
    ],
    timeline,
  });
}

const firewall = (options: object) => ({ kind: 'firewall', firewall: options });
const OUTGOING = firewall({ rules: [{ from: 'lan', allow: 'ipv6 or ip' }] });

const icmpv6At = (run: Run, node: string): string[] =>
  run.entries.flatMap(({ node: at, event }) =>
    at === node && event.kind === 'decoded' && event.protocol === 'icmpv6' && (event.bytes[0] ?? 0) < 128
      ? [`${event.bytes[0]}/${event.bytes[1]}`]
      : [],
  );

describe('a firewall', () => {
  it('lets answers in to what the inside began over IPv6, and nothing else', () => {
    const run = play(
      [
        doing('1s', 'client', { get: `http://[${SERVER}]/` }),
        doing('2s', 'server', { 'tcp-connect': `[${CLIENT}]:7` }),
        doing('3s', 'server', { 'udp-send': { to: `[${CLIENT}]:7`, data: 'x' } }),
        doing('4s', 'server', { ping: CLIENT }),
        doing('5s', 'client', { ping: SERVER }),
      ],
      OUTGOING,
    );
    expect(toldBy(run, 'client')).toMatch(/200, \d+ octets/);
    expect(toldBy(run, 'client')).toMatch(/1 sent, 1 received/);
    expect(toldBy(run, 'server')).toMatch(/1 sent, 0 received/);
    expect(dropsOf(run, 'gate').length).toBeGreaterThanOrEqual(3);
    expect(new Set(dropsOf(run, 'gate'))).toEqual(new Set(['filtered']));
    const begun = rowsOf(run, 'flows').filter(({ row }) => row);
    expect(begun.map(({ key }) => key.replace(/:\d+( |$)/g, '$1'))).toEqual([
      `tcp [${CLIENT}] [${SERVER}]`,
      `icmpv6 [${CLIENT}] [${SERVER}]`,
    ]);
  });

  it('forgets a flow that was idle', () => {
    const run = play(
      [doing('1s', 'client', { ping: SERVER }), doing('50s', 'client', { ping: SERVER })],
      firewall({ idle: '10s' }),
    );
    expect(rowsOf(run, 'flows').map(({ row }) => row !== null)).toEqual([true, false, true, false]);
  });

  it('judges by rules that name nodes, and keeps both families apart', () => {
    const rules = [{ deny: 'ipv6.addr == server && udp.dstport == 9' }, { allow: 'ip or ipv6' }];
    const run = play(
      [
        doing('1s', 'client', { 'udp-send': { to: `[${SERVER}]:9`, data: 'x' } }),
        doing('2s', 'client', { 'udp-send': { to: '10.0.0.2:9', data: 'x' } }),
      ],
      firewall({ rules }),
    );
    expect(dropsOf(run, 'gate')).toEqual(['filtered']);
  });

  it('lets the errors about a flow through, and only those', () => {
    const run = play(
      [
        doing('1s', 'client', { 'udp-send': { to: `[${SERVER}]:9999`, data: 'x' } }),
        doing('2s', 'client', { ping: { to: SERVER, size: '1400B', df: true } }),
      ],
      OUTGOING,
      { mtu: '1280B' },
    );
    expect(icmpv6At(run, 'client')).toEqual(['1/4', '2/0']);
  });

  it('sees packets whole, and passes their fragments on as they came', () => {
    const run = play(
      [
        doing('1s', 'client', { ping: { to: SERVER, size: '3000B' } }),
        doing('2s', 'server', { ping: { to: CLIENT, size: '3000B' } }),
      ],
      OUTGOING,
    );
    expect(toldBy(run, 'client')).toMatch(/1 sent, 1 received/);
    expect(toldBy(run, 'server')).toMatch(/1 sent, 0 received/);
    expect(dropsOf(run, 'gate')).toEqual(['filtered', 'filtered', 'filtered']);
  });

  it('drops fragments whose others do not come', () => {
    const run = play([doing('1s', 'client', { ping: { to: SERVER, size: '2000B' } })], OUTGOING, {});
    expect(dropsOf(run, 'gate')).toEqual([]);
    const lossy = runOf({
      nodes: {
        client: { ip: `${CLIENT}/64` },
        gate: { ...OUTGOING, interfaces: { lan: '2001:db8:1::1/64', wan: '2001:db8:2::1/64' } },
        server: { ip: `${SERVER}/64` },
      },
      links: [
        { between: ['client', 'gate:lan'], drop: [{ match: 'ipv6.fraghdr.offset > 0' }] },
        { between: ['gate:wan', 'server'] },
      ],
      timeline: [doing('1s', 'client', { ping: { to: SERVER, size: '2000B' } })],
    });
    expect(dropsOf(lossy, 'gate')).toEqual(['timed-out']);
    expect(icmpv6At(lossy, 'client')).toEqual([]);
  });

  it('`icmp: drop` drops pings and errors, its own too, but no Neighbour Discovery', () => {
    const run = play(
      [
        doing('1s', 'client', { ping: SERVER }),
        doing('2s', 'client', { ping: '2001:db8:1::1' }),
        doing('3s', 'client', { 'udp-send': { to: `[${SERVER}]:9999`, data: 'x' } }),
        doing('4s', 'client', { get: `http://[${SERVER}]/` }),
      ],
      firewall({ icmp: 'drop' }),
    );
    expect(toldBy(run, 'client')).not.toMatch(/1 sent, 1 received/);
    expect(toldBy(run, 'client')).toMatch(/200, \d+ octets/);
    expect(icmpv6At(run, 'client')).toEqual([]);
  });
});

describe('a NAT', () => {
  const NAT = { kind: 'nat', nat: { inside: 'lan', outside: 'wan' } };

  it('passes IPv6 on as it is, both ways, and translates IPv4 beside it', () => {
    const run = play(
      [
        doing('1s', 'client', { get: `http://[${SERVER}]/` }),
        doing('2s', 'server', { ping: CLIENT }),
        doing('3s', 'client', { ping: '10.0.0.2' }),
        doing('4s', 'server', { ping: '192.168.1.10' }),
      ],
      NAT,
    );
    expect(toldBy(run, 'client')).toMatch(/200, \d+ octets/);
    expect(toldBy(run, 'client')).toMatch(/1 sent, 1 received/);
    expect(toldBy(run, 'server')).toMatch(/1 sent, 1 received/);
    expect(dropsOf(run, 'server')).toEqual(['no-route']);
    expect(rowsOf(run, 'nat').filter(({ row }) => row).length).toBe(1);
  });
});
