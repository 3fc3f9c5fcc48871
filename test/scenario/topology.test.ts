import { describe, expect, it } from 'vitest';
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

const scenario = (body: string) => scenarioOf(`${HEAD}${body}`);
const all = (body: string) =>
  scenario(body).nodes.map((node) => [node.name, ...interfacesOf(node), ...routesOf(node)].join(' | '));

describe('automatic addresses', () => {
  it('client and server', () => {
    const made = scenario('nodes: { client: {}, server: {} }\nlinks: [{ between: [client, server] }]\n');
    expect(interfacesOf(nodeOf(made, 'client'))).toEqual(['eth0 10.0.0.1/24 on client-server']);
    expect(interfacesOf(nodeOf(made, 'server'))).toEqual(['eth0 10.0.0.2/24 on client-server']);
    expect(macsOf(nodeOf(made, 'client'))).toEqual(['02:00:00:00:00:01']);
    expect(macsOf(nodeOf(made, 'server'))).toEqual(['02:00:00:00:00:02']);
    expect(made.nodes.flatMap(({ routes }) => routes)).toEqual([]);
  });

  it.each(['switch', 'hub'])('three hosts on a %s', (kind) => {
    const body = `nodes: { c: {}, s: { kind: ${kind} }, b: {}, a: {} }\nlinks: [{ between: [a, s] }, { between: [b, s] }, { between: [s, c] }]\n`;
    expect(all(body)).toEqual([
      'c | eth0 10.0.0.1/24 on s-c',
      's | port1  on a-s | port2  on b-s | port3  on s-c',
      'b | eth0 10.0.0.2/24 on b-s',
      'a | eth0 10.0.0.3/24 on a-s',
    ]);
    expect(scenario(body).nodes.flatMap(macsOf)).toEqual([
      '02:00:00:00:00:01',
      '00:00:00:00:00:00',
      '00:00:00:00:00:00',
      '00:00:00:00:00:00',
      '02:00:00:00:00:02',
      '02:00:00:00:00:03',
    ]);
  });

  it('A-R1-R2-B', () => {
    const body = `nodes: { a: {}, r1: { kind: router }, r2: { kind: router }, b: {} }
links: [{ between: [a, r1] }, { between: [r1, r2] }, { between: [r2, b] }]
`;
    expect(all(body)).toEqual([
      'a | eth0 10.0.0.1/24 on a-r1 | 0.0.0.0/0 via 10.0.0.2',
      'r1 | eth0 10.0.0.2/24 on a-r1 | eth1 10.0.1.1/24 on r1-r2 | 10.0.2.0/24 via 10.0.1.2',
      'r2 | eth0 10.0.1.2/24 on r1-r2 | eth1 10.0.2.1/24 on r2-b | 10.0.0.0/24 via 10.0.1.1',
      'b | eth0 10.0.2.2/24 on r2-b | 0.0.0.0/0 via 10.0.2.1',
    ]);
    expect(scenario(body).nodes.flatMap(macsOf)).toEqual([1, 2, 3, 4, 5, 6].map((n) => `02:00:00:00:00:0${n}`));
  });

  it('two switches in a row are one segment', () => {
    const body = `nodes: { a: {}, s: { kind: switch }, t: { kind: switch }, b: {} }
links: [{ between: [s, t] }, { between: [a, s] }, { between: [t, b] }]
`;
    expect(all(body).filter((line) => /^[ab]/.test(line))).toEqual([
      'a | eth0 10.0.0.1/24 on a-s',
      'b | eth0 10.0.0.2/24 on t-b',
    ]);
  });

  it('join the subnet that is written on their segment and leave out what is taken', () => {
    const body = `nodes: { a: {}, b: { ip: 192.168.7.1/29 }, c: {}, d: { ip: 192.168.7.3/29 }, s: { kind: switch } }
links: [{ between: [a, s] }, { between: [b, s] }, { between: [c, s] }, { between: [d, s] }]
`;
    expect(all(body).slice(0, 4)).toEqual([
      'a | eth0 192.168.7.2/29 on a-s',
      'b | eth0 192.168.7.1/29 on b-s',
      'c | eth0 192.168.7.4/29 on c-s',
      'd | eth0 192.168.7.3/29 on d-s',
    ]);
  });

  it('do not depend on what is written on another segment', () => {
    const body = (ip: string) =>
      `nodes: { a: { ${ip} }, b: {}, c: {}, d: {} }\nlinks: [{ between: [a, b] }, { between: [c, d] }]\n`;
    expect(all(body('')).slice(2)).toEqual(all(body('ip: 172.16.0.9/16')).slice(2));
  });

  it('take another number where theirs is written elsewhere', () => {
    const body =
      'nodes: { a: { ip: 10.0.1.9/24 }, b: {}, c: {}, d: {} }\nlinks: [{ between: [a, b] }, { between: [c, d] }]\n';
    expect(all(body)).toEqual([
      'a | eth0 10.0.1.9/24 on a-b',
      'b | eth0 10.0.1.1/24 on a-b',
      'c | eth0 10.0.2.1/24 on c-d',
      'd | eth0 10.0.2.2/24 on c-d',
    ]);
  });

  it('go on with 10.1.0.0/24 after segment 255', () => {
    const nodes = Array.from({ length: 514 }, (_, n) => `n${n}: {}`).join(', ');
    const links = Array.from({ length: 257 }, (_, n) => `{ between: [n${2 * n}, n${2 * n + 1}] }`).join(', ');
    const made = scenario(`nodes: { ${nodes} }\nlinks: [${links}]\n`);
    expect(interfacesOf(nodeOf(made, 'n511'))).toEqual(['eth0 10.0.255.2/24 on n510-n511']);
    expect(interfacesOf(nodeOf(made, 'n512'))).toEqual(['eth0 10.1.0.1/24 on n512-n513']);
  });

  it('are refused when there are more than the subnet holds', () => {
    const nodes = (count: number) => Array.from({ length: count }, (_, n) => `n${n}: {}`).join(', ');
    const links = (count: number) => Array.from({ length: count }, (_, n) => `{ between: [n${n}, s] }`).join(', ');
    const text = (count: number) => `nodes: { s: { kind: switch }, ${nodes(count)} }\nlinks: [${links(count)}]\n`;
    expect(interfacesOf(nodeOf(scenario(text(254)), 'n253'))).toEqual(['eth0 10.0.0.254/24 on n253-s']);
    const [problem, ...others] = problemsOf(`${HEAD}${text(255)}`);
    expect(problem?.message).toBe('no address is left in 10.0.0.0/24 for `n254`');
    expect(others).toEqual([]);
  });

  it('both of a /31', () => {
    expect(all('nodes: { a: { ip: 10.0.0.1/31 }, b: {} }\nlinks: [{ between: [a, b] }]\n')[1]).toBe(
      'b | eth0 10.0.0.0/31 on a-b',
    );
  });

  it('an interface without a link gets a segment of its own, after the others', () => {
    const body =
      'nodes: { lonely: {}, a: {}, b: {}, r: { kind: router, interfaces: { lan: , spare: } } }\nlinks: [{ between: [a, b] }, { between: [a, "r:lan"] }]\n';
    expect(all(body)).toEqual([
      'lonely | eth0 10.0.2.1/24 on null',
      'a | eth0 10.0.0.1/24 on a-b | eth1 10.0.1.1/24 on a-r | 0.0.0.0/0 via 10.0.1.2',
      'b | eth0 10.0.0.2/24 on a-b',
      'r | lan 10.0.1.2/24 on a-r | spare 10.0.3.1/24 on null',
    ]);
  });

  it('nothing at all stands for a node with everything automatic', () => {
    expect(all('nodes: { a, b }\nlinks: [{ between: [a, b] }]\n')).toEqual(
      all('nodes:\n  a:\n  b: {}\nlinks: [{ between: [a, b] }]\n'),
    );
  });
});

