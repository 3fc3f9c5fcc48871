/** DHCP that a server or a client must refuse, and addresses that come back (RFC 2131). */

import { describe, expect, it } from 'vitest';
import {
  addressOption,
  DHCP_OPTION,
  DHCP_TYPE,
  type DhcpMessage,
  encodeDhcp,
} from '../../src/layers/7-application/dhcp/header.ts';
import type { LeaseRecord } from '../../src/layers/7-application/dhcp/server.ts';
import { NET, SECOND, SERVER, Segment } from './segment.ts';

describe('DHCP among strangers', () => {
  const MAC = 0x020000000002;
  const question: DhcpMessage = {
    isReply: false,
    type: DHCP_TYPE.discover,
    transaction: 7,
    seconds: 0,
    wantsBroadcast: true,
    clientAddress: 0,
    yourAddress: 0,
    relayAddress: 0,
    clientMac: MAC,
    options: new Map(),
  };

  it.each<[string, Uint8Array, string]>([
    ['no message', new Uint8Array(10), '10 octets are too short for a DHCP message'],
    ['an answer', encodeDhcp({ ...question, isReply: true }), 'it is an answer'],
    [
      'through a relay',
      encodeDhcp({ ...question, relayAddress: NET + 7 }),
      'it came through a relay, and this server speaks to none',
    ],
    ['an offer as a question', encodeDhcp({ ...question, type: DHCP_TYPE.offer }), 'a client says nothing like it'],
  ])('a server refuses %s', (_, payload, why) => {
    const segment = new Segment();
    segment.serve();
    segment.say(67, payload);
    segment.runUntil(1);
    expect([segment.refusals, segment.log]).toEqual([[why], []]);
  });

  const wish = (address: number) => new Map([[DHCP_OPTION.requestedAddress as number, addressOption(address)]]);
  const offers = (segment: Segment) =>
    segment.sent.flatMap(({ message }) => (message.type === DHCP_TYPE.offer ? [message.yourAddress - NET] : []));

  it('RFC 2131 4.3.1: the address that is asked for, if it is free and of the pool; else the next; what is offered is not lent', () => {
    const segment = new Segment();
    segment.serve();
    segment.ask(1, DHCP_TYPE.discover, wish(NET + 101));
    segment.ask(2, DHCP_TYPE.discover, wish(NET + 101));
    segment.ask(3, DHCP_TYPE.discover, wish(NET + 200));
    segment.ask(4, DHCP_TYPE.discover, wish(NET + 1));
    segment.runUntil(1);
    expect(offers(segment)).toEqual([101, 100]);
    // The offers are over after a while: others may have the addresses.
    segment.runUntil(600);
    segment.ask(5, DHCP_TYPE.discover, new Map());
    segment.runUntil(601);
    expect(offers(segment)).toEqual([101, 100, 100]);
  });

  it('takes back an offer that was not taken, what is given back by whom it is, and what somebody has', () => {
    const segment = new Segment();
    segment.serve();
    const chosen = (server: number) =>
      new Map([...wish(NET + 100), [DHCP_OPTION.serverIdentifier as number, addressOption(server)]]);
    const leases = () =>
      [...segment.disk.file<LeaseRecord>('leases').records.values()].map(
        ({ address, state }) => `${address - NET} ${state}`,
      );
    const steps: readonly [number, number, ReadonlyMap<number, Uint8Array>, number, string[]][] = [
      [1, DHCP_TYPE.discover, new Map(), 0, ['100 offered']],
      [1, DHCP_TYPE.request, chosen(NET + 9), 0, []],
      [1, DHCP_TYPE.request, chosen(NET + 9), 0, []],
      [1, DHCP_TYPE.discover, new Map(), 0, ['100 offered']],
      [1, DHCP_TYPE.request, chosen(SERVER), 0, ['100 bound']],
      [1, DHCP_TYPE.request, chosen(NET + 9), 0, ['100 bound']],
      [1, DHCP_TYPE.release, new Map(), NET + 101, ['100 bound']],
      [2, DHCP_TYPE.release, new Map(), NET + 100, ['100 bound']],
      [2, DHCP_TYPE.decline, wish(NET + 100), 0, ['100 bound']],
      [1, DHCP_TYPE.decline, wish(NET + 101), 0, ['100 bound']],
      [1, DHCP_TYPE.decline, wish(NET + 100), 0, ['100 declined']],
      [2, DHCP_TYPE.discover, new Map(), 0, ['100 declined', '101 offered']],
    ];
    for (const [index, [mac, type, options, clientAddress, expected]] of steps.entries()) {
      segment.ask(mac, type, options, { clientAddress });
      segment.runUntil(index / 10 + 0.05);
      expect([index, leases().sort()]).toEqual([index, expected]);
    }
  });

  it('an address that another had is lent again when no other is left', () => {
    const segment = new Segment();
    segment.serve({ leaseNs: 100 * SECOND });
    for (const mac of [1, 2]) {
      segment.ask(mac, DHCP_TYPE.discover, new Map());
      segment.runUntil(mac);
      segment.ask(
        mac,
        DHCP_TYPE.request,
        new Map([...wish(NET + 99 + mac), [DHCP_OPTION.serverIdentifier as number, addressOption(SERVER)]]),
      );
    }
    segment.runUntil(300);
    segment.ask(3, DHCP_TYPE.discover, new Map());
    segment.runUntil(301);
    expect(offers(segment)).toEqual([100, 101, 100]);
  });

  it('RFC 2131 4.4.1: a client discards what answers no question of its own', () => {
    const segment = new Segment();
    const { client } = segment.client('laptop', MAC);
    segment.runUntil(0.5);
    const transaction = segment.sent[0]?.message.transaction ?? 0;
    const offer: DhcpMessage = {
      ...question,
      isReply: true,
      type: DHCP_TYPE.offer,
      transaction,
      yourAddress: NET + 100,
      options: new Map([[DHCP_OPTION.serverIdentifier as number, addressOption(SERVER)]]),
    };
    const said: readonly (readonly [Uint8Array, string])[] = [
      [new Uint8Array(5), '5 octets are too short for a DHCP message'],
      [encodeDhcp({ ...offer, isReply: false }), 'it is no answer'],
      [encodeDhcp({ ...offer, clientMac: 9 }), 'it is for 00:00:00:00:00:09'],
      [encodeDhcp({ ...offer, transaction: transaction + 1 }), 'it answers another question'],
      [encodeDhcp({ ...offer, type: DHCP_TYPE.discover }), 'a server says nothing like it'],
      [encodeDhcp({ ...offer, type: DHCP_TYPE.ack }), 'in SELECTING nobody waits for it'],
      [encodeDhcp({ ...offer, yourAddress: 0 }), 'the offer names no server or no address'],
      [encodeDhcp({ ...offer, options: new Map() }), 'the offer names no server or no address'],
    ];
    for (const [payload] of said) segment.say(68, payload);
    expect(segment.refusals).toEqual(said.map(([, why]) => why));
    segment.say(68, encodeDhcp(offer));
    expect(client.state).toBe('REQUESTING');
    const ack = { ...offer, type: DHCP_TYPE.ack };
    segment.say(
      68,
      encodeDhcp({ ...ack, options: new Map([[DHCP_OPTION.serverIdentifier as number, addressOption(NET + 9)]]) }),
    );
    segment.say(68, encodeDhcp(ack));
    const noMask = new Map([
      ...offer.options,
      [DHCP_OPTION.leaseTime as number, addressOption(100)],
      [DHCP_OPTION.subnetMask as number, addressOption(0xff00ff00)],
    ]);
    segment.say(68, encodeDhcp({ ...ack, options: noMask }));
    expect(segment.refusals.slice(said.length)).toEqual([
      'it comes from a server that was not chosen',
      'it names no address, no mask or no time',
      'it names no address, no mask or no time',
    ]);
  });
});
