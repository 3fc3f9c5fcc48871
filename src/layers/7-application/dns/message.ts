/**
 * Messages of the Domain Name System (RFC 1035 section 4): header, questions, and resource records, of which the
 * answers are kept. Names are text; octets of a label that are no letters, digits, `-` or `_` stand as `\DDD`.
 */

import type { Ipv4, Ipv6 } from '../../../wire/address.ts';
import { readIpv6 } from '../../../wire/ipv6-address.ts';
import { isMalformed, type Malformed, malformed, Reader, u8, u16 } from '../../../wire/reader.ts';
import { Writer } from '../../../wire/writer.ts';

export const DNS_PORT = 53;
export const DNS_HEADER_BYTES = 12;
/** RFC 1035 section 4.2.1: what a datagram may hold without EDNS. */
export const GREATEST_DATAGRAM_BYTES = 512;
/** RFC 1035 section 4.2.2: over TCP the length stands in two octets. */
export const GREATEST_STREAM_MESSAGE_BYTES = 65_535;

export const TYPE = { A: 1, CNAME: 5, AAAA: 28 } as const;
export const CLASS_IN = 1;
export const RCODE = { noError: 0, formatError: 1, serverFailure: 2, nameError: 3, notImplemented: 4, refused: 5 };

const GREATEST_LABEL_BYTES = 63;
const GREATEST_NAME_BYTES = 255;
/** Pointers that one name may follow; honest encoders need one. */
const MAX_POINTERS = 16;
/** Where the first label of the first question begins: what a pointer to it says. */
const QUESTION_AT = DNS_HEADER_BYTES;

const RESPONSE = 0x8000;
const AUTHORITATIVE = 0x0400;
const TRUNCATED = 0x0200;
const RECURSION_DESIRED = 0x0100;
const RECURSION_AVAILABLE = 0x0080;

export interface DnsQuestion {
  readonly name: string;
  readonly type: number;
  readonly class: number;
}

export interface DnsRecord {
  readonly name: string;
  readonly type: number;
  readonly class: number;
  /** 0..2^31-1; more is read as 0 (RFC 2181 section 8). */
  readonly ttlSeconds: number;
  readonly data: { readonly address: Ipv4 | Ipv6 } | { readonly alias: string } | { readonly bytes: Uint8Array };
}

export interface DnsMessage {
  readonly id: number;
  readonly isResponse: boolean;
  readonly opcode: number;
  readonly isAuthoritative: boolean;
  readonly isTruncated: boolean;
  readonly isRecursionDesired: boolean;
  readonly isRecursionAvailable: boolean;
  readonly rcode: number;
  readonly questions: readonly DnsQuestion[];
  readonly answers: readonly DnsRecord[];
}

/** Names are compared without regard to the case of ASCII letters (RFC 4343). */
export function isSameName(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}

/** Null when the text is no name that could be asked for: labels of 1..63 octets, 255 in all with their lengths. */
export function encodeName(name: string): Uint8Array | null {
  const text = name.endsWith('.') ? name.slice(0, -1) : name;
  const octets: number[] = [];
  for (const label of text === '' ? [] : text.split('.')) {
    const bytes = labelOctets(label);
    if (!bytes || bytes.length === 0 || bytes.length > GREATEST_LABEL_BYTES) return null;
    octets.push(bytes.length, ...bytes);
  }
  octets.push(0);
  return octets.length > GREATEST_NAME_BYTES ? null : Uint8Array.from(octets);
}

function labelOctets(label: string): number[] | null {
  const octets: number[] = [];
  for (let at = 0; at < label.length; at++) {
    const [escaped, digits] = /^\\(\d{3})/.exec(label.slice(at)) ?? [];
    const octet = digits === undefined ? label.charCodeAt(at) : Number(digits);
    if (octet > 255 || (escaped === undefined && (octet <= 0x20 || octet > 0x7e))) return null;
    octets.push(octet);
    if (escaped !== undefined) at += escaped.length - 1;
  }
  return octets;
}

/** Throws a RangeError for a name that `encodeName` refuses. An answer's name that is the question's is a pointer. */
export function encodeMessage(message: DnsMessage): Uint8Array {
  const { questions, answers } = message;
  const flags =
    (message.isResponse ? RESPONSE : 0) |
    (message.opcode << 11) |
    (message.isAuthoritative ? AUTHORITATIVE : 0) |
    (message.isTruncated ? TRUNCATED : 0) |
    (message.isRecursionDesired ? RECURSION_DESIRED : 0) |
    (message.isRecursionAvailable ? RECURSION_AVAILABLE : 0) |
    message.rcode;
  const writer = new Writer();
  writer.u16(message.id).u16(flags).u16(questions.length).u16(answers.length).u16(0).u16(0);
  for (const { name, type, class: klass } of questions) writer.bytes(nameOctets(name)).u16(type).u16(klass);
  const [question] = questions;
  for (const { name, type, class: klass, ttlSeconds, data } of answers) {
    if (question && isSameName(name, question.name)) writer.u16(0xc000 | QUESTION_AT);
    else writer.bytes(nameOctets(name));
    const rdata = recordData(data);
    writer.u16(type).u16(klass).u32(ttlSeconds).u16(rdata.length).bytes(rdata);
  }
  return writer.done();
}

