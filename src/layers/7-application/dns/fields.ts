/** DNS messages as Wireshark shows them (RFC 1035 section 4, RFC 6891). */

import { formatIpv4, formatIpv6, type Ipv6 } from '../../../wire/address.ts';
import { u8, u16, u32 } from '../../../wire/reader.ts';
import type { Protocol } from '../../dissect/dissection.ts';
import { bitField, field, fieldTable } from '../../dissect/field-table.ts';
import type { Field, FieldType } from '../../field.ts';
import { type DnsReading, type ReadQuestion, type ReadRecord, rdataOf } from './reading.ts';
import { typeName } from './type-names.ts';

export const DNS: Protocol = {
  name: 'dns',
  title: 'Domain Name System',
  layer: 7,
  meaning: 'Asks for the addresses (and more) of names.',
};

export const DNS_FIELDS = fieldTable(7, 'dns', {
  length: ['unsigned', 'Length', 'Octets of the message, over TCP.'],
  id: ['unsigned', 'Transaction ID', 'Ties a response to its query.', 'hex4'],
  flags: ['unsigned', 'Flags', 'Kind, options and result.', 'hex4'],
  'flags.response': ['boolean', 'Response', 'This is a response, not a query.'],
  'flags.opcode': ['unsigned', 'Opcode', '0 is a standard query.'],
  'flags.authoritative': ['boolean', 'Authoritative', 'The server is responsible for the name.'],
  'flags.truncated': ['boolean', 'Truncated', 'It did not fit into a datagram: ask again over TCP.'],
  'flags.recdesired': ['boolean', 'Recursion desired', 'The server shall find the answer, wherever it is.'],
  'flags.recavail': ['boolean', 'Recursion available', 'The server would do that.'],
  'flags.z': ['boolean', 'Z', 'Reserved.'],
  'flags.authenticated': ['boolean', 'Answer authenticated', 'The server checked signatures (DNSSEC).'],
  'flags.checkdisable': ['boolean', 'Non-authenticated data', 'Unchecked data is welcome (DNSSEC).'],
  'flags.rcode': ['unsigned', 'Reply code', '0 no error, 3 no such name.'],
  'count.queries': ['unsigned', 'Questions', 'How many questions.'],
  'count.answers': ['unsigned', 'Answer RRs', 'How many answers.'],
  'count.auth_rr': ['unsigned', 'Authority RRs', 'How many records that name the responsible server.'],
  'count.add_rr': ['unsigned', 'Additional RRs', 'How many further records.'],
  'count.zones': ['unsigned', 'Zones', 'In an update: how many zones.'],
  'count.prerequisites': ['unsigned', 'Prerequisites', 'In an update: how many conditions.'],
  'count.updates': ['unsigned', 'Updates', 'In an update: how many changes.'],
  'qry.name': ['string', 'Name', 'The name that is asked for.'],
  'qry.name.len': ['unsigned', 'Name Length', 'Characters of that name.'],
  'count.labels': ['unsigned', 'Label Count', 'Labels of that name.'],
  'qry.type': ['unsigned', 'Type', 'What is asked: 1 A, 28 AAAA.'],
  'qry.class': ['unsigned', 'Class', '1 is the Internet.', 'hex4'],
  'resp.name': ['string', 'Name', 'The name that the record tells of.'],
  'resp.type': ['unsigned', 'Type', 'What the record holds: 1 A, 5 CNAME, 28 AAAA.'],
  'resp.class': ['unsigned', 'Class', '1 is the Internet.', 'hex4'],
  'resp.ttl': ['unsigned', 'Time to live', 'Seconds that the record may be kept.'],
  'resp.len': ['unsigned', 'Data length', 'Octets of the record’s data.'],
  a: ['ipv4', 'Address', 'An IPv4 address.'],
  aaaa: ['ipv6', 'AAAA Address', 'An IPv6 address.'],
  ns: ['string', 'Name Server', 'A server that is responsible for the name.'],
  cname: ['string', 'CNAME', 'The name that this one stands for.'],
  'ptr.domain_name': ['string', 'Domain Name', 'The name of an address.'],
  'mx.preference': ['unsigned', 'Preference', 'Which mail server first: the least.'],
  'mx.mail_exchange': ['string', 'Mail Exchange', 'A server that takes mail for the name.'],
  'txt.length': ['unsigned', 'TXT Length', 'Octets of the text.'],
  txt: ['string', 'TXT', 'Text.'],
  'soa.mname': ['string', 'Primary name server', 'Where the zone is edited.'],
  'soa.rname': ['string', "Responsible authority's mailbox", 'Who answers for the zone.'],
  'soa.serial_number': ['unsigned', 'Serial Number', 'The version of the zone.'],
  'soa.refresh_interval': ['unsigned', 'Refresh Interval', 'Seconds until a copy looks for changes.'],
  'soa.retry_interval': ['unsigned', 'Retry Interval', 'Seconds until it tries again.'],
  'soa.expire_limit': ['unsigned', 'Expire limit', 'Seconds until an unrefreshed copy is no good.'],
  'soa.minimum_ttl': ['unsigned', 'Minimum TTL', 'Seconds that "no such name" may be kept (RFC 2308).'],
  'srv.service': ['string', 'Service', 'The service that is located.'],
  'srv.proto': ['string', 'Protocol', 'The transport of the service.'],
  'srv.name': ['string', 'Name', 'The domain that offers the service.'],
  'srv.priority': ['unsigned', 'Priority', 'Which server first: the least.'],
  'srv.weight': ['unsigned', 'Weight', 'Of equals, how often.'],
  'srv.port': ['unsigned', 'Port', 'The port of the service.'],
  'srv.target': ['string', 'Target', 'The host of the service.'],
  'rr.udp_payload_size': ['unsigned', 'UDP payload size', 'The greatest datagram the sender takes (RFC 6891).'],
  'resp.ext_rcode': ['unsigned', 'Higher bits in extended RCODE', 'More of the result (RFC 6891).', 'hex2'],
  'resp.edns0_version': ['unsigned', 'EDNS0 version', 'Version of the extension.'],
  'resp.z': ['unsigned', 'Z', 'Flags of the extension.', 'hex4'],
  'resp.z.do': ['boolean', 'DO bit', 'Signatures are welcome (DNSSEC).'],
  opt: ['none', 'Option', 'An option of the extension.'],
  'opt.code': ['unsigned', 'Option Code', 'Which option.'],
  'opt.len': ['unsigned', 'Option Length', 'Octets of its data.'],
  'opt.data': ['bytes', 'Option Data', 'Its data.'],
  response_to: ['unsigned', 'Request In', 'The frame with the query that this answers.'],
  time: ['time', 'Time', 'From the query to this response.'],
  unsolicited: ['boolean', 'Unsolicited', 'A response whose query was not seen.'],
  retransmission: ['boolean', 'Retransmission', 'The same message was seen before.'],
  retransmit_request_in: ['unsigned', 'Retransmitted request. Original request in', 'The frame with the first one.'],
  retransmit_response_in: ['unsigned', 'Retransmitted response. Original response in', 'The frame with the first one.'],
  retransmit_request: ['none', 'DNS query retransmission', 'The query was sent again.'],
  retransmit_response: ['none', 'DNS response retransmission', 'The response was sent again.'],
});

