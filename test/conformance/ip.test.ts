/** IPv4, ARP and Ethernet held to their RFCs where layers meet: frames go in at one end of a cable, and what comes back is read. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ETHER_TYPE, FCS_BYTES, writeEthernet, writeFcs } from '../../src/layers/2-link/ethernet/header.ts';
import { checkIcmp } from '../../src/layers/3-network/icmp/header.ts';
import { checkIpv4, writeIpv4 } from '../../src/layers/3-network/ipv4/header.ts';
import { Pdu } from '../../src/layers/pdu.ts';
import { finish, sum } from '../../src/wire/checksum.ts';
import { doing, dropsOf, icmpAt, runOf, toldBy } from '../layers/3-network/gate-runs.ts';
import { makeRig, SECOND } from '../rig.ts';

const A = 0x0a000001;
const B = 0x0a000002;
const MAC_A = 0x020000000001;
const MAC_B = 0x020000000002;

/** A frame from a to b around that payload, padded and with its FCS. */
function frameOf(etherType: number, payload: Uint8Array, destination = MAC_B): Pdu {
  const length = Math.max(46, payload.length);
  const frame = Pdu.withRoom(14 + length + FCS_BYTES);
  writeEthernet(frame.bytes, frame.start, destination, MAC_A, etherType);
  frame.bytes.set(payload, frame.start + 14);
  writeFcs(frame.bytes, frame.start, frame.end - FCS_BYTES);
  return frame;
}

interface Header {
  readonly protocol?: number;
  readonly source?: number;
  readonly destination?: number;
  readonly flagsAndOffset?: number;
  readonly ttl?: number;
}

function datagram(payload: Uint8Array, header: Header = {}): Uint8Array {
  const { protocol = 17, source = A, destination = B, flagsAndOffset = 0, ttl = 64 } = header;
  const bytes = new Uint8Array(20 + payload.length);
  const totalLength = bytes.length;
  writeIpv4(bytes, 0, { totalLength, identification: 7, flagsAndOffset, ttl, protocol, source, destination });
  bytes.set(payload, 20);
  return bytes;
}

/** An ICMP message with its checksum. */
function icmp(type: number, code: number, rest: readonly number[], data: Uint8Array = new Uint8Array(0)): Uint8Array {
  const bytes = new Uint8Array(8 + data.length);
  bytes.set([type, code, 0, 0, ...rest]);
  bytes.set(data, 8);
  const checksum = finish(sum(bytes, 0, bytes.length));
  bytes.set([checksum >>> 8, checksum & 255], 2);
  return bytes;
}

/** Puts frames on the cable to b. What b sends of IPv4 comes back, as datagrams; and why b dropped what it dropped. */
function into(frames: readonly Pdu[], waitNs = 5 * SECOND) {
  const rig = makeRig({ record: true });
  for (const frame of frames) rig.cable.a.transmit(frame, false);
  while (rig.kernel.nextNs <= waitNs) rig.kernel.step();
  const sent = rig.journal.entries.flatMap(({ node, event }) =>
    node === 'b' && event.kind === 'departed' ? [event.bytes] : [],
  );
  const drops = rig.journal.entries.flatMap(({ node, event }) =>
    node === 'b' && event.kind === 'dropped' ? [event.reason] : [],
  );
  const answers = sent.filter((bytes) => bytes[12] === 8 && bytes[13] === 0).map((bytes) => bytes.subarray(14, -4));
  return { sent, drops, answers };
}

/** b learns who a is first, so that an answer needs no question. */
const HELLO = frameOf(
  ETHER_TYPE.arp,
  new Uint8Array([0, 1, 8, 0, 6, 4, 0, 1, 2, 0, 0, 0, 0, 1, 10, 0, 0, 1, 0, 0, 0, 0, 0, 0, 10, 0, 0, 2]),
  0xffffffffffff,
);
const ask = (packet: Uint8Array) => into([HELLO.fork(), frameOf(ETHER_TYPE.ipv4, packet)]);

