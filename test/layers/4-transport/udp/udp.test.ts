import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Context } from '../../../../src/kernel/context.ts';
import { type Dropped, Journal } from '../../../../src/kernel/journal.ts';
import { Kernel } from '../../../../src/kernel/kernel.ts';
import { type NetworkError, pseudoHeaderSum } from '../../../../src/layers/3-network/service.ts';
import type { DatagramUser, Endpoint } from '../../../../src/layers/4-transport/service.ts';
import { checksumOf, lengthOf, sourcePortOf, writeUdp } from '../../../../src/layers/4-transport/udp/header.ts';
import { Udp } from '../../../../src/layers/4-transport/udp/udp.ts';
import { type IpAddress, parseIp } from '../../../../src/wire/address.ts';
import { FakeNetwork } from '../fake-network.ts';

const OURS = 0x0a000001;
const PEER = 0x0a000002;
const UDP = 17;

interface Received {
  readonly text: string;
  readonly from: Endpoint;
  readonly to: Endpoint;
  readonly carries: readonly number[];
}

function setUp({ seed = '1', address = OURS as IpAddress, recording = true } = {}) {
  const journal = new Journal(recording);
  const context = new Context(new Kernel(seed, journal), 'host');
  const network = new FakeNetwork(address);
  const udp = new Udp(context, network);
  const received: Received[] = [];
  const errors: unknown[][] = [];
  const user: DatagramUser = {
    onDatagram: (payload, from, to, carries) => {
      received.push({ text: Buffer.from(payload).toString('latin1'), from, to, carries });
    },
    onDatagramError: (...error) => {
      errors.push(error);
    },
  };
  const drops = () =>
    journal.entries.map(({ event }) => event).filter((event): event is Dropped => event.kind === 'dropped');
  return { journal, network, udp, user, received, errors, drops };
}

/** A datagram as PEER would send it. */
function datagram(
  payload: string,
  toPort: number,
  { fromPort = 5000, source = PEER as IpAddress, to = OURS as IpAddress } = {},
) {
  const bytes = new Uint8Array(8 + payload.length);
  bytes.set(Buffer.from(payload, 'latin1'), 8);
  writeUdp(bytes, 0, bytes.length, fromPort, toPort, pseudoHeaderSum(source, to, UDP, bytes.length));
  return bytes;
}

describe('a socket for one interface alone', () => {
  it('hears what comes by it, before a socket for all; that one hears the rest', () => {
    const { network, udp, user, received } = setUp();
    const others: string[] = [];
    const all: DatagramUser = { onDatagram: (payload) => others.push(Buffer.from(payload).toString()) };
    udp.bind('all', 67, all);
    const one = udp.bind('one', 67, user, 'lan');
    udp.bind('two', 67, user, 'wan');
    expect(() => udp.bind('three', 67, user, 'lan')).toThrow('udp.one has it');
    network.receive(datagram('a', 67), UDP, PEER, OURS, 'lan');
    network.receive(datagram('b', 67), UDP, PEER, OURS, 'guest');
    one.close();
    network.receive(datagram('c', 67), UDP, PEER, OURS, 'lan');
    expect([received.map(({ text }) => text), others]).toEqual([['a'], ['b', 'c']]);
  });

  it('RFC 1122 3.2.1.3: may send from 0.0.0.0, and says by which interface', () => {
    const { network, udp, user } = setUp();
    udp.bind('dhcp', 68, user, 'wan').send({ address: 0xffffffff, port: 67 }, Buffer.from('x'), [], 0);
    expect(network.sent).toMatchObject([{ source: 0, destination: 0xffffffff, out: 'wan' }]);
  });
});