/** What earlier messages tell of this one. */
export type DnsTransaction =
  | { readonly kind: 'query' }
  | { readonly kind: 'unsolicited' }
  | { readonly kind: 'repeated-query'; readonly firstFrame: number }
  | { readonly kind: 'repeated-response'; readonly firstFrame: number }
  | { readonly kind: 'response'; readonly queryFrame: number; readonly elapsedNs: number };

const OPCODES: Readonly<Record<string, string>> = {
  '0': 'Standard query',
  '1': 'Inverse query',
  '2': 'Server status request',
  '4': 'Zone change notification',
  '5': 'Dynamic update',
  '6': 'DNS Stateful operations',
};

const RCODES: Readonly<Record<string, string>> = {
  '1': 'Format error',
  '2': 'Server failure',
  '3': 'No such name',
  '4': 'Not implemented',
  '5': 'Refused',
  '6': 'Name exists',
  '7': 'RRset exists',
  '8': 'RRset does not exist',
  '9': 'Not authoritative',
  '10': 'Name out of zone',
  '11': 'DSO-Type not implemented',
  '16': 'Bad OPT version',
  '17': 'Key not recognized',
  '18': 'Signature out of time window',
  '19': 'Bad TKEY mode',
  '20': 'Duplicate key name',
  '21': 'Algorithm not supported',
};