describe('Ethernet', () => {
  it('RFC 894: a payload below 46 octets is padded with zeros to a frame of 60, 64 with its FCS', () => {
    const { sent } = into([HELLO.fork()]);
    expect(sent.map(({ length }) => length)).toEqual([64]);
    expect(new Set(sent[0]?.subarray(14 + 28, 60))).toEqual(new Set([0]));
  });

  it.each([0x0000, 0x002e, 0x05dc, 0x05ff, 0x0806 + 1, 0x8100, 0x88cc, 0xffff])(
    'IEEE 802.3 3.2.6: type or length 0x%s is dropped and counted, and nothing answers',
    (type) =>
      expect(into([frameOf(type, new Uint8Array(60))])).toMatchObject({ sent: [], drops: ['unknown-protocol'] }),
  );

  it('a runt is dropped (bad-input D1)', () => {
    for (let length = 0; length < 18; length++) {
      expect(into([Pdu.withRoom(length)]).drops).toEqual(['malformed']);
    }
  });
});

describe('ICMP', () => {
  it('RFC 792: an echo comes back with identifier, sequence number and data as they were, at a TTL of its own', () => {
    const data = Uint8Array.from({ length: 301 }, (_, at) => at & 255);
    const { answers } = ask(datagram(icmp(8, 0, [0x12, 0x34, 0, 9], data), { protocol: 1, ttl: 3 }));
    const [reply = new Uint8Array(0)] = answers;
    expect(reply.subarray(20)).toEqual(icmp(0, 0, [0x12, 0x34, 0, 9], data));
    expect([reply[8], [...reply.subarray(12, 20)]]).toEqual([64, [10, 0, 0, 2, 10, 0, 0, 1]]);
  });

  /** A connection with 4380 octets in flight hears of an ICMP error about the first of them. */
  function hearingOf(type: number, code: number) {
    const rig = makeRig({ record: true, aToB: { delayNs: 100_000_000 }, bToA: { delayNs: 100_000_000 } });
    rig.b.tcp.listen('sink', 9, () => ({}));
    const stream = rig.a.tcp.connect('x', { address: B, port: 9 }, {});
    while (rig.kernel.nextNs <= SECOND) rig.kernel.step();
    stream.write(new Uint8Array(4380));
    const [connection] = rig.a.tcp.connections;
    const { sender } = connection as NonNullable<typeof connection>;
    const windows = () => [sender.congestion.cwndBytes, sender.congestion.ssthreshBytes, sender.flightBytes];
    const before = windows();
    expect(before[2]).toBe(4380);
    const { sndUna } = sender;
    const octets = (word: number, count: number) =>
      Array.from({ length: count }, (_, at) => (word >>> (8 * (count - 1 - at))) & 255);
    const first = Uint8Array.from([...octets(stream.local.port, 2), ...octets(9, 2), ...octets(sndUna, 4)]);
    const quoted = datagram(first, { protocol: 6, source: A, destination: B });
    const error = datagram(icmp(type, code, [0, 0, 0, 0], quoted), { protocol: 1, source: B, destination: A });
    rig.cable.b.transmit(frameOf(ETHER_TYPE.ipv4, error, MAC_A), false);
    const untilNs = rig.kernel.nowNs + 150_000_000;
    while (rig.kernel.nextNs <= untilNs) rig.kernel.step();
    expect(windows()).toEqual(before);
    expect(connection?.state).toBe('ESTABLISHED');
    const { entries } = rig.journal;
    const read = entries.flatMap(({ node, event }) =>
      node === 'a' && event.kind === 'decoded' ? [event.protocol] : [],
    );
    expect(read.at(-1)).toBe('icmp');
    return entries.flatMap(({ node, event }) => (node === 'a' && event.kind === 'app' ? [event.text] : []));
  }

  it('RFC 9293 3.9.2.2: a source quench is read and changes nothing (MUST-55)', () => {
    expect(hearingOf(4, 0)).toEqual([]);
  });

  it('RFC 9293 3.9.2.2: a parameter problem is told, and the connection goes on (MUST-56)', () => {
    expect(hearingOf(12, 0)).toEqual(['an ICMP parameter-problem (code 0) arrived; the connection goes on']);
  });

  it('RFC 1122 3.2.2.6: an echo to everybody is answered by each from its own address', () => {
    for (const everybody of [0x0a0000ff, 0xffffffff]) {
      const packet = datagram(icmp(8, 0, [0, 1, 0, 1]), { protocol: 1, destination: everybody });
      const { answers } = into([HELLO.fork(), frameOf(ETHER_TYPE.ipv4, packet, 0xffffffffffff)]);
      expect(answers.map((reply) => [reply[20], ...reply.subarray(12, 20)])).toEqual([[0, 10, 0, 0, 2, 10, 0, 0, 1]]);
    }
  });

  it('RFC 1122 3.2.2: no error about what was for everybody, nor to an address that is not one host', () => {
    const packet = (header: Header) => datagram(new Uint8Array(16), { protocol: 253, ...header });
    const everybody = frameOf(ETHER_TYPE.ipv4, packet({ destination: 0x0a0000ff }), 0xffffffffffff);
    expect(into([HELLO.fork(), everybody]).answers).toEqual([]);
    for (const source of [0, 0xe0000001, 0xffffffff]) expect(ask(packet({ source })).answers).toEqual([]);
    expect(ask(packet({})).answers.length).toBe(1);
  });

  it('RFC 1122 3.2.2: a message of an unknown type is discarded silently', () => {
    for (const type of [1, 2, 7, 13, 17, 30, 42, 255]) {
      expect(ask(datagram(icmp(type, 0, [0, 0, 0, 0]), { protocol: 1 }))).toMatchObject({
        answers: [],
        drops: ['unknown-protocol'],
      });
    }
  });

  it('RFC 1122 3.2.2: no error answers an error, and none that quotes nothing of ours is believed', () => {
    const quoted = datagram(new Uint8Array(8), { source: 0x0a000063, destination: A });
    for (const type of [3, 4, 5, 11, 12]) {
      const { answers } = ask(datagram(icmp(type, 1, [0, 0, 0, 0], quoted), { protocol: 1 }));
      expect(answers).toEqual([]);
    }
  });

  it('RFC 1122 3.2.2.1: 3/2 for a protocol that nobody understands, quoting header and eight octets at least', () => {
    const packet = datagram(new Uint8Array(100).fill(7), { protocol: 253 });
    const [error = new Uint8Array(0)] = ask(packet).answers;
    expect([error[20], error[21]]).toEqual([3, 2]);
    expect(error.subarray(28)).toEqual(packet);
  });

  it('RFC 1122 3.2.2: none about a fragment but the first', () => {
    const second = datagram(new Uint8Array(16), { protocol: 253, flagsAndOffset: 5 });
    expect(into([HELLO.fork(), frameOf(ETHER_TYPE.ipv4, second)], 100 * SECOND).answers).toEqual([]);
    // Of a first one there is one, when the others do not come (RFC 1122 section 3.3.2): 11/1 after 60 s.
    const first = datagram(new Uint8Array(16), { protocol: 253, flagsAndOffset: 0x2000 });
    const [error] = into([HELLO.fork(), frameOf(ETHER_TYPE.ipv4, first)], 100 * SECOND).answers;
    expect([error?.[20], error?.[21]]).toEqual([11, 1]);
  });
});

