/** Which connection, or which listener, a segment is for: four numbers say it (RFC 9293 section 3.2). */

import { describe, expect, it } from 'vitest';
import { Context } from '../../../../src/kernel/context.ts';
import { Journal } from '../../../../src/kernel/journal.ts';
import { Kernel } from '../../../../src/kernel/kernel.ts';
import { type NetworkUser, pseudoHeaderSum } from '../../../../src/layers/3-network/service.ts';
import { ACK, flagsOf, RST, SYN, sequenceOf, writeTcp } from '../../../../src/layers/4-transport/tcp/header.ts';
import { RFC_PROFILE } from '../../../../src/layers/4-transport/tcp/profile.ts';
import { Tcp } from '../../../../src/layers/4-transport/tcp/tcp.ts';
import { Pdu } from '../../../../src/layers/pdu.ts';
import { formatIp, type IpAddress } from '../../../../src/wire/address.ts';

const OWN = 0x0a000001;
const PEERS = [0x0a000002, 0x0a000003] as const;

/** A host that listens on port 80, and peers that all send from port 4000. */
function host() {
  const context = new Context(new Kernel('1', new Journal(true)), 'host');
  const sent: { readonly to: IpAddress; readonly flags: number; readonly sequence: number }[] = [];
  let user: NetworkUser | null = null;
  const tcp = new Tcp(
    context,
    {
      sourceTowards: () => OWN,
      mtuTowards: () => 1500,
      isLocal: (address) => address === OWN,
      register: (_protocol, its) => {
        user = its;
      },
      refuse: () => {},
      send: ({ bytes, start }, _protocol, _source, to) => {
        sent.push({ to, flags: flagsOf(bytes, start), sequence: sequenceOf(bytes, start) });
        return true;
      },
    },
    RFC_PROFILE,
    null,
  );
  const inject = (from: number, flags: number, sequence: number, ack: number) => {
    const pdu = Pdu.withRoom(0);
    const at = pdu.seal(20);
    writeTcp(pdu.bytes, at, pdu.end, 4000, 80, sequence, ack, flags, 65_535, 0, pseudoHeaderSum(from, OWN, 6, 20));
    user?.onDatagram(pdu, from, OWN);
  };
  return { tcp, sent, inject };
}

describe('ports', () => {
  it('two hosts that speak from the same port have a connection each, and one that ends leaves the other', () => {
    const { tcp, sent, inject } = host();
    const ends: string[] = [];
    tcp.listen('server', 80, ({ remote }) => ({
      onClose: (reason) => ends.push(`${formatIp(remote.address)} ${reason}`),
    }));
    const issOf = new Map<number, number>();
    for (const peer of PEERS) {
      inject(peer, SYN, 1000, 0);
      const answer = sent.pop();
      expect([answer?.to, answer?.flags]).toEqual([peer, SYN | ACK]);
      issOf.set(peer, answer?.sequence ?? 0);
      inject(peer, ACK, 1001, (answer?.sequence ?? 0) + 1);
    }
    const states = () => tcp.connections.map(({ remote, state }) => `${formatIp(remote.address)} ${state}`);
    expect(states()).toEqual(['10.0.0.2 ESTABLISHED', '10.0.0.3 ESTABLISHED']);
    inject(PEERS[0], RST, 1001, 0);
    expect([states(), ends]).toEqual([['10.0.0.3 ESTABLISHED'], ['10.0.0.2 reset']]);
    // The first is a stranger now; the second still has its connection.
    inject(PEERS[0], ACK, 1001, (issOf.get(PEERS[0]) ?? 0) + 1);
    expect([sent.pop()?.flags, sent.length]).toEqual([RST, 0]);
    inject(PEERS[1], RST, 1001, 0);
    expect([states(), ends.at(-1)]).toEqual([[], '10.0.0.3 reset']);
  });

  it('a port is listened on by one, until it lets go', () => {
    const { tcp } = host();
    const listener = tcp.listen('first', 80, () => ({}));
    expect(() => tcp.listen('second', 80, () => ({}))).toThrow('port 80 is taken by first');
    listener.close();
    expect(tcp.listen('second', 80, () => ({})).port).toBe(80);
  });
});
