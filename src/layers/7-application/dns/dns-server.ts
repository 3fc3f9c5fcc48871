/** A name server (RFC 1034 section 4.3) with one zone in its hands: what is not in there does not exist. */

import { formatIp, type IpAddress } from '../../../wire/address.ts';
import { isMalformed, u8, u16 } from '../../../wire/reader.ts';
import type { AppServices } from '../app-services.ts';
import { sendMessage } from '../send-message.ts';
import {
  CLASS_IN,
  DNS_HEADER_BYTES,
  DNS_PORT,
  type DnsMessage,
  type DnsQuestion,
  type DnsRecord,
  decodeMessage,
  encodeMessage,
  GREATEST_DATAGRAM_BYTES,
  RCODE,
  TYPE,
} from './message.ts';

export interface DnsServerOptions {
  readonly name: string;
  /** Several addresses for one name are several entries. */
  readonly zone: readonly { readonly name: string; readonly address: IpAddress }[];
}

/** How long whoever asked may remember the answer. */
const TTL_SECONDS = 300;

/** Over UDP on port 53; DNS over TCP (RFC 7766) is not spoken, so a truncated answer is all there is. */
export function serveDns(services: AppServices, { name, zone }: DnsServerOptions): void {
  const { context, ledger, datagrams } = services;
  const addresses = new Map<string, IpAddress[]>();
  for (const entry of zone) {
    const key = zoneKey(entry.name);
    addresses.set(key, [...(addresses.get(key) ?? []), entry.address]);
  }
  const socket = datagrams.bind(name, DNS_PORT, {
    onDatagram: (payload, remote, local, carries) => {
      const query = decodeMessage(payload);
      const problem = isMalformed(query) ? query.malformed : query.isResponse ? 'a name server gets no answers' : null;
      if (problem !== null) {
        const reason = isMalformed(query) ? 'malformed' : 'not-acceptable';
        ledger.dropped('dns', name, payload, reason, problem, carries);
      }
      const was =
        problem === null ? ledger.received('dns', name, { transport: 'udp', local, remote }, payload, carries) : null;
      const response = isMalformed(query) ? formatError(payload) : answerTo(query, addresses);
      if (response) {
        ledger.told(name, sentenceOf(response));
        sendMessage(services, { socket, name, protocol: 'dns' }, remote, fitted(response), local.address);
      }
      if (problem === null) context.resume(was);
    },
  });
}

function answerTo(query: DnsMessage, zone: ReadonlyMap<string, readonly IpAddress[]>): DnsMessage | null {
  if (query.isResponse) return null;
  const [question, another] = query.questions;
  if (query.opcode !== 0) return response(query, RCODE.notImplemented, []);
  if (!question || another) return response(query, RCODE.formatError, []);
  if (question.class !== CLASS_IN) return response(query, RCODE.refused, []);
  const addresses = zone.get(zoneKey(question.name));
  if (!addresses) return response(query, RCODE.nameError, []);
  return response(query, RCODE.noError, recordsFor(question, addresses));
}

/** A name that exists but has no record of that type gets an answer without records (RFC 2308 section 2.2). */
function recordsFor(question: DnsQuestion, addresses: readonly IpAddress[]): DnsRecord[] {
  return addresses.flatMap((address) => {
    const type = typeof address === 'number' ? TYPE.A : TYPE.AAAA;
    if (type !== question.type) return [];
    return [{ name: question.name, type, class: CLASS_IN, ttlSeconds: TTL_SECONDS, data: { address } }];
  });
}

function response(query: DnsMessage, rcode: number, answers: readonly DnsRecord[]): DnsMessage {
  return {
    id: query.id,
    isResponse: true,
    opcode: query.opcode,
    isAuthoritative: rcode === RCODE.noError || rcode === RCODE.nameError,
    isTruncated: false,
    isRecursionDesired: query.isRecursionDesired,
    isRecursionAvailable: false,
    rcode,
    questions: query.questions,
    answers,
  };
}

/** To what is malformed but has the header of a query; null where even that is missing, or it claims to be an answer. */
function formatError(payload: Uint8Array): DnsMessage | null {
  if (payload.length < DNS_HEADER_BYTES || u8(payload, 2) >= 0x80) return null;
  return {
    id: u16(payload, 0),
    isResponse: true,
    opcode: 0,
    isAuthoritative: false,
    isTruncated: false,
    isRecursionDesired: false,
    isRecursionAvailable: false,
    rcode: RCODE.formatError,
    questions: [],
    answers: [],
  };
}

/** RFC 1035 section 4.2.1: what exceeds 512 octets is cut, here between records, and marked as truncated. */
function fitted(message: DnsMessage): Uint8Array {
  const whole = encodeMessage(message);
  if (whole.length <= GREATEST_DATAGRAM_BYTES) return whole;
  const answers = message.answers.slice(0, -1);
  return answers.length === message.answers.length ? whole : fitted({ ...message, answers, isTruncated: true });
}

function sentenceOf({ questions, answers, rcode }: DnsMessage): string {
  const asked = questions[0]?.name ?? 'a query';
  if (rcode === RCODE.nameError) return `${asked}: there is no such name`;
  if (rcode !== RCODE.noError) return `${asked}: refused (code ${rcode})`;
  const addresses = answers.flatMap(({ data }) => ('address' in data ? [formatIp(data.address)] : []));
  return `${asked}: ${addresses.length === 0 ? 'no record of that type' : addresses.join(', ')}`;
}

function zoneKey(name: string): string {
  return name.toLowerCase().replace(/\.$/, '');
}