describe('ARP', () => {
  const pair = (timeline: readonly object[], more: object = {}) =>
    runOf({
      nodes: { a: { ip: '10.1.0.2/24' }, r: { kind: 'router' }, b: { ip: '10.2.0.2/24' } },
      links: [{ between: ['a', 'r'] }, { between: ['r', 'b'] }],
      timeline,
      ...more,
    });
  const asked = (run: ReturnType<typeof pair>, node: string) =>
    run.entries.flatMap(({ node: at, event }) =>
      at === node && event.kind === 'departed' && event.bytes[13] === 6 && event.bytes[21] === 1
        ? [event.bytes.subarray(38, 42).join('.')]
        : [],
    );

  it('RFC 1122 3.3.1: off the link it asks for the gateway, never for the destination', () => {
    const run = pair([doing('0s', 'a', { ping: '10.2.0.2' })]);
    expect(asked(run, 'a')).toEqual(['10.1.0.1']);
    expect(toldBy(run, 'a')).toMatch(/1 sent, 1 received/);
  });

  it('RFC 1812 5.2.7.1: a router whose next hop is silent says host unreachable, 3/1', () => {
    const run = pair([doing('0s', 'a', { ping: '10.2.0.77' })]);
    expect(asked(run, 'r').filter((address) => address === '10.2.0.77')).toHaveLength(3);
    expect(icmpAt(run, 'a')).toEqual(['3/1']);
  });

  it('RFC 1122 2.3.2.2: a host whose neighbour is silent hears it from itself', () => {
    const run = pair([doing('0s', 'a', { ping: '10.1.0.77' })]);
    expect(toldBy(run, 'a')).toMatch(/Destination Host Unreachable/);
  });
});

