import { describe, expect, it } from 'vitest';
import { Context } from '../../../../src/kernel/context.ts';
import { Journal } from '../../../../src/kernel/journal.ts';
import { Kernel } from '../../../../src/kernel/kernel.ts';
import type { FrameUser } from '../../../../src/layers/2-link/service.ts';
import { writeIpv6 } from '../../../../src/layers/3-network/ipv6/header.ts';
import { Neighbours } from '../../../../src/layers/3-network/ndp/neighbours.ts';
import { Pdu } from '../../../../src/layers/pdu.ts';
import { formatIpv6, formatMac, parseIpv6, parseMac } from '../../../../src/wire/address.ts';

const SECOND = 1_000_000_000;
const PEER = parseIpv6('fe80::2') as bigint;
const [MAC, OTHER] = [parseMac('02:00:00:00:00:02') as number, parseMac('02:00:00:00:00:03') as number];
const ANSWER = { isSolicited: true, overrides: true, isRouter: false };

/** The cache of one interface; what it asks and sends is written down with the second. */
function cache() {
  const kernel = new Kernel('1', new Journal(true));
  const context = new Context(kernel, 'node');
  const frames: string[] = [];
  const asked: string[] = [];
  const neighbours = new Neighbours(context, {
    name: 'eth0',
    mac: parseMac('02:00:00:00:00:01') as number,
    mtuBytes: 1500,
    send: (pdu, _etherType, to) => frames.push(`${pdu.bytes[pdu.end - 1]} to ${formatMac(to)}`),
    sendTo: () => expect.unreachable('its callers know whole addresses'),
    join: (group) => frames.push(`joins ${formatMac(group)}`),
    register: (_etherType, _user: FrameUser) => {},
  });
  const unresolved: number[] = [];
  neighbours.attach({ onPacket: () => {}, onUnresolved: (pdu) => unresolved.push(pdu.bytes[pdu.end - 1] as number) });
  neighbours.serve(
    (target, mac) => {
      const whom = mac === null ? 'everybody' : formatMac(mac);
      asked.push(`${kernel.nowNs / SECOND} ${whom} for ${formatIpv6(target)}`);
    },
    () => {},
  );
  const send = (mark: number) => {
    const pdu = Pdu.around(Uint8Array.of(mark));
    const at = pdu.seal(40);
    writeIpv6(pdu.bytes, at, { payloadLength: 1, nextHeader: 59, hopLimit: 64, source: 1n, destination: PEER });
    neighbours.send(pdu, PEER);
  };
  const run = (seconds: number) => {
    while (kernel.nextNs <= seconds * SECOND) kernel.step();
    kernel.idleUntil(seconds * SECOND);
  };
  const states = () =>
    kernel.journal.entries.flatMap(({ event }) =>
      event.kind === 'table' ? [event.change.row === null ? 'gone' : String(event.change.row.state)] : [],
    );
  return { neighbours, frames, asked, unresolved, send, run, states };
}

describe('address resolution (RFC 4861 section 7.2)', () => {
  it('asks everybody three times, a second apart, and then gives the packets back', () => {
    const { asked, unresolved, send, run, states } = cache();
    send(1);
    send(2);
    run(10);
    expect(asked).toEqual(['0 everybody for fe80::2', '1 everybody for fe80::2', '2 everybody for fe80::2']);
    expect(unresolved).toEqual([1, 2]);
    expect(states()).toEqual(['INCOMPLETE', 'gone']);
  });

  it('sends what has waited when the answer comes, the latest sixteen', () => {
    const { neighbours, frames, send } = cache();
    for (let mark = 1; mark <= 18; mark++) send(mark);
    neighbours.onAdvertisement(PEER, MAC, ANSWER);
    expect(frames).toEqual(Array.from({ length: 16 }, (_, at) => `${at + 3} to 02:00:00:00:00:02`));
  });

  it('7.2.5: advertisements make no rows; an answer makes REACHABLE, anything else STALE', () => {
    const { neighbours, send, states } = cache();
    neighbours.onAdvertisement(PEER, MAC, ANSWER);
    expect(states()).toEqual([]);
    send(1);
    neighbours.onAdvertisement(PEER, MAC, { ...ANSWER, isSolicited: false });
    expect(states()).toEqual(['INCOMPLETE', 'STALE', 'DELAY']);
    neighbours.onAdvertisement(PEER, MAC, ANSWER);
    expect(states().at(-1)).toBe('REACHABLE');
  });

  it('7.2.5: another MAC address counts only with the override flag; without it, doubt remains', () => {
    const { neighbours, frames, send, states } = cache();
    send(1);
    neighbours.onAdvertisement(PEER, MAC, ANSWER);
    neighbours.onAdvertisement(PEER, OTHER, { ...ANSWER, overrides: false });
    expect(states().at(-1)).toBe('STALE');
    send(2);
    neighbours.onAdvertisement(PEER, OTHER, ANSWER);
    send(3);
    expect(frames).toEqual(['1 to 02:00:00:00:00:02', '2 to 02:00:00:00:00:02', '3 to 02:00:00:00:00:03']);
    expect(states().at(-1)).toBe('REACHABLE');
  });

  it('7.2.3: who asks is known from then on, but not as reachable', () => {
    const { neighbours, send, frames, states } = cache();
    neighbours.hear(PEER, MAC, 'test', null);
    send(1);
    expect([frames, states()]).toEqual([['1 to 02:00:00:00:00:02'], ['STALE', 'DELAY']]);
  });

  it('sends to groups by their own MAC addresses (RFC 2464 section 7)', () => {
    const { neighbours, frames } = cache();
    const pdu = Pdu.around(Uint8Array.of(5));
    neighbours.send(pdu, parseIpv6('ff02::1:ff00:66') as bigint);
    neighbours.join(parseIpv6('ff02::1:ff00:66') as bigint);
    expect(frames).toEqual(['5 to 33:33:ff:00:00:66', 'joins 33:33:ff:00:00:66']);
  });
});

