import { describe, expect, it } from 'vitest';
import type { Run } from '../../../../src/index.ts';
import { doing, dropsOf, rowsOf, runOf, toldBy } from '../gate-runs.ts';

const ROUTER = { kind: 'router', interfaces: { lan: '2001:db8:1::1/64', wan: '2001:db8:2::1/64' } };
const SERVER = { ip: '2001:db8:2::2/64', apps: { 'http-server': {} } };
const LINKS = [{ between: ['a', 'r'] }, { between: ['r', 'b'] }];
const OWN = '2001:db8:1::ff:fe00:1';

/** The rows of one table at one node, as `seconds key column`. */
function history(run: Run, node: string, table: string, column: string): string[] {
  return run.entries.flatMap(({ node: at, atNs, event }) => {
    if (at !== node || event.kind !== 'table' || event.change.table !== table) return [];
    const { key, row } = event.change;
    return [`${Math.round(atNs / 1e8) / 10} ${key} ${row === null ? 'gone' : row[column]}`];
  });
}

/** ICMPv6 messages that a node sent, as `type`. */
const sentBy = (run: Run, node: string) =>
  run.entries.flatMap(({ node: at, event }) =>
    at === node && event.kind === 'encoded' && event.protocol === 'icmpv6' ? [event.bytes[0]] : [],
  );

/** The default route of a, as it changed. */
const defaults = (run: Run) => history(run, 'a', 'routes', 'via').filter((line) => line.includes('::/0'));

describe('a host that configures itself (RFC 4862)', () => {
  it('checks its link-local address, asks for routers, and checks what it makes of the prefix', () => {
    const run = runOf({ until: '10s', nodes: { a: {}, r: ROUTER, b: SERVER }, links: LINKS });
    expect(sentBy(run, 'a').slice(0, 3)).toEqual([135, 133, 135]);
    expect(history(run, 'a', 'addresses', 'state').map((line) => line.replace(/^\S+ /, ''))).toEqual([
      'fe80::ff:fe00:1 tentative',
      'fe80::ff:fe00:1 preferred',
      `${OWN} tentative`,
      `${OWN} preferred`,
    ]);
    expect(defaults(run).map((line) => line.replace(/^\S+ /, ''))).toEqual(['::/0 fe80::ff:fe00:2']);
  });

  it('cannot speak before that, and can afterwards', () => {
    const run = runOf({
      until: '10s',
      nodes: { a: {}, r: ROUTER, b: SERVER },
      links: LINKS,
      timeline: [doing('0s', 'a', { ping: 'b' }), doing('6s', 'a', { get: 'http://b/' })],
    });
    expect(toldBy(run, 'a')).toMatch(/icmp_seq=1 could not be sent to 2001:db8:2::2/);
    expect(toldBy(run, 'a')).toMatch(/GET http:\/\/b\/: 200/);
  });

  it('asks three times, four seconds apart, where no router answers', () => {
    const run = runOf({
      until: '60s',
      nodes: { a: {}, r: ROUTER, b: SERVER },
      links: [{ between: ['a', 'r'], 'b-to-a': { loss: '100%' } }, LINKS[1]],
    });
    expect(sentBy(run, 'a').filter((type) => type === 133)).toHaveLength(3);
  });

  it('RFC 4862 section 5.4.3: who hears the check of another one before its own has no address', () => {
    const twin = { mac: '02:00:00:00:00:09' };
    const run = runOf({
      until: '10s',
      nodes: { a: twin, c: twin, s: { kind: 'switch' }, r: ROUTER, b: SERVER },
      links: [{ between: ['a', 's'] }, { between: ['c', 's'] }, { between: ['r', 's'] }, { between: ['r', 'b'] }],
    });
    const states = ['a', 'c'].map((node) =>
      history(run, node, 'addresses', 'state').map((line) => line.replace(/^\S+ /, '')),
    );
    expect(states).toContainEqual(['fe80::ff:fe00:9 tentative', 'fe80::ff:fe00:9 duplicate']);
    expect(states.flat().filter((line) => line === 'fe80::ff:fe00:9 preferred')).toHaveLength(1);
  });

  it('lets addresses grow old: deprecated, then gone, and the routes with them', () => {
    const r = { ...ROUTER, advertise: { valid: '40s', preferred: '20s', lifetime: '30s', every: '600s' } };
    const run = runOf({
      until: '60s',
      nodes: { a: {}, r, b: SERVER },
      links: [{ id: 'l', between: ['a', 'r'] }, LINKS[1]],
      timeline: [{ at: '5s', link: 'l', set: { down: true } }],
    });
    const ends = history(run, 'a', 'addresses', 'state')
      .filter((line) => line.includes(OWN))
      .slice(2);
    const [deprecated, gone] = ends.map((line) => Number(line.split(' ')[0]));
    expect(ends.map((line) => line.split(' ')[2])).toEqual(['deprecated', 'gone']);
    expect((gone as number) - (deprecated as number)).toBeCloseTo(20, 1);
    const [made, lost] = defaults(run).map((line) => Number(line.split(' ')[0]));
    expect((lost as number) - (made as number)).toBeCloseTo(30, 1);
  });

  it('RFC 4862 section 5.5.3(e): a short life that is advertised later does not end an address within two hours', () => {
    const r = { ...ROUTER, advertise: { valid: '10s', preferred: '5s', every: '4s' } };
    const run = runOf({ until: '60s', nodes: { a: {}, r, b: SERVER }, links: LINKS });
    // Advertised again and again, each time before the ten seconds are over: it stays.
    expect(history(run, 'a', 'addresses', 'state').filter((line) => line.endsWith('gone'))).toEqual([]);
  });
});