const UPDATE = 5;

export function dnsText(reading: DnsReading): string {
  return `Domain Name System (${reading.flags & 0x8000 ? 'response' : 'query'})`;
}

/** `Standard query response 0x1234 No such name A server`. */
export function dnsInfo({ bytes, id, flags, questions, records }: DnsReading): string {
  const opcode = (flags >>> 11) & 15;
  const rcode = flags & 15;
  let text = OPCODES[opcode] ?? `Unknown operation (${opcode})`;
  if (flags & 0x8000) text += ' response';
  text += ` 0x${id.toString(16).padStart(4, '0')}`;
  if (flags & 0x8000 && rcode !== 0) text += ` ${RCODES[rcode] ?? `Unknown error (${rcode})`}`;
  for (const { name, type } of questions) text += ` ${typeName(type)} ${name}`;
  for (const record of records) text += ` ${typeName(record.type)}${recordWords(bytes, record)}`;
  return text;
}

function recordWords(bytes: Uint8Array, record: ReadRecord): string {
  if (record.dataAt + record.dataBytes > record.dataEnd) return '';
  const data = rdataOf(bytes, record);
  switch (data.kind) {
    case 'ipv4':
      return ` ${formatIpv4(data.address)}`;
    case 'ipv6':
      return ` ${formatIpv6(data.address)}`;
    case 'name':
      return ` ${data.name}`;
    case 'soa':
      return data.names
        .slice(0, 1)
        .map(({ name }) => ` ${name}`)
        .join('');
    case 'mx':
      return ` ${data.preference} ${data.exchange.name}`;
    case 'srv':
      return data.target ? ` ${data.numbers.join(' ')} ${data.target.name}` : '';
    case 'hinfo':
      return ` ${data.words.join(' ')}`;
    default:
      return '';
  }
}

export function dnsFields(reading: DnsReading, transaction: DnsTransaction | null): Field[] {
  const T = DNS_FIELDS;
  const { bytes, at } = reading;
  const fields: Field[] = [];
  if (reading.streamed) fields.push(field(T.length, u16(bytes, at - 2), at - 2, 2));
  fields.push(field(T.id, reading.id, at, 2), ...flagFields(at + 2, reading.flags));
  fields.push(...countFields(bytes, at + 4, reading.end, (reading.flags >>> 11) & 15));
  for (const question of reading.questions) fields.push(...questionFields(question));
  for (const record of reading.records) fields.push(...recordFields(bytes, record));
  return transaction ? [...fields, ...transactionFields(transaction, at)] : fields;
}

function flagFields(at: number, flags: number): Field[] {
  const T = DNS_FIELDS;
  const response = (flags & 0x8000) !== 0;
  const bit = (type: (typeof T)[keyof typeof T], place: number) =>
    bitField(type, (flags & (0x8000 >>> place)) !== 0, at, 2, place, 1);
  const fields = [field(T.flags, flags, at, 2), bit(T['flags.response'], 0)];
  fields.push(bitField(T['flags.opcode'], (flags >>> 11) & 15, at, 2, 1, 4));
  if (response) fields.push(bit(T['flags.authoritative'], 5));
  fields.push(bit(T['flags.truncated'], 6), bit(T['flags.recdesired'], 7));
  if (response) fields.push(bit(T['flags.recavail'], 8));
  fields.push(bit(T['flags.z'], 9));
  // A query has this bit only since RFC 6840; Wireshark shows it where it is set.
  if (response || flags & 0x20) fields.push(bit(T['flags.authenticated'], 10));
  fields.push(bit(T['flags.checkdisable'], 11));
  if (response) fields.push(bitField(T['flags.rcode'], flags & 15, at, 2, 12, 4));
  return fields;
}

