import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { serveDns } from '../../../../src/layers/7-application/dns/dns-server.ts';
import {
  type DnsMessage,
  type DnsRecord,
  decodeMessage,
  encodeMessage,
} from '../../../../src/layers/7-application/dns/message.ts';
import { Resolver } from '../../../../src/layers/7-application/dns/resolver.ts';
import type { Answer } from '../../../../src/layers/7-application/names.ts';
import { isMalformed } from '../../../../src/wire/reader.ts';
import { type FakeHost, type FakeOptions, FakeWorld } from '../fake-transport.ts';

const SECOND = 1_000_000_000;
const ZONE = [
  { name: 'www.example', address: 0x0a000002 },
  { name: 'both.example', address: 0x0a000003 },
  { name: 'both.example', address: 0x20010db8000000000000000000000001n },
  { name: 'six.example', address: 0x20010db8000000000000000000000001n },
];

function setUp(options: FakeOptions = { delayNs: 10_000_000 }, servers = [53]) {
  const world = new FakeWorld(options);
  const client = world.host('client', 1);
  const hosts = servers.map((address, index) => world.host(`dns${index + 1}`, address));
  const resolver = new Resolver(client.services, servers);
  const answers: { atNs: number; answer: Answer }[] = [];
  const resolve = (name: string) =>
    resolver.resolve(name, (answer) => answers.push({ atNs: world.kernel.nowNs, answer }));
  return { world, client, hosts, resolver, resolve, answers };
}

const queriesAt = (world: FakeWorld) =>
  world.of('client').flatMap(({ event, atNs }) => (event.kind === 'encoded' ? [atNs / SECOND] : []));

/** A server that answers as the test likes. */
function pretend(
  host: FakeHost | undefined,
  answer: (query: DnsMessage, send: (bytes: Uint8Array) => void) => void,
): void {
  const socket = host?.bind('fake', 53, {
    onDatagram: (payload, from) => {
      const query = decodeMessage(payload);
      if (!isMalformed(query)) answer(query, (bytes) => socket?.send(from, bytes));
    },
  });
}

const a = (name: string, address: number, ttlSeconds = 60): DnsRecord => ({
  name,
  type: 1,
  class: 1,
  ttlSeconds,
  data: { address },
});
const cname = (name: string, alias: string, ttlSeconds = 60): DnsRecord => ({
  name,
  type: 5,
  class: 1,
  ttlSeconds,
  data: { alias },
});

function replyTo(query: DnsMessage, change: Partial<DnsMessage>): Uint8Array {
  return encodeMessage({ ...query, isResponse: true, ...change });
}

describe('the resolver and the name server', () => {
  it('ask and answer in one round trip', () => {
    const { world, hosts, resolve, answers } = setUp();
    serveDns(hosts[0]?.services as FakeHost['services'], { name: 'dns-server', zone: ZONE });
    resolve('WWW.Example.');
    world.run();
    expect(answers).toEqual([{ atNs: 20_000_000, answer: { address: 0x0a000002 } }]);
    expect(world.told('dns1')).toEqual(['www.example: 10.0.0.2']);
    expect(world.told('client')).toEqual(['www.example is 10.0.0.2']);
    const [query, response] = [world.messages('client', 'encoded', 'dns'), world.messages('client', 'decoded', 'dns')];
    expect(query).toEqual(world.messages('dns1', 'decoded', 'dns'));
    expect(response).toEqual(world.messages('dns1', 'encoded', 'dns'));
  });

  it('a name that is not there, and one without an IPv4 address', () => {
    const { world, hosts, resolve, answers } = setUp();
    serveDns(hosts[0]?.services as FakeHost['services'], { name: 'dns-server', zone: ZONE });
    for (const name of ['nowhere.example', 'six.example', 'both.example']) resolve(name);
    world.run();
    expect(answers.map(({ answer }) => answer)).toEqual([
      { problem: 'there is no such name' },
      { problem: 'the name has no IPv4 address' },
      { address: 0x0a000003 },
    ]);
  });

  it('asks nobody where there is no name server, and the one that becomes known later', () => {
    const { world, resolver, hosts, resolve, answers } = setUp({ delayNs: 10_000_000 }, []);
    resolve('www.example');
    expect(answers.map(({ answer }) => answer)).toEqual([{ problem: 'this node knows no name server yet' }]);
    expect(hosts).toEqual([]);
    serveDns(world.host('dns', 53).services, { name: 'dns-server', zone: ZONE });
    resolver.ask([53]);
    resolve('www.example');
    world.run();
    expect(answers[1]?.answer).toEqual({ address: 0x0a000002 });
  });

  it('refuses at once what is no domain name', () => {
    const { world, resolve, answers } = setUp();
    for (const name of ['', 'a..b', 'x'.repeat(64), 'a b']) resolve(name);
    expect(answers.map(({ answer }) => answer)).toEqual([
      { problem: ' is no domain name' },
      { problem: 'a..b is no domain name' },
      { problem: `${'x'.repeat(64)} is no domain name` },
      { problem: 'a b is no domain name' },
    ]);
    expect(queriesAt(world)).toEqual([]);
  });
});