describe('automatic MAC addresses', () => {
  it('count interfaces, so that a written one moves no other', () => {
    const body = (mac: string) =>
      `nodes: { a: {}, b: { ${mac} }, c: {} }\nlinks: [{ between: [a, b] }, { between: [b, c] }]\n`;
    expect(scenario(body('')).nodes.flatMap(macsOf)).toEqual([1, 2, 3, 4].map((n) => `02:00:00:00:00:0${n}`));
    expect(scenario(body('mac: 00:16:3e:00:00:09')).nodes.flatMap(macsOf)).toEqual([
      '02:00:00:00:00:01',
      '00:16:3e:00:00:09',
      '02:00:00:00:00:03',
      '02:00:00:00:00:04',
    ]);
  });

  it('leave out what is written elsewhere', () => {
    const body = 'nodes: { a: { mac: 02-00-00-00-00-02 }, b: {} }\nlinks: [{ between: [a, b] }]\n';
    expect(scenario(body).nodes.flatMap(macsOf)).toEqual(['02:00:00:00:00:02', '02:00:00:00:00:03']);
  });

  it('two of the same on one segment are a warning', () => {
    const text = `${HEAD}nodes: { a: { mac: "02:aa:00:00:00:01" }, b: { mac: ⟦"02:aa:00:00:00:01"⟧ } }
links: [{ between: [a, b] }]
`;
    expectWarning(text, 'PW0410', '`a` on the same segment has this MAC address too');
  });
});

