import { describe, expect, it } from 'vitest';
import { expectProblem, expectWarning, HEAD, interfacesOf, nodeOf, routesOf, scenarioOf } from './loading.ts';

const scenario = (body: string) => scenarioOf(`${HEAD}${body}`);
const all = (body: string) =>
  scenario(body).nodes.map((node) => [node.name, ...interfacesOf(node), ...routesOf(node)].join(' | '));
const node = (body: string) => `${HEAD}nodes: { a: { ${body} }, b: {} }\nlinks: [{ between: [a, b] }]\n`;
const act = (body: string) =>
  `${HEAD}nodes: { a: { ip: "2001:db8::1/64" }, b: { ip: "2001:db8::2/64" } }\nlinks: [{ between: [a, b] }]\ntimeline: [{ at: 0s, node: a, do: { ${body} } }]\n`;

describe('IPv6 addresses', () => {
  it('stand where IPv4 ones do, alone or beside them', () => {
    const body =
      'nodes: { a: { ip: "2001:DB8::1/64" }, b: { interfaces: { lan: [10.0.0.2/24, "2001:db8:0:0::2/64"] } } }\n' +
      'links: [{ between: [a, b] }]\n';
    expect(all(body)).toEqual(['a | eth0 2001:db8::1/64 on a-b', 'b | lan 10.0.0.2/24,2001:db8::2/64 on a-b']);
    expect(scenario(body).nodes.map(({ interfaces }) => interfaces[0]?.ipv6)).toEqual([
      { configuresItself: false, advertises: null },
      { configuresItself: false, advertises: null },
    ]);
  });

  it('a node without IPv6 on its link has none', () => {
    const made = scenario('nodes: { a: {}, b: {} }\nlinks: [{ between: [a, b] }]\n');
    expect(made.nodes.map(({ interfaces }) => interfaces[0]?.ipv6)).toEqual([undefined, undefined]);
  });

  it('who writes none joins the subnet of a neighbour, in both families where both are written', () => {
    const body = (ip: string) =>
      `nodes: { a: { ip: ${ip} }, b: {}, s: { kind: switch }, c: {} }\nlinks: [{ between: [a, s] }, { between: [b, s] }, { between: [c, s] }]\n`;
    expect(all(body('"2001:db8::2/64"')).filter((line) => !line.startsWith('s'))).toEqual([
      'a | eth0 2001:db8::2/64 on a-s',
      'b | eth0 2001:db8::1/64 on b-s',
      'c | eth0 2001:db8::3/64 on c-s',
    ]);
    expect(all(body('[10.9.0.1/24, "2001:db8::2/64"]'))[1]).toBe('b | eth0 10.9.0.2/24,2001:db8::1/64 on b-s');
  });

  it('hosts configure themselves where a router has a /64; their addresses are known beforehand', () => {
    const made = scenario(
      'nodes: { a: {}, r: { kind: router, interfaces: { lan: "2001:db8:1::1/64", wan: "2001:db8:2::1/64" } }, b: { ip: "2001:db8:2::2/64" } }\n' +
        'links: [{ between: [a, r] }, { between: [r, b] }]\n' +
        'timeline: [{ at: 0s, node: b, do: { ping: a } }]\n' +
        'expect: [{ name: x, never: ipv6.src == a }]\n',
    );
    expect(interfacesOf(nodeOf(made, 'a'))).toEqual(['eth0 2001:db8:1::ff:fe00:1/64 on a-r']);
    expect(nodeOf(made, 'a').interfaces[0]?.ipv6).toEqual({ configuresItself: true, advertises: null });
    // What it advertises is for those who wait for it; the other link has nobody of that kind.
    const advertises = nodeOf(made, 'r').interfaces.map(({ ipv6 }) => ipv6?.advertises?.lifetimeSeconds ?? null);
    expect(advertises).toEqual([1800, null]);
    expect(made.nodes.map(routesOf)).toEqual([[], [], ['::/0 via 2001:db8:2::1']]);
  });

  it('who speaks no IPv6 has an automatic IPv4 address on a link of IPv6 too, and is warned of having nobody there', () => {
    const text = (rest: string) =>
      `${HEAD}nodes:\n  a: { ip: "2001:db8::1/64" }\n  n: { kind: nat, interfaces: { ⟦lan⟧: , wan: 203.0.113.1/24 }, nat: { inside: lan, outside: wan } }\n` +
      `  b: { ip: 203.0.113.2/24 }\n${rest}links: [{ between: [a, "n:lan"] }, { between: [b, "n:wan"] }]\n`;
    expectWarning(text(''), 'PW0709', '`n` speaks no IPv6');
    const made = scenarioOf(text('').replace(/[⟦⟧]/g, ''));
    expect(interfacesOf(nodeOf(made, 'n'))[0]).toBe('lan 10.0.0.1/24 on a-n');
    expect(interfacesOf(nodeOf(made, 'a'))).toEqual(['eth0 2001:db8::1/64 on a-n']);
    expect(routesOf(nodeOf(made, 'a'))).toEqual([]);
  });

  it('hosts configure themselves behind a NAT and a firewall too, and both sides find each other', () => {
    const gate = (kind: string) =>
      scenario(
        `nodes: { a: {}, g: { ${kind}, interfaces: { in: [10.1.0.1/24, "2001:db8:1::1/64"], out: [10.2.0.1/24, "2001:db8:2::1/64"] } }, b: { ip: "2001:db8:2::2/64" } }\n` +
          'links: [{ between: [a, g] }, { between: [g, b] }]\n',
      );
    for (const kind of ['kind: nat, nat: { inside: in, outside: out }', 'kind: firewall']) {
      const made = gate(kind);
      expect(interfacesOf(nodeOf(made, 'a'))).toEqual(['eth0 10.1.0.2/24,2001:db8:1::ff:fe00:1/64 on a-g']);
      expect(routesOf(nodeOf(made, 'b'))).toEqual(['::/0 via 2001:db8:2::1']);
    }
  });

  it('routers and hosts get routes of both families', () => {
    const body =
      'nodes:\n' +
      '  a: { ip: [10.1.0.1/24, "2001:db8:1::1/64"] }\n' +
      '  r: { kind: router, interfaces: { l: [10.1.0.9/24, "2001:db8:1::9/64"], m: [10.2.0.8/24, "2001:db8:2::8/64"] } }\n' +
      '  q: { kind: router, interfaces: { m: [10.2.0.9/24, "2001:db8:2::9/64"], n: "2001:db8:3::9/64" } }\n' +
      '  b: { ip: "2001:db8:3::1/64" }\n' +
      'links: [{ between: [a, r] }, { between: [r, q] }, { between: [q, b] }]\n';
    expect(scenario(body).nodes.map(routesOf)).toEqual([
      ['0.0.0.0/0 via 10.1.0.9', '::/0 via 2001:db8:1::9'],
      ['2001:db8:3::/64 via 2001:db8:2::9'],
      ['10.1.0.0/24 via 10.2.0.8', '2001:db8:1::/64 via 2001:db8:2::8'],
      ['::/0 via 2001:db8:3::9'],
    ]);
  });

  it('written routes and gateways may name an address, a node, or a link-local address', () => {
    const body = (route: string) =>
      `nodes:\n  a: { ip: "2001:db8:1::1/64", ${route} }\n  r: { kind: router, mac: "02:00:00:00:00:77", ip: "2001:db8:1::9/64" }\nlinks: [{ between: [a, r] }]\n`;
    const routes = (route: string) => scenario(body(route)).nodes[0]?.routes;
    const via = 0x20010db8000100000000000000000009n;
    expect(routes('gateway: "2001:db8:1::9"')).toEqual([{ to: 0n, prefix: 0, via }]);
    expect(routes('gateway: r')).toEqual([{ to: 0n, prefix: 0, via }]);
    expect(routes('routes: [{ to: default, via: "fe80::ff:fe00:77" }]')).toEqual([
      { to: 0n, prefix: 0, via: 0xfe80000000000000000000fffe000077n, out: 'eth0' },
    ]);
    expect(routes('routes: [{ to: "2001:db8:5::/48", via: r }]')?.[0]).toEqual({
      to: 0x20010db8000500000000000000000000n,
      prefix: 48,
      via,
    });
  });

  it('names of a zone stand for addresses of both families', () => {
    const made = scenario(
      'nodes: { a: { ip: [10.0.0.1/24, "2001:db8::1/64"], apps: { dns-server: { zone: { both.example: a, six.example: "2001:db8::9", many.example: [10.0.0.7, "2001:db8::7"] } } } } }\n',
    );
    const [app] = nodeOf(made, 'a').apps;
    expect(app && 'zone' in app ? app.zone.map(({ name, address }) => `${name} ${address.toString(16)}`) : []).toEqual([
      'both.example a000001',
      'both.example 20010db8000000000000000000000001',
      'six.example 20010db8000000000000000000000009',
      'many.example a000007',
      'many.example 20010db8000000000000000000000007',
    ]);
  });
});

