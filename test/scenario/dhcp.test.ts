/** DHCP as a scenario says it: who lends what, who asks, and what is wrong with that. */

import { describe, expect, it } from 'vitest';
import { formatIpv4 } from '../../src/wire/address.ts';
import {
  expectProblem,
  expectWarning,
  HEAD,
  interfacesOf,
  nodeOf,
  problemsOf,
  scenarioOf,
  warningsOf,
} from './loading.ts';

const lan = (server: string, client = 'ip: dhcp') =>
  `${HEAD}nodes:\n  a: { ${client} }\n  s: { ${server} }\nlinks: [{ between: [a, s] }]\n`;
const appOf = (text: string) => {
  const [app] = nodeOf(scenarioOf(text), 's').apps;
  if (app?.kind !== 'dhcp-server') throw new Error('no dhcp-server');
  const { pool, router, nameServers, leaseNs, interface: on } = app;
  const told = [router, ...nameServers].map((address) => (address === null ? 'none' : formatIpv4(address)));
  return `${on} ${formatIpv4(pool.first)}-${formatIpv4(pool.last)} ${leaseNs / 1e9}s ${told.join(' ')}`;
};

describe('dhcp-server', () => {
  it('needs nothing: the upper half of its first network, for an hour', () => {
    expect(appOf(lan('apps: { dhcp-server: }'))).toBe('eth0 10.0.0.128-10.0.0.254 3600s none');
    expect(appOf(lan('ip: 192.168.0.1/16, apps: { dhcp-server: }'))).toBe(
      'eth0 192.168.128.0-192.168.255.254 3600s none',
    );
    expect(appOf(lan('ip: 192.168.0.1/30, apps: { dhcp-server: }'))).toBe('eth0 192.168.0.1-192.168.0.2 3600s none');
  });

  it('serves the interface in whose network its pool lies, and names router and name server', () => {
    const router = 'kind: router, interfaces: { wan: 10.9.0.1/24, lan: 10.1.0.1/24 }';
    const text = (options: string) =>
      `${HEAD}nodes:\n  a: { ip: dhcp }\n  s: { ${router}, dns: b, apps: { dhcp-server: { pool: 10.1.0.9-10.1.0.9, ${options} } } }\n` +
      '  b: { ip: 10.9.0.2/24 }\nlinks: [{ between: [a, "s:lan"] }, { between: [b, "s:wan"] }]\n';
    expect(appOf(text('lease: 90s'))).toBe('lan 10.1.0.9-10.1.0.9 90s 10.1.0.1 10.9.0.2');
    expect(appOf(text('router: 10.1.0.7, dns: [10.9.0.9, s]'))).toBe(
      'lan 10.1.0.9-10.1.0.9 3600s 10.1.0.7 10.9.0.9 10.9.0.1',
    );
    expect(appOf(lan('ip: 10.1.0.1/24, apps: { dhcp-server: , dns-server: }'))).toContain('none 10.1.0.1');
  });

  it('what stands in a pool is given to nobody automatically', () => {
    const text = `${HEAD}nodes:\n  a: {}\n  s: { ip: 10.1.0.1/24, apps: { dhcp-server: { pool: 10.1.0.2-10.1.0.5 } } }\nlinks: [{ between: [a, s] }]\n`;
    expect(interfacesOf(nodeOf(scenarioOf(text), 'a'))).toEqual(['eth0 10.1.0.6/24 on a-s']);
  });

  it.each([
    ['pool: ⟦10.1.0.9⟧', 'PW0309', 'first and last address'],
    ['pool: ⟦7⟧', 'PW0303', 'found the number 7'],
    ['pool: ⟦10.1.0.9-10.1.0.2⟧', 'PW0306', 'lies before the first'],
    ['pool: ⟦10.1.0.9-10.1.0.2-10.1.0.4⟧', 'PW0309', 'first and last address'],
    ['pool: ⟦10.1.0.9-2001:db8::1⟧', 'PW0309', 'first and last address'],
    ['pool: ⟦224.0.0.1-224.0.0.9⟧', 'PW0407', 'multicast'],
    ['pool: ⟦10.0.0.0-10.9.0.0⟧', 'PW0306', 'at most 65536'],
    ['pool: ⟦10.2.0.9-10.2.0.10⟧', 'PW0407', 'lies in no network'],
    ['pool: ⟦10.1.0.9-10.1.0.255⟧', 'PW0407', 'reaches beyond the hosts of 10.1.0.0/24'],
    ['pool: ⟦10.1.0.0-10.1.0.9⟧', 'PW0407', 'reaches beyond the hosts'],
    ['pool: ⟦10.1.0.9-10.1.1.9⟧', 'PW0407', 'reaches beyond the hosts'],
    ['lease: ⟦90⟧', 'PW0304', '90 has no unit'],
    ['lease: ⟦5s⟧', 'PW0306', 'not within 10s'],
    ['lease: ⟦10500ms⟧', 'PW0306', 'whole seconds'],
    ['router: ⟦10.9.0.1⟧', 'PW0409', 'has no address in 10.1.0.0/24'],
    ['⟦pools⟧: 1', 'PW0301', 'did you mean `pool`'],
  ])('%s is refused', (options, code, words) => {
    expectProblem(lan(`ip: 10.1.0.1/24, apps: { dhcp-server: { ${options} } }`), code, words);
  });

  it('needs an address of its own', () => {
    expectProblem(
      lan('ip: dhcp, apps: { dhcp-server: ⟦⟧ }').replace('⟦⟧', '⟦{}⟧'),
      'PW0407',
      'no IPv4 address of its own',
    );
  });

  it('two of one interface want the same port', () => {
    const both = 'apps: { dhcp-server: , ⟦more⟧: { kind: dhcp-server } }';
    expectProblem(lan(both), 'PW0412', '`dhcp-server` listens on udp port 67 on eth0');
  });
});

