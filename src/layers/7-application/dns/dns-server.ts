/** A name server (RFC 1034 section 4.3) with one zone in its hands: what is not in there does not exist. */

import { NOTHING } from '../../../kernel/journal.ts';
import { formatIp, type IpAddress } from '../../../wire/address.ts';
import { isMalformed, u8, u16 } from '../../../wire/reader.ts';
import type { AppServices } from '../app-services.ts';
import type { Conversation } from '../ledger.ts';
import { sendMessage } from '../send-message.ts';
import { DnsStream, type DnsStreamUser } from './dns-stream.ts';
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
  GREATEST_STREAM_MESSAGE_BYTES,
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
/** How many addresses the sentence for people names. */
const SHOWN_ADDRESSES = 3;

/** Over UDP and TCP on port 53 (RFC 7766 section 5: every server speaks both). */
export function serveDns(services: AppServices, { name, zone }: DnsServerOptions): void {
  const server = new NameServer(services, zone);
  const socket = services.datagrams.bind(name, DNS_PORT, {
    onDatagram: (payload, remote, local, carries) => {
      const conversation: Conversation = { transport: 'udp', local, remote };
      server.answer(payload, name, conversation, carries, (response) => {
        const bytes = fitted(response, GREATEST_DATAGRAM_BYTES);
        sendMessage(services, { socket, name, protocol: 'dns' }, remote, bytes, local.address);
      });
    },
  });
  const user: DnsStreamUser = {
    onMessage: (bytes, stream) => {
      if (!stream.talk) return;
      const { name: via, conversation } = stream.talk;
      server.answer(bytes, via, conversation, NOTHING, (response) => {
        stream.send(fitted(response, GREATEST_STREAM_MESSAGE_BYTES));
      });
    },
    onOver: () => {},
  };
  services.streams.listen(name, DNS_PORT, (stream) => new DnsStream(services, user).attach(stream, true));
}

class NameServer {
  readonly #services: AppServices;
  readonly #addresses = new Map<string, IpAddress[]>();

  constructor(services: AppServices, zone: DnsServerOptions['zone']) {
    this.#services = services;
    for (const { name, address } of zone) {
      const key = zoneKey(name);
      this.#addresses.set(key, [...(this.#addresses.get(key) ?? []), address]);
    }
  }

  /** Calls `reply` at most once; not at all for what is no query. */
  answer(
    payload: Uint8Array,
    via: string,
    conversation: Conversation,
    carries: readonly number[],
    reply: (response: DnsMessage) => void,
  ): void {
    const { context, ledger } = this.#services;
    const query = decodeMessage(payload);
    if (isMalformed(query) || query.isResponse) {
      const [reason, why] = isMalformed(query)
        ? (['malformed', query.malformed] as const)
        : (['not-acceptable', 'a name server asks nobody and gets no answers'] as const);
      ledger.dropped('dns', via, payload, reason, why, carries);
      const response = isMalformed(query) ? formatError(payload) : null;
      if (response) reply(response);
      return;
    }
    const was = ledger.received('dns', via, conversation, payload, carries);
    const response = answerTo(query, this.#addresses);
    ledger.told(via, sentenceOf(response));
    reply(response);
    context.resume(was);
  }
}

function answerTo(query: DnsMessage, zone: ReadonlyMap<string, readonly IpAddress[]>): DnsMessage {
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

/** RFC 1035 section 4.2.1: what exceeds 512 octets over UDP is cut, here between records, and marked as truncated. */
function fitted(message: DnsMessage, limitBytes: number): Uint8Array {
  let bytes = encodeMessage(message);
  for (let count = message.answers.length - 1; bytes.length > limitBytes && count >= 0; count--) {
    bytes = encodeMessage({ ...message, answers: message.answers.slice(0, count), isTruncated: true });
  }
  return bytes;
}

function sentenceOf({ questions, answers, rcode }: DnsMessage): string {
  const asked = questions[0]?.name ?? 'a query';
  if (rcode === RCODE.nameError) return `${asked}: there is no such name`;
  if (rcode !== RCODE.noError) return `${asked}: refused (code ${rcode})`;
  const addresses = answers.flatMap(({ data }) => ('address' in data ? [formatIp(data.address)] : []));
  if (addresses.length === 0) return `${asked}: no record of that type`;
  const shown = addresses.slice(0, SHOWN_ADDRESSES).join(', ');
  const more = addresses.length - SHOWN_ADDRESSES;
  return more > 0 ? `${asked}: ${shown} and ${more} more` : `${asked}: ${shown}`;
}

function zoneKey(name: string): string {
  return name.toLowerCase().replace(/\.$/, '');
}