describe('default routers (RFC 4861 section 6.3.6, RFC 4191)', () => {
  const second = (preference: string) => ({
    kind: 'router',
    interfaces: { lan: '2001:db8:1::2/64', wan: '2001:db8:3::1/64' },
    advertise: { preference },
  });
  const nodes = (preference: string) => ({ a: {}, s: { kind: 'switch' }, r: ROUTER, q: second(preference), b: SERVER });
  const links = [
    { between: ['a', 's'] },
    { id: 'rs', between: ['r', 's'] },
    { between: ['q', 's'] },
    { between: ['r', 'b'] },
    { between: ['q:wan', 'r'] },
  ];

  it('the preferred one is taken', () => {
    for (const [preference, via] of [
      ['high', 'fe80::ff:fe00:5'],
      ['low', 'fe80::ff:fe00:2'],
    ] as const) {
      const run = runOf({
        until: '20s',
        nodes: {
          ...nodes(preference),
          r: { ...ROUTER, interfaces: { ...ROUTER.interfaces, aux: '2001:db8:3::2/64' } },
        },
        links: links.with(4, { between: ['q:wan', 'r:aux'] }),
      });
      expect(defaults(run).at(-1)?.split(' ')[2]).toBe(via);
    }
  });

  it('another one is taken when the first is silent', () => {
    const run = runOf({
      until: '90s',
      nodes: { ...nodes('low'), r: { ...ROUTER, interfaces: { ...ROUTER.interfaces, aux: '2001:db8:3::2/64' } } },
      links: links.with(4, { between: ['q:wan', 'r:aux'] }),
      timeline: [
        { at: '8s', link: 'rs', set: { down: true } },
        doing('10s', 'a', { ping: { target: 'b', count: 60, every: '1s' } }),
      ],
    });
    const ways = defaults(run).map((line) => line.split(' ')[2]);
    expect(ways.slice(-2)).toEqual(['fe80::ff:fe00:2', 'fe80::ff:fe00:5']);
    // b sends its answers over r, whose lan is another one, so it is the requests that count.
    expect(toldBy(run, 'a')).toMatch(/60 sent/);
  });
});

describe('a node that starts during the run', () => {
  it('checks what is written for it before it speaks, and a router advertises itself', () => {
    const run = runOf({
      until: '60s',
      nodes: { a: {}, r: ROUTER, b: SERVER },
      links: LINKS,
      timeline: [{ at: '10s', node: 'r', do: { crash: true }, for: '2s' }, doing('20s', 'a', { ping: 'b' })],
    });
    const since = run.entries.filter(({ atNs }) => atNs >= 12_000_000_000);
    const types = since.flatMap(({ node, event }) =>
      node === 'r' && event.kind === 'encoded' && event.protocol === 'icmpv6' ? [event.bytes[0]] : [],
    );
    expect(types.slice(0, 4).every((type) => type === 135)).toBe(true);
    expect(types.filter((type) => type === 134).length).toBeGreaterThanOrEqual(3);
    expect(toldBy(run, 'a')).toMatch(/1 sent, 1 received/);
  });
});

describe('cards (RFC 2464 section 7)', () => {
  it('hear the groups of their addresses and no others', () => {
    const run = runOf({
      until: '5s',
      nodes: {
        a: { ip: '2001:db8::a/64' },
        b: { ip: '2001:db8::b/64' },
        c: { ip: '2001:db8::c/64' },
        s: { kind: 'switch' },
      },
      links: [{ between: ['a', 's'] }, { between: ['b', 's'] }, { between: ['c', 's'] }],
      timeline: [doing('0s', 'a', { ping: 'b' })],
    });
    expect(dropsOf(run, 'c')).toEqual(['not-for-us']);
    expect(dropsOf(run, 'b')).toEqual([]);
    expect(rowsOf(run, 'neighbours').map(({ key }) => key)).toContain('2001:db8::b');
  });
});
