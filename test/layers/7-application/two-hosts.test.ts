import { describe, expect, it } from 'vitest';
import { patternMismatch } from '../../../src/layers/7-application/bulk/pattern.ts';
import { TwoHosts } from './two-hosts.ts';

const SECOND = 1_000_000_000;
const NASTY = {
  loss: { kind: 'uniform', perMillion: 30_000 },
  duplicatePerMillion: 20_000,
  reorderPerMillion: 50_000,
  corruptPerMillion: 10_000,
} as const;

const connect = (as: string, port: number) =>
  ({ kind: 'tcp-connect', node: 'client', to: { host: 'server', port }, as }) as const;
const send = (on: string, bytes: number, times = 1) =>
  ({ kind: 'tcp-send', node: 'client', on, payload: { kind: 'size', bytes }, times, everyNs: 0 }) as const;
const get = (path: string, host = 'server', keepAlive = false) =>
  ({ kind: 'get', node: 'client', host, port: 80, path, as: 'page', keepAlive, payload: null }) as const;

describe('applications on a bad network', () => {
  it.each(['1', '2', '3'])('a sink receives 300,000 octets as they were sent (seed %s)', (seed) => {
    const hosts = new TwoHosts({
      seed,
      link: NASTY,
      apps: [{ kind: 'sink', name: 'sink', port: 9, transport: 'tcp', readBytesPerSecond: null }],
    });
    hosts.do(connect('upload', 9));
    hosts.do(send('upload', 100_000, 3));
    hosts.do({ kind: 'tcp-close', node: 'client', on: 'upload' });
    hosts.run();
    expect(hosts.delivered('client')).toMatchObject({
      sent: { bytes: 300_000, messages: 3 },
      delivered: { bytes: 300_000, messages: 3 },
      damage: null,
    });
    expect(hosts.told('server').at(-1)).toBe('received 300000 octets in all, and the other side has no more');
    expect(hosts.told('client').at(-1)).toBe('the connection was closed');
  });

  it('an echo comes back octet for octet', () => {
    const hosts = new TwoHosts({
      link: NASTY,
      apps: [{ kind: 'echo-server', name: 'echo', port: 7, transport: 'both' }],
    });
    hosts.do(connect('chat', 7));
    hosts.do(send('chat', 50_000));
    hosts.do({ kind: 'tcp-close', node: 'client', on: null });
    hosts.run();
    expect(hosts.delivered('server')).toMatchObject({
      sent: { bytes: 50_000 },
      delivered: { bytes: 50_000 },
      damage: null,
    });
    const back = hosts.journal.entries.flatMap(({ node, event }) =>
      node === 'client' && event.kind === 'decoded' && event.layer === 7 ? [event.bytes] : [],
    );
    expect(patternMismatch(Buffer.concat(back), 0)).toBe(-1);
  });

  it('over UDP loss, doubling and overtaking show through', () => {
    const hosts = new TwoHosts({
      link: NASTY,
      apps: [{ kind: 'sink', name: 'sink', port: 9, transport: 'udp', readBytesPerSecond: null }],
    });
    hosts.do({
      kind: 'udp-send',
      node: 'client',
      to: { host: 'server', port: 9 },
      payload: { kind: 'size', bytes: 100 },
      times: 1000,
      everyNs: 1_000_000,
    });
    hosts.run();
    const { sent, delivered, repeated, outOfOrder, damage } = hosts.delivered('client');
    expect(damage).toBeNull();
    expect(sent).toEqual({ bytes: 100_000, messages: 1000 });
    expect(delivered.messages).toBeGreaterThan(900);
    expect(delivered.messages).toBeLessThan(990);
    expect(repeated.messages).toBeGreaterThan(0);
    expect(outOfOrder).toBeGreaterThan(0);
  });

  it('a page is looked up, fetched and whole', () => {
    const hosts = new TwoHosts({
      link: NASTY,
      dns: true,
      seed: '4',
      apps: [
        { kind: 'dns-server', name: 'dns', zone: [{ name: 'www.example', address: 0x0a000002 }] },
        {
          kind: 'http-server',
          name: 'web',
          port: 80,
          pages: [{ path: '/big', body: { sizeBytes: 200_000 } }],
          keepAlive: true,
        },
      ],
    });
    hosts.do(get('/big', 'www.example'));
    hosts.run();
    expect(hosts.told('client').at(-1)).toMatch(/^GET http:\/\/www\.example\/big: 200, 200000 octets after /);
    expect(hosts.delivered('server')).toMatchObject({ damage: null });
    expect(hosts.delivered('client')).toMatchObject({ damage: null });
    const { sent, delivered } = hosts.delivered('server');
    expect(sent.bytes).toBeGreaterThanOrEqual(200_000);
    expect(delivered.bytes).toBeGreaterThanOrEqual(200_000);
  });

  it('the same seed gives the same journal, with and without somebody who looks', () => {
    const make = (record: boolean) => {
      const hosts = new TwoHosts({
        link: NASTY,
        record,
        apps: [{ kind: 'echo-server', name: 'echo', port: 7, transport: 'tcp' }],
      });
      hosts.do(connect('chat', 7));
      hosts.do(send('chat', 20_000));
      hosts.do({ kind: 'tcp-close', node: 'client', on: null });
      hosts.run(100 * SECOND);
      return hosts;
    };
    const [one, other, unseen] = [make(true), make(true), make(false)];
    expect(JSON.stringify(one.journal.entries)).toBe(JSON.stringify(other.journal.entries));
    expect(unseen.kernel.happened).toBe(one.kernel.happened);
    expect(unseen.journal.length).toBe(0);
  });
});

