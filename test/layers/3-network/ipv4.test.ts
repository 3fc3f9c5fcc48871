import { describe, expect, it } from 'vitest';
import { Context } from '../../../src/kernel/context.ts';
import { Journal } from '../../../src/kernel/journal.ts';
import { Kernel } from '../../../src/kernel/kernel.ts';
import type { NeighbourService, NeighbourUser } from '../../../src/layers/2-link/service.ts';
import { codeOf, ICMP_TYPE, sequenceOf, typeOf, writeIcmp } from '../../../src/layers/3-network/icmp/header.ts';
import { Icmp } from '../../../src/layers/3-network/icmp/icmp.ts';
import { destinationOf, sourceOf, ttlOf, writeIpv4 } from '../../../src/layers/3-network/ipv4/header.ts';
import { Ipv4Machine } from '../../../src/layers/3-network/ipv4/ipv4.ts';
import { Pdu } from '../../../src/layers/pdu.ts';
import { formatIpv4, parseIpv4 } from '../../../src/wire/address.ts';
import { finish, sum } from '../../../src/wire/checksum.ts';

const ip = (text: string) => parseIpv4(text) as number;

interface Sent {
  readonly link: string;
  readonly nextHop: string;
  readonly bytes: Uint8Array;
}

function machine({ forwards = false, mtu = 1500, routes = [] as [string, number, string][] } = {}) {
  const kernel = new Kernel('1', new Journal(true));
  const context = new Context(kernel, 'node');
  const sent: Sent[] = [];
  const users = new Map<string, NeighbourUser>();
  const link = (name: string, mtuBytes: number): NeighbourService => ({
    name,
    mtuBytes,
    send: (pdu, nextHop) =>
      sent.push({ link: name, nextHop: formatIpv4(nextHop as number), bytes: pdu.view().slice() }),
    broadcast: (pdu) => sent.push({ link: name, nextHop: 'broadcast', bytes: pdu.view().slice() }),
    attach: (user) => users.set(name, user),
  });
  const left = { link: link('left', 1500), address: ip('10.0.0.1'), prefix: 24 };
  const right = { link: link('right', mtu), address: ip('10.1.0.1'), prefix: 24 };
  const table = routes.map(([to, prefix, via]) => ({ to: ip(to), prefix, via: ip(via) }));
  const ipv4 = new Ipv4Machine(context, [left, right], table, forwards);
  const icmp = new Icmp(context, ipv4, () => null);
  ipv4.reportTo(icmp);
  const receive = (
    from: string,
    to: string,
    {
      ttl = 64,
      protocol = 17,
      length = 8,
      flags = 0,
      break_ = -1,
      group = false,
      payload = null as Uint8Array | null,
    } = {},
  ) => {
    const pdu = Pdu.around(payload ?? new Uint8Array(length));
    const at = pdu.seal(20);
    writeIpv4(pdu.bytes, at, {
      totalLength: pdu.length,
      identification: 1,
      flagsAndOffset: flags,
      ttl,
      protocol,
      source: ip(from),
      destination: ip(to),
    });
    if (break_ >= 0) pdu.bytes[at + break_] = (pdu.bytes[at + break_] as number) ^ 0x11;
    users.get('left')?.onPacket(pdu, group, 'left');
    while (kernel.nextNs <= kernel.nowNs) kernel.step();
  };
  const reasons = () => kernel.journal.entries.flatMap(({ event }) => (event.kind === 'dropped' ? [event.reason] : []));
  /** What ICMP error left, in words. */
  const errors = () =>
    sent.flatMap(({ bytes }) =>
      bytes[9] === 1 && typeOf(bytes, 20) !== ICMP_TYPE.echoReply
        ? [`${typeOf(bytes, 20)}/${codeOf(bytes, 20)} to ${formatIpv4(destinationOf(bytes, 0))}`]
        : [],
    );
  return { ipv4, icmp, sent, receive, reasons, errors, kernel };
}