describe('retries (RFC 1035 section 4.2.1)', () => {
  it('asks a silent server again after 5 s and gives up after another 5', () => {
    const { world, hosts, resolve, answers } = setUp();
    hosts[0]?.bind('silent', 53, { onDatagram: () => {} });
    resolve('www.example');
    world.run();
    expect(queriesAt(world)).toEqual([0, 5]);
    expect(answers).toEqual([{ atNs: 10 * SECOND, answer: { problem: 'no name server answered' } }]);
  });

  it('asks the other server first, then the first again', () => {
    const { world, hosts, resolve, answers } = setUp({ delayNs: 0 }, [53, 54]);
    const asked: string[] = [];
    for (const host of hosts) host.bind('silent', 53, { onDatagram: () => asked.push(host.context.node) });
    resolve('www.example');
    world.run();
    expect(queriesAt(world)).toEqual([0, 5, 10, 15]);
    expect(asked).toEqual(['dns1', 'dns2', 'dns1', 'dns2']);
    expect(answers[0]?.atNs).toBe(20 * SECOND);
  });

  it('is content with the second try when the first was lost', () => {
    const { world, hosts, resolve, answers } = setUp({ delayNs: 10_000_000, loses: (datagram) => datagram === 0 });
    serveDns(hosts[0]?.services as FakeHost['services'], { name: 'dns-server', zone: ZONE });
    resolve('www.example');
    world.run();
    expect(answers).toEqual([{ atNs: 5_020_000_000, answer: { address: 0x0a000002 } }]);
    // No timer is left behind: time stops with the answer.
    expect(world.kernel.nowNs).toBe(5_020_000_000);
  });

  it('goes on to the next server at once when nobody listens or the server fails', () => {
    const { world, hosts, resolve, answers } = setUp({ delayNs: 10_000_000 }, [53, 54, 55]);
    pretend(hosts[1], (query, send) => send(replyTo(query, { rcode: 2 })));
    serveDns(hosts[2]?.services as FakeHost['services'], { name: 'dns-server', zone: ZONE });
    resolve('www.example');
    world.run();
    expect(answers).toEqual([{ atNs: 60_000_000, answer: { address: 0x0a000002 } }]);
    expect(world.told('client')).toEqual([
      '0.0.0.53 cannot be asked: port-unreachable',
      'the name server fails (code 2)',
      'www.example is 10.0.0.2',
    ]);
  });

  it('gives up at once without a route', () => {
    const { world, client, resolve, answers } = setUp();
    client.hasRoute = false;
    resolve('www.example');
    expect(answers).toEqual([{ atNs: 0, answer: { problem: 'no name server answered' } }]);
    world.run();
    expect(world.kernel.nowNs).toBe(0);
  });
});