describe('sending (RFC 768)', () => {
  it('writes the header of a known datagram octet for octet', () => {
    const { network, udp, user } = setUp();
    udp.bind('a', 0x1234, user).send({ address: PEER, port: 53 }, Buffer.from('hi'));
    // By hand: 0a00+0001+0a00+0002+0011+000a + 1234+0035+000a+6869 = 8efa, complement 7105.
    expect(Buffer.from(network.sent[0]?.bytes ?? []).toString('hex')).toBe('12340035000a71056869');
  });

  it('sends a computed checksum of zero as all ones', () => {
    const { network, udp, user } = setUp();
    // The payload makes the sum 0xffff: 8efa - 6869 + x = ffff.
    udp.bind('a', 0x1234, user).send({ address: PEER, port: 53 }, Uint8Array.of(0xd9, 0x6e));
    expect(checksumOf(network.sent[0]?.bytes ?? new Uint8Array(8), 0)).toBe(0xffff);
  });

  it('keeps boundaries: two sends are two datagrams, an empty one is one too', () => {
    const { network, udp, user } = setUp();
    const socket = udp.bind('a', 1, user);
    for (const size of [100, 200, 0]) socket.send({ address: PEER, port: 9 }, new Uint8Array(size));
    expect(network.sent.map(({ bytes }) => lengthOf(bytes, 0) - 8)).toEqual([100, 200, 0]);
  });

  it('takes 65,507 octets and refuses 65,508 on the spot', () => {
    const { network, udp, user, drops } = setUp();
    const socket = udp.bind('a', 1, user);
    expect(socket.send({ address: PEER, port: 9 }, new Uint8Array(65_507))).toBe(true);
    expect(socket.send({ address: PEER, port: 9 }, new Uint8Array(65_508), [7])).toBe(false);
    expect(network.sent).toHaveLength(1);
    expect(drops()).toMatchObject([{ reason: 'too-big', carries: [7], via: 'udp.a', protocol: 'udp' }]);
  });

  it('refuses port 0, a closed socket, and tells of a missing route', () => {
    const { network, udp, user, drops } = setUp();
    const socket = udp.bind('a', 1, user);
    expect(socket.send({ address: PEER, port: 0 }, new Uint8Array(1))).toBe(false);
    network.hasRoute = false;
    expect(socket.send({ address: PEER, port: 9 }, new Uint8Array(1))).toBe(false);
    socket.close();
    network.hasRoute = true;
    expect(socket.send({ address: PEER, port: 9 }, new Uint8Array(1))).toBe(false);
    expect(drops().map(({ reason }) => reason)).toEqual(['no-listener', 'closed']);
    expect(network.sent).toEqual([]);
  });

  it('journals what it carries and who sent it', () => {
    const { journal, network, udp, user } = setUp();
    udp.bind('a', 1, user).send({ address: PEER, port: 9 }, new Uint8Array(4), [41]);
    expect(journal.at(0).event).toMatchObject({
      kind: 'encoded',
      layer: 4,
      protocol: 'udp',
      carries: [41],
      via: 'udp.a',
    });
    expect(network.sent[0]?.carries).toEqual([0]);
    expect(journal.cause).toBeNull();
  });

  it('records nothing when nobody wants a journal', () => {
    const { journal, network, udp, user } = setUp({ recording: false });
    udp.bind('a', 1, user).send({ address: PEER, port: 9 }, new Uint8Array(70_000));
    network.receive(datagram('x', 1), UDP, PEER);
    network.receive(datagram('x', 2), UDP, PEER);
    expect(journal.length).toBe(0);
  });
});

describe('receiving (RFC 768, RFC 1122 section 4.1.3)', () => {
  it('hands the payload to the socket on that port', () => {
    const { network, udp, user, received, journal } = setUp();
    udp.bind('a', 7, user);
    network.receive(datagram('hello', 7), UDP, PEER);
    const [first] = received;
    expect(first).toEqual({
      text: 'hello',
      from: { address: PEER, port: 5000 },
      to: { address: OURS, port: 7 },
      carries: [],
    });
    expect(journal.at(0).event).toMatchObject({ kind: 'decoded', layer: 4, protocol: 'udp', via: 'udp.a' });
  });

  it('delivers an empty datagram', () => {
    const { network, udp, user, received } = setUp();
    udp.bind('a', 7, user);
    network.receive(datagram('', 7), UDP, PEER);
    expect(received.map(({ text }) => text)).toEqual(['']);
  });

  it('ignores what lies behind the length', () => {
    const { network, udp, user, received } = setUp();
    udp.bind('a', 7, user);
    network.receive(Uint8Array.of(...datagram('hello', 7), 1, 2, 3), UDP, PEER);
    expect(received.map(({ text }) => text)).toEqual(['hello']);
  });

  it.each([
    ['a short header', (bytes: Uint8Array) => bytes.subarray(0, 7)],
    ['nothing', (bytes: Uint8Array) => bytes.subarray(0, 0)],
    ['a length below 8', (bytes: Uint8Array) => bytes.fill(0, 4, 5).fill(7, 5, 6)],
    ['a length beyond the datagram', (bytes: Uint8Array) => bytes.subarray(0, bytes.length - 1)],
  ])('drops %s as malformed', (_, spoil) => {
    const { network, udp, user, received, drops } = setUp();
    udp.bind('a', 7, user);
    network.receive(spoil(datagram('hello', 7)), UDP, PEER);
    expect(received).toEqual([]);
    expect(drops().map(({ reason }) => reason)).toEqual(['malformed']);
    expect(network.refused).toEqual([]);
  });

  it('takes a datagram without a checksum over IPv4 and none over IPv6 (RFC 8200 section 8.1)', () => {
    const v4 = setUp();
    v4.udp.bind('a', 7, v4.user);
    v4.network.receive(datagram('hello', 7).fill(0, 6, 8), UDP, PEER);
    expect(v4.received).toHaveLength(1);

    const [ours, peer] = [parseIp('2001:db8::1') ?? 0n, parseIp('2001:db8::2') ?? 0n];
    const v6 = setUp({ address: ours });
    v6.udp.bind('a', 7, v6.user);
    v6.network.receive(datagram('hello', 7, { source: peer, to: ours }).fill(0, 6, 8), UDP, peer);
    expect(v6.received).toEqual([]);
    expect(v6.drops().map(({ reason }) => reason)).toEqual(['checksum']);
    v6.network.receive(datagram('hello', 7, { source: peer, to: ours }), UDP, peer);
    expect(v6.received).toHaveLength(1);
  });

  it('drops every datagram with one flipped bit, and tells nobody', () => {
    const whole = datagram('hello, world', 7);
    fc.assert(
      fc.property(fc.nat(whole.length * 8 - 1), (bit) => {
        const { network, udp, user, received, drops } = setUp();
        udp.bind('a', 7, user);
        const bytes = whole.slice();
        bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (0x80 >> (bit & 7));
        network.receive(bytes, UDP, PEER);
        expect(received).toEqual([]);
        expect(drops()).toHaveLength(1);
        expect(['checksum', 'malformed']).toContain(drops()[0]?.reason);
        expect(network.refused).toEqual([]);
      }),
      { numRuns: whole.length * 8 * 4 },
    );
  });

  it('refuses a datagram for a port that nobody has, and hands it whole to the network', () => {
    const { network, drops } = setUp();
    const bytes = datagram('hello', 7);
    network.receive(bytes, UDP, PEER);
    expect(drops()).toMatchObject([{ reason: 'no-listener', layer: 4 }]);
    expect(network.refused).toEqual([bytes]);
  });

  it('stops listening when closed', () => {
    const { network, udp, user, received } = setUp();
    udp.bind('a', 7, user).close();
    network.receive(datagram('hello', 7), UDP, PEER);
    expect(received).toEqual([]);
    expect(network.refused).toHaveLength(1);
  });
});