describe('IPv4 hosts (RFC 1122 section 3)', () => {
  it('drops silently what has a bad checksum, version, header or total length', () => {
    for (const [byte, reason] of [
      [10, 'checksum'],
      [12, 'checksum'],
    ] as const) {
      const host = machine();
      host.receive('10.0.0.2', '10.0.0.1', { break_: byte });
      expect([host.reasons(), host.sent]).toEqual([[reason], []]);
    }
    const host = machine();
    host.receive('10.0.0.2', '10.0.0.1', { break_: 0 });
    expect(host.reasons()).toEqual(['malformed']);
  });

  it('does not forward, and delivers at TTL 1 and 0', () => {
    const host = machine();
    host.receive('10.0.0.2', '10.9.9.9');
    expect(host.reasons()).toEqual(['not-for-us']);
    const received: number[] = [];
    host.ipv4.register(17, { onDatagram: (pdu) => received.push(pdu.length), onNetworkError: () => {} });
    host.receive('10.0.0.2', '10.0.0.1', { ttl: 1, length: 8 });
    host.receive('10.0.0.2', '10.0.0.1', { ttl: 0, length: 9 });
    expect(received).toEqual([8, 9]);
  });

  it('padding and trailing octets never reach the transport (RFC 894)', () => {
    const host = machine();
    const received: number[] = [];
    host.ipv4.register(17, { onDatagram: (pdu) => received.push(pdu.length), onNetworkError: () => {} });
    host.receive('10.0.0.2', '10.0.0.1', { length: 8 });
    expect(received).toEqual([8]);
  });

  it('unknown protocol => ICMP 3/2', () => {
    const host = machine();
    host.receive('10.0.0.2', '10.0.0.1', { protocol: 253 });
    expect([host.errors(), host.reasons()]).toEqual([['3/2 to 10.0.0.2'], ['unknown-protocol']]);
  });

  it('no ICMP error about an ICMP error, a broadcast, a later fragment or no single host', () => {
    const error = new Uint8Array(36);
    writeIcmp(error, 0, 36, 3, 1, 0, 0);
    const host = machine();
    host.receive('10.0.0.2', '10.0.0.255', { protocol: 253 });
    host.receive('10.0.0.2', '255.255.255.255', { protocol: 253 });
    host.receive('10.0.0.2', '10.0.0.1', { protocol: 253, flags: 100 });
    expect(host.errors()).toEqual([]);
    const router = machine({ forwards: true });
    router.receive('10.0.0.2', '99.9.9.9', { protocol: 1, payload: error });
    expect([router.errors(), router.reasons()]).toEqual([[], ['no-route']]);
  });

  it('martian sources are dropped (RFC 1812 5.3.7)', () => {
    for (const source of ['127.0.0.1', '0.0.0.5', '224.0.0.1', '240.0.0.1', '255.255.255.255']) {
      const host = machine();
      host.receive(source, '10.0.0.1');
      expect([source, host.reasons()]).toEqual([source, ['martian']]);
    }
  });

  it('echo: same identifier, sequence and data, a fresh TTL (RFC 792)', () => {
    const host = machine();
    const echo = new Uint8Array(64).map((_, at) => at);
    writeIcmp(echo, 0, 64, 8, 0, 0x1234, 7);
    host.receive('10.0.0.2', '10.0.0.1', { ttl: 3, protocol: 1, payload: echo });
    const [reply] = host.sent;
    const bytes = reply?.bytes as Uint8Array;
    expect([typeOf(bytes, 20), sequenceOf(bytes, 20), ttlOf(bytes, 0), formatIpv4(sourceOf(bytes, 0))]).toEqual([
      0,
      7,
      64,
      '10.0.0.1',
    ]);
    expect([...bytes.subarray(28)]).toEqual([...echo.subarray(8)]);
    expect(finish(sum(bytes, 20, bytes.length))).toBe(0);
  });

  it('a bad ICMP checksum is dropped silently', () => {
    const host = machine();
    const echo = new Uint8Array(64);
    writeIcmp(echo, 0, 64, 8, 0, 1, 1);
    echo[20] = 1;
    host.receive('10.0.0.2', '10.0.0.1', { protocol: 1, payload: echo });
    expect([host.sent, host.reasons()]).toEqual([[], ['checksum']]);
  });

  it('default TTL 64; the identification changes', () => {
    const host = machine();
    for (let each = 0; each < 2; each++) host.ipv4.send(Pdu.withRoom(8), 17, ip('10.0.0.1'), ip('10.0.0.2'), false);
    expect(host.sent.map(({ bytes }) => [ttlOf(bytes, 0), ((bytes[4] as number) << 8) | (bytes[5] as number)])).toEqual(
      [
        [64, 1],
        [64, 2],
      ],
    );
  });
});