describe('`ip: dhcp`', () => {
  it('is an interface without an address; IPv6 may stand beside it', () => {
    const server = 'ip: [10.1.0.1/24, "2001:db8::1/64"], apps: { dhcp-server: }';
    const { interfaces } = nodeOf(scenarioOf(lan(server, 'ip: [dhcp, "2001:db8::2/64"]')), 'a');
    expect(interfaces[0]).toMatchObject({ dhcp: true, addresses: [{ prefix: 64 }] });
    expect(nodeOf(scenarioOf(lan('apps: { dhcp-server: }')), 'a').interfaces[0]).toMatchObject({
      addresses: [],
      dhcp: true,
    });
  });

  it.each([
    ['ip: [dhcp, ⟦10.1.0.9/24⟧]', 'PW0307', 'do not go together'],
    ['ip: ⟦DHCP⟧', 'PW0309', 'small letters'],
    ['ip: dhcp, gateway: ⟦10.0.0.1⟧', 'PW0307', 'the server tells the router'],
  ])('%s is refused', (client, code, words) => {
    expectProblem(lan('apps: { dhcp-server: }', client), code, words);
  });

  it('is not for switches', () => {
    const text = `${HEAD}nodes: { a: {}, s: { kind: switch, ⟦ip⟧: dhcp } }\nlinks: [{ between: [a, s] }]\n`;
    expectProblem(text, 'PW0414', 'a switch has no `ip`');
  });

  it('warns where nobody lends, where one address may be lent twice, and where somebody has one of the pool', () => {
    expectWarning(lan('', 'ip: ⟦dhcp⟧'), 'PW0708', 'no dhcp-server lends addresses');
    const three = (rest: string) =>
      `${HEAD}nodes:\n  a: { ip: dhcp }\n  s: { ip: 10.1.0.1/24, apps: { dhcp-server: { pool: 10.1.0.5-10.1.0.9 } } }\n` +
      `  t: { ${rest} }\n  w: { kind: switch }\nlinks: [{ between: [a, w] }, { between: [s, w] }, { between: [t, w] }]\n`;
    const codes = (text: string) => warningsOf(text).map(({ code }) => code);
    expect(codes(three('ip: 10.1.0.2/24'))).toEqual([]);
    expect(codes(three('ip: 10.1.0.7/24'))).toEqual(['PW0707']);
    expect(codes(three('ip: 10.1.0.2/24, apps: { dhcp-server: { pool: 10.1.0.9-10.1.0.20 } }'))).toEqual(['PW0707']);
    expect(codes(three('ip: 10.1.0.2/24, apps: { dhcp-server: { pool: 10.1.0.10-10.1.0.20 } }'))).toEqual([]);
  });

  it('an address that may be lent, and a name that a server may tell, are nothing to warn of', () => {
    const timeline =
      'timeline: [{ at: 9s, node: s, do: { ping: 10.0.0.130 } }, { at: 9s, node: a, do: { resolve: www.x } }]\n';
    expect(warningsOf(lan('apps: { dhcp-server: , dns-server: }') + timeline).map(({ message }) => message)).toEqual(
      [],
    );
  });
});

describe('the action `dhcp`', () => {
  const act = (what: string, client = 'ip: dhcp') =>
    `${lan('apps: { dhcp-server: }', client)}timeline: [{ at: 9s, node: a, do: { dhcp: ${what} } }]\n`;

  it('renews and releases, all or one interface', () => {
    const actions = ['renew', 'release', '{ renew: eth0 }', '{ release: eth0 }'].map(
      (what) => scenarioOf(act(what)).timeline[0]?.action,
    );
    expect(actions).toMatchObject([
      { what: 'renew', interface: null },
      { what: 'release', interface: null },
      { what: 'renew', interface: 'eth0' },
      { what: 'release', interface: 'eth0' },
    ]);
  });

  it('is for interfaces that have their address by DHCP', () => {
    expectProblem(act('{ release: ⟦eth9⟧ }'), 'PW0403', 'no interface `eth9`');
    expectProblem(act('⟦renew⟧', 'ip: 10.0.0.9/24'), 'PW0403', 'has no address by DHCP');
    expect(problemsOf(act('rebind')).map(({ code }) => code)).toEqual(['PW0303']);
  });
});
