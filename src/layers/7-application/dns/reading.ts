/**
 * DNS messages as one reads them who only watches: what can be read is shown, up to the first octet that is wrong. The
 * hosts themselves are strict, see `message.ts`.
 */

import type { Ipv4, Ipv6 } from '../../../wire/address.ts';
import { readIpv6 } from '../../../wire/ipv6-address.ts';
import { u8, u16, u32 } from '../../../wire/reader.ts';
import { asciiText } from '../../../wire/text.ts';
import { DNS_HEADER_BYTES } from './message.ts';

export interface ReadQuestion {
  readonly name: string;
  readonly at: number;
  readonly nameBytes: number;
  readonly type: number;
  readonly class: number;
}

export interface ReadRecord {
  readonly name: string;
  readonly at: number;
  readonly nameBytes: number;
  readonly type: number;
  readonly dataAt: number;
  /** As the record says. */
  readonly dataBytes: number;
  /** Where the data ends, or the message before it. */
  readonly dataEnd: number;
  /** Where the message starts: names point from there. */
  readonly messageAt: number;
}

export interface DnsReading {
  readonly bytes: Uint8Array;
  readonly at: number;
  readonly end: number;
  /** Two octets of length stand before the message. */
  readonly streamed: boolean;
  readonly id: number;
  readonly flags: number;
  readonly questions: readonly ReadQuestion[];
  readonly records: readonly ReadRecord[];
  /** Something could not be read. */
  readonly malformed: boolean;
}

/** A name and the octets it takes where it stands; null: it goes beyond the end or is of a kind that does not exist. */
interface ReadName {
  readonly name: string;
  readonly length: number;
}

const LOOP = '<Name contains a pointer that loops>';
const ROOT = '<Root>';

/** Reads the message in bytes[at..end). */
export function readDns(bytes: Uint8Array, at: number, end: number, streamed: boolean): DnsReading {
  const questions: ReadQuestion[] = [];
  const records: ReadRecord[] = [];
  const whole = end - at >= DNS_HEADER_BYTES;
  const id = end - at >= 2 ? u16(bytes, at) : 0;
  const flags = end - at >= 4 ? u16(bytes, at + 2) : 0;
  const malformed = !whole || !readSections(bytes, at, end, questions, records);
  return { bytes, at, end, streamed, id, flags, questions, records, malformed };
}

/** Fills both lists; false when something could not be read, and what comes before it is in the lists. */
function readSections(
  bytes: Uint8Array,
  at: number,
  end: number,
  questions: ReadQuestion[],
  records: ReadRecord[],
): boolean {
  let next = at + DNS_HEADER_BYTES;
  for (let left = u16(bytes, at + 4); left > 0; left--) {
    const read = readName(bytes, next, end, at);
    if (!read || next + read.length + 4 > end) return false;
    const behind = next + read.length;
    questions.push({
      name: read.name,
      at: next,
      nameBytes: read.length,
      type: u16(bytes, behind),
      class: u16(bytes, behind + 2),
    });
    next = behind + 4;
  }
  for (let left = u16(bytes, at + 6) + u16(bytes, at + 8) + u16(bytes, at + 10); left > 0; left--) {
    const read = readName(bytes, next, end, at);
    if (!read || next + read.length + 10 > end) return false;
    const behind = next + read.length;
    const dataAt = behind + 10;
    const dataBytes = u16(bytes, behind + 8);
    const record: ReadRecord = {
      name: read.name,
      at: next,
      nameBytes: read.length,
      type: u16(bytes, behind),
      dataAt,
      dataBytes,
      dataEnd: Math.min(end, dataAt + dataBytes),
      messageAt: at,
    };
    records.push(record);
    if (dataAt + dataBytes > end || !isWhole(rdataOf(bytes, record))) return false;
    next = dataAt + dataBytes;
  }
  return true;
}

/** RFC 1035 section 4.1.4. Each pointer uses up two octets of the message, so more pointers than that are a loop. */
function readName(bytes: Uint8Array, start: number, end: number, message: number): ReadName | null {
  const labels: string[] = [];
  let at = start;
  let length = 0;
  let jumps = 0;
  for (;;) {
    if (at >= end) return null;
    const octet = u8(bytes, at);
    if (octet === 0) {
      if (jumps === 0) length = at + 1 - start;
      return { name: labels.length === 0 ? ROOT : labels.join('.'), length };
    }
    if (octet < 0x40) {
      if (at + 1 + octet > end) return null;
      labels.push(asciiText(bytes.subarray(at + 1, at + 1 + octet)));
      at += 1 + octet;
    } else if (octet >= 0xc0 && at + 1 < end) {
      if (jumps === 0) length = at + 2 - start;
      jumps += 1;
      if (jumps * 2 > end - message) return { name: LOOP, length };
      at = message + (u16(bytes, at) & 0x3fff);
    } else return null;
  }
}

