/**
 * How far into frames somebody looks. Reading the messages of streams costs more than all headers together, so whoever
 * asks for headers alone is spared it.
 */

/** `headers`: up to those of TCP and UDP; `messages`: what they carry too. */
export type Depth = 'headers' | 'messages';

const HEADERS: ReadonlySet<string> = new Set(['eth', 'vlan', 'arp', 'ip', 'ipv6', 'icmp', 'icmpv6', 'udp', 'tcp']);

/** What TCP's reader says of a segment only where it has read the stream. */
const OF_STREAMS = /^tcp\.(payload|segment|reassembled|pdu|fin_retransmission)/;

/** How far one must read so that these protocols and fields are seen as if everything were read. */
export function depthFor(protocols: Iterable<string>, fields: Iterable<string>): Depth {
  for (const protocol of protocols) if (!HEADERS.has(protocol)) return 'messages';
  for (const name of fields) {
    const isOfHeader = HEADERS.has(name.split('.')[0] as string) && !OF_STREAMS.test(name);
    if (!isOfHeader && !OF_PLACE.has(name)) return 'messages';
  }
  return 'headers';
}

/** Said of a frame without looking into it. */
const OF_PLACE: ReadonlySet<string> = new Set(['node', 'link', 'layer', 'pw.lost', 'pw.reason']);
