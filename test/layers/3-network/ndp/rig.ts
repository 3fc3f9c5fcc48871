/** One interface with all of Neighbour Discovery on it, and a link on which a test says what it likes. */

import { Context } from '../../../../src/kernel/context.ts';
import { Journal } from '../../../../src/kernel/journal.ts';
import { Kernel } from '../../../../src/kernel/kernel.ts';
import type { FrameUser } from '../../../../src/layers/2-link/service.ts';
import { typeOf } from '../../../../src/layers/3-network/icmpv6/header.ts';
import { Icmpv6 } from '../../../../src/layers/3-network/icmpv6/icmpv6.ts';
import { writeIpv6 } from '../../../../src/layers/3-network/ipv6/header.ts';
import { Ipv6Interface } from '../../../../src/layers/3-network/ipv6/interface.ts';
import { Ipv6Machine } from '../../../../src/layers/3-network/ipv6/ipv6.ts';
import { type AdvertiserOptions, RouterAdvertiser } from '../../../../src/layers/3-network/ndp/advertiser.ts';
import { Autoconfiguration } from '../../../../src/layers/3-network/ndp/autoconfiguration.ts';
import { NeighbourDiscovery } from '../../../../src/layers/3-network/ndp/discovery.ts';
import { Neighbours } from '../../../../src/layers/3-network/ndp/neighbours.ts';
import { Pdu } from '../../../../src/layers/pdu.ts';
import { formatIpv6, parseIpv6 } from '../../../../src/wire/address.ts';
import { icmpv6 } from '../../../referee/ipv6-frames.ts';

const SECOND = 1_000_000_000;
/** Our own link-local address, made of the MAC address 02:00:00:00:00:01. */
export const OWN = 'fe80::ff:fe00:1';
export const ROUTER = 'fe80::9';
export const GROUP = 'ff02::1:ff00:1';
const ip6 = (text: string) => parseIpv6(text) as bigint;
const hex = (text: string) => Uint8Array.from(Buffer.from(text.replaceAll(' ', ''), 'hex'));
export const octets = (text: string) => ip6(text).toString(16).padStart(32, '0');

export interface Heard {
  readonly from: string;
  readonly to?: string;
  readonly hopLimit?: number;
  readonly code?: number;
}

/** A host that configures itself, or a router that advertises. */
export function discovering(advertises: AdvertiserOptions | null = null, mtuBytes = 1500) {
  const kernel = new Kernel('1', new Journal(true));
  const context = new Context(kernel, 'node');
  const sent: string[] = [];
  let user: FrameUser | null = null;
  const neighbours = new Neighbours(context, {
    name: 'eth0',
    mac: 0x020000000001,
    mtuBytes,
    send: (pdu) => {
      sent.push(`${Math.round(kernel.nowNs / (SECOND / 10)) / 10} ${typeOf(pdu.bytes, pdu.start + 40)}`);
    },
    sendTo: () => {
      throw new Error('its callers know whole addresses');
    },
    join: () => {},
    register: (_etherType, one) => {
      user = one;
    },
  });
  const isRouter = advertises !== null;
  const out = new Ipv6Interface(context, neighbours, isRouter);
  const machine = new Ipv6Machine(context, [out], [], isRouter);
  const icmp: Icmpv6 = new Icmpv6(context, machine, (protocol) => (protocol === 58 ? icmp : null));
  const discovery = new NeighbourDiscovery(context, machine, out, neighbours, 0x020000000001, isRouter);
  icmp.discoverBy('eth0', discovery);
  const run = (seconds: number) => {
    const untilNs = kernel.nowNs + Math.round(seconds * SECOND);
    while (kernel.nextNs <= untilNs) kernel.step();
    kernel.idleUntil(untilNs);
  };
  /** A message arrives: its type, and what stands behind its checksum. */
  const hear = (type: number, rest: string, { from, to = OWN, hopLimit = 255, code = 0 }: Heard) => {
    const payload = icmpv6(ip6(from), ip6(to), type, code, hex(rest));
    const pdu = Pdu.around(payload);
    const at = pdu.seal(40);
    const addresses = { source: ip6(from), destination: ip6(to) };
    writeIpv6(pdu.bytes, at, { payloadLength: payload.length, nextHeader: 58, hopLimit, ...addresses });
    user?.onPayload(pdu, false);
  };
  const drops = () => kernel.journal.entries.flatMap(({ event }) => (event.kind === 'dropped' ? [event.detail] : []));
  const rows = (table: string, column: string) =>
    kernel.journal.entries.flatMap(({ event }) =>
      event.kind === 'table' && event.change.table === table
        ? [`${event.change.key} ${event.change.row === null ? 'gone' : event.change.row[column]}`]
        : [],
    );
  let autoconfiguration: Autoconfiguration | null = null;
  if (advertises) {
    const own = { address: ip6(OWN), prefix: 64, state: 'preferred' as const };
    const never = Number.MAX_SAFE_INTEGER;
    out.assign({ ...own, preferredUntilNs: never, validUntilNs: never }, 'test');
    out.assign({ ...own, address: ip6('2001:db8:1::1'), preferredUntilNs: never, validUntilNs: never }, 'test');
    discovery.start(() => {});
    new RouterAdvertiser(discovery, advertises).start(false);
  } else {
    const made = new Autoconfiguration(machine, discovery);
    autoconfiguration = made;
    discovery.start((router) => made.onRouterChange(router));
  }
  const start = () => autoconfiguration?.start();
  const states = () => out.addresses.map(({ address, state }) => `${formatIpv6(address)} ${state}`);
  return { kernel, sent, out, neighbours, machine, run, hear, drops, rows, start, states };
}
