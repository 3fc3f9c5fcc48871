import { describe, expect, it } from 'vitest';
import { Context } from '../../../src/kernel/context.ts';
import { Journal } from '../../../src/kernel/journal.ts';
import { Kernel } from '../../../src/kernel/kernel.ts';
import { Arp, LINUX_PENDING_PACKETS } from '../../../src/layers/2-link/arp/arp.ts';
import { type ArpPacket, readArp, writeArp } from '../../../src/layers/2-link/arp/header.ts';
import type { FrameService, FrameUser } from '../../../src/layers/2-link/service.ts';
import { Pdu } from '../../../src/layers/pdu.ts';
import { MAC_BROADCAST } from '../../../src/wire/address.ts';

const OWN_MAC = 0x020000000001;
const PEER_MAC = 0x020000000002;
const OWN = 0x0a000001;
const PEER = 0x0a000002;
const OTHER = 0x0a000003;
const SECOND = 1_000_000_000;

interface Sent {
  readonly atSeconds: number;
  readonly etherType: number;
  readonly to: number;
  readonly arp: ArpPacket | null;
  readonly mark: number;
}

function resolver(pendingPackets?: number) {
  const kernel = new Kernel('1', new Journal(true));
  const users = new Map<number, FrameUser>();
  const sent: Sent[] = [];
  const frames: FrameService = {
    name: 'eth0',
    mac: OWN_MAC,
    mtuBytes: 1500,
    register: (etherType, user) => users.set(etherType, user),
    join: () => {},
    send: (pdu, etherType, to) => {
      const arp = etherType === 0x0806 ? (readArp(pdu.bytes, pdu.start, pdu.end) as ArpPacket) : null;
      sent.push({ atSeconds: kernel.nowNs / SECOND, etherType, to, arp, mark: pdu.bytes[pdu.start] as number });
    },
    sendTo: (pdu, etherType, high, low) => frames.send(pdu, etherType, high * 2 ** 32 + (low >>> 0)),
  };
  const arp = new Arp(new Context(kernel, 'host'), frames, [OWN], pendingPackets);
  const unresolved: number[] = [];
  arp.attach({ onPacket: () => {}, onUnresolved: (pdu) => unresolved.push(pdu.bytes[pdu.start] as number) });
  const receiveBytes = (bytes: Uint8Array) => users.get(0x0806)?.onPayload(Pdu.around(bytes), false);
  const receive = (packet: Partial<ArpPacket>) => {
    const pdu = Pdu.withRoom(46);
    writeArp(pdu.bytes, pdu.start, {
      operation: 1,
      senderMac: PEER_MAC,
      senderIp: PEER,
      targetMac: 0,
      targetIp: OWN,
      ...packet,
    });
    users.get(0x0806)?.onPayload(pdu, false);
  };
  const send = (mark: number, to = PEER) => arp.send(Pdu.around(new Uint8Array([mark])), to);
  const run = (seconds: number) => {
    const untilNs = kernel.nowNs + seconds * SECOND;
    while (kernel.nextNs <= untilNs) kernel.step();
    kernel.idleUntil(untilNs);
  };
  const data = () => sent.filter(({ etherType }) => etherType === 0x0800);
  return { arp, kernel, sent, data, unresolved, receive, receiveBytes, send, run };
}