function countFields(bytes: Uint8Array, at: number, end: number, opcode: number): Field[] {
  const T = DNS_FIELDS;
  const types =
    opcode === UPDATE
      ? [T['count.zones'], T['count.prerequisites'], T['count.updates'], T['count.add_rr']]
      : [T['count.queries'], T['count.answers'], T['count.auth_rr'], T['count.add_rr']];
  const there = types.filter((_, index) => at + 2 * index + 2 <= end);
  return there.map((type, index) => field(type, u16(bytes, at + 2 * index), at + 2 * index, 2));
}

function questionFields({ name, at, nameBytes, type, class: klass }: ReadQuestion): Field[] {
  const T = DNS_FIELDS;
  const behind = at + nameBytes;
  // A name of one character counts as none in Wireshark.
  const labels = name.length > 1 ? name.split('.').length : 0;
  return [
    field(T['qry.name'], name, at, nameBytes),
    field(T['qry.name.len'], name.length > 1 ? name.length : 0, at, 0),
    field(T['count.labels'], labels, at, 0),
    field(T['qry.type'], type, behind, 2, `${typeName(type)} (${type})`),
    field(T['qry.class'], klass, behind + 2, 2),
  ];
}

function recordFields(bytes: Uint8Array, record: ReadRecord): Field[] {
  const T = DNS_FIELDS;
  const { name, at, nameBytes, type, dataAt, dataBytes, dataEnd } = record;
  if (dataAt + dataBytes > dataEnd) return [];
  const behind = at + nameBytes;
  const typeField = field(T['resp.type'], type, behind, 2, `${typeName(type)} (${type})`);
  const nameField = field(T['resp.name'], name, at, nameBytes);
  const lengthField = field(T['resp.len'], dataBytes, behind + 8, 2);
  if (type === OPT)
    return [nameField, typeField, ...extensionFields(bytes, record), lengthField, ...optionFields(bytes, record)];
  return [
    ...(type === SRV ? serviceFields(record) : [nameField]),
    typeField,
    field(T['resp.class'], u16(bytes, behind + 2), behind + 2, 2),
    field(T['resp.ttl'], u32(bytes, behind + 4), behind + 4, 4),
    lengthField,
    ...dataFields(bytes, record, dataAt),
  ];
}

const OPT = 41;
const SRV = 33;

/** Of `_http._tcp.example.com`, service, protocol and name (RFC 2782). */
function serviceFields({ name, at, nameBytes }: ReadRecord): Field[] {
  const T = DNS_FIELDS;
  const [service = '', proto, ...rest] = name.split('.');
  const fields = [field(T['srv.service'], service, at, nameBytes)];
  if (proto !== undefined) fields.push(field(T['srv.proto'], proto, at, nameBytes));
  if (rest.length > 0) fields.push(field(T['srv.name'], rest.join('.'), at, nameBytes));
  return fields;
}

/** RFC 6891 section 6.1.2: class and TTL of the OPT record mean something else. */
function extensionFields(bytes: Uint8Array, { at, nameBytes }: ReadRecord): Field[] {
  const T = DNS_FIELDS;
  const behind = at + nameBytes;
  const flags = u16(bytes, behind + 6);
  return [
    field(T['rr.udp_payload_size'], u16(bytes, behind + 2), behind + 2, 2),
    field(T['resp.ext_rcode'], u8(bytes, behind + 4), behind + 4, 1),
    field(T['resp.edns0_version'], u8(bytes, behind + 5), behind + 5, 1),
    field(T['resp.z'], flags, behind + 6, 2),
    bitField(T['resp.z.do'], (flags & 0x8000) !== 0, behind + 6, 2, 0, 1),
  ];
}

