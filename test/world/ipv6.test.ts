/** Whole runs over IPv6: transports, names and applications on hosts of one family or both. */

import { describe, expect, it } from 'vitest';
import { doing, dropsOf, rowsOf, runOf, toldBy } from '../layers/3-network/gate-runs.ts';

const DUAL = '10.0.0.1/24';
const PAGE = { 'http-server': { pages: { '/': 'hello', '/big': { size: '100KB' } } } };

/** A resolver's host and a web server of both families. */
function named(ip: string | readonly string[]) {
  return runOf({
    until: '30s',
    nodes: {
      a: { ip, dns: 'ns' },
      ns: {
        ip: ['10.0.0.53/24', '2001:db8::53/64'],
        apps: {
          'dns-server': {
            zone: { 'both.example': 'b', 'six.example': '2001:db8::b', 'four.example': '10.0.0.11' },
          },
        },
      },
      b: { ip: ['10.0.0.11/24', '2001:db8::b/64'], apps: PAGE },
      s: { kind: 'switch' },
    },
    links: [{ between: ['a', 's'] }, { between: ['ns', 's'] }, { between: ['b', 's'] }],
    timeline: ['both', 'six', 'four'].map((name, at) => doing(`${at}s`, 'a', { get: `http://${name}.example/` })),
  });
}

/** Which family carried the segments that a sent, by the second. */
const familiesOf = (run: ReturnType<typeof runOf>) =>
  [0, 1, 2].map((second) => {
    const sent = run.entries.flatMap(({ node, atNs, event }) =>
      node === 'a' && Math.floor(atNs / 1e9) === second && event.kind === 'encoded' && /^ipv/.test(event.protocol)
        ? [{ protocol: event.protocol, isTcp: event.bytes[event.protocol === 'ipv6' ? 6 : 9] === 6 }]
        : [],
    );
    return [...new Set(sent.flatMap(({ protocol, isTcp }) => (isTcp ? [protocol] : [])))].join(' ');
  });

describe('names (RFC 3596, RFC 6724)', () => {
  it('a host of both families asks for both, and takes IPv6 where there is a choice', () => {
    const run = named([DUAL, '2001:db8::1/64']);
    expect(familiesOf(run)).toEqual(['ipv6', 'ipv6', 'ipv4']);
    expect(toldBy(run, 'ns').split('\n')).toHaveLength(6);
  });

  it('a host of one family asks for that one alone', () => {
    const six = named('2001:db8::1/64');
    expect(familiesOf(six)).toEqual(['ipv6', 'ipv6', '']);
    expect(toldBy(six, 'a')).toMatch(/four\.example\/ failed: the name has no IPv6 address/);
    const four = named(DUAL);
    expect(familiesOf(four)).toEqual(['ipv4', '', 'ipv4']);
    expect(toldBy(four, 'ns').split('\n')).toHaveLength(3);
  });

  it('a node is reached by an address of a family that both have', () => {
    const run = runOf({
      until: '5s',
      nodes: { a: { ip: DUAL }, b: { ip: ['2001:db8::b/64', '10.0.0.11/24'] } },
      links: [{ between: ['a', 'b'] }],
      timeline: [doing('0s', 'a', { ping: 'b' })],
    });
    expect(toldBy(run, 'a')).toMatch(/64 bytes from 10\.0\.0\.11/);
  });
});