/** A name inside a record's data. */
interface NameInData {
  readonly name: string;
  readonly from: number;
  readonly length: number;
}

export type RecordData =
  | { readonly kind: 'ipv4'; readonly address: Ipv4 }
  | { readonly kind: 'ipv6'; readonly address: Ipv6 }
  | { readonly kind: 'name'; readonly name: string; readonly length: number }
  | { readonly kind: 'mx'; readonly preference: number; readonly exchange: NameInData }
  | {
      readonly kind: 'srv';
      /** Priority, weight and port, as many as there are. */
      readonly numbers: readonly number[];
      /** Null: it cannot be read. */
      readonly target: NameInData | null;
    }
  | {
      readonly kind: 'soa';
      /** The primary server and the mailbox, as many as can be read. */
      readonly names: readonly NameInData[];
      /** Five, or none where they are cut short. */
      readonly numbers: readonly number[];
      /** Where the numbers stand. */
      readonly at: number;
    }
  | { readonly kind: 'txt'; readonly texts: readonly { text: string; from: number; length: number }[] }
  | { readonly kind: 'hinfo'; readonly words: readonly string[] }
  | { readonly kind: 'other' | 'malformed' };

const MALFORMED: RecordData = { kind: 'malformed' };

/** The data of a record by its type. */
export function rdataOf(bytes: Uint8Array, record: ReadRecord): RecordData {
  const { type, dataAt: at, dataEnd: end, messageAt } = record;
  const room = end - at;
  const nameAt = (from: number): NameInData | null => {
    const read = readName(bytes, from, bytes.length, messageAt);
    return read && { name: read.name, from, length: read.length };
  };
  switch (type) {
    case 1:
      return room < 4 ? MALFORMED : { kind: 'ipv4', address: u32(bytes, at) };
    case 28:
      return room < 16 ? MALFORMED : { kind: 'ipv6', address: readIpv6(bytes, at) };
    case 2:
    case 5:
    case 12:
    case 39: {
      const name = nameAt(at);
      return name ? { kind: 'name', name: name.name, length: name.length } : MALFORMED;
    }
    case 6:
      return soa(bytes, at, nameAt);
    case 15: {
      const exchange = room < 2 ? null : nameAt(at + 2);
      return exchange ? { kind: 'mx', preference: u16(bytes, at), exchange } : MALFORMED;
    }
    case 33: {
      const numbers = numbersIn(u16, bytes, at, end, 2, 3);
      return { kind: 'srv', numbers, target: numbers.length < 3 ? null : nameAt(at + 6) };
    }
    case 16:
      return { kind: 'txt', texts: strings(bytes, at, end) };
    case 13:
      return { kind: 'hinfo', words: strings(bytes, at, end).map(({ text }) => text) };
    default:
      return { kind: 'other' };
  }
}

function soa(bytes: Uint8Array, at: number, nameAt: (from: number) => NameInData | null): RecordData {
  const names: NameInData[] = [];
  let next = at;
  while (names.length < 2) {
    const name = nameAt(next);
    if (!name) return { kind: 'soa', names, numbers: [], at: next };
    names.push(name);
    next += name.length;
  }
  const numbers = numbersIn(u32, bytes, next, bytes.length, 4, 5);
  return { kind: 'soa', names, numbers: numbers.length < 5 ? [] : numbers, at: next };
}

/** So many numbers one behind the other, or as many as there are before the end. */
function numbersIn(
  read: (bytes: Uint8Array, at: number) => number,
  bytes: Uint8Array,
  start: number,
  end: number,
  size: number,
  most: number,
): number[] {
  const numbers: number[] = [];
  for (let at = start; numbers.length < most && at + size <= end; at += size) numbers.push(read(bytes, at));
  return numbers;
}

function isWhole(data: RecordData): boolean {
  if (data.kind === 'soa') return data.numbers.length > 0;
  if (data.kind === 'srv') return data.target !== null;
  return data.kind !== 'malformed';
}

/** Character strings: a length octet and that many octets (RFC 1035 section 3.3). */
function strings(bytes: Uint8Array, start: number, end: number): { text: string; from: number; length: number }[] {
  const found: { text: string; from: number; length: number }[] = [];
  let at = start;
  while (at < end) {
    const length = Math.min(u8(bytes, at), end - at - 1);
    found.push({ text: asciiText(bytes.subarray(at + 1, at + 1 + length)), from: at, length });
    at += 1 + length;
  }
  return found;
}