describe('applications on a good network', () => {
  it('a slow sink makes the sender stop at a closed window, and gets everything', () => {
    const hosts = new TwoHosts({
      tcp: { receiveBufferBytes: 4000 },
      apps: [{ kind: 'sink', name: 'sink', port: 9, transport: 'tcp', readBytesPerSecond: 2000 }],
    });
    hosts.do(connect('upload', 9));
    hosts.do(send('upload', 20_000));
    hosts.do({ kind: 'tcp-close', node: 'client', on: 'upload' });
    hosts.run(5 * SECOND);
    const halfWay = hosts.delivered('client').delivered.bytes;
    expect(halfWay).toBeGreaterThan(9000);
    expect(halfWay).toBeLessThan(10_001);
    const closedWindow = hosts.journal.entries.some(
      ({ event }) => event.kind === 'metric' && event.name === 'rcvwnd' && event.value === 0,
    );
    expect(closedWindow).toBe(true);
    hosts.run();
    expect(hosts.delivered('client').delivered.bytes).toBe(20_000);
    expect(hosts.told('client').at(-1)).toBe('the connection was closed');
  });

  it('three writes are two segments and two reads: a stream has no messages', () => {
    const hosts = new TwoHosts({
      apps: [{ kind: 'sink', name: 'sink', port: 9, transport: 'tcp', readBytesPerSecond: null }],
    });
    hosts.do(connect('chat', 9));
    hosts.run(SECOND);
    const payload = { kind: 'text', text: 'message {n};' } as const;
    hosts.do({ kind: 'tcp-send', node: 'client', on: null, payload, times: 3, everyNs: 0 });
    hosts.run(2 * SECOND);
    expect(hosts.told('server')).toEqual(['read 10 octets: "message 1;"', 'read 20 octets: "message 2;message 3;"']);
    expect(hosts.delivered('client')).toMatchObject({ sent: { messages: 3 }, delivered: { messages: 3, bytes: 30 } });
    hosts.do({ kind: 'tcp-close', node: 'client', on: null });
    hosts.run();
    expect(hosts.told('client').at(-1)).toBe('the connection was closed');
  });

  it('a name, a connection and a page take four round trips, ARP included', () => {
    const hosts = new TwoHosts({
      dns: true,
      link: { bitsPerSecond: null },
      apps: [
        { kind: 'dns-server', name: 'dns', zone: [{ name: 'www.example', address: 0x0a000002 }] },
        { kind: 'http-server', name: 'web', port: 80, pages: [{ path: '/', body: { text: 'hi' } }], keepAlive: true },
      ],
    });
    hosts.do(get('/', 'www.example'));
    hosts.run();
    expect(hosts.told('client').at(-1)).toBe('GET http://www.example/: 200, 2 octets after 0.080000 s');
  });

  it('a kept connection saves the handshake', () => {
    const hosts = new TwoHosts({
      link: { bitsPerSecond: null },
      apps: [
        { kind: 'http-server', name: 'web', port: 80, pages: [{ path: '/', body: { text: 'hi' } }], keepAlive: true },
      ],
    });
    hosts.do(get('/', 'server', true));
    hosts.run(SECOND);
    hosts.do(get('/', 'server', true));
    hosts.run();
    expect(hosts.told('client').map((text) => text.replace(/.* after /, ''))).toEqual(['0.060000 s', '0.020000 s']);
  });

  it('a port where nobody listens: refused over TCP, ICMP over UDP', () => {
    const hosts = new TwoHosts({});
    hosts.do(get('/'));
    const to = { host: 'server', port: 9 };
    hosts.do({ kind: 'udp-send', node: 'client', to, payload: { kind: 'text', text: 'x' }, times: 1, everyNs: 0 });
    hosts.run();
    expect(hosts.told('client').toSorted()).toEqual([
      'GET http://server/ failed: the connection was refused',
      'refused: nobody listens on that port (10.0.0.2:9)',
      'sends 1 octet: "x" to 10.0.0.2:9',
    ]);
  });

  it.each([
    [
      'before the request came: the next try meets a server that knows of nothing',
      50,
      'failed: the connection was reset',
    ],
    ['inside the response: the client has nothing to send and never learns', 65, null],
  ])('a server that crashes and starts again %s', (_, crashMs, told) => {
    const pages = [{ path: '/', body: { sizeBytes: 1_000_000 } }];
    const hosts = new TwoHosts({ apps: [{ kind: 'http-server', name: 'web', port: 80, pages, keepAlive: true }] });
    hosts.do(get('/'));
    hosts.run((crashMs * SECOND) / 1000);
    hosts.world.crash('server');
    hosts.run(SECOND);
    hosts.world.restart('server');
    hosts.run(100 * SECOND);
    expect(hosts.told('client').map((text) => told !== null && text.includes(told))).toEqual(
      told === null ? [] : [true],
    );
    hosts.do(get('/'));
    hosts.run();
    expect(hosts.told('client').at(-1)).toMatch(/: 200, 1000000 octets/);
  });
});
