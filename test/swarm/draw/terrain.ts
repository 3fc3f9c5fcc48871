import type { Dice } from './dice.ts';
import type { LinkPiece, Piece, Terrain } from './plan.ts';

/** Every server answers the probes after the healing. */
const SERVER: Piece = { apps: { 'echo-server': { port: 7, transport: 'both' } } };

type Draw = (dice: Dice) => Omit<Terrain, 'name'>;

export function drawTerrain(dice: Dice): Terrain {
  const [name, draw] = dice.one(Object.entries(TERRAINS));
  return { name, ...draw(dice) };
}

const TERRAINS: Readonly<Record<string, Draw>> = {
  pair: (dice) => ({
    nodes: { client: {}, server: SERVER },
    links: cables(dice, ['client', 'server']),
    clients: ['client'],
    servers: ['server'],
    middles: [],
    gate: null,
    hasIpv4: true,
    hasIpv6: false,
  }),
  star: (dice) => around(dice, 'switch'),
  hub: (dice) => around(dice, 'hub'),
  routed: (dice) => ({
    nodes: {
      client: { ip: '10.1.0.2/24' },
      router: { kind: 'router', interfaces: { left: '10.1.0.1/24', right: '10.2.0.1/24' } },
      server: { ip: '10.2.0.2/24', ...SERVER },
    },
    links: cables(dice, ['client', 'router:left'], ['router:right', 'server']),
    clients: ['client'],
    servers: ['server'],
    middles: ['router'],
    gate: null,
    hasIpv4: true,
    hasIpv6: false,
  }),
  dumbbell: (dice) => ({
    nodes: {
      c1: { ip: '10.1.0.2/24' },
      c2: { ip: '10.1.0.3/24' },
      left: { kind: 'switch' },
      r1: { kind: 'router', interfaces: { lan: '10.1.0.1/24', wan: '10.9.0.1/30' } },
      r2: { kind: 'router', interfaces: { wan: '10.9.0.2/30', lan: '10.2.0.1/24' } },
      server: { ip: '10.2.0.2/24', ...SERVER },
    },
    links: cables(dice, ['c1', 'left'], ['c2', 'left'], ['left', 'r1:lan'], ['r1:wan', 'r2:wan'], ['r2:lan', 'server']),
    clients: ['c1', 'c2'],
    servers: ['server'],
    middles: ['left', 'r1', 'r2'],
    gate: null,
    hasIpv4: true,
    hasIpv6: false,
  }),
  nat: (dice) => ({
    nodes: {
      c1: { ip: '192.168.1.10/24' },
      c2: { ip: '192.168.1.11/24' },
      wifi: { kind: 'switch' },
      home: {
        kind: 'nat',
        interfaces: { lan: '192.168.1.1/24', wan: '203.0.113.7/24' },
        nat: { inside: 'lan', outside: 'wan', idle: '300s' },
      },
      server: { ip: '203.0.113.80/24', ...SERVER },
    },
    links: cables(dice, ['c1', 'wifi'], ['c2', 'wifi'], ['home:lan', 'wifi'], ['home:wan', 'server']),
    clients: ['c1', 'c2'],
    servers: ['server'],
    middles: ['wifi', 'home'],
    gate: 'nat',
    hasIpv4: true,
    hasIpv6: false,
  }),
  firewall: (dice) => ({
    nodes: {
      client: { ip: '10.1.0.2/24' },
      wall: {
        kind: 'firewall',
        interfaces: { in: '10.1.0.1/24', out: '10.2.0.1/24' },
        firewall: { icmp: dice.one(['pass', 'drop']) },
      },
      server: { ip: '10.2.0.2/24', ...SERVER },
    },
    links: cables(dice, ['client', 'wall:in'], ['wall:out', 'server']),
    clients: ['client'],
    servers: ['server'],
    middles: ['wall'],
    gate: 'firewall',
    hasIpv4: true,
    hasIpv6: false,
  }),
  pair6: (dice) => ({
    nodes: { client: { ip: '2001:db8::1/64' }, server: { ip: '2001:db8::2/64', ...SERVER } },
    links: cables(dice, ['client', 'server']),
    clients: ['client'],
    servers: ['server'],
    middles: [],
    gate: null,
    hasIpv4: false,
    hasIpv6: true,
  }),
  routed6: (dice) => ({
    nodes: {
      client: {},
      lan: { kind: 'switch' },
      router: {
        kind: 'router',
        interfaces: { left: '2001:db8:1::1/64', right: '2001:db8:2::1/64' },
        // A host that missed the first advertisements waits for the next (RFC 4861 section 6.3.7).
        advertise: { every: '20s' },
      },
      server: { ip: '2001:db8:2::2/64', ...SERVER },
    },
    links: cables(dice, ['client', 'lan'], ['lan', 'router:left'], ['router:right', 'server']),
    clients: ['client'],
    servers: ['server'],
    middles: ['lan', 'router'],
    gate: null,
    hasIpv4: false,
    hasIpv6: true,
  }),
  dual: (dice) => ({
    nodes: {
      c1: { ip: ['10.0.0.1/24', '2001:db8::1/64'] },
      c2: { ip: ['10.0.0.2/24', '2001:db8::2/64'] },
      switch: { kind: 'switch' },
      server: { ip: ['10.0.0.3/24', '2001:db8::3/64'], ...SERVER },
    },
    links: cables(dice, ['c1', 'switch'], ['c2', 'switch'], ['server', 'switch']),
    clients: ['c1', 'c2'],
    servers: ['server'],
    middles: ['switch'],
    gate: null,
    hasIpv4: true,
    hasIpv6: true,
  }),
};

function around(dice: Dice, kind: 'switch' | 'hub'): Omit<Terrain, 'name'> {
  return {
    nodes: { c1: {}, c2: {}, s1: SERVER, s2: SERVER, middle: { kind } },
    links: cables(dice, ['c1', 'middle'], ['c2', 'middle'], ['s1', 'middle'], ['s2', 'middle']),
    clients: ['c1', 'c2'],
    servers: ['s1', 's2'],
    middles: ['middle'],
    gate: null,
    hasIpv4: true,
    hasIpv6: false,
  };
}

function cables(dice: Dice, ...ends: readonly (readonly [string, string])[]): LinkPiece[] {
  return ends.map((between, index) => ({ id: `l${index}`, between, delayMs: dice.one([0, 1, 2, 5, 20, 60]) }));
}
