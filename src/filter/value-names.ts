/** Numbers that have names: `ip.proto == TCP`, `eth.type == "ARP"`, `arp.opcode == reply`, in Wireshark's words. */

import type { Source } from './plan.ts';

const PROTOCOLS: readonly (readonly [name: string, value: number])[] = [
  ['ICMP', 1],
  ['IGMP', 2],
  ['TCP', 6],
  ['UDP', 17],
  ['IPv6', 41],
  ['GRE', 47],
  ['ICMPv6', 58],
];

/** Of `eth.fcs.status` and its like. */
const CHECKSUM_STATUSES = numbered(0, 'Bad', 'Good', 'Unverified', 'Not present');

const NAMES: ReadonlyMap<string, readonly (readonly [name: string, value: number])[]> = new Map([
  ['ip.proto', PROTOCOLS],
  ['ipv6.nxt', PROTOCOLS],
  [
    'eth.type',
    [
      ['IPv4', 0x0800],
      ['ARP', 0x0806],
      ['802.1Q Virtual LAN', 0x8100],
      ['IPv6', 0x86dd],
    ],
  ],
  [
    'arp.opcode',
    [
      ['request', 1],
      ['reply', 2],
    ],
  ],
  ['eth.fcs.status', CHECKSUM_STATUSES],
  ['ip.checksum.status', CHECKSUM_STATUSES],
  ['tcp.checksum.status', CHECKSUM_STATUSES],
  ['udp.checksum.status', CHECKSUM_STATUSES],
  ['icmp.checksum.status', CHECKSUM_STATUSES],
  ['icmpv6.checksum.status', CHECKSUM_STATUSES],
  [
    'icmpv6.type',
    [
      ...numbered(1, 'Destination Unreachable', 'Packet Too Big', 'Time Exceeded', 'Parameter Problem'),
      ...numbered(128, 'Echo (ping) request', 'Echo (ping) reply'),
      ...numbered(133, 'Router Solicitation', 'Router Advertisement', 'Neighbor Solicitation'),
      ...numbered(136, 'Neighbor Advertisement', 'Redirect'),
    ],
  ],
  [
    'dns.flags.rcode',
    numbered(0, 'No error', 'Format error', 'Server failure', 'No such name', 'Not implemented', 'Refused'),
  ],
  ['dhcp.type', numbered(1, 'Boot Request', 'Boot Reply')],
  ['dhcp.option.dhcp', numbered(1, 'Discover', 'Offer', 'Request', 'Decline', 'ACK', 'NAK', 'Release', 'Inform')],
  ['tls.record.content_type', numbered(20, 'Change Cipher Spec', 'Alert', 'Handshake', 'Application Data')],
  [
    'websocket.opcode',
    [...numbered(0, 'Continuation', 'Text', 'Binary'), ...numbered(8, 'Connection Close', 'Ping', 'Pong')],
  ],
  [
    'mqtt.msgtype',
    [
      ...numbered(1, 'Connect Command', 'Connect Ack', 'Publish Message', 'Publish Ack', 'Publish Received'),
      ...numbered(6, 'Publish Release', 'Publish Complete', 'Subscribe Request', 'Subscribe Ack'),
      ...numbered(10, 'Unsubscribe Request', 'Unsubscribe Ack', 'Ping Request', 'Ping Response'),
      ...numbered(14, 'Disconnect Req', 'Authentication Exchange'),
    ],
  ],
]);

function numbered(first: number, ...names: readonly string[]): readonly (readonly [name: string, value: number])[] {
  return names.map((name, index) => [name, first + index]);
}

/** What `name` says for a field whose numbers have names, in either case; null: it is no such name. */
export function namedValue(name: string, left: Source): number | null {
  const names = left.kind === 'field' ? NAMES.get(left.name) : undefined;
  const wanted = name.toLowerCase();
  return names?.find(([known]) => known.toLowerCase() === wanted)?.[1] ?? null;
}