describe('TCP over IPv6 (RFC 9293 section 3.7.1, RFC 8201)', () => {
  const run = runOf({
    until: '30s',
    nodes: {
      a: { ip: '2001:db8:1::1/64' },
      r: { kind: 'router', interfaces: { near: '2001:db8:1::9/64', far: '2001:db8:2::9/64' } },
      b: { ip: '2001:db8:2::b/64', apps: PAGE },
    },
    links: [
      { between: ['a', 'r'], delay: '5ms', mtu: '1300B' },
      { between: ['r', 'b'], delay: '5ms' },
    ],
    timeline: [doing('0s', 'a', { get: 'http://[2001:db8:2::b]/big' })],
  });
  const segmentsOf = (node: string) =>
    run.entries.flatMap(({ node: at, atNs, event }) =>
      at === node && event.kind === 'encoded' && event.protocol === 'tcp' ? [{ atNs, bytes: event.bytes }] : [],
    );
  const mssOf = (bytes: Uint8Array) => ((bytes[22] as number) << 8) | (bytes[23] as number);

  it('announces the MTU less 60', () => {
    const [fromA, fromB] = ['a', 'b'].map((node) => segmentsOf(node)[0]?.bytes as Uint8Array);
    expect([mssOf(fromA as Uint8Array), mssOf(fromB as Uint8Array)]).toEqual([1240, 1440]);
  });

  it('names an IPv6 host in brackets (RFC 3986 section 3.2.2), and the page arrives', () => {
    const texts = segmentsOf('a').map(({ bytes }) => new TextDecoder().decode(bytes));
    expect(texts.some((text) => text.includes('\r\nHost: [2001:db8:2::b]\r\n'))).toBe(true);
    expect(toldBy(run, 'a')).toMatch(/100000 octets/);
  });

  it('UDP datagrams come whole over a narrow link, cut and put together', () => {
    const sent = runOf({
      until: '20s',
      nodes: {
        a: { ip: '2001:db8:2::a/64' },
        r: { kind: 'router', interfaces: { near: '2001:db8:2::9/64', far: '2001:db8:1::9/64' } },
        b: { ip: '2001:db8:1::b/64', apps: { 'echo-server': {} } },
      },
      links: [{ between: ['a', 'r'] }, { between: ['r', 'b'], mtu: '1280B' }],
      timeline: [doing('0s', 'a', { 'udp-send': { to: '[2001:db8:1::b]:7', size: '3000B', times: 2, every: '1s' } })],
    });
    // The first is lost at the router, which says how much fits; IPv6 of a cuts the second to that.
    expect(dropsOf(sent, 'r')).toEqual(['too-big', 'too-big']);
    expect(rowsOf(sent, 'path-mtu').map(({ key, row }) => [key, row?.mtu])).toEqual([['2001:db8:1::b', 1280]]);
    const echoed = sent.entries.filter(
      ({ node, event }) => node === 'a' && event.kind === 'decoded' && event.protocol === 'udp',
    );
    expect(echoed.map(({ event }) => ('bytes' in event ? event.bytes.length : 0))).toEqual([3008]);
  });
});

describe('path MTU over IPv6 while TCP sends', () => {
  it('re-sends at once in shorter segments what was too big (RFC 8201 section 5.4)', () => {
    const run = runOf({
      until: '30s',
      nodes: {
        a: { ip: '2001:db8:1::1/64', apps: { sink: {} } },
        r: { kind: 'router', interfaces: { near: '2001:db8:1::9/64', mid: '2001:db8:3::9/64' } },
        q: { kind: 'router', interfaces: { mid: '2001:db8:3::8/64', far: '2001:db8:2::8/64' } },
        b: { ip: '2001:db8:2::b/64' },
      },
      links: [{ between: ['a', 'r'] }, { between: ['r', 'q'], delay: '10ms', mtu: '1280B' }, { between: ['q', 'b'] }],
      timeline: [
        doing('0s', 'b', { 'tcp-connect': { to: 'a:9', as: 'x' } }),
        doing('1s', 'b', { 'tcp-send': { on: 'x', size: '20KB' } }),
      ],
    });
    const data = run.entries.flatMap(({ node, atNs, event }) =>
      node === 'b' && event.kind === 'encoded' && event.protocol === 'tcp' && event.bytes.length > 100
        ? [{ atNs, length: event.bytes.length - 20 }]
        : [],
    );
    const told = run.entries.find(
      ({ node, event }) =>
        node === 'b' && event.kind === 'decoded' && event.protocol === 'icmpv6' && event.bytes[0] === 2,
    );
    expect(Math.max(...data.map(({ length }) => length))).toBe(1440);
    const again = data.filter(({ atNs }) => atNs === told?.atNs);
    expect(again.length).toBeGreaterThan(0);
    expect(Math.max(...data.filter(({ atNs }) => atNs > (told?.atNs ?? 0)).map(({ length }) => length))).toBe(1220);
    expect(dropsOf(run, 'q')).toContain('too-big');
    const starts = new Map(
      run.entries.flatMap(({ node, event }) => {
        if (node !== 'a' || event.kind !== 'decoded' || event.protocol !== 'tcp' || event.bytes.length <= 24) return [];
        const sequence = new DataView(event.bytes.buffer, event.bytes.byteOffset).getUint32(4);
        return [[sequence, event.bytes.length - 20] as const];
      }),
    );
    expect([...starts.values()].reduce((sum, length) => sum + length, 0)).toBe(20_000);
  });
});
