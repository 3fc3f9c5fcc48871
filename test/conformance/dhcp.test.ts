/** DHCP as a dialogue at exact virtual times (RFC 2131), over a segment where everybody hears what is for everybody. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  addressOption,
  clientIdentifierOf,
  DHCP_OPTION,
  DHCP_TYPE,
  type DhcpMessage,
  decodeDhcp,
  encodeDhcp,
  firstOf,
} from '../../src/layers/7-application/dhcp/header.ts';
import type { LeaseRecord } from '../../src/layers/7-application/dhcp/server.ts';
import { isMalformed } from '../../src/wire/reader.ts';
import { EVERYBODY, NET, SECOND, SERVER, Segment, type Sent } from './segment.ts';

describe('DHCP', () => {
  it('RFC 2131 3.1: discover, offer, request, acknowledge', () => {
    const segment = new Segment();
    segment.serve();
    const { client, told } = segment.client('laptop', 0x020000000002);
    segment.runUntil(10);
    expect(segment.log).toEqual(['discover', 'offer', 'request', 'ack']);
    expect(told).toMatchObject([{ address: NET + 100, prefix: 24, router: SERVER, nameServers: [NET + 53] }]);
    expect(client.state).toBe('BOUND');
    const [discover, , request] = segment.sent.map(({ message }) => message);
    expect([discover?.clientAddress, discover?.wantsBroadcast]).toEqual([0, true]);
    expect(firstOf(request?.options ?? new Map(), DHCP_OPTION.serverIdentifier)).toBe(SERVER);
    expect(firstOf(request?.options ?? new Map(), DHCP_OPTION.requestedAddress)).toBe(NET + 100);
    expect(new Set(segment.sent.map(({ message }) => message.transaction)).size).toBe(1);
    expect(new Set(segment.sent.map(({ to }) => to))).toEqual(new Set([EVERYBODY]));
  });

  it('RFC 2131 4.1: without an answer it asks again after 4, 8, 16, 32 and 64 s, each a second more or less', () => {
    const segment = new Segment();
    segment.client('laptop', 0x020000000002);
    segment.runUntil(300);
    const gaps = segment.sent.slice(1).map(({ atNs }, index) => (atNs - (segment.sent[index]?.atNs ?? 0)) / SECOND);
    for (const [index, wanted] of [4, 8, 16, 32, 64, 64].entries()) {
      expect(Math.abs((gaps[index] ?? 0) - wanted)).toBeLessThanOrEqual(1);
    }
    expect(gaps.every(Number.isInteger)).toBe(false);
  });

  it('RFC 2131 4.4.5: renews at half of the lease with its server alone, and rebinds with all at seven eighths', () => {
    const segment = new Segment();
    segment.serve({ leaseNs: 1000 * SECOND });
    const { told, client } = segment.client('laptop', 0x020000000002);
    segment.runUntil(499);
    expect(segment.sent).toHaveLength(4);
    segment.runUntil(501);
    expect(segment.sent.slice(4).map(({ to, atNs }) => [to, atNs / SECOND])).toEqual([
      [SERVER, 500],
      [NET + 100, 500],
    ]);
    expect(told).toHaveLength(1);
    segment.isSilent = true;
    segment.runUntil(1499);
    const late = segment.sent.slice(6).map(({ to, atNs }) => [to, Math.floor(atNs / SECOND)]);
    expect(late[0]).toEqual([SERVER, 1000]);
    expect(late.find(([to]) => to === EVERYBODY)).toEqual([EVERYBODY, 1375]);
    expect(client.state).toBe('REBINDING');
    segment.runUntil(1501);
    expect(told.at(-1)).toBeNull();
    expect(client.state).toBe('SELECTING');
  });

  it('RFC 2131 4.3.1: two clients get two addresses, a third none, and who comes back the one it had', () => {
    const segment = new Segment();
    segment.serve();
    const [one, two, three] = [2, 3, 4].map((number) => segment.client(`h${number}`, 0x020000000000 + number));
    segment.runUntil(7);
    expect([one?.told[0]?.address, two?.told[0]?.address, three?.told[0]]).toEqual([NET + 100, NET + 101, undefined]);
    one?.client.start();
    segment.runUntil(14);
    expect(one?.told.at(-1)?.address).toBe(NET + 100);
  });

  it('RFC 2131 4.4.1: an offer for another transaction is discarded', () => {
    const segment = new Segment();
    const { client } = segment.client('laptop', 0x020000000002);
    const services = segment.services('liar');
    const socket = services.datagrams.bind('liar', 67, { onDatagram: () => {} });
    const options = new Map([[DHCP_OPTION.serverIdentifier as number, Uint8Array.of(1, 2, 3, 4)]]);
    const lie = {
      type: DHCP_TYPE.offer,
      transaction: 1,
      relayAddress: 0,
      seconds: 0,
      clientAddress: 0,
      yourAddress: 5,
      options,
    };
    const whole = { ...lie, isReply: true, wantsBroadcast: true, clientMac: 0x020000000002 };
    socket.send({ address: EVERYBODY, port: 68 }, encodeDhcp(whole));
    segment.runUntil(1);
    expect(client.state).toBe('SELECTING');
  });

  it('RFC 2131 4.4.1, 3.1: who finds that somebody has the address declines it, waits for 10 s, and gets another', () => {
    const segment = new Segment();
    segment.serve();
    segment.holders.set(NET + 100, 0x02000000000f);
    const { told, client } = segment.client('laptop', 0x020000000002);
    segment.runUntil(6);
    expect(segment.log).toEqual(['discover', 'offer', 'request', 'ack', 'decline']);
    const decline = segment.sent.at(-1);
    expect([decline?.to, decline?.message.clientAddress]).toEqual([EVERYBODY, 0]);
    expect(firstOf(decline?.message.options ?? new Map(), DHCP_OPTION.requestedAddress)).toBe(NET + 100);
    expect(firstOf(decline?.message.options ?? new Map(), DHCP_OPTION.serverIdentifier)).toBe(SERVER);
    expect([client.state, told]).toEqual(['INIT', []]);
    segment.runUntil(15);
    expect(segment.log).toHaveLength(5);
    segment.runUntil(30);
    expect(segment.sent[5]?.atNs).toBe(16 * SECOND);
    expect(told).toMatchObject([{ address: NET + 101 }]);
    expect(segment.disk.file<LeaseRecord>('leases').records.get('192.168.1.100')?.state).toBe('declined');
  });

  it('RFC 2131 4.3.1: what was declined is lent again when a lease would be over', () => {
    const segment = new Segment();
    segment.serve({ leaseNs: 100 * SECOND, pool: { first: NET + 100, last: NET + 100 } });
    segment.holders.set(NET + 100, 0x02000000000f);
    const { told } = segment.client('laptop', 0x020000000002);
    segment.runUntil(7);
    segment.holders.clear();
    segment.runUntil(105);
    expect(told).toEqual([]);
    segment.runUntil(250);
    expect(told).toMatchObject([{ address: NET + 100 }]);
  });

  it('RFC 2131 4.4.6: released is free at once, and nothing is asked until the client is told to', () => {
    const segment = new Segment();
    segment.serve();
    const { client, told } = segment.client('laptop', 0x020000000002);
    segment.runUntil(10);
    client.release();
    segment.runUntil(1000);
    const release = segment.sent.at(-1);
    expect([release?.to, release?.message.clientAddress, segment.log.at(-1)]).toEqual([SERVER, NET + 100, 'release']);
    expect([client.state, told.at(-1)]).toEqual(['INIT', null]);
    expect(segment.disk.file('leases').records.size).toBe(0);
    client.renew();
    segment.runUntil(1010);
    expect(told.at(-1)?.address).toBe(NET + 100);
  });

  it('RFC 2131 4.4.5: told to, a client renews before its time, once, and counts from there', () => {
    const segment = new Segment();
    segment.serve({ leaseNs: 1000 * SECOND });
    const { client } = segment.client('laptop', 0x020000000002);
    segment.runUntil(10);
    segment.kernel.idleUntil(10 * SECOND);
    client.renew();
    client.renew();
    expect(client.state).toBe('RENEWING');
    segment.runUntil(509);
    expect(segment.log.slice(4)).toEqual(['request', 'ack']);
    expect([segment.sent[4]?.to, client.state]).toEqual([SERVER, 'BOUND']);
    segment.runUntil(511);
    expect([segment.log.length, (segment.sent[6]?.atNs ?? 0) / SECOND]).toEqual([8, 510]);
  });

  it('RFC 2131 4.4.1: told to renew while it looks for servers, it begins anew; giving back what it has not, it says nothing', () => {
    const segment = new Segment();
    const { client } = segment.client('laptop', 0x020000000002);
    segment.runUntil(2);
    client.renew();
    segment.runUntil(3);
    expect(segment.log).toEqual(['discover', 'discover']);
    const [first, second] = segment.sent.map(({ message }) => message.transaction);
    expect(second).not.toBe(first);
    client.release();
    segment.runUntil(300);
    expect([segment.log, client.state]).toEqual([['discover', 'discover'], 'INIT']);
  });

  it('RFC 2131 4.4.1: an answer that comes a second time is discarded', () => {
    const segment = new Segment();
    segment.serve();
    const { client, told } = segment.client('laptop', 0x020000000002);
    segment.runUntil(10);
    const ack = segment.sent.find(({ message }) => message.type === DHCP_TYPE.ack)?.message as DhcpMessage;
    segment.say(68, encodeDhcp(ack));
    expect([client.state, told.length, segment.refusals.at(-1)]).toEqual(['BOUND', 1, 'in BOUND nobody waits for it']);
  });

  it('RFC 2131 4.3.2: a request for what it does not know any more is refused, and the client begins anew', () => {
    const segment = new Segment();
    segment.serve();
    segment.hook = ({ message }) => {
      if (message.type === DHCP_TYPE.request) segment.disk.file('leases').delete('192.168.1.100');
      segment.hook = message.type === DHCP_TYPE.request ? null : segment.hook;
    };
    const { client } = segment.client('laptop', 0x020000000002);
    segment.runUntil(1);
    expect(segment.log.slice(0, 5)).toEqual(['discover', 'offer', 'request', 'nak', 'discover']);
    expect(segment.sent[3]?.to).toBe(EVERYBODY);
    segment.runUntil(20);
    expect(client.state).toBe('BOUND');
  });

  it('RFC 2131 3.2, 4.3.2: after a reboot it acknowledges what is so, refuses what is not, and is silent where it knows nothing', () => {
    const segment = new Segment();
    segment.serve();
    segment.client('laptop', 0x020000000002);
    segment.runUntil(10);
    const answers: (string | undefined)[] = [];
    const asked = (mac: number, address: number) => {
      const before = segment.sent.length;
      const options = new Map([
        [DHCP_OPTION.requestedAddress as number, addressOption(address)],
        [DHCP_OPTION.clientIdentifier as number, clientIdentifierOf(mac)],
      ]);
      segment.ask(mac, DHCP_TYPE.request, options);
      segment.runUntil(segment.kernel.nowNs / SECOND + 1);
      answers.push(segment.log[before + 1]);
    };
    asked(0x020000000002, NET + 100);
    asked(0x020000000002, NET + 101);
    asked(0x020000000009, NET + 101);
    asked(0x020000000009, NET + 100);
    asked(0x020000000009, 0x0a000001);
    expect(answers).toEqual(['ack', 'nak', undefined, 'nak', 'nak']);
  });

  it('RFC 2131 3.1 step 3: an offer that the client does not take is open to others at once', () => {
    const segment = new Segment();
    segment.serve({ pool: { first: NET + 100, last: NET + 100 } });
    segment.ask(0x020000000009, DHCP_TYPE.discover, new Map());
    segment.runUntil(1);
    const other = new Map([
      [DHCP_OPTION.serverIdentifier as number, addressOption(NET + 77)],
      [DHCP_OPTION.requestedAddress as number, addressOption(NET + 200)],
    ]);
    segment.ask(0x020000000009, DHCP_TYPE.request, other);
    const { told } = segment.client('laptop', 0x020000000002);
    segment.runUntil(10);
    expect(told).toMatchObject([{ address: NET + 100 }]);
  });

  it('RFC 2131 4.1: whoever can hear it is answered at the address it gets, and is known there before', () => {
    const segment = new Segment();
    segment.serve();
    segment.ask(0x020000000009, DHCP_TYPE.discover, new Map(), { wantsBroadcast: false });
    segment.runUntil(1);
    expect(segment.sent.at(-1)).toMatchObject({ to: NET + 100, message: { type: DHCP_TYPE.offer } });
    expect(segment.introduced).toEqual([[NET + 100, 0x020000000009]]);
  });

  it('RFC 2131 4.2, RFC 6842: a client is who its identifier says, and hears it back', () => {
    const segment = new Segment();
    segment.serve();
    const identifier = Uint8Array.of(0, 1, 2, 3);
    for (const mac of [0x020000000009, 0x02000000000a]) {
      segment.ask(mac, DHCP_TYPE.discover, new Map([[DHCP_OPTION.clientIdentifier as number, identifier]]));
    }
    segment.runUntil(1);
    const offers = segment.sent.filter(({ message }) => message.type === DHCP_TYPE.offer).map(({ message }) => message);
    expect(offers.map(({ yourAddress }) => yourAddress)).toEqual([NET + 100, NET + 100]);
    expect(offers.map(({ options }) => options.get(DHCP_OPTION.clientIdentifier))).toEqual([identifier, identifier]);
  });

  it('RFC 2131 4.3.5: to INFORM it says how the network is set up, and lends nothing', () => {
    const segment = new Segment();
    segment.serve();
    segment.ask(0x020000000009, DHCP_TYPE.inform, new Map(), { clientAddress: NET + 7 });
    segment.runUntil(1);
    const { to, message } = segment.sent.at(-1) as Sent;
    expect([to, message.type, message.yourAddress]).toEqual([NET + 7, DHCP_TYPE.ack, 0]);
    expect(message.options.has(DHCP_OPTION.leaseTime)).toBe(false);
    expect(firstOf(message.options, DHCP_OPTION.router)).toBe(SERVER);
  });

  const granting = (segment: Segment, lent: readonly (readonly [number, number])[]) =>
    segment.answer(({ message }) => {
      if (message.clientAddress !== 0) return null;
      const type = message.type === DHCP_TYPE.discover ? DHCP_TYPE.offer : DHCP_TYPE.ack;
      const options = new Map<number, Uint8Array>([
        [DHCP_OPTION.serverIdentifier, addressOption(SERVER)],
        ...lent.map(([code, value]): [number, Uint8Array] => [code, addressOption(value)]),
      ]);
      return { ...message, isReply: true, type, yourAddress: NET + 100, options };
    });

  it('RFC 2131 4.4.5: T1 and T2 are what the server says', () => {
    const segment = new Segment();
    granting(segment, [
      [DHCP_OPTION.subnetMask, 0xffffff00],
      [DHCP_OPTION.leaseTime, 1000],
      [DHCP_OPTION.renewalTime, 100],
      [DHCP_OPTION.rebindingTime, 300],
    ]);
    segment.client('laptop', 0x020000000002);
    segment.runUntil(320);
    const late = segment.sent.filter(({ message }) => message.clientAddress !== 0);
    expect(late.map(({ to, atNs }) => [to, atNs / SECOND])).toEqual([
      [SERVER, 100],
      [SERVER, 200],
      [SERVER, 260],
      [EVERYBODY, 300],
    ]);
  });

  it.each([
    ['2^32-1 seconds is for ever', 0xffffffff, 0xffffff00, 'BOUND'],
    ['no time is none', 0, 0xffffff00, 'REQUESTING'],
    ['a mask with holes is none', 60, 0xff00ff00, 'REQUESTING'],
  ])('RFC 2131 3.3: a lease with %s', (_, seconds, mask, state) => {
    const segment = new Segment();
    granting(segment, [
      [DHCP_OPTION.subnetMask, mask],
      [DHCP_OPTION.leaseTime, seconds],
    ]);
    const { client } = segment.client('laptop', 0x020000000002);
    segment.runUntil(7);
    expect(client.state).toBe(state);
    segment.runUntil(state === 'BOUND' ? 1_000_000 : 1000);
    if (state === 'BOUND') {
      expect(segment.sent).toHaveLength(4);
      // There is no time to be renewed at, but it can be told to; without an answer it asks each minute.
      segment.kernel.idleUntil(1_000_000 * SECOND);
      client.renew();
      segment.runUntil(1_000_130);
      expect(segment.log.slice(4)).toEqual(['request', 'request', 'request']);
      expect(client.state).toBe('RENEWING');
    } else expect(client.state).not.toBe('BOUND');
  });
});

describe('a DHCP message', () => {
  it('RFC 2131 2: 236 octets, the cookie 99.130.83.99, options; 300 octets at least', () => {
    const segment = new Segment();
    segment.client('laptop', 0x020000000002);
    const [sent] = segment.sent;
    const bytes = encodeDhcp(sent?.message as DhcpMessage);
    expect(bytes.length).toBe(300);
    expect([...bytes.subarray(236, 243)]).toEqual([99, 130, 83, 99, 53, 1, 1]);
    expect(decodeDhcp(bytes)).toEqual(sent?.message);
  });

  it('whatever comes is a message or Malformed, and nothing is thrown', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 0, maxLength: 80 }), (options) => {
        const bytes = new Uint8Array(240 + options.length);
        bytes.set([2, 1, 6]);
        bytes.set([99, 130, 83, 99], 236);
        bytes.set(options, 240);
        const message = decodeDhcp(bytes);
        expect(isMalformed(message) || message.type >= 0).toBe(true);
        for (let length = 0; length < bytes.length; length += 7) decodeDhcp(bytes.subarray(0, length));
      }),
    );
  });
});