describe('whole networks', () => {
  it('RFC 1812 5.2.7.1: no route => 3/0; RFC 1122 4.1.3.1: a closed UDP port => 3/3', () => {
    const nodes = { a: { ip: '10.1.0.2/24' }, r: { kind: 'router' }, b: { ip: '10.2.0.2/24' } };
    const run = runOf({
      nodes,
      links: [{ between: ['a', 'r'] }, { between: ['r', 'b'] }],
      timeline: [
        doing('0s', 'a', { ping: '10.99.0.1' }),
        doing('1s', 'a', { 'udp-send': { to: 'b:4000', data: 'x' } }),
      ],
    });
    expect(icmpAt(run, 'a')).toEqual(['3/0', '3/3']);
  });

  it('RFC 1812 5.3.1: in a loop a TTL of 64 is used up by 63 forwards, and one 11/0 tells', () => {
    const run = runOf({
      nodes: {
        a: { ip: '10.1.0.2/24' },
        one: {
          kind: 'router',
          interfaces: { a: '10.1.0.1/24', b: '10.5.0.1/24' },
          routes: [{ to: '10.9.0.0/16', via: '10.5.0.2' }],
        },
        two: { kind: 'router', interfaces: { b: '10.5.0.2/24' }, routes: [{ to: '10.9.0.0/16', via: '10.5.0.1' }] },
      },
      links: [{ between: ['a', 'one:a'] }, { id: 'loop', between: ['one:b', 'two:b'], delay: '1ms' }],
      timeline: [doing('0s', 'a', { ping: '10.9.0.1' })],
    });
    const forwards = run.entries.filter(
      ({ event }) =>
        event.kind === 'departed' && event.link === 'loop' && event.bytes[23] === 1 && event.bytes[34] === 8,
    );
    expect(forwards).toHaveLength(63);
    expect(icmpAt(run, 'a')).toEqual(['11/0']);
    expect(dropsOf(run)).toEqual(['ttl-expired']);
  });
});

describe('bad input D3-D7: whatever comes, nothing is thrown and each frame ends', () => {
  const octets = fc.uint8Array({ minLength: 0, maxLength: 120 });
  const protocol = fc.constantFrom(1, 6, 17, 47, 253);
  const header = fc.record({
    protocol,
    flagsAndOffset: fc.constantFrom(0, 0x2000, 0x4000, 0x1fff, 3),
    ttl: fc.nat(255),
  });

  it('sound headers around any payload', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(header, octets), { minLength: 1, maxLength: 8 }), (packets) => {
        const frames = packets.map(([fields, payload]) => frameOf(ETHER_TYPE.ipv4, datagram(payload, fields)));
        const { answers } = into([HELLO.fork(), ...frames], 70 * SECOND);
        for (const answer of answers) {
          expect(checkIpv4(answer, 0, answer.length)).toBeNull();
          const length = ((answer[2] ?? 0) << 8) | (answer[3] ?? 0);
          if (answer[9] === 1) expect(checkIcmp(answer, 20, length)).toBeNull();
        }
      }),
      { numRuns: 150 },
    );
  });

  it('any octets behind the EtherTypes of IPv4 and ARP', () => {
    const type = fc.constantFrom(ETHER_TYPE.ipv4, ETHER_TYPE.arp);
    fc.assert(
      fc.property(type, octets, fc.nat(19), fc.nat(255), (etherType, payload, at, octet) => {
        const damaged = datagram(payload);
        damaged[at] = octet;
        const frames = [frameOf(etherType, payload), frameOf(etherType, damaged)];
        expect(() => into(frames, 70 * SECOND)).not.toThrow();
      }),
      { numRuns: 150 },
    );
  });
});