describe('interfaces', () => {
  const body = `nodes:
  a: {}
  b: { ip: [10.9.0.1/24, 10.9.1.1/24] }
  r: { kind: router, interfaces: { lan: 192.168.1.1/24, wan: [10.9.0.2/24, 10.9.1.2/24] } }
`;

  it('are named by the link', () => {
    expect(all(`${body}links: [{ between: [b, r:wan] }, { between: [a, r:lan] }]\n`)).toEqual([
      'a | eth0 192.168.1.2/24 on a-r | 0.0.0.0/0 via 192.168.1.1',
      'b | eth0 10.9.0.1/24,10.9.1.1/24 on b-r | 0.0.0.0/0 via 10.9.0.2',
      'r | lan 192.168.1.1/24 on a-r | wan 10.9.0.2/24,10.9.1.2/24 on b-r',
    ]);
  });

  it('or are the first that no link names', () => {
    expect(all(`${body}links: [{ between: [b, r] }, { between: [a, r:lan] }]\n`)).toEqual(
      all(`${body}links: [{ between: [b, r:wan] }, { between: [a, r:lan] }]\n`),
    );
  });

  it('that a host does not declare exist as links name them', () => {
    const made = scenario(
      'nodes: { a: {}, b: {}, c: {} }\nlinks: [{ between: [a:eth1, b] }, { between: [a, c] }, { between: [b:wan, c:eth7] }]\n',
    );
    expect(interfacesOf(nodeOf(made, 'a'))).toEqual(['eth0 10.0.1.1/24 on a-c', 'eth1 10.0.0.1/24 on a-b']);
    expect(interfacesOf(nodeOf(made, 'b'))).toEqual(['eth0 10.0.0.2/24 on a-b', 'wan 10.0.2.1/24 on b-c']);
    expect(interfacesOf(nodeOf(made, 'c'))).toEqual(['eth0 10.0.1.2/24 on a-c', 'eth7 10.0.2.2/24 on b-c']);
  });

  it('two links between the same nodes are told apart', () => {
    const made = scenario(
      'nodes: { a: {}, b: {} }\nlinks: [{ between: [a, b] }, { between: [a, b] }, { id: a-b-2, between: [a, b] }]\n',
    );
    expect(made.links.map(({ id, a, b }) => `${id} ${a.interface} ${b.interface}`)).toEqual([
      'a-b eth0 eth0',
      'a-b-3 eth1 eth1',
      'a-b-2 eth2 eth2',
    ]);
  });

  it('`ip` and `mac` do not go together with `interfaces`', () => {
    expectProblem(
      `${HEAD}nodes: { a: { ⟦ip⟧: 10.0.0.1/24, interfaces: { lan: } } }\n`,
      'PW0307',
      '`ip` is for nodes without `interfaces`',
    );
    expectProblem(
      `${HEAD}nodes: { a: { ⟦mac⟧: "02:00:00:00:00:01", interfaces: { lan: } } }\n`,
      'PW0307',
      '`mac` is for nodes',
    );
  });

  it('of a name that is none', () => {
    expectProblem(
      `${HEAD}nodes: { a: { interfaces: { ⟦1x⟧: } } }\n`,
      'PW0309',
      "an interface's name begins with a letter",
    );
    expectProblem(
      `${HEAD}nodes: { a, b }\nlinks: [{ between: [a, ⟦b:1x⟧] }]\n`,
      'PW0401',
      "an interface's name begins with a letter",
    );
    expectProblem(`${HEAD}nodes: { a, b }\nlinks: [{ between: [a, ⟦b:x:y⟧] }]\n`, 'PW0309', 'is not a node such as');
  });
});