function optionFields(bytes: Uint8Array, { dataAt, dataEnd }: ReadRecord): Field[] {
  const T = DNS_FIELDS;
  const fields: Field[] = [];
  for (let at = dataAt; at + 4 <= dataEnd; at += 4 + u16(bytes, at + 2)) {
    const end = Math.min(dataEnd, at + 4 + u16(bytes, at + 2));
    fields.push(
      field(T.opt, null, at, end - at),
      field(T['opt.code'], u16(bytes, at), at, 2),
      field(T['opt.len'], u16(bytes, at + 2), at + 2, 2),
      field(T['opt.data'], bytes.subarray(at + 4, end), at + 4, end - at - 4),
    );
  }
  return fields;
}

const NAME_FIELDS: Readonly<Record<string, 'ns' | 'cname' | 'ptr.domain_name'>> = {
  '2': 'ns',
  '5': 'cname',
  '12': 'ptr.domain_name',
};

function dataFields(bytes: Uint8Array, record: ReadRecord, at: number): Field[] {
  const T = DNS_FIELDS;
  const data = rdataOf(bytes, record);
  const named = (type: FieldType, { name, from, length }: { name: string; from: number; length: number }) =>
    field(type, name, from, length);
  switch (data.kind) {
    case 'ipv4':
      return [field(T.a, data.address, at, 4)];
    case 'ipv6':
      return [field(T.aaaa, data.address as Ipv6, at, 16)];
    case 'name': {
      const key = NAME_FIELDS[record.type];
      return key ? [field(T[key], data.name, at, data.length)] : [];
    }
    case 'mx':
      return [field(T['mx.preference'], data.preference, at, 2), named(T['mx.mail_exchange'], data.exchange)];
    case 'srv':
      return [
        ...fieldsInOrder(SRV_NUMBERS, data.numbers, (type, value, index) => field(type, value, at + 2 * index, 2)),
        ...(data.target ? [named(T['srv.target'], data.target)] : []),
      ];
    case 'soa':
      return [
        ...fieldsInOrder(SOA_NAMES, data.names, named),
        ...fieldsInOrder(SOA_NUMBERS, data.numbers, (type, value, index) => field(type, value, data.at + 4 * index, 4)),
      ];
    case 'txt':
      return data.texts.flatMap(({ text, from, length }) => [
        field(T['txt.length'], length, from, 1),
        field(T.txt, text, from + 1, length),
      ]);
    default:
      return [];
  }
}

const SRV_NUMBERS = [DNS_FIELDS['srv.priority'], DNS_FIELDS['srv.weight'], DNS_FIELDS['srv.port']];
const SOA_NAMES = [DNS_FIELDS['soa.mname'], DNS_FIELDS['soa.rname']];
const SOA_NUMBERS = [
  DNS_FIELDS['soa.serial_number'],
  DNS_FIELDS['soa.refresh_interval'],
  DNS_FIELDS['soa.retry_interval'],
  DNS_FIELDS['soa.expire_limit'],
  DNS_FIELDS['soa.minimum_ttl'],
];

/** A field for each value that is there, the types in their order. */
function fieldsInOrder<Value>(
  types: readonly FieldType[],
  values: readonly Value[],
  make: (type: FieldType, value: Value, index: number) => Field,
): Field[] {
  return types.slice(0, values.length).map((type, index) => make(type, values[index] as Value, index));
}

function transactionFields(transaction: DnsTransaction, at: number): Field[] {
  const T = DNS_FIELDS;
  if (transaction.kind === 'unsolicited') return [field(T.unsolicited, true, at, 0)];
  if (transaction.kind === 'query') return [];
  if (transaction.kind === 'response') {
    return [field(T.response_to, transaction.queryFrame, at, 0), field(T.time, transaction.elapsedNs, at, 0)];
  }
  const query = transaction.kind === 'repeated-query';
  return [
    field(T.retransmission, true, at, 0),
    field(query ? T.retransmit_request_in : T.retransmit_response_in, transaction.firstFrame, at, 0),
    field(query ? T.retransmit_request : T.retransmit_response, null, at, 0),
  ];
}