describe('unreachability detection (RFC 4861 section 7.3)', () => {
  it('REACHABLE for 15 to 45 s, then STALE when used, DELAY for 5 s, PROBE three times, gone', () => {
    const { neighbours, asked, send, run, states } = cache();
    send(1);
    neighbours.onAdvertisement(PEER, MAC, ANSWER);
    run(15);
    send(2);
    expect(states()).toEqual(['INCOMPLETE', 'REACHABLE']);
    run(46);
    send(3);
    expect(states().slice(2)).toEqual(['STALE', 'DELAY']);
    run(60);
    expect(asked.slice(1)).toEqual([51, 52, 53].map((second) => `${second} 02:00:00:00:00:02 for fe80::2`));
    expect(states().slice(4)).toEqual(['PROBE', 'gone']);
  });

  it('an answer to a probe, or what a transport knows, makes it REACHABLE again', () => {
    for (const confirm of ['answer', 'transport'] as const) {
      const { neighbours, asked, send, run, states } = cache();
      neighbours.hear(PEER, MAC, 'test', null);
      send(1);
      run(confirm === 'answer' ? 5.5 : 4);
      if (confirm === 'answer') neighbours.onAdvertisement(PEER, null, ANSWER);
      else neighbours.confirm(PEER);
      run(20);
      expect(states().at(-1)).toBe('REACHABLE');
      expect(asked).toHaveLength(confirm === 'answer' ? 1 : 0);
    }
  });

  it('what nobody uses is not probed', () => {
    const { neighbours, asked, run, states } = cache();
    neighbours.hear(PEER, MAC, 'test', null);
    run(3600);
    expect([asked, states()]).toEqual([[], ['STALE']]);
  });
});

describe('an advertisement (RFC 4861 section 7.2.5)', () => {
  const SAID = { isSolicited: false, overrides: false, isRouter: false };

  it('about a neighbour that nobody asked for, or without a MAC address, changes nothing', () => {
    const { neighbours, send, states, run } = cache();
    neighbours.onAdvertisement(PEER, MAC, ANSWER);
    expect(states()).toEqual([]);
    send(1);
    neighbours.onAdvertisement(PEER, null, ANSWER);
    neighbours.confirm(PEER);
    run(0.5);
    expect(states()).toEqual(['INCOMPLETE']);
  });

  it('of another MAC address without the override flag makes doubtful what was known, once', () => {
    const { neighbours, send, states } = cache();
    send(1);
    neighbours.onAdvertisement(PEER, MAC, ANSWER);
    neighbours.onAdvertisement(PEER, OTHER, SAID);
    neighbours.onAdvertisement(PEER, OTHER, SAID);
    expect(states()).toEqual(['INCOMPLETE', 'REACHABLE', 'STALE']);
  });

  it('unasked, with the override flag, gives another MAC address or confirms nothing', () => {
    const { neighbours, send, states, frames } = cache();
    send(1);
    neighbours.onAdvertisement(PEER, MAC, { ...SAID, overrides: true });
    neighbours.onAdvertisement(PEER, OTHER, { ...SAID, overrides: true });
    neighbours.onAdvertisement(PEER, null, { ...SAID, overrides: true });
    send(2);
    expect(states()).toEqual(['INCOMPLETE', 'STALE', 'DELAY', 'STALE', 'DELAY']);
    expect(frames.at(-1)).toBe(`2 to ${formatMac(OTHER)}`);
  });

  it('a full cache forgets who was known first, and nobody who is waited for', () => {
    const { neighbours, send, states } = cache();
    send(1);
    for (let index = 0; index < 2000; index++) neighbours.hear(0x1000n + BigInt(index), MAC, 'test', null);
    expect(states().filter((state) => state === 'gone').length).toBeGreaterThan(0);
    neighbours.onAdvertisement(PEER, MAC, ANSWER);
    expect(states().at(-1)).toMatch(/REACHABLE/);
  });
});