describe('routes', () => {
  it('a host takes the first router of its segment, in file order', () => {
    const body = `nodes: { h: {}, s: { kind: switch }, r2: { kind: router }, r1: { kind: router } }
links: [{ between: [r1, s] }, { between: [r2, s] }, { between: [h, s] }]
`;
    expect(all(body)[0]).toBe('h | eth0 10.0.0.1/24 on h-s | 0.0.0.0/0 via 10.0.0.2');
  });

  it('a gateway that is written goes before, by address or by name', () => {
    const body = (
      gateway: string,
    ) => `nodes: { h: { gateway: ${gateway} }, s: { kind: switch }, r2: { kind: router }, r1: { kind: router } }
links: [{ between: [r1, s] }, { between: [r2, s] }, { between: [h, s] }]
`;
    expect(routesOf(nodeOf(scenario(body('10.0.0.3')), 'h'))).toEqual(['0.0.0.0/0 via 10.0.0.3']);
    expect(routesOf(nodeOf(scenario(body('r1')), 'h'))).toEqual(['0.0.0.0/0 via 10.0.0.3']);
  });

  it('written ones come first, and automatic ones of the same prefix are left out', () => {
    const body = `nodes:
  a: { routes: [{ to: 10.0.2.0/24, via: r1 }] }
  r1: { kind: router, routes: [{ to: 10.0.2.0/24, via: 10.0.0.1 }, { to: 172.16.0.0/12, via: r2 }] }
  r2: { kind: router }
  b: { routes: [{ to: default, via: r2 }] }
links: [{ between: [a, r1] }, { between: [r1, r2] }, { between: [r2, b] }]
`;
    expect(all(body).map((line) => line.split(' | ').filter((part) => part.includes('via')))).toEqual([
      ['10.0.2.0/24 via 10.0.0.2', '0.0.0.0/0 via 10.0.0.2'],
      ['10.0.2.0/24 via 10.0.0.1', '172.16.0.0/12 via 10.0.1.2'],
      ['10.0.0.0/24 via 10.0.1.1'],
      ['0.0.0.0/0 via 10.0.2.1'],
    ]);
  });

  it('routers take the shortest way, and of two the one over the router that stands first', () => {
    // r0 to the far segment: over b (eth0) or a (eth1), both one router; the long way round is longer.
    const body = `nodes: { r0: { kind: router }, a: { kind: router }, b: { kind: router }, far: {}, s: { kind: switch } }
links:
  - { between: [r0, b] }
  - { between: [r0, a] }
  - { between: [a, s] }
  - { between: [b, s] }
  - { between: [far, s] }
`;
    expect(all(body)[0]).toBe('r0 | eth0 10.0.0.1/24 on r0-b | eth1 10.0.1.1/24 on r0-a | 10.0.2.0/24 via 10.0.1.2');
  });

  it('in a ring every router goes the shorter way round', () => {
    const names = ['p', 'q', 'r', 's', 't'];
    const nodes = names.map((name) => `${name}: { kind: router }`).join(', ');
    const links = names.map((name, n) => `{ between: [${name}, ${names[(n + 1) % 5]}] }`).join(', ');
    const made = scenario(`nodes: { ${nodes} }\nlinks: [${links}]\n`);
    expect(routesOf(nodeOf(made, 'p'))).toEqual([
      '10.0.1.0/24 via 10.0.0.2',
      '10.0.3.0/24 via 10.0.4.2',
      '10.0.2.0/24 via 10.0.0.2',
    ]);
  });

  it('every pair of hosts in a random tree of routers can reach each other', () => {
    const count = 40;
    const nodes = Array.from({ length: count }, (_, n) => `r${n}: { kind: router }, h${n}: {}`).join(', ');
    const links = Array.from(
      { length: count },
      (_, n) => `{ between: [h${n}, r${n}] }${n === 0 ? '' : `, { between: [r${n}, r${(n * 7 + 3) % n}] }`}`,
    ).join(', ');
    const made = scenario(`nodes: { ${nodes} }\nlinks: [${links}]\n`);
    const owner = new Map(
      made.nodes.flatMap((node) =>
        node.interfaces.flatMap(({ addresses }) => addresses.map(({ address }) => [address, node] as const)),
      ),
    );
    const mask = (prefix: number) => (prefix === 0 ? 0 : (-1 << (32 - prefix)) >>> 0);
    for (const from of made.nodes) {
      for (const [address, to] of owner) {
        let [at, hops] = [from, 0];
        while (at !== to) {
          expect(hops++).toBeLessThan(count);
          const own = at.interfaces.flatMap(({ addresses }) => addresses);
          const target = Number(address);
          const near = own.some((each) => ((Number(each.address) ^ target) & mask(each.prefix)) === 0);
          const route = at.routes.find(({ to: network, prefix }) => ((Number(network) ^ target) & mask(prefix)) === 0);
          const next = owner.get(near ? address : (route?.via ?? 0));
          if (!next) throw new Error(`${at.name} has no route to ${to.name}`);
          at = next;
        }
      }
    }
  });

  it('gateway and a default route are one too many, and so are two routes to one network', () => {
    const pair = (a: string) => `${HEAD}nodes: { a: { ${a} }, b: {} }\nlinks: [{ between: [a, b] }]\n`;
    expectProblem(pair('routes: [{ to: default, via: b }], gateway: ⟦b⟧'), 'PW0307', 'say the same thing twice');
    expectProblem(
      pair('routes: [{ to: 10.9.0.0/16, via: b }, { to: ⟦10.9.0.0/16⟧, via: b }]'),
      'PW0307',
      'a second route to 10.9.0.0/16',
    );
  });

  it('a next hop that nobody has is a warning', () => {
    const text = `${HEAD}nodes: { a: { gateway: 10.0.0.9 }, b: {} }\nlinks: [{ between: [a, b] }]\n`;
    expect(warningsOf(text).map(({ message }) => message)).toEqual([
      'no node on the segment of `a` has the address 10.0.0.9',
    ]);
  });
});