describe('ports', () => {
  it('chooses free ones of 49152..65535 that depend on the seed alone', () => {
    const draw = (seed: string) => {
      const { udp, user } = setUp({ seed });
      return Array.from({ length: 200 }, () => udp.bind('a', 0, user).port);
    };
    const ports = draw('1');
    expect(new Set(ports).size).toBe(200);
    expect(ports.every((port) => port >= 49_152 && port <= 65_535)).toBe(true);
    expect(draw('1')).toEqual(ports);
    expect(draw('2')).not.toEqual(ports);
  });

  it('finds the last free port, then says that none is left', () => {
    const { udp, user } = setUp();
    const sockets = Array.from({ length: 16_384 }, () => udp.bind('a', 0, user));
    expect(new Set(sockets.map(({ port }) => port)).size).toBe(16_384);
    expect(() => udp.bind('a', 0, user)).toThrow(/in use/);
    sockets[99]?.close();
    expect(udp.bind('a', 0, user).port).toBe(sockets[99]?.port);
  });

  it('refuses a port in use by name, and what is no port', () => {
    const { udp, user } = setUp();
    udp.bind('echo-server', 7, user);
    expect(() => udp.bind('sink', 7, user)).toThrow('sink cannot have UDP port 7: udp.echo-server has it');
    expect(() => udp.bind('a', 65_536, user)).toThrow(/not a port/);
    expect(() => udp.bind('a', -1, user)).toThrow(/not a port/);
  });

  it('a closed socket that is closed again does not take the port from its successor', () => {
    const { network, udp, user, received } = setUp();
    const first = udp.bind('a', 7, user);
    first.close();
    udp.bind('b', 7, user);
    first.close();
    network.receive(datagram('hello', 7), UDP, PEER);
    expect(received).toHaveLength(1);
  });
});

describe('ICMP errors reach the socket whose datagram they quote (RFC 1122 section 4.1.3.3)', () => {
  const error = (kind: NetworkError['kind'], code: number, quoted: Uint8Array): NetworkError => ({
    kind,
    code,
    mtuBytes: 0,
    reporter: PEER,
    source: OURS,
    destination: PEER,
    quoted,
  });

  it.each([
    ['unreachable', 3, 'port-unreachable'],
    ['unreachable', 1, 'unreachable'],
    ['time-exceeded', 0, 'time-exceeded'],
    ['too-big', 4, 'too-big'],
    ['parameter-problem', 0, 'parameter-problem'],
  ] as const)('%s code %i as %s', (kind, code, told) => {
    const { network, udp, user, errors } = setUp();
    const socket = udp.bind('a', 0, user);
    socket.send({ address: PEER, port: 9 }, Buffer.from('x'));
    const quoted = network.sent[0]?.bytes.subarray(0, 8) ?? new Uint8Array();
    expect(sourcePortOf(quoted, 0)).toBe(socket.port);
    network.report(UDP, error(kind, code, quoted));
    expect(errors).toEqual([[{ address: PEER, port: 9 }, told]]);
  });

  it('ignores a quotation that is too short or of nobody here', () => {
    const { network, udp, user, errors } = setUp();
    udp.bind('a', 1, user);
    network.report(UDP, error('unreachable', 3, Uint8Array.of(0, 1, 0)));
    network.report(UDP, error('unreachable', 3, Uint8Array.of(0, 2, 0, 9, 0, 8, 0, 0)));
    expect(errors).toEqual([]);
  });
});