function nameOctets(name: string): Uint8Array {
  const octets = encodeName(name);
  if (!octets) throw new RangeError(`${name} is no domain name`);
  return octets;
}

function recordData(data: DnsRecord['data']): Uint8Array {
  if ('bytes' in data) return data.bytes;
  if ('alias' in data) return nameOctets(data.alias);
  const { address } = data;
  if (typeof address === 'number') return new Writer().u32(address).done();
  const writer = new Writer();
  for (let shift = 112n; shift >= 0n; shift -= 16n) writer.u16(Number((address >> shift) & 0xffffn));
  return writer.done();
}

export function decodeMessage(bytes: Uint8Array): DnsMessage | Malformed {
  const reader = new Reader(bytes);
  const [id, flags] = [reader.u16(), reader.u16()];
  const counts = [reader.u16(), reader.u16(), reader.u16(), reader.u16()] as const;
  if (reader.short) return malformed(bytes.length, 'shorter than a DNS header');
  const questions: DnsQuestion[] = [];
  for (let left = counts[0]; left > 0; left--) {
    const name = readName(reader);
    if (typeof name !== 'string') return name;
    questions.push({ name, type: reader.u16(), class: reader.u16() });
    if (reader.short) return malformed(bytes.length, 'the questions are cut short');
  }
  const answers: DnsRecord[] = [];
  for (let index = 0; index < counts[1] + counts[2] + counts[3]; index++) {
    const record = readRecord(reader);
    if (isMalformed(record)) return record;
    if (index < counts[1]) answers.push(record);
  }
  return {
    id,
    isResponse: (flags & RESPONSE) !== 0,
    opcode: (flags >>> 11) & 15,
    isAuthoritative: (flags & AUTHORITATIVE) !== 0,
    isTruncated: (flags & TRUNCATED) !== 0,
    isRecursionDesired: (flags & RECURSION_DESIRED) !== 0,
    isRecursionAvailable: (flags & RECURSION_AVAILABLE) !== 0,
    rcode: flags & 15,
    questions,
    answers,
  };
}

function readRecord(reader: Reader): DnsRecord | Malformed {
  const name = readName(reader);
  if (typeof name !== 'string') return name;
  const [type, klass, ttl, length] = [reader.u16(), reader.u16(), reader.u32(), reader.u16()];
  const at = reader.at;
  const bytes = reader.slice(length);
  if (reader.short) return malformed(reader.end, 'the records are cut short');
  const ttlSeconds = ttl > 0x7fffffff ? 0 : ttl;
  const common = { name, type, class: klass, ttlSeconds };
  if (klass === CLASS_IN && type === TYPE.A) {
    if (length !== 4) return malformed(at, `an A record holds ${length} octets and not 4`);
    return { ...common, data: { address: new Reader(bytes).u32() } };
  }
  if (klass === CLASS_IN && type === TYPE.AAAA) {
    if (length !== 16) return malformed(at, `an AAAA record holds ${length} octets and not 16`);
    return { ...common, data: { address: readIpv6(bytes, 0) } };
  }
  if (klass === CLASS_IN && type === TYPE.CNAME) {
    // A name in a record's data may point anywhere before it in the message, so it is read in place.
    const inPlace = new Reader(reader.bytes, at, at + length);
    const alias = readName(inPlace);
    if (typeof alias !== 'string') return alias;
    return inPlace.left === 0 ? { ...common, data: { alias } } : malformed(inPlace.at, 'octets behind an alias');
  }
  return { ...common, data: { bytes } };
}

/**
 * RFC 1035 section 4.1.4: labels, then zero or a pointer to labels that stand before. Every pointer must point before
 * all that was read of the name, so no chain of them can go in circles.
 */
function readName(reader: Reader): string | Malformed {
  const { bytes } = reader;
  const labels: string[] = [];
  let nameBytes = 1;
  let at = reader.at;
  let limit = at;
  let end = reader.end;
  let jumps = 0;
  for (;;) {
    if (at >= end) return malformed(at, 'a name is cut short');
    const length = u8(bytes, at);
    if (length >= 0xc0) {
      if (at + 1 >= end) return malformed(at, 'a name is cut short');
      const target = u16(bytes, at) & 0x3fff;
      if (target >= limit) return malformed(at, 'a name points forward or to itself');
      if (target < DNS_HEADER_BYTES) return malformed(at, 'a name points into the header');
      if (jumps++ === 0) reader.at = at + 2;
      if (jumps > MAX_POINTERS) return malformed(at, `a name of more than ${MAX_POINTERS} pointers`);
      at = target;
      limit = target;
      end = bytes.length;
      continue;
    }
    if (length > GREATEST_LABEL_BYTES) return malformed(at, 'a label of a type that does not exist');
    at++;
    if (length === 0) break;
    nameBytes += 1 + length;
    if (nameBytes > GREATEST_NAME_BYTES) return malformed(at, 'a name of more than 255 octets');
    if (at + length > end) return malformed(at, 'a name is cut short');
    labels.push(labelText(bytes.subarray(at, at + length)));
    at += length;
  }
  if (jumps === 0) reader.at = at;
  return labels.join('.');
}

function labelText(octets: Uint8Array): string {
  return Array.from(octets, (octet) => {
    const character = String.fromCharCode(octet);
    return /[-0-9A-Za-z_]/.test(character) ? character : `\\${String(octet).padStart(3, '0')}`;
  }).join('');
}
