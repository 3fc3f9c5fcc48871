/** An IPv6 node between two links that only write down what is sent, for tests of the machine. */

import { Context } from '../../../../src/kernel/context.ts';
import { Journal } from '../../../../src/kernel/journal.ts';
import { Kernel } from '../../../../src/kernel/kernel.ts';
import type { NeighbourService, NeighbourUser } from '../../../../src/layers/2-link/service.ts';
import { codeOf, restOf, typeOf } from '../../../../src/layers/3-network/icmpv6/header.ts';
import { Icmpv6 } from '../../../../src/layers/3-network/icmpv6/icmpv6.ts';
import { destinationOf, writeIpv6 } from '../../../../src/layers/3-network/ipv6/header.ts';
import { Ipv6Interface } from '../../../../src/layers/3-network/ipv6/interface.ts';
import { Ipv6Machine } from '../../../../src/layers/3-network/ipv6/ipv6.ts';
import type { NetworkError, NetworkUser } from '../../../../src/layers/3-network/service.ts';
import { Pdu } from '../../../../src/layers/pdu.ts';
import { formatIpv6, parseIpv6 } from '../../../../src/wire/address.ts';

export const ip6 = (text: string) => parseIpv6(text) as bigint;

interface Sent {
  readonly link: string;
  readonly nextHop: string;
  readonly bytes: Uint8Array;
}

interface NodeOptions {
  readonly forwards?: boolean;
  readonly mtu?: number;
  /** Destination, prefix length, next hop. */
  readonly routes?: readonly (readonly [string, number, string])[];
}

export interface Received {
  readonly hopLimit?: number;
  readonly nextHeader?: number;
  readonly payload?: Uint8Array;
  readonly group?: boolean;
}

/** fe80::1 and 2001:db8:1::1 on `left`, fe80::2 and 2001:db8:2::1 on `right`. UDP and TCP are given to `taken`. */
export function makeNode({ forwards = false, mtu = 1500, routes = [] }: NodeOptions = {}) {
  const kernel = new Kernel('1', new Journal(true));
  const context = new Context(kernel, 'node');
  const sent: Sent[] = [];
  const users = new Map<string, NeighbourUser>();
  const link = (name: string, mtuBytes: number): NeighbourService => ({
    name,
    mtuBytes,
    send: (pdu, nextHop) => {
      sent.push({ link: name, nextHop: formatIpv6(nextHop as bigint), bytes: pdu.view().slice() });
    },
    broadcast: () => {},
    attach: (user) => users.set(name, user),
  });
  const attachment = (name: string, mtuBytes: number, texts: readonly string[]) => {
    const out = new Ipv6Interface(context, link(name, mtuBytes), forwards);
    const never = Number.MAX_SAFE_INTEGER;
    for (const text of texts) {
      const state = 'preferred' as const;
      out.assign({ address: ip6(text), prefix: 64, state, preferredUntilNs: never, validUntilNs: never }, 'test');
    }
    return out;
  };
  const left = attachment('left', 1500, ['fe80::1', '2001:db8:1::1']);
  const right = attachment('right', mtu, ['fe80::2', '2001:db8:2::1']);
  const table = routes.map(([to, prefix, via]) => ({ to: ip6(to), prefix, via: ip6(via) }));
  const ipv6 = new Ipv6Machine(context, [left, right], table, forwards);
  const taken: { readonly bytes: Uint8Array; readonly via: string }[] = [];
  const errors: NetworkError[] = [];
  const user: NetworkUser = {
    onDatagram: (pdu, _source, _destination, via = '') => taken.push({ bytes: pdu.view().slice(), via }),
    onNetworkError: (error) => errors.push(error),
  };
  ipv6.register(17, user);
  const icmpv6: Icmpv6 = new Icmpv6(context, ipv6, (protocol) => (protocol === 58 ? icmpv6 : user));
  const settle = () => {
    while (kernel.nextNs <= kernel.nowNs) kernel.step();
  };
  const receive = (from: string, to: string, packet: Received = {}) => {
    const { hopLimit = 64, nextHeader = 17, payload = new Uint8Array(8), group = false } = packet;
    const pdu = Pdu.around(payload);
    const at = pdu.seal(40);
    const [source, destination] = [ip6(from), ip6(to)];
    writeIpv6(pdu.bytes, at, { payloadLength: payload.length, nextHeader, hopLimit, source, destination });
    users.get('left')?.onPacket(pdu, group, 'left');
    settle();
    return pdu;
  };
  const reasons = () => kernel.journal.entries.flatMap(({ event }) => (event.kind === 'dropped' ? [event.reason] : []));
  /** The ICMPv6 errors that left, as `type/code pointer-or-MTU to whom`. */
  const told = () =>
    sent.flatMap(({ bytes }) =>
      bytes[6] === 58 && typeOf(bytes, 40) < 128
        ? [`${typeOf(bytes, 40)}/${codeOf(bytes, 40)} ${restOf(bytes, 40)} to ${formatIpv6(destinationOf(bytes, 0))}`]
        : [],
    );
  return { kernel, context, ipv6, icmpv6, left, right, sent, taken, errors, receive, settle, reasons, told };
}
