/** Hosts that are lent their addresses, in whole runs. */

import { describe, expect, it } from 'vitest';
import { createRun, loadScenario, type Run } from '../../src/index.ts';
import { verdictsOf } from '../../src/projections/expectations.ts';
import { stateAt } from '../../src/projections/state-at.ts';
import { formatProblems } from '../../src/scenario/problem.ts';

function runOf(file: object): Run {
  const text = JSON.stringify({ packetwalk: 1, title: 't', until: '60s', ...file });
  const loaded = loadScenario(text, 'test.json', {});
  if (loaded.scenario === null) throw new Error(formatProblems(loaded.problems));
  const run = createRun(loaded.scenario);
  run.runToEnd();
  return run;
}

const failures = (run: Run) =>
  verdictsOf(run.scenario, run.entries).flatMap(({ pass, sentence }) => (pass ? [] : [sentence]));
const stateOf = (run: Run, path: string) => stateAt(run.entries, run.scenario, 'end').get(path);

const LENDER = { ip: '10.0.0.1/24', apps: { 'dhcp-server': { pool: '10.0.0.100-10.0.0.101' } } };
const star = (...names: string[]) => names.map((name) => ({ between: [name, 'sw'], delay: '1ms' }));

describe('hosts with `ip: dhcp`', () => {
  it('are reached by name and found by filters under the address they were lent', () => {
    const run = runOf({
      nodes: {
        a: { ip: 'dhcp' },
        b: { ip: 'dhcp', apps: { 'echo-server': {} } },
        lender: LENDER,
        sw: { kind: 'switch' },
      },
      links: star('a', 'b', 'lender'),
      timeline: [{ at: '10s', node: 'a', do: { 'udp-send': { to: 'b:7', data: 'hello' } } }],
      expect: [
        { name: 'there', match: 'udp.dstport == 7 && ip.src == a && ip.dst == b', exactly: 1, at: 'b' },
        { name: 'not here', match: 'udp.port == 7 && ip.addr == lender', exactly: 0 },
        { name: 'delivered', delivered: { from: 'a', to: 'b', messages: 1 } },
        { name: 'state', state: 'b.dhcp.eth0.state', is: 'BOUND' },
      ],
    });
    expect(failures(run)).toEqual([]);
    expect([stateOf(run, 'a.lease.eth0.address'), stateOf(run, 'b.lease.eth0.address')].toSorted()).toEqual([
      '10.0.0.100',
      '10.0.0.101',
    ]);
  });

  it('are meant by filters of faults too, from the time on at which they have their address', () => {
    const run = runOf({
      nodes: { a: { ip: 'dhcp' }, lender: LENDER },
      links: [{ between: ['a', 'lender'], drop: [{ match: 'icmp && ip.src == a', nth: 1 }] }],
      timeline: [{ at: '10s', node: 'a', do: { ping: { target: 'lender', count: 2 } } }],
      expect: [
        { name: 'lost', match: 'icmp && pw.lost', exactly: 1 },
        { name: 'answered', match: 'icmp.type == 0', exactly: 1 },
      ],
    });
    expect(failures(run)).toEqual([]);
  });

  it('are told the router and the name server, over a NAT whose outside is lent as well', () => {
    const run = runOf({
      nodes: {
        a: { ip: 'dhcp' },
        home: {
          kind: 'nat',
          interfaces: { lan: '192.168.1.1/24', wan: 'dhcp' },
          nat: { inside: 'lan', outside: 'wan' },
          apps: { 'dhcp-server': null, 'dns-server': { zone: { 'www.example': 'web' } } },
        },
        isp: {
          kind: 'router',
          interfaces: { customers: '203.0.113.1/24', net: '198.51.100.1/24' },
          apps: { 'dhcp-server': { lease: '10m' } },
        },
        web: { ip: '198.51.100.80/24', apps: { 'http-server': {} } },
      },
      links: [
        { between: ['a', 'home:lan'] },
        { between: ['home:wan', 'isp:customers'], delay: '5ms' },
        { between: ['isp:net', 'web'] },
      ],
      timeline: [
        { at: '0.001s', node: 'a', do: { ping: 'web' } },
        { at: '20s', node: 'a', do: { get: 'http://www.example/' } },
      ],
      expect: [
        { name: 'page', match: 'http.response.code == 200', exactly: 1, at: 'a' },
        {
          name: 'translated',
          match: 'tcp.flags.syn == 1 && tcp.flags.ack == 0 && ip.src == home',
          exactly: 1,
          at: 'web',
        },
        { name: 'early', state: 'a.dropped.no-route', is: 1 },
        { name: 'route', state: 'a.routes.0.0.0.0/0.via', is: '192.168.1.1' },
        { name: 'resolver', state: 'a.resolver.dhcp.servers', is: '192.168.1.1' },
        { name: 'upper half', state: 'home.lease.wan.address', is: '203.0.113.128' },
      ],
    });
    expect(failures(run)).toEqual([]);
  });

  it('find out that somebody has the address, and get another', () => {
    const run = runOf({
      nodes: { a: { ip: 'dhcp' }, squatter: { ip: '10.0.0.100/24' }, lender: LENDER, sw: { kind: 'switch' } },
      links: star('a', 'squatter', 'lender'),
      expect: [
        { name: 'declined', match: 'dhcp.option.dhcp == 4 && ip.src == 0.0.0.0', exactly: 1, at: 'lender' },
        { name: 'never two', never: 'arp.src.proto_ipv4 == 10.0.0.100 && eth.src == a' },
        { name: 'another', state: 'a.lease.eth0.address', is: '10.0.0.101' },
        { name: 'marked', state: 'lender.leases.10.0.0.100.state', is: 'declined' },
      ],
    });
    expect(failures(run)).toEqual([]);
  });

  it('lose the address when nobody renews it, and with it route, name server and what they were reached by', () => {
    const run = runOf({
      until: '90s',
      nodes: {
        a: { ip: 'dhcp' },
        lender: { ip: '10.0.0.1/24', apps: { 'dhcp-server': { lease: '30s', router: 'lender', dns: 'lender' } } },
      },
      links: [{ id: 'l', between: ['a', 'lender'] }],
      timeline: [
        { at: '14s', link: 'l', set: { down: true } },
        { at: '29.9s', node: 'a', do: { ping: '10.0.0.1' } },
        { at: '31s', node: 'a', do: { ping: '10.0.0.1' } },
        { at: '31s', node: 'lender', do: { ping: 'a' } },
      ],
      expect: [
        { name: 'had it', state: 'a.addresses.rows', is: 1, at: '29s' },
        { name: 'has none', state: 'a.addresses.rows', is: 0, at: '31s' },
        { name: 'has no route', state: 'a.routes.rows', is: 0, at: '31s' },
        { name: 'knows it', state: 'a.dropped.no-route', is: 1, at: '31s' },
        { name: 'the server does too', state: 'lender.leases.10.0.0.128.state', is: 'expired', at: '31s' },
      ],
    });
    expect(failures(run)).toEqual([]);
    const told = run.entries.flatMap(({ node, event }) =>
      node === 'lender' && event.kind === 'app' ? [event.text] : [],
    );
    expect(told.join('\n')).toContain('cannot ping a: a has no address now');
  });

  it('release, after which the pool of one serves the next', () => {
    const run = runOf({
      nodes: {
        a: { ip: 'dhcp' },
        b: { ip: 'dhcp' },
        lender: { ip: '10.0.0.1/24', apps: { 'dhcp-server': { pool: '10.0.0.9-10.0.0.9' } } },
        sw: { kind: 'switch' },
      },
      links: star('a', 'b', 'lender'),
      timeline: [{ at: '20s', node: 'a', do: { dhcp: 'release' } }],
      expect: [
        { name: 'none left', state: 'b.addresses.rows', is: 1, at: 'end' },
        { name: 'of b', state: 'b.lease.eth0.address', is: '10.0.0.9' },
        { name: 'none of a', state: 'a.dhcp.eth0.state', is: 'INIT' },
        {
          name: 'told the server alone',
          match: 'dhcp.option.dhcp == 7 && ip.dst == lender && ip.src == 10.0.0.9',
          exactly: 1,
          at: 'lender',
        },
      ],
    });
    expect(failures(run)).toEqual([]);
  });

  it('a server answers on its own interface alone', () => {
    const run = runOf({
      nodes: {
        a: { ip: 'dhcp' },
        b: { ip: 'dhcp' },
        r: {
          kind: 'router',
          interfaces: { left: '10.0.1.1/24', right: '10.0.2.1/24' },
          apps: { 'dhcp-server': { pool: '10.0.2.50-10.0.2.60' } },
        },
      },
      links: [{ between: ['a', 'r:left'] }, { between: ['b', 'r:right'] }],
      expect: [
        { name: 'b', state: 'b.lease.eth0.address', is: '10.0.2.50' },
        { name: 'a', state: 'a.dhcp.eth0.state', is: 'SELECTING' },
        { name: 'nothing on the left', match: 'dhcp.type == 2 && link == a-r', exactly: 0 },
      ],
    });
    expect(failures(run)).toEqual([]);
  });

  it('two servers on one router, one for each side', () => {
    const run = runOf({
      nodes: {
        a: { ip: 'dhcp' },
        b: { ip: 'dhcp' },
        r: {
          kind: 'router',
          interfaces: { left: '10.0.1.1/24', right: '10.0.2.1/24' },
          apps: {
            one: { kind: 'dhcp-server', pool: '10.0.1.50-10.0.1.60' },
            two: { kind: 'dhcp-server', pool: '10.0.2.50-10.0.2.60' },
          },
        },
      },
      links: [{ between: ['a', 'r:left'] }, { between: ['b', 'r:right'] }],
      timeline: [{ at: '10s', node: 'a', do: { ping: 'b' } }],
      expect: [{ name: 'pong', match: 'icmp.type == 0 && ip.src == b && ip.dst == a', exactly: 1, at: 'a' }],
    });
    expect(failures(run)).toEqual([]);
  });
});
