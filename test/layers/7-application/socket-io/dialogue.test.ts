import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { TwoHosts } from '../two-hosts.ts';
import { withoutIds } from './dialogue.ts';
import { dialogueOf, IO_SERVER, IoWorld, MS } from './io-world.ts';

/** What the real server and client said, by scripts/record-socket-io.mjs. */
const RECORDING: { readonly dialogues: Readonly<Record<string, readonly string[]>> } = JSON.parse(
  readFileSync(new URL('../../../recordings/socket-io-4.8.4.json', import.meta.url), 'utf8'),
);

const WEBSOCKET = { transports: ['websocket'] } as const;
const POLLING = { transports: ['polling'] } as const;
const OCTETS = { content: { kind: 'json', value: Uint8Array.of(1, 2, 3, 4) } } as const;

/** The same things done here, in virtual time. */
const TALKS: Readonly<Record<string, () => IoWorld>> = {
  'connect and upgrade': () => talk({}, () => {}),
  'websocket only': () => talk(WEBSOCKET, () => {}),
  'polling only': () => talk(POLLING, (world) => world.emit('echo', 'a')),
  'events, an ack, octets': () =>
    talk(WEBSOCKET, (world) =>
      world.at(400, () => {
        world.client.emit(null, twoArguments('echo', 'hello', { deep: [1, null, true] }));
        world.emit('ask', 'sure?', { ack: true });
        world.emit('echo', null, OCTETS);
      }),
    ),
  'octets over polling': () => talk(POLLING, (world) => world.at(400, () => world.emit('echo', null, OCTETS))),
  'two namespaces': () => {
    const world = new IoWorld();
    world.connect({ ...WEBSOCKET, as: 'first' });
    world.connect({ ...WEBSOCKET, as: 'second', namespace: '/admin' });
    world.at(300, () => world.emit('echo', 'x', { on: 'second' }));
    world.at(500, () => world.client.disconnect('second'));
    world.at(700, () => world.emit('echo', 'y', { on: 'first' }));
    world.at(900, () => world.client.disconnect('first'));
    world.runUntil(2000);
    return world;
  },
  'an unknown namespace': () => talk({ ...WEBSOCKET, namespace: '/random' }, () => {}),
  heartbeat: () => talk(WEBSOCKET, () => {}, { pingIntervalNs: 300 * MS, pingTimeoutNs: 200 * MS }),
  'recovery is announced, and offsets stand behind events': () =>
    talk(WEBSOCKET, (world) => world.at(400, () => world.emit('echo', 'a')), { recoverForNs: 120_000 * MS }),
};

function twoArguments(event: string, ...args: readonly [string, object]) {
  const content = { kind: 'json', value: args as never } as const;
  return { event, content, ack: false, volatile: false, toRoom: null, times: 1, everyNs: 0 };
}

function talk(
  options: Parameters<IoWorld['connect']>[0],
  during: (world: IoWorld) => void,
  server: ConstructorParameters<typeof IoWorld>[0] = {},
): IoWorld {
  const world = new IoWorld(server);
  world.connect(options);
  during(world);
  world.at(900, () => world.client.disconnect(null));
  world.runUntil(2000);
  return world;
}

/** The recorder sits behind the place where the library keeps the client's `1` to itself. */
const isHeard = (line: string) => line !== 'client polling 1';
/** Two arguments stand in one list here. An offset is opaque. */
const normalized = (line: string) =>
  withoutIds(line)
    .replace('["echo",["hello",{"deep":[1,null,true]}]]', '["echo","hello",{"deep":[1,null,true]}]')
    .replace(/\["echo","a","[^"]+"\]/, '["echo","a","OFFSET"]');
const by = (who: string, lines: readonly string[]) => lines.filter((line) => line.startsWith(who));

const TOGETHER = ['events, an ack, octets', 'two namespaces'];

describe('the dialogue of socket.io 4.8.4 at a round-trip time of 50 ms, packet by packet', () => {
  for (const [name, recorded] of Object.entries(RECORDING.dialogues)) {
    it(name, () => {
      const make = TALKS[name];
      if (!make) throw new Error(`nobody does ${name}`);
      const ours = make()
        .dialogue()
        .map(({ line }) => normalized(line))
        .filter(isHeard);
      const theirs = recorded.map(normalized);
      for (const who of ['client', 'server']) expect(by(who, ours)).toEqual(by(who, theirs));
      // Node answers several packets that came in one segment after the last of them; we answer each as it comes.
      if (!TOGETHER.includes(name)) expect(ours).toEqual(theirs);
    });
  }

  it('at these times (EIO-15): connected after 200 ms, upgraded at the server after 375', () => {
    const world = TALKS['connect and upgrade']?.() as IoWorld;
    expect(
      world
        .dialogue()
        .map(({ atMs, line }) => [atMs, line.slice(0, 19)])
        .slice(0, 7),
    ).toEqual([
      [75, 'server polling 0{"s'],
      [175, 'client polling 40'],
      [175, 'server polling 40{"'],
      [225, 'client websocket 2p'],
      [225, 'server websocket 3p'],
      [325, 'server polling 6'],
      [375, 'client websocket 5'],
    ]);
    expect(world.states('client', 'io.phone').slice(0, 3)).toEqual([
      [0, 'connecting'],
      [200, 'connected'],
      [900, 'disconnected'],
    ]);
    expect(world.states('client', 'engine.phone.transport')).toEqual([
      [100, 'polling'],
      [350, 'websocket'],
    ]);
  });

  it.each([
    ['connect and upgrade', ['polling', 'websocket'], [75, 175, 175, 225, 225, 325, 375]],
    ['websocket only', ['websocket'], [75, 125, 125]],
  ] as const)('%s on real TCP: the same, at the times of the real library', (name, transports, timesMs) => {
    const spec = { ...IO_SERVER, kind: 'socketio-server' } as const;
    const hosts = new TwoHosts({ apps: [spec], link: { delayNs: 25 * MS, bitsPerSecond: null } });
    const who = {
      node: 'client',
      host: 'server',
      port: 3000,
      path: '/socket.io/',
      namespace: '/',
      as: 'phone',
    } as const;
    // ARP takes its round trip before the first segment: a ping has it done.
    hosts.do({
      kind: 'ping',
      node: 'client',
      target: 'server',
      count: 1,
      everyNs: MS,
      sizeBytes: 8,
      dontFragment: false,
    });
    const startMs = 1000;
    const how = { transports, reconnection: null, retries: 0, ackTimeoutNs: null } as const;
    hosts.kernel.after(startMs * MS, () => hosts.do({ kind: 'io-connect', ...who, ...how }));
    hosts.kernel.after((startMs + 900) * MS, () => hosts.do({ kind: 'io-disconnect', node: 'client', on: null }));
    hosts.run(5000 * MS);
    const ours = dialogueOf(hosts.journal.entries, 'server').filter(({ line }) => isHeard(line));
    expect(ours.map(({ line }) => normalized(line))).toEqual(RECORDING.dialogues[name]?.map(normalized));
    expect(ours.slice(0, timesMs.length).map(({ atMs }) => atMs - startMs)).toEqual(timesMs);
  });
});
