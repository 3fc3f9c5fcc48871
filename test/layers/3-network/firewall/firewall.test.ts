/** A firewall between two hosts: what may begin, what comes back, and what breaks when ICMP is dropped. */

import { describe, expect, it } from 'vitest';
import { doing, dropsOf, icmpAt, rowsOf, runOf, toldBy } from '../gate-runs.ts';

/** client (lan) – fw – server (wan). */
function play(timeline: readonly object[], firewall: object, link: object = {}) {
  return runOf({
    nodes: {
      client: { ip: '192.168.1.10/24', apps: { 'echo-server': {} } },
      fw: { kind: 'firewall', firewall, interfaces: { lan: '192.168.1.1/24', wan: '10.0.0.1/24' } },
      server: {
        ip: '10.0.0.2/24',
        apps: { 'http-server': { pages: { '/': 'hello', '/big': { size: '50KiB' } } }, 'echo-server': {} },
      },
    },
    links: [
      { between: ['client', 'fw:lan'], delay: '1ms' },
      { between: ['fw:wan', 'server'], delay: '10ms', ...link },
    ],
    timeline,
  });
}

const OUTGOING = { rules: [{ from: 'lan', allow: 'ip' }] };

describe('a firewall', () => {
  it('lets answers in to what the inside began, and nothing else', () => {
    const run = play(
      [
        doing('0s', 'client', { get: 'http://10.0.0.2/big' }),
        doing('1s', 'server', { 'tcp-connect': '192.168.1.10:7' }),
        doing('2s', 'server', { 'udp-send': { to: '192.168.1.10:7', data: 'x' } }),
        doing('3s', 'server', { ping: '192.168.1.10' }),
        doing('4s', 'client', { ping: '10.0.0.2' }),
      ],
      OUTGOING,
    );
    expect(toldBy(run, 'client')).toMatch(/200, 51200 octets/);
    expect(toldBy(run, 'client')).toMatch(/1 sent, 1 received/);
    expect(toldBy(run, 'server')).toMatch(/1 sent, 0 received/);
    expect(dropsOf(run, 'fw').length).toBeGreaterThanOrEqual(3);
    expect(new Set(dropsOf(run, 'fw'))).toEqual(new Set(['filtered']));
    expect(rowsOf(run, 'flows').filter(({ row }) => row).length).toBe(2);
  });

  it('the first rule that matches decides, with names of nodes as in every filter', () => {
    const rules = [{ deny: 'udp.dstport == 9' }, { from: 'lan', to: 'wan', allow: 'ip.dst == server' }];
    const run = play(
      [
        doing('0s', 'client', { 'udp-send': { to: '10.0.0.2:9', data: 'x' } }),
        doing('1s', 'client', { 'udp-send': { to: '10.0.0.2:7', data: 'x' } }),
      ],
      { rules },
    );
    const details = run.entries.flatMap(({ event }) =>
      event.kind === 'dropped' && event.reason === 'filtered' ? [event.detail] : [],
    );
    expect(details).toEqual(['the rule says: deny udp.dstport == 9']);
  });

  it('without rules everything may begin', () => {
    const run = play([doing('0s', 'server', { ping: '192.168.1.10' })], {});
    expect(toldBy(run, 'server')).toMatch(/1 sent, 1 received/);
  });

  it('lets the errors about a flow through, and only those (RFC 2979 section 3.1.1)', () => {
    const run = play(
      [
        doing('0s', 'client', { 'udp-send': { to: '10.0.0.2:9999', data: 'x' } }),
        doing('1s', 'client', { ping: { to: '10.0.0.2', size: '1400B', df: true } }),
      ],
      OUTGOING,
      { mtu: '1000B' },
    );
    expect(icmpAt(run, 'client')).toEqual(['3/3', '3/4']);
  });

  it('`icmp: drop` drops pings and errors, its own too', () => {
    const run = play(
      [
        doing('0s', 'client', { 'udp-send': { to: '10.0.0.2:9999', data: 'x' } }),
        doing('1s', 'client', { ping: { to: '10.0.0.2', size: '1400B', df: true } }),
        doing('2s', 'client', { ping: '192.168.1.1' }),
      ],
      { icmp: 'drop' },
      { mtu: '1000B' },
    );
    expect(icmpAt(run, 'client')).toEqual([]);
    expect(dropsOf(run, 'fw')).toEqual(['filtered', 'filtered', 'filtered']);
  });

  it('`icmp: drop` says nothing of its own: it is no hop of a traceroute, and a host that is not there stays silent', () => {
    const asks = [
      doing('0s', 'client', { traceroute: '10.0.0.2' }),
      doing('60s', 'client', { 'udp-send': { to: '10.0.0.99:7', data: 'x' } }),
    ];
    const passing = play(asks, { icmp: 'pass' });
    expect(new Set(icmpAt(passing, 'client'))).toEqual(new Set(['11/0', '0/0', '3/1']));
    const dropping = play(asks, { icmp: 'drop' });
    expect(icmpAt(dropping, 'client')).toEqual([]);
    expect(new Set(dropsOf(dropping, 'fw'))).toContain('filtered');
  });

  it("answers that come after their flow was forgotten are nobody's: errors and echoes", () => {
    const run = play(
      [
        doing('0s', 'client', { 'udp-send': { to: '10.0.0.2:9999', data: 'x' } }),
        doing('1s', 'client', { ping: '10.0.0.2' }),
      ],
      { ...OUTGOING, idle: '15ms' },
    );
    const details = run.entries.flatMap(({ node, event }) =>
      node === 'fw' && event.kind === 'dropped' ? [event.detail] : [],
    );
    expect(details).toEqual([
      'the ICMP error is about no flow that was let through',
      'nobody asked for this ICMP message',
    ]);
    expect(icmpAt(run, 'client')).toEqual([]);
  });

  it('forgets a connection that is silent for the idle time: its next segment is dropped', () => {
    const run = play(
      [
        doing('0s', 'client', { 'tcp-connect': '10.0.0.2:7' }),
        doing('5s', 'client', { 'tcp-send': 'early' }),
        doing('60s', 'client', { 'tcp-send': 'late' }),
      ],
      { ...OUTGOING, idle: '30s' },
    );
    expect(rowsOf(run, 'flows').map(({ row, because }) => [row !== null, because])).toEqual([
      [true, 'its first packet was let through'],
      [false, 'nothing passed for the idle time'],
    ]);
    const first = run.entries.find(({ node, event }) => node === 'fw' && event.kind === 'dropped');
    expect(first?.atNs).toBeGreaterThan(60_000_000_000);
    expect(first?.event).toMatchObject({ reason: 'filtered', detail: expect.stringMatching(/only a SYN begins one/) });
  });

  it.each([
    [{ rules: [{ from: 'lann', allow: 'ip' }] }, /no interface `lann`; did you mean `lan`/],
    [{ rules: [{ from: 'lan' }] }, /needs `allow` or `deny`/],
    [{ rules: [{ allow: 'ip', deny: 'ip' }] }, /do not go together/],
    [{ rules: [{ allow: 'ip.scr == 1' }] }, /ip\.src/],
  ])('refuses %j', (firewall, message) => expect(() => play([], firewall)).toThrow(message));
});
