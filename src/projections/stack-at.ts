/**
 * The packet that a moment is about, and how far it is on its way: down one stack, over a wire, up the other. Only what
 * has happened by then is known: of a segment that is being made there is no frame yet.
 */

import type { Decoded, Encoded, Entry, LayerNumber } from '../kernel/journal.ts';
import type { CrossingLog, Passage } from './crossing-log.ts';

export { OSI, osiLayer } from '../layers/osi.ts';

type Phase = 'down' | 'queued' | 'wire' | 'arrived' | 'up' | 'dropped';

/** One PDU inside another. */
export interface NestedPdu {
  readonly seq: number;
  readonly layer: LayerNumber;
  readonly protocol: string;
  readonly bytes: Uint8Array;
  /** Octets in front of what it carries; of the innermost, all of it. */
  readonly headerBytes: number;
  /** Octets behind it: padding and FCS. */
  readonly trailerBytes: number;
}

export interface PacketView {
  /** The entry that the view was taken from; not always the one at the cursor. */
  readonly entry: Entry;
  readonly phase: Phase;
  readonly layer: LayerNumber;
  readonly sender: string;
  readonly receiver: string | null;
  readonly passage: Passage | null;
  /** As the sender made it, from the inside out. */
  readonly nest: readonly NestedPdu[];
  /** What the receiver has taken apart so far, from the outside in. */
  readonly taken: readonly { readonly seq: number; readonly layer: LayerNumber; readonly protocol: string }[];
  /** The outermost octets there are. */
  readonly bytes: Uint8Array;
  /** Part of the wire that lies behind it, 0..1. */
  readonly travelled: number;
}

/** Entries that carry a PDU's octets. */
function isPduEntry({ event }: Entry): boolean {
  const { kind } = event;
  return kind === 'encoded' || kind === 'decoded' || kind === 'dropped' || isOnLink(kind);
}

function isOnLink(kind: string): boolean {
  return kind === 'queued' || kind === 'departed' || kind === 'arrived';
}

/** What an entry without octets is about: the PDU that caused it; else the last one there was. */
function pduEntryAt(entries: readonly Entry[], seq: number): Entry | null {
  for (let at: number | null = seq; at !== null; ) {
    const entry: Entry | undefined = entries[at];
    if (!entry) break;
    if (isPduEntry(entry)) return entry;
    if (entry.event.kind === 'timer' && entry.event.phase === 'fired') break;
    at = entry.cause;
  }
  for (let at = seq; at >= 0; at--) {
    const entry = entries[at];
    if (entry && isPduEntry(entry)) return entry;
  }
  return null;
}

export function stackAt(entries: readonly Entry[], crossings: CrossingLog, seq: number): PacketView | null {
  const entry = pduEntryAt(entries, seq);
  if (!entry) return null;
  const nowNs = entries[seq]?.atNs ?? entry.atNs;
  const { event } = entry;
  if (event.kind === 'encoded') return downView(entries, entry, event);
  if (event.kind === 'decoded') return upView(entries, crossings, entry, event);
  if (event.kind === 'dropped' && event.link === '') return droppedView(entries, crossings, entry);
  const passage = crossings.ofEntry(entry);
  if (!passage) return null;
  return wireView(entries, entry, passage, nowNs);
}

function downView(entries: readonly Entry[], entry: Entry, event: Encoded): PacketView {
  return {
    entry,
    phase: 'down',
    layer: event.layer,
    sender: entry.node,
    receiver: null,
    passage: null,
    nest: nestOf(entries, [entry.seq]),
    taken: [],
    bytes: event.bytes,
    travelled: 0,
  };
}

function wireView(entries: readonly Entry[], entry: Entry, passage: Passage, nowNs: number): PacketView {
  const { event } = entry;
  const carries = 'carries' in event ? event.carries : [];
  const bytes = 'bytes' in event ? event.bytes : new Uint8Array(0);
  const departed = passage.departedSeq >= 0 ? entries[passage.departedSeq] : undefined;
  const flightNs = departed?.event.kind === 'departed' ? departed.event.measure : 0;
  const sinceNs = departed ? nowNs - departed.atNs : 0;
  const isHere = event.kind === 'arrived';
  const phase = event.kind === 'dropped' ? 'dropped' : event.kind === 'queued' ? 'queued' : isHere ? 'arrived' : 'wire';
  return {
    entry,
    phase,
    layer: 1,
    sender: passage.from.node,
    receiver: passage.to.node,
    passage,
    nest: nestOf(entries, carries),
    taken: isHere ? [{ seq: entry.seq, layer: 1, protocol: 'cable' }] : [],
    bytes,
    travelled: isHere ? 1 : event.kind === 'dropped' ? 0.5 : flightNs > 0 ? Math.min(1, sinceNs / flightNs) : 0,
  };
}