describe('ARP (RFC 826, RFC 1122 section 2.3.2)', () => {
  it('asks everybody, once a second, three times, then gives the packets back', () => {
    const { send, run, sent, unresolved } = resolver();
    send(7);
    run(10);
    expect(
      sent.map(({ atSeconds, to, arp }) => [atSeconds, to === MAC_BROADCAST, arp?.operation, arp?.targetMac]),
    ).toEqual([
      [0, true, 1, 0],
      [1, true, 1, 0],
      [2, true, 1, 0],
    ]);
    expect(unresolved).toEqual([7]);
  });

  it('holds packets until the answer, then sends them in order', () => {
    const { send, receive, data } = resolver();
    for (const mark of [1, 2, 3]) send(mark);
    receive({ operation: 2 });
    expect(data().map(({ mark, to }) => [mark, to])).toEqual([
      [1, PEER_MAC],
      [2, PEER_MAC],
      [3, PEER_MAC],
    ]);
  });

  it('holds at least the latest: of 20 the 4 oldest are dropped', () => {
    const { send, receive, data, kernel } = resolver();
    for (let mark = 1; mark <= 20; mark++) send(mark);
    receive({ operation: 2 });
    expect(data().map(({ mark }) => mark)).toEqual(Array.from({ length: 16 }, (_, index) => index + 5));
    expect(kernel.journal.entries.filter(({ event }) => event.kind === 'dropped').length).toBe(4);
  });

  it('holds as many as Linux where it is to do as Linux does', () => {
    const { send, receive, data } = resolver(LINUX_PENDING_PACKETS);
    for (let mark = 1; mark <= 103; mark++) send(mark);
    receive({ operation: 2 });
    expect(data().map(({ mark }) => mark)).toEqual(Array.from({ length: 101 }, (_, index) => index + 3));
  });

  it('answers a request for its address, to the asker alone', () => {
    const { receive, sent } = resolver();
    receive({});
    expect(sent).toMatchObject([
      { to: PEER_MAC, arp: { operation: 2, senderMac: OWN_MAC, senderIp: OWN, targetMac: PEER_MAC, targetIp: PEER } },
    ]);
    receive({ targetIp: OTHER });
    expect(sent.length).toBe(1);
  });

  it('learns from a request for itself, so that the answer needs no question', () => {
    const { receive, send, sent } = resolver();
    receive({});
    send(1);
    expect(sent.map(({ etherType }) => etherType)).toEqual([0x0806, 0x0800]);
  });

  it('merges: any ARP packet updates a row that exists, none that does not makes one unless it is for us', () => {
    const { receive, send, data, sent } = resolver();
    receive({ operation: 2 });
    receive({ operation: 1, senderMac: 0x020000000009, targetIp: OTHER });
    send(1);
    expect(data()[0]?.to).toBe(0x020000000009);
    receive({ operation: 1, senderIp: OTHER, targetIp: 0x0a000009 });
    send(2, OTHER);
    expect(sent.at(-1)?.arp?.targetIp).toBe(OTHER);
  });

  it('a row lives a minute; then it is asked for again', () => {
    const { receive, send, run, sent } = resolver();
    receive({ operation: 2 });
    run(59);
    send(1);
    expect(sent.at(-1)?.etherType).toBe(0x0800);
    run(2);
    send(2);
    expect(sent.at(-1)?.arp?.operation).toBe(1);
  });

  it('a probe without sender address (RFC 5227) and a group address teach nothing', () => {
    const { receive, send, sent } = resolver();
    receive({ senderIp: 0 });
    receive({ operation: 2, senderMac: 0x01005e000001 });
    send(1);
    expect(sent.at(-1)?.arp?.operation).toBe(1);
  });

  it('garbage is dropped with its reason (bad-input D2)', () => {
    const { receiveBytes, kernel, sent } = resolver();
    const before = sent.length;
    for (const at of [0, 2, 4, 5]) {
      const bytes = new Uint8Array(28);
      writeArp(bytes, 0, { operation: 1, senderMac: 1, senderIp: 1, targetMac: 1, targetIp: 1 });
      bytes[at] = 99;
      expect(readArp(bytes, 0, 28)).toMatchObject({ at });
      receiveBytes(bytes);
    }
    for (let length = 0; length < 28; length++) receiveBytes(new Uint8Array(length));
    // Every one of them ends with a reason, and nothing else comes of it.
    expect(kernel.journal.entries.map(({ event }) => event.kind === 'dropped' && event.reason)).toEqual(
      new Array(4 + 28).fill('malformed'),
    );
    expect(sent.length).toBe(before);
  });

  it.each([0, 3, 65_535])('operation %i is answered by nobody (bad-input D2)', (operation) => {
    const { receive, sent } = resolver();
    receive({ operation });
    expect(sent).toEqual([]);
  });

  it('keeps 1,024 rows of whatever somebody makes up, and tells which one goes (bad-input D2)', () => {
    const { receive, kernel } = resolver();
    const rows = new Set<string>();
    let most = 0;
    for (let host = 0; host < 5000; host++) receive({ senderIp: 0x0b000000 + host, senderMac: 0x020000010000 + host });
    for (const { event } of kernel.journal.entries) {
      if (event.kind !== 'table') continue;
      const { key, row } = event.change;
      if (row === null) rows.delete(key);
      else rows.add(key);
      most = Math.max(most, rows.size);
    }
    expect([rows.size, most]).toEqual([1024, 1024]);
    expect([...rows].at(-1)).toBe('11.0.19.135');
  });

  it('RFC 5227 2.1: asks three times from nobody, one to two seconds apart, and waits two more', () => {
    const { arp, run, sent, kernel } = resolver();
    const told: [number | null, number][] = [];
    arp.check(OTHER, (holder) => told.push([holder, kernel.nowNs / SECOND]));
    run(10);
    expect(sent.map(({ to, arp: packet }) => [to, packet?.operation, packet?.senderIp, packet?.targetIp])).toEqual(
      Array.from({ length: 3 }, () => [MAC_BROADCAST, 1, 0, OTHER]),
    );
    const [first, second, third] = sent.map(({ atSeconds }) => atSeconds) as [number, number, number];
    expect(first).toBeGreaterThan(0);
    expect(first).toBeLessThanOrEqual(1);
    for (const gap of [second - first, third - second]) {
      expect(gap).toBeGreaterThanOrEqual(1);
      expect(gap).toBeLessThanOrEqual(2);
    }
    expect(told).toEqual([[null, third + 2]]);
  });

  it.each([
    ['answers', { operation: 2, senderIp: OTHER, targetIp: 0 }],
    ['asks for somebody else from it', { operation: 1, senderIp: OTHER, targetIp: PEER }],
    ['probes for it too', { operation: 1, senderIp: 0, targetIp: OTHER }],
  ])('RFC 5227 2.1.1: it is not free when somebody %s', (_, packet) => {
    const { arp, run, sent, receive } = resolver();
    const told: (number | null)[] = [];
    arp.check(OTHER, (holder) => told.push(holder));
    run(2);
    const before = sent.length;
    receive(packet);
    run(20);
    expect([told, sent.length]).toEqual([[PEER_MAC], before]);
  });

  it('RFC 5227 2.1.1: what it hears of itself, and of who asks for the address, is no conflict', () => {
    const { arp, run, receive } = resolver();
    const told: (number | null)[] = [];
    arp.check(OTHER, (holder) => told.push(holder));
    run(1);
    receive({ operation: 1, senderMac: OWN_MAC, senderIp: 0, targetIp: OTHER });
    receive({ operation: 1, senderIp: PEER, targetIp: OTHER });
    run(20);
    expect(told).toEqual([null]);
  });

  it('RFC 5227 2.3: an address is announced twice, two seconds apart, while it is ours', () => {
    const { arp, run, sent } = resolver();
    arp.announce(OTHER);
    expect(sent).toEqual([]);
    arp.own([OWN, OTHER]);
    arp.announce(OTHER);
    run(10);
    expect(sent.map(({ atSeconds, to, arp: packet }) => [atSeconds, to, packet?.senderIp, packet?.targetIp])).toEqual([
      [0, MAC_BROADCAST, OTHER, OTHER],
      [2, MAC_BROADCAST, OTHER, OTHER],
    ]);
    arp.announce(OTHER);
    arp.own([OWN]);
    run(10);
    expect(sent).toHaveLength(3);
  });

  it('who is introduced is not asked for', () => {
    const { arp, send, sent } = resolver();
    send(1);
    arp.introduce(PEER, PEER_MAC);
    send(2);
    expect(sent.map(({ etherType, mark }) => [etherType, mark]).slice(1)).toEqual([
      [0x0800, 1],
      [0x0800, 2],
    ]);
  });
});