describe('what is believed (RFC 5452 section 9.1)', () => {
  const forged = (change: Partial<DnsMessage>) => (query: DnsMessage) =>
    replyTo(query, { answers: [a('www.example', 0x06060606)], ...change });

  it.each([
    ['another number', (query: DnsMessage) => forged({ id: query.id ^ 1 })(query)],
    ['another question', forged({ questions: [{ name: 'ww.example', type: 1, class: 1 }] })],
    ['another type', forged({ questions: [{ name: 'www.example', type: 28, class: 1 }] })],
    ['another class', forged({ questions: [{ name: 'www.example', type: 1, class: 3 }] })],
    ['no question', forged({ questions: [] })],
    ['two questions', (query: DnsMessage) => forged({ questions: [...query.questions, ...query.questions] })(query)],
    ['a query', forged({ isResponse: false })],
    ['another opcode', forged({ opcode: 5 })],
  ])('not an answer with %s; the right one that follows is', (_, forge) => {
    const { world, hosts, resolve, answers } = setUp();
    pretend(hosts[0], (query, send) => {
      send(forge(query));
      send(replyTo(query, { answers: [a('www.example', 0x0a000002)] }));
    });
    resolve('www.example');
    world.run();
    expect(answers.map(({ answer }) => answer)).toEqual([{ address: 0x0a000002 }]);
    const drops = world.of('client').flatMap(({ event }) => (event.kind === 'dropped' ? [event.reason] : []));
    expect(drops).toEqual(['not-acceptable']);
  });

  it('not an answer from another address or port', () => {
    const { world, client, hosts, resolve, answers } = setUp();
    pretend(hosts[0], (query, send) => {
      const right = replyTo(query, { answers: [a('www.example', 0x06060606)] });
      for (const from of [
        { address: 99, port: 53 },
        { address: 53, port: 54 },
      ]) {
        client.receive(from, 49_152, right);
      }
      send(replyTo(query, { answers: [a('www.example', 0x0a000002)] }));
    });
    resolve('www.example');
    world.run();
    expect(answers.map(({ answer }) => answer)).toEqual([{ address: 0x0a000002 }]);
  });

  it('not what is malformed: it waits on', () => {
    const { world, hosts, resolve, answers } = setUp();
    let times = 0;
    pretend(hosts[0], (query, send) => {
      const right = replyTo(query, { answers: [a('www.example', 0x0a000002)] });
      send(times++ === 0 ? right.subarray(0, right.length - 1) : right);
    });
    resolve('www.example');
    world.run();
    expect(answers).toEqual([{ atNs: 5_020_000_000, answer: { address: 0x0a000002 } }]);
  });

  it('draws numbers from the seed', () => {
    const ids = (seed: string) => {
      const { world, hosts, resolve } = setUp({ seed });
      const seen: number[] = [];
      pretend(hosts[0], (query) => seen.push(query.id));
      for (const name of ['a', 'b', 'c']) resolve(name);
      world.runUntil(0);
      return seen;
    };
    expect(ids('1')).toEqual(ids('1'));
    expect(new Set([...ids('1'), ...ids('2')]).size).toBe(6);
  });
});

describe('truncated answers are asked for again over TCP (RFC 7766 section 5)', () => {
  const many = Array.from({ length: 100 }, (_, i) => ({ name: 'www.example', address: 0x0a000001 + i }));

  it('whatever pieces the stream comes in', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2000 }), fc.integer({ min: 1, max: 200 }), (piece, sendBufferBytes) => {
        const { world, hosts, resolve, answers } = setUp({ delayNs: 1, pieceBytes: () => piece, sendBufferBytes });
        serveDns(hosts[0]?.services as FakeHost['services'], { name: 'dns-server', zone: many });
        resolve('www.example');
        world.run();
        expect(answers.map(({ answer }) => answer)).toEqual([{ address: 0x0a000001 }]);
        expect(queriesAt(world)).toHaveLength(2);
        expect(world.messages('dns1', 'encoded', 'dns').map(({ length }) => length)).toEqual([509, 12 + 17 + 1600]);
        expect(world.messages('client', 'decoded', 'dns')).toEqual(world.messages('dns1', 'encoded', 'dns'));
      }),
      { numRuns: 50 },
    );
  });

  it('takes a round trip for the datagram, one to connect, one to ask; then both sides close', () => {
    const { world, hosts, resolve, answers } = setUp({ delayNs: 10_000_000, pieceBytes: () => 5000 });
    serveDns(hosts[0]?.services as FakeHost['services'], { name: 'dns-server', zone: many });
    resolve('www.example');
    world.run();
    expect(answers).toEqual([{ atNs: 60_000_000, answer: { address: 0x0a000001 } }]);
    expect(world.told('client')).toEqual(['the answer is truncated: asks again over TCP', 'www.example is 10.0.0.1']);
    // The FINs take another 20 ms; no timer is left behind.
    expect(world.kernel.nowNs).toBe(80_000_000);
  });

  it('goes on to the next try when TCP is refused or silent', () => {
    const { world, hosts, resolve, answers } = setUp({ delayNs: 10_000_000 }, [53, 54, 55]);
    const isTruncated = true;
    pretend(hosts[0], (query, send) => send(replyTo(query, { isTruncated })));
    pretend(hosts[1], (query, send) => send(replyTo(query, { isTruncated })));
    hosts[1]?.listen('silent', 53, () => ({}));
    serveDns(hosts[2]?.services as FakeHost['services'], { name: 'dns-server', zone: ZONE });
    resolve('www.example');
    world.run();
    expect(answers.map(({ answer }) => answer)).toEqual([{ address: 0x0a000002 }]);
    // 40 ms for the first server; 20 ms and 5 s for the second; 20 ms for the third.
    expect(answers[0]?.atNs).toBe(5_080_000_000);
  });

  it('believes no wrong answer there either, and reports a message that broke off', () => {
    const { world, hosts, resolve, answers } = setUp({ delayNs: 0 });
    pretend(hosts[0], (query, send) => send(replyTo(query, { isTruncated: true })));
    hosts[0]?.listen('liar', 53, (stream) => ({
      onReadable: () => {
        const bytes = stream.read();
        const wrong = Uint8Array.from(bytes);
        wrong[2] = (wrong[2] ?? 0) ^ 1;
        wrong[4] = 0x84;
        stream.write(wrong);
        stream.write(Uint8Array.of(0, 99, 1, 2, 3));
        stream.close();
      },
    }));
    resolve('www.example');
    world.run();
    expect(answers.map(({ answer }) => answer)).toEqual([{ problem: 'no name server answered' }]);
    const drops = world
      .of('client')
      .flatMap(({ event }) => (event.kind === 'dropped' ? [`${event.reason} ${event.bytes.length}`] : []));
    expect(drops).toEqual(['not-acceptable 29', 'closed 5', 'not-acceptable 29', 'closed 5']);
  });
});

