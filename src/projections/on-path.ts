/**
 * What somebody on the path learns of a connection that is encrypted: names and offers of the hellos, and how long each
 * record is and when it passes. Read off frames as they cross one link, so it holds for captures too.
 */

import type { Nanos } from '../kernel/journal.ts';
import type { Chronicle } from './chronicle.ts';
import type { Dissection, Field } from './fields.ts';

/** A record as it passes, of which only the outside is seen. */
export interface PassingRecord {
  readonly atNs: Nanos;
  readonly isFromClient: boolean;
  /** Octets behind the header. */
  readonly length: number;
  readonly isProtected: boolean;
}

export interface LearnedOnPath {
  /** `10.0.0.1:49152`. */
  readonly client: string;
  readonly server: string;
  /** The name that the client asks for (SNI); null: it says none. */
  readonly serverName: string | null;
  /** What the client's application offers to speak (ALPN); the answer is encrypted. */
  readonly protocols: readonly string[];
  /** The server's choice by its number in hexadecimal; null: it has not chosen yet. */
  readonly suite: string | null;
  /** The client shows that it has been here before (RFC 8446 section 4.2.11). */
  readonly isResuming: boolean;
  /** In the order in which they passed. */
  readonly records: readonly PassingRecord[];
}

/** What protection adds to what is said: the octet of the type, and the tag (RFC 8446 section 5.2). */
export const SEAL_BYTES = 17;
const CLIENT_HELLO = 1;
const SERVER_HELLO = 2;
const PRE_SHARED_KEY = 41;

type Draft = { -readonly [key in keyof LearnedOnPath]: LearnedOnPath[key] };

/** Of the connection between those two ports, everything that passed up to that frame; null: no TLS has. */
export function learnedOnPath(
  chronicle: Chronicle,
  frame: number,
  [port, other]: readonly [number, number],
): LearnedOnPath | null {
  let draft: Draft | null = null;
  const records: PassingRecord[] = [];
  let link: string | null = null;
  for (let index = 0; index <= frame; index++) {
    const dissection = chronicle.frames.dissectionOf(index);
    const fields = dissection.layers.flatMap((layer) => (layer.protocol === 'tls' ? layer.fields : []));
    const [from, to] = portsOf(dissection);
    if (fields.length === 0 || !((from === port && to === other) || (from === other && to === port))) continue;
    const passage = chronicle.crossings.all[index];
    // A frame crosses every link of the path; whoever listens does so on one of them.
    link ??= passage?.link ?? null;
    if ((passage?.link ?? null) !== link) continue;
    const [source, destination] = [`${dissection.source}:${from}`, `${dissection.destination}:${to}`];
    const type = numbersOf(fields, 'tls.handshake.type')[0];
    const isHello = type === CLIENT_HELLO;
    // Ports are used again; the records of another connection are none of this one's.
    if (isHello && draft && (draft.client !== source || draft.suite !== null)) {
      draft = null;
      records.length = 0;
    }
    // Whoever comes in the middle takes the side with the greater port for the client.
    const isFromClient = draft ? draft.client === source : isHello || from > to;
    draft ??= begun(isFromClient ? source : destination, isFromClient ? destination : source);
    if (isHello) readHello(draft, fields);
    if (type === SERVER_HELLO) draft.suite = textOf(fields, 'tls.handshake.ciphersuite');
    const atNs = chronicle.entries[passage?.takenSeq ?? 0]?.atNs ?? 0;
    records.push(...recordsOf(fields, atNs, isFromClient));
  }
  return draft && { ...draft, records };
}

export function portsOf({ layers }: Dissection): readonly [number, number] {
  const tcp = layers.find(({ protocol }) => protocol === 'tcp');
  const port = (name: string) => Number(tcp?.fields.find(({ type }) => type.name === name)?.value ?? 0);
  return [port('tcp.srcport'), port('tcp.dstport')];
}

function begun(client: string, server: string): Draft {
  return { client, server, serverName: null, protocols: [], suite: null, isResuming: false, records: [] };
}

function readHello(draft: Draft, fields: readonly Field[]): void {
  const texts = (name: string) =>
    fields.flatMap(({ type, value }) => (type.name === name && typeof value === 'string' ? [value] : []));
  draft.serverName = texts('tls.handshake.extensions_server_name')[0] ?? null;
  draft.protocols = texts('tls.handshake.extensions_alpn_str');
  draft.isResuming = numbersOf(fields, 'tls.handshake.extension.type').includes(PRE_SHARED_KEY);
}

function numbersOf(fields: readonly Field[], name: string): number[] {
  return fields.flatMap(({ type, value }) => (type.name === name && typeof value === 'number' ? [value] : []));
}

function textOf(fields: readonly Field[], name: string): string | null {
  return fields.find(({ type }) => type.name === name)?.text ?? null;
}

/** Of a record the type stands before the length; one that is protected says that it is data, whatever it is. */
function recordsOf(fields: readonly Field[], atNs: Nanos, isFromClient: boolean): PassingRecord[] {
  const records: PassingRecord[] = [];
  let isProtected = false;
  for (const { type, value } of fields) {
    if (type.name === 'tls.record.opaque_type') isProtected = true;
    else if (type.name === 'tls.record.content_type') isProtected = value === 23;
    else if (type.name === 'tls.record.length') {
      records.push({ atNs, isFromClient, length: Number(value), isProtected });
    }
  }
  return records;
}