describe('IPv4 routers (RFC 1812 section 5)', () => {
  it('one hop less to live, the checksum adjusted, to the next hop of the longest prefix', () => {
    const router = machine({
      forwards: true,
      routes: [
        ['0.0.0.0', 0, '10.0.0.254'],
        ['20.0.0.0', 8, '10.1.0.2'],
        ['20.5.0.0', 16, '10.1.0.3'],
      ],
    });
    for (const to of ['20.5.6.7', '20.6.6.7', '99.1.1.1', '10.1.0.77']) router.receive('10.0.0.2', to);
    expect(router.sent.map(({ link, nextHop }) => `${link} ${nextHop}`)).toEqual([
      'right 10.1.0.3',
      'right 10.1.0.2',
      'left 10.0.0.254',
      'right 10.1.0.77',
    ]);
    for (const { bytes } of router.sent) {
      expect([ttlOf(bytes, 0), finish(sum(bytes, 0, 20))]).toEqual([63, 0]);
    }
  });

  it('TTL 1 => dropped, ICMP 11/0 to the source', () => {
    const router = machine({ forwards: true });
    router.receive('10.0.0.2', '10.1.0.9', { ttl: 1 });
    expect([router.errors(), router.reasons()]).toEqual([['11/0 to 10.0.0.2'], ['ttl-expired']]);
  });

  it('no route => ICMP 3/0', () => {
    const router = machine({ forwards: true });
    router.receive('10.0.0.2', '99.1.1.1');
    expect(router.errors()).toEqual(['3/0 to 10.0.0.2']);
  });

  it('too big and DF => ICMP 3/4 with the next-hop MTU (RFC 1191)', () => {
    const router = machine({ forwards: true, mtu: 1200 });
    router.receive('10.0.0.2', '10.1.0.9', { length: 1400, flags: 0x4000 });
    expect([router.errors(), sequenceOf(router.sent[0]?.bytes as Uint8Array, 20)]).toEqual([['3/4 to 10.0.0.2'], 1200]);
  });

  it('an error quotes up to 548 octets: 576 with its own headers (RFC 1812 4.3.2.3)', () => {
    const router = machine({ forwards: true });
    router.receive('10.0.0.2', '99.1.1.1', { length: 808 });
    expect(router.sent[0]?.bytes.length).toBe(576);
    const small = machine({ forwards: true });
    small.receive('10.0.0.2', '99.1.1.1', { length: 20 });
    expect(small.sent[0]?.bytes.length).toBe(20 + 8 + 40);
  });

  it('limited and link broadcasts are never forwarded', () => {
    const router = machine({ forwards: true, routes: [['0.0.0.0', 0, '10.1.0.2']] });
    router.receive('10.0.0.2', '99.1.1.1', { group: true });
    router.receive('10.0.0.2', '255.255.255.255');
    router.receive('10.0.0.2', '224.0.0.9');
    expect(router.sent.filter(({ link }) => link === 'right')).toEqual([]);
  });
});
