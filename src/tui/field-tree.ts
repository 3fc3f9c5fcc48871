/** The rows of the field tree: protocols and their fields, each tied to the octets it stands in. */

import type { LayerNumber } from '../kernel/journal.ts';
import { FIELDS, type Field, fieldsOf, fieldText, PROTOCOLS } from '../projections/fields.ts';
import type { PacketView } from '../projections/stack-at.ts';
import type { Story } from './story.ts';

export interface TreeRow {
  readonly kind: 'protocol' | 'field';
  /** A protocol's or a field's name, `tcp`, `tcp.flags`. */
  readonly name: string;
  readonly protocol: string;
  readonly label: string;
  readonly value: string;
  readonly layer: LayerNumber;
  /** In the octets that the hex pane shows; length 0: it stands nowhere in them. */
  readonly at: number;
  readonly length: number;
  readonly bits: readonly [first: number, count: number] | null;
  /** A filter that finds frames with this very value; null: it has no value. */
  readonly filter: string | null;
  readonly meaning: string;
  readonly isFolded: boolean;
}

export interface TreeProtocol {
  readonly name: string;
  readonly title: string;
  readonly layer: LayerNumber;
  readonly at: number;
  readonly length: number;
  readonly fields: readonly Field[];
}

/** Wireshark hides these too: the same value under a name that means either end, or a part of an address. */
export const HIDDEN: RegExp =
  /\.(addr|host|src_host|dst_host|port|lg|ig|proto_id)$|_resolved|\.oui|^ip\.dsfield$|\.str$|^(tcp|udp)\.payload$/;

/** The protocols of a packet from the outside in, as far as it has been made. */
export function protocolsOf(story: Story, view: PacketView): readonly TreeProtocol[] {
  if (view.passage && view.phase !== 'down') {
    const { layers } = story.chronicle.frames.dissectionOf(view.passage.index);
    return layers
      .filter(({ protocol, source }) => protocol !== 'frame' && source === undefined)
      .map(({ protocol, title, layer, at, length, fields }) => ({ name: protocol, title, layer, at, length, fields }));
  }
  const protocols: TreeProtocol[] = [];
  let at = 0;
  for (const pdu of view.nest.toReversed()) {
    const name = pdu.protocol === 'ethernet' ? 'eth' : pdu.protocol === 'ipv4' ? 'ip' : pdu.protocol;
    const title = PROTOCOLS.get(name)?.title ?? pdu.protocol.toUpperCase();
    const length = Math.min(pdu.headerBytes, view.bytes.length - at);
    if (length <= 0) break;
    const offset = at;
    const fields = fieldsOf(name, pdu.bytes).map((field) => ({ ...field, at: field.at + offset }));
    protocols.push({ name, title, layer: pdu.layer, at, length, fields });
    at += pdu.headerBytes;
  }
  return protocols;
}

export function treeRows(protocols: readonly TreeProtocol[], collapsed: readonly string[]): TreeRow[] {
  const rows: TreeRow[] = [];
  for (const protocol of protocols) {
    const { name, title, layer, at, length, fields } = protocol;
    const isFolded = collapsed.includes(name);
    rows.push({
      kind: 'protocol',
      name,
      protocol: name,
      label: shortTitle(title),
      value: `L${layer}`,
      layer,
      at,
      length,
      bits: null,
      filter: name,
      meaning: PROTOCOLS.get(name)?.meaning ?? '',
      isFolded,
    });
    if (isFolded) continue;
    for (const field of fields) if (!HIDDEN.test(field.type.name)) rows.push(fieldRow(field, name));
  }
  return rows;
}

function fieldRow(field: Field, protocol: string): TreeRow {
  const { type, at, length } = field;
  return {
    kind: 'field',
    name: type.name,
    protocol,
    label: lowered(type.label),
    value: valueText(field),
    layer: type.layer,
    at,
    length,
    bits: field.bits ?? null,
    filter: filterText(field),
    meaning: type.meaning,
    isFolded: false,
  };
}

/** Wireshark's labels in small letters; what is an abbreviation stays one. */
function lowered(label: string): string {
  return label.replace(/[A-Z][a-z]+/g, (word) => word.toLowerCase());
}

/** Octets of a value that are written out. */
const LONGEST_VALUE = 32;

const ETHER_TYPES: Readonly<Record<number, string>> = { 2048: 'IPv4', 2054: 'ARP', 33024: 'VLAN', 34525: 'IPv6' };

/** What a person reads, marked ✓ or ✗ where a sum was checked. */
function valueText(field: Field): string {
  const { type, value, text } = field;
  if (value === null) return '✓';
  if (type.name.endsWith('.status')) return value === 1 ? '✓ good' : value === 0 ? '✗ bad' : 'not verified';
  if (typeof value === 'boolean') return value ? '1  set' : '0';
  // Nobody reads a megabyte in hex; the octets themselves stand below.
  const isLong = value instanceof Uint8Array && value.length > LONGEST_VALUE;
  const plain = isLong
    ? `${fieldText({ type, value: value.subarray(0, LONGEST_VALUE) })}…`
    : fieldText(field).slice(0, 256);
  if (type.name === 'eth.type') return `${plain} ${ETHER_TYPES[Number(value)] ?? ''}`.trimEnd();
  return text !== undefined && text !== '' ? (text.includes(plain) ? text : `${plain} ${text}`) : plain;
}

function filterText({ type, value }: Field): string {
  if (value === null || !FIELDS.has(type.name)) return type.name;
  if (typeof value === 'boolean') return `${type.name} == ${value ? 1 : 0}`;
  if (type.kind === 'string') return `${type.name} == "${String(value).replace(/[\\"]/g, '\\$&')}"`;
  if (value instanceof Uint8Array) return type.name;
  return `${type.name} == ${fieldText({ type, value })}`;
}

const SHORT: Readonly<Record<string, string>> = {
  'Internet Protocol Version 4': 'IPv4',
  'Transmission Control Protocol': 'TCP',
  'User Datagram Protocol': 'UDP',
  'Internet Control Message Protocol': 'ICMP',
  'Address Resolution Protocol': 'ARP',
  'Hypertext Transfer Protocol': 'HTTP',
  'Domain Name System': 'DNS',
};

function shortTitle(title: string): string {
  return SHORT[title] ?? title;
}