describe('aliases (RFC 1034 section 3.6.2)', () => {
  const chain = (length: number): DnsRecord[] => [
    ...Array.from({ length }, (_, i) => cname(i === 0 ? 'www.example' : `n${i}`, `n${i + 1}`, 100 - i)),
    a(length === 0 ? 'www.example' : `n${length}`, 7),
  ];

  it.each([
    ['eight are followed', chain(8), { address: 7 }],
    ['nine are not', chain(9), { problem: 'more than 8 aliases follow each other' }],
    [
      'a circle is not',
      [cname('www.example', 'x'), cname('x', 'www.example')],
      { problem: 'more than 8 aliases follow each other' },
    ],
    ['one that leads nowhere', [cname('www.example', 'x')], { problem: 'the name has no IPv4 address' }],
    ['an address of another name is not taken', [a('x', 7)], { problem: 'the name has no IPv4 address' }],
  ])('%s', (_, records, expected) => {
    const { world, hosts, resolve, answers } = setUp();
    pretend(hosts[0], (query, send) => send(replyTo(query, { answers: records })));
    resolve('www.example');
    world.run();
    expect(answers.map(({ answer }) => answer)).toEqual([expected]);
  });
});

describe('the cache (RFC 1035 section 3.2.1)', () => {
  it('answers until the TTL is over, then asks again', () => {
    const { world, hosts, resolve, answers } = setUp({ delayNs: 0 });
    pretend(hosts[0], (query, send) =>
      send(replyTo(query, { answers: [cname('www.example', 'x', 500), a('x', 7, 30), a('y', 8, 1)] })),
    );
    resolve('www.example');
    world.runUntil(29 * SECOND);
    resolve('WWW.EXAMPLE');
    expect(answers).toHaveLength(2);
    world.runUntil(30 * SECOND);
    resolve('www.example');
    world.run();
    expect(queriesAt(world)).toEqual([0, 30]);
    const rows = world.of('client').flatMap(({ event }) => (event.kind === 'table' ? [event.change] : []));
    expect(rows).toMatchObject([
      { table: 'dns', key: 'www.example', row: { address: '0.0.0.7', ttlSeconds: 30, expiresNs: 30 * SECOND } },
      { key: 'www.example', row: null, because: 'its 30 s to live are over' },
      { key: 'www.example', row: { expiresNs: 60 * SECOND } },
    ]);
    expect(world.told('client')[1]).toBe('www.example is 0.0.0.7, as the cache still knows');
  });

  it('uses a TTL of zero once', () => {
    const { world, hosts, resolve, answers } = setUp({ delayNs: 0 });
    pretend(hosts[0], (query, send) => send(replyTo(query, { answers: [a('www.example', 7, 0)] })));
    resolve('www.example');
    world.run();
    resolve('www.example');
    world.run();
    expect(queriesAt(world)).toEqual([0, 0]);
    expect(answers).toHaveLength(2);
  });

  it('asks once for all who wait for the same name', () => {
    const { world, hosts, resolve, answers } = setUp();
    serveDns(hosts[0]?.services as FakeHost['services'], { name: 'dns-server', zone: ZONE });
    resolve('www.example');
    resolve('www.example.');
    world.run();
    expect(queriesAt(world)).toEqual([0]);
    expect(answers).toHaveLength(2);
  });

  it('does not remember failures', () => {
    const { world, hosts, resolve } = setUp({ delayNs: 0 });
    serveDns(hosts[0]?.services as FakeHost['services'], { name: 'dns-server', zone: ZONE });
    resolve('nowhere.example');
    world.run();
    resolve('nowhere.example');
    world.run();
    expect(queriesAt(world)).toEqual([0, 0]);
  });
});
