/** Every protocol that can be read, and every field of them, under Wireshark's names. */

import { ARP, ARP_FIELDS, arpFields } from './2-link/arp/fields.ts';
import { COOKED, COOKED_FIELDS, LOOPBACK, LOOPBACK_FIELDS, RAW } from './2-link/cooked/fields.ts';
import { ETHERNET, ETHERNET_FIELDS, ethernetFields } from './2-link/ethernet/fields.ts';
import { VLAN, VLAN_FIELDS, vlanFields } from './2-link/vlan/fields.ts';
import { ICMP, ICMP_FIELDS, icmpFields } from './3-network/icmp/fields.ts';
import { ICMPV6, ICMPV6_FIELDS, icmpv6Fields } from './3-network/icmpv6/fields.ts';
import { NEIGHBOUR_FIELDS } from './3-network/icmpv6/neighbour-fields.ts';
import { DISCOVERY_OPTION_FIELDS } from './3-network/icmpv6/option-fields.ts';
import { IPV4, IPV4_FIELDS, type Ipv4Extent, ipv4Fields } from './3-network/ipv4/fields.ts';
import { totalLengthOf } from './3-network/ipv4/header.ts';
import { EXTENSION_FIELDS, EXTENSION_PROTOCOLS } from './3-network/ipv6/extension-fields.ts';
import { IPV6, IPV6_FIELDS, ipv6Fields } from './3-network/ipv6/fields.ts';
import { TCP_ANALYSIS_FIELDS } from './4-transport/tcp/analysis-fields.ts';
import { TCP, TCP_FIELDS, tcpFields } from './4-transport/tcp/fields.ts';
import { TCP_OPTION_FIELDS } from './4-transport/tcp/option-fields.ts';
import { TCP_STREAM_FIELDS } from './4-transport/tcp/stream-fields.ts';
import { UDP, UDP_FIELDS, udpFields } from './4-transport/udp/fields.ts';
import { WEBSOCKET, WEBSOCKET_FIELDS } from './5-session/websocket/fields.ts';
import { TLS, TLS_FIELDS } from './6-presentation/tls/fields.ts';
import { DHCP, DHCP_FIELDS, dhcpFields } from './7-application/dhcp/fields.ts';
import { DHCP_OPTION_FIELDS } from './7-application/dhcp/option-fields.ts';
import { DNS, DNS_FIELDS, dnsFields } from './7-application/dns/fields.ts';
import { readDns } from './7-application/dns/reading.ts';
import { ECHO, ECHO_FIELDS, echoFields } from './7-application/echo/fields.ts';
import { HTTP, HTTP_FIELDS } from './7-application/http/fields.ts';
import { MQTT, MQTT_FIELDS } from './7-application/mqtt/fields.ts';
import { AMQP, AMQP_FIELDS } from './7-application/queue/fields.ts';
import { ENGINE_IO, ENGINE_IO_FIELDS } from './7-application/socket-io/fields.ts';
import { CONTENT_PROTOCOLS } from './dissect/content.ts';
import { DATA, DATA_FIELDS, dataFields } from './dissect/data-fields.ts';
import type { Protocol } from './dissect/dissection.ts';
import { FRAME, FRAME_FIELDS } from './dissect/frame-fields.ts';
import { MALFORMED } from './dissect/malformed.ts';
import type { Field, FieldType } from './field.ts';

export { type Depth, depthFor } from './dissect/depth.ts';
export type { Protocol, ReadFrame } from './dissect/dissection.ts';
export { Dissector, type DissectorOptions, VIRTUAL_EPOCH_NS } from './dissect/dissector.ts';
export { fieldText } from './dissect/field-text.ts';