function upView(
  entries: readonly Entry[],
  crossings: CrossingLog,
  entry: Entry,
  event: Pick<Decoded, 'layer' | 'bytes' | 'carries'>,
): PacketView {
  const passage = arrivalBefore(entries, crossings, entry);
  const arrival = passage && passage.endedSeq >= 0 ? entries[passage.endedSeq] : undefined;
  const frame = arrival?.event.kind === 'arrived' ? arrival.event : null;
  const nest = nestOf(entries, frame ? frame.carries : event.carries);
  return {
    entry,
    phase: 'up',
    layer: event.layer,
    sender: passage?.from.node ?? entries[event.carries[0] ?? -1]?.node ?? entry.node,
    receiver: entry.node,
    passage,
    nest: nest.length > 0 ? nest : [soloPdu(entry, event.bytes)],
    taken: takenBefore(entries, entry),
    bytes: frame ? frame.bytes : event.bytes,
    travelled: 1,
  };
}

function droppedView(entries: readonly Entry[], crossings: CrossingLog, entry: Entry): PacketView | null {
  if (entry.event.kind !== 'dropped') return null;
  const passage = crossings.arrivalOf(entry);
  if (passage) return { ...upView(entries, crossings, entry, entry.event), phase: 'dropped' };
  const nest = nestOf(entries, entry.event.carries);
  return {
    entry,
    phase: 'dropped',
    layer: entry.event.layer,
    sender: entry.node,
    receiver: null,
    passage: null,
    nest: nest.length > 0 ? nest : [soloPdu(entry, entry.event.bytes)],
    taken: [],
    bytes: entry.event.bytes,
    travelled: 0,
  };
}

function soloPdu(entry: Entry, bytes: Uint8Array): NestedPdu {
  const layer = entry.event.layer;
  const protocol = 'protocol' in entry.event ? entry.event.protocol : '';
  return { seq: entry.seq, layer, protocol, bytes, headerBytes: bytes.length, trailerBytes: 0 };
}

/** The arrival that led to an entry, through whatever lies between, as long as it stays in the node. */
function arrivalBefore(entries: readonly Entry[], crossings: CrossingLog, entry: Entry): Passage | null {
  for (let at: number | null = entry.seq; at !== null; ) {
    const link: Entry | undefined = entries[at];
    if (!link || link.node !== entry.node) return null;
    if (link.event.kind === 'arrived') return crossings.ofEntry(link);
    if (link.event.kind === 'timer' && link.event.phase === 'fired') return null;
    at = link.cause;
  }
  return null;
}

function takenBefore(entries: readonly Entry[], entry: Entry): PacketView['taken'] {
  const taken: { seq: number; layer: LayerNumber; protocol: string }[] = [];
  for (let at: number | null = entry.seq; at !== null; ) {
    const link: Entry | undefined = entries[at];
    if (!link || link.node !== entry.node) break;
    const { kind, layer } = link.event;
    if (kind === 'decoded' || kind === 'arrived') {
      taken.unshift({ seq: link.seq, layer, protocol: 'protocol' in link.event ? link.event.protocol : 'cable' });
    }
    if (kind === 'arrived') break;
    at = link.cause;
  }
  return taken;
}

/** What lies inside what, from the inside out, following the first of what each carries. */
export function nestOf(entries: readonly Entry[], carries: readonly number[]): NestedPdu[] {
  const nest: NestedPdu[] = [];
  let at = carries[0];
  while (at !== undefined && nest.length < 12) {
    const entry = entries[at];
    if (entry?.event.kind !== 'encoded') break;
    const { event } = entry;
    const { bytes, layer, protocol } = event;
    const isCarrying = event.carries.length > 0;
    const inner = entries[event.carries[0] ?? -1]?.event;
    const innerBytes = inner?.kind === 'encoded' ? inner.bytes.length : 0;
    const known = isCarrying || layer < 7 ? headerBytes(protocol, bytes) : bytes.length;
    // In a captured frame what lies inside begins where it begins, whatever the header says of its length.
    const isCaptured = event.via === '' && inner?.kind === 'encoded';
    const header = isCaptured ? inner.bytes.byteOffset - bytes.byteOffset : known;
    const isFrame = protocol === 'ethernet';
    const rest = Math.max(0, bytes.length - header - innerBytes);
    nest.unshift({
      seq: entry.seq,
      layer,
      protocol,
      bytes,
      headerBytes: header,
      trailerBytes: isFrame ? Math.max(4, bytes.length - header - innerBytes) : isCaptured ? rest : 0,
    });
    at = event.carries[0];
  }
  return nest;
}

/** How many octets stand in front of what a PDU carries. */
function headerBytes(protocol: string, bytes: Uint8Array): number {
  const length = bytes.length;
  switch (protocol) {
    case 'ethernet':
    case 'eth':
      return Math.min(length, (bytes[12] ?? 0) === 0x81 && (bytes[13] ?? 0) === 0 ? 18 : 14);
    case 'ipv4':
    case 'ip':
      return Math.min(length, ((bytes[0] ?? 0) & 15) * 4);
    case 'ipv6':
      return Math.min(length, 40);
    case 'tcp':
      return Math.min(length, ((bytes[12] ?? 0) >>> 4) * 4);
    case 'udp':
    case 'icmp':
    case 'icmpv6':
      return Math.min(length, 8);
    default:
      return length;
  }
}