describe('what is wrong with an IPv6 address', () => {
  it.each([
    ['⟦"2001:db8::1"⟧', 'PW0309', '`2001:db8::1` has no prefix length'],
    ['⟦"2001:db8::1/129"⟧', 'PW0309', '/129 is longer than an IPv6 address of 128 bits'],
    ['⟦"2001:db8::g/64"⟧', 'PW0309', '`2001:db8::g` is no IPv6 address: the group `g` is not hexadecimal'],
    [
      '⟦"2001:db8::12345/64"⟧',
      'PW0309',
      '`2001:db8::12345` is no IPv6 address: the group `12345` has more than four digits',
    ],
    [
      '⟦"2001::db8::1/64"⟧',
      'PW0309',
      '`2001::db8::1` is no IPv6 address: `::` stands for a run of zero groups, and only once',
    ],
    ['⟦"2001:db8:1/64"⟧', 'PW0309', '`2001:db8:1` is no IPv6 address: there are 3 groups instead of 8'],
    ['⟦"1:2:3:4:5:6:7:8:9/64"⟧', 'PW0309', '`1:2:3:4:5:6:7:8:9` is no IPv6 address: there are 9 groups instead of 8'],
    ['⟦"fe80::1%eth0/64"⟧', 'PW0309', '`fe80::1%eth0` is no IPv6 address: a zone such as `%eth0` has no meaning here'],
    ['⟦"::1/64"⟧', 'PW0407', '::1/64 is the loopback and never leaves its host'],
    ['⟦"ff02::1/64"⟧', 'PW0407', 'ff02::1/64 is a multicast address and can be no host'],
    ['⟦"::ffff:10.0.0.1/64"⟧', 'PW0407', '::ffff:a00:1/64 stands for an IPv4 address, which is written as such'],
    ['⟦"2001:db8::/64"⟧', 'PW0407', '2001:db8::/64 is the address of the subnet itself'],
    ['⟦"2001:db8::1/128"⟧', 'PW0407', '2001:db8::1/128 leaves no address for a neighbour: the prefix is at most 127'],
  ] as const)('ip: %s', (text, code, message) => {
    expectProblem(node(`ip: ${text}`), code, message);
  });

  it('the same address twice, or one subnet on two segments', () => {
    expectProblem(
      `${HEAD}nodes: { a: { ip: "2001:db8::1/64" }, b: { ip: ⟦"2001:db8:0::1/64"⟧ } }\nlinks: [{ between: [a, b] }]\n`,
      'PW0406',
      '`a` has the address 2001:db8::1 already',
    );
    expectProblem(
      `${HEAD}nodes: { a: { ip: "2001:db8::1/64" }, r: { kind: router, interfaces: { x: "2001:db8::2/64", y: ⟦"2001:db8:0:0:1::1/60"⟧ } }, b: {} }\nlinks: [{ between: [a, r] }, { between: [r, b] }]\n`,
      'PW0408',
      '2001:db8::/60 overlaps 2001:db8::/64 of `a`, which is on another segment',
    );
  });

  it('routes of one family over the other, and gateways that are no neighbours', () => {
    const v6 = 'ip: "2001:db8::1/64"';
    expectProblem(
      node(`${v6}, routes: [{ to: 10.0.0.0/8, via: ⟦"2001:db8::2"⟧ }]`),
      'PW0409',
      '2001:db8::2 is no IPv4 address, as this route needs',
    );
    expectProblem(
      node(`${v6}, gateway: ⟦"2001:db8:9::1"⟧`),
      'PW0409',
      '2001:db8:9::1 is not on a network that `a` is connected to',
    );
    expectProblem(
      node(`${v6}, routes: [{ to: ⟦"2001:db8:0:1::5/64"⟧, via: b }]`),
      'PW0407',
      '2001:db8:0:1::5/64 is not the address of a network',
    );
    expectWarning(
      node(`${v6}, gateway: ⟦"fe80::99"⟧`),
      'PW0706',
      'no node on the segment of `a` has the address fe80::99',
    );
  });

  it.each([
    ['ping: ⟦"2001:db8::zz"⟧', 'PW0309', '`2001:db8::zz` is no IPv6 address: the group `zz` is not hexadecimal'],
    ['udp-send: ⟦"2001:db8::2:9"⟧', 'PW0309', '`2001:db8::2:9`: an IPv6 address with a port stands in brackets'],
    ['udp-send: ⟦"[2001:db8::2]"⟧', 'PW0309', '`[2001:db8::2]` has no port'],
    ['get: ⟦"http://2001:db8::2/"⟧', 'PW0309', '`http://2001:db8::2/`: an IPv6 address in a URL stands in brackets'],
    ['get: ⟦"http://[2001:db8::x]/"⟧', 'PW0309', '`2001:db8::x` is no IPv6 address: the group `x` is not hexadecimal'],
    ['ping: ⟦"ff02::1"⟧', 'PW0407', 'ff02::1 is a multicast address and can be no host'],
  ] as const)('%s', (text, code, message) => {
    expectProblem(act(text), code, message);
  });

  it('hints say what to write', () => {
    expect(
      expectProblem(
        act('udp-send: ⟦"2001:db8::2:9"⟧'),
        'PW0309',
        '`2001:db8::2:9`: an IPv6 address with a port stands in brackets',
      ).hint,
    ).toBe('write `[2001:db8::2]:9`');
    expect(
      expectProblem(
        act('get: ⟦"http://2001:db8::2/"⟧'),
        'PW0309',
        '`http://2001:db8::2/`: an IPv6 address in a URL stands in brackets',
      ).hint,
    ).toBe('write `http://[2001:db8::2]/`');
    expect(expectProblem(node('ip: ⟦"2001:db8::1"⟧'), 'PW0309', '`2001:db8::1` has no prefix length').hint).toBe(
      'write `2001:db8::1/64`',
    );
  });

  it('what is advertised', () => {
    expectProblem(
      `${HEAD}nodes: { a: { ⟦advertise⟧: { every: 9s } } }\n`,
      'PW0414',
      'only a router advertises itself, not a host',
    );
    const router = (text: string) =>
      `${HEAD}nodes: { r: { kind: router, ip: "2001:db8::1/64", advertise: { ${text} } } }\n`;
    expectProblem(router('every: ⟦2s⟧'), 'PW0306', '2s is not within 4s to 1800s');
    expectProblem(
      router('valid: 10s, preferred: ⟦20s⟧'),
      'PW0307',
      'addresses are preferred for longer than they are valid',
    );
    expectProblem(router('lifetime: ⟦1500ms⟧'), 'PW0306', 'this is said in whole seconds on the wire');
  });
});