/** By Wireshark's filter name, from the outside to the inside. */
export const PROTOCOLS: ReadonlyMap<string, Protocol> = new Map(
  [
    FRAME,
    ETHERNET,
    COOKED,
    LOOPBACK,
    RAW,
    VLAN,
    ARP,
    IPV4,
    IPV6,
    ...EXTENSION_PROTOCOLS,
    ICMP,
    ICMPV6,
    UDP,
    TCP,
    TLS,
    DHCP,
    DNS,
    ECHO,
    HTTP,
    WEBSOCKET,
    ENGINE_IO,
    MQTT,
    AMQP,
    DATA,
    ...CONTENT_PROTOCOLS,
    MALFORMED,
  ].map((protocol) => [protocol.name, protocol]),
);

/** A protocol's own name is a field too: it is there or not. */
function protocolField({ name, title, layer, meaning }: Protocol): FieldType {
  return { name, kind: 'none', label: title, layer, meaning };
}

/** Every field by its name. */
export const FIELDS: ReadonlyMap<string, FieldType> = new Map(
  [
    [...PROTOCOLS.values()].map(protocolField),
    ...[
      FRAME_FIELDS,
      ETHERNET_FIELDS,
      COOKED_FIELDS,
      LOOPBACK_FIELDS,
      VLAN_FIELDS,
      ARP_FIELDS,
      IPV4_FIELDS,
      IPV6_FIELDS,
      EXTENSION_FIELDS,
      ICMP_FIELDS,
      ICMPV6_FIELDS,
      NEIGHBOUR_FIELDS,
      DISCOVERY_OPTION_FIELDS,
      UDP_FIELDS,
      TCP_FIELDS,
      TCP_OPTION_FIELDS,
      TCP_ANALYSIS_FIELDS,
      TCP_STREAM_FIELDS,
      TLS_FIELDS,
      DHCP_FIELDS,
      DHCP_OPTION_FIELDS,
      DNS_FIELDS,
      ECHO_FIELDS,
      HTTP_FIELDS,
      WEBSOCKET_FIELDS,
      ENGINE_IO_FIELDS,
      MQTT_FIELDS,
      AMQP_FIELDS,
      DATA_FIELDS,
    ].map((table): FieldType[] => Object.values(table)),
  ]
    .flat()
    .map((type) => [type.name, type]),
);

/**
 * The fields of one header on its own: `bytes` begin with the protocol's PDU, and offsets count from there. Nothing is
 * known of other frames, so TCP's numbers are as they stand. An unknown protocol, or too few octets, has no fields.
 */
export function fieldsOf(protocol: string, bytes: Uint8Array): readonly Field[] {
  const end = bytes.length;
  switch (protocol) {
    case 'eth':
    case 'ethernet':
      return end < 14 ? [] : ethernetFields(bytes, 0, null);
    case 'vlan':
      return end < 4 ? [] : vlanFields(bytes, 0);
    case 'arp':
      return arpFields(bytes, 0, end, []);
    case 'ip':
    case 'ipv4':
      return end < 1 ? [] : ipv4Fields(bytes, 0, ipv4Extent(bytes));
    case 'icmp':
      return icmpFields(bytes, 0, end, true, null);
    case 'ipv6':
      return ipv6Fields(bytes, 0, end, null);
    case 'icmpv6':
      return icmpv6Fields(bytes, 0, end, { hopLimit: 0, pseudo: null, request: null });
    case 'udp':
      return end < 8 ? [] : udpFields(bytes, 0, end, null);
    case 'tcp':
      return end < 8 ? [] : tcpFields(bytes, 0, end, null);
    case 'dhcp':
      return dhcpFields(bytes, 0, end);
    case 'dns':
      return end < 4 ? [] : dnsFields(readDns(bytes, 0, end, false), null);
    case 'echo':
      return echoFields(bytes, 0, end, true);
    case 'data':
      return dataFields(bytes, 0, end);
    default:
      return [];
  }
}

function ipv4Extent(bytes: Uint8Array): Ipv4Extent {
  return { end: bytes.length, totalLength: totalLengthOf(bytes, 0), verify: true, bogus: null, whole: null };
}
