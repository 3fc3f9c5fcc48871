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
]);

/** What `name` says for a field whose numbers have names, in either case; null: it is no such name. */
export function namedValue(name: string, left: Source): number | null {
  const names = left.kind === 'field' ? NAMES.get(left.name) : undefined;
  const wanted = name.toLowerCase();
  return names?.find(([known]) => known.toLowerCase() === wanted)?.[1] ?? null;
}
