/**
 * "Where is my message now?": one message of an application, followed over segments, retransmissions, links, queues and
 * receive buffers to its delivery or its grave.
 */

import type { Entry, Nanos } from '../kernel/journal.ts';
import type { Chronicle } from './chronicle.ts';
import type { Passage } from './crossing-log.ts';
import { firstUntil } from './pdu-log.ts';
import { osiLayer } from './stack-at.ts';
import { readSegment } from './tcp-log.ts';

export interface LineageStep {
  readonly seq: number;
  readonly atNs: Nanos;
  readonly node: string;
  readonly depth: number;
  readonly kind: 'made' | 'carried' | 'waits' | 'sent' | 'lost' | 'arrived' | 'taken' | 'delivered' | 'ended';
  readonly text: string;
}

export interface Lineage {
  readonly message: Entry;
  readonly steps: readonly LineageStep[];
  /** Where it is at this moment, in a sentence. */
  readonly now: string;
}

/** The message inside what an entry is about: a layer 7 message, or the innermost PDU there is. */
export function messageOf(entries: readonly Entry[], seq: number): Entry | null {
  let at: number | undefined = seq;
  let found: Entry | null = null;
  for (let steps = 0; at !== undefined && steps < 64; steps++) {
    const entry: Entry | undefined = entries[at];
    if (!entry) break;
    const event: Entry['event'] = entry.event;
    if (event.kind === 'encoded') {
      found = entry;
      if (event.layer === 7) break;
    }
    at =
      'carries' in event && event.carries.length > 0
        ? event.carries[0]
        : found
          ? undefined
          : (entry.cause ?? undefined);
  }
  return found;
}

export function lineageOf(chronicle: Chronicle, message: Entry, seq: number): Lineage {
  const steps: LineageStep[] = [];
  const { event } = message;
  if (event.kind !== 'encoded') return { message, steps, now: 'nothing is known of it' };
  const step = (entry: Entry, depth: number, kind: LineageStep['kind'], text: string): void => {
    steps.push({ seq: entry.seq, atNs: entry.atNs, node: entry.node, depth, kind, text });
  };
  step(
    message,
    0,
    'made',
    `${event.protocol.toUpperCase()} makes the ${osiLayer(event.layer).pdu}, ${octets(event.bytes.length)}`,
  );
  const { wrappings, carriers } =
    event.layer === 7 ? carriersOf(chronicle, message.seq, seq) : { wrappings: [], carriers: [message.seq] };
  for (const wrapping of wrappings) step(wrapping, 1, 'carried', `${protocolOf(wrapping)} carries it`);
  for (const carrier of carriers) followCarrier(chronicle, carrier, message.seq, seq, step);
  const read =
    firstUntil(chronicle.pdus.fateOf(message.seq).delivered, seq) ?? readBy(chronicle, message, carriers, seq);
  const reader = read === undefined ? undefined : chronicle.entries[read];
  // Of what carries itself (an echo request) taking it over was told with its carrier.
  if (reader && event.layer === 7) {
    step(reader, 0, 'delivered', `${protocolOf(reader)} takes it over`);
  }
  const ended = firstUntil(chronicle.pdus.fateOf(message.seq).dropped, seq);
  const grave = ended === undefined ? undefined : chronicle.entries[ended];
  if (grave && event.layer === 7) step(grave, 0, 'ended', detailOf(grave));
  steps.sort((one, other) => one.seq - other.seq);
  return { message, steps, now: carriers.length > 1 ? partsNow(steps, carriers.length) : whereNow(steps) };
}

/** The segments or datagrams that carry it, and what it is wrapped in on the way down to them: frames, requests. */
function carriersOf(chronicle: Chronicle, message: number, seq: number): { wrappings: Entry[]; carriers: number[] } {
  const wrappings: Entry[] = [];
  const carriers = new Set<number>();
  const open = [message];
  for (let inner = open.pop(); inner !== undefined; inner = open.pop()) {
    for (const outer of until(chronicle.pdus.fateOf(inner).carriers, seq)) {
      const entry = chronicle.entries[outer] as Entry;
      if (entry.event.kind === 'encoded' && entry.event.layer >= 5) {
        wrappings.push(entry);
        open.push(outer);
      } else carriers.add(outer);
    }
  }
  return { wrappings, carriers: [...carriers].sort((one, other) => one - other) };
}

type Step = (entry: Entry, depth: number, kind: LineageStep['kind'], text: string) => void;

/** One segment or datagram that carries it: made, over every link, taken over. */
function followCarrier(chronicle: Chronicle, carrier: number, message: number, seq: number, step: Step): void {
  const { entries, pdus } = chronicle;
  const made = entries[carrier];
  if (made?.event.kind !== 'encoded') return;
  const name = carrierName(made);
  if (carrier !== message) step(made, 1, 'carried', `${name} carries it`);
  const fate = pdus.fateOf(carrier);
  for (const passage of fate.passages) if (passage.takenSeq <= seq) followPassage(chronicle, passage, seq, step);
  for (const at of until(fate.delivered, seq)) {
    const entry = entries[at] as Entry;
    step(entry, 1, 'taken', `${protocolOf(entry)} of ${entry.node} takes ${name} over`);
  }
  for (const at of until(fate.dropped, seq)) {
    const entry = entries[at] as Entry;
    if (entry.event.kind === 'dropped' && entry.event.link === '') step(entry, 1, 'lost', detailOf(entry));
  }
}

function followPassage(chronicle: Chronicle, passage: Passage, seq: number, step: Step): void {
  const { entries } = chronicle;
  const taken = entries[passage.takenSeq] as Entry;
  if (taken.event.kind === 'queued')
    step(taken, 2, 'waits', `waits for ${passage.link} (${taken.event.measure} in the queue)`);
  const departed = passage.departedSeq >= 0 && passage.departedSeq <= seq ? entries[passage.departedSeq] : undefined;
  if (departed) step(departed, 2, 'sent', `leaves over ${passage.link} for ${passage.to.node}`);
  const ended = passage.endedSeq >= 0 && passage.endedSeq <= seq ? entries[passage.endedSeq] : undefined;
  if (!ended) return;
  if (passage.isLost) step(ended, 2, 'lost', detailOf(ended));
  else step(ended, 2, 'arrived', `arrives at ${ended.node}`);
}

/**
 * A stream's reader tells of octets, not of messages: the first read that a carrying segment led to, of the same protocol
 * where there is one.
 */
function readBy(chronicle: Chronicle, message: Entry, carriers: readonly number[], seq: number): number | undefined {
  const { entries, pdus } = chronicle;
  const last = carriers[carriers.length - 1];
  if (last === undefined) return undefined;
  const taken = carriers.flatMap((carrier) => until(pdus.fateOf(carrier).delivered, seq));
  if (taken.length === 0) return undefined;
  const from = Math.max(...taken);
  const node = entries[from]?.node;
  let first: number | undefined;
  for (let at = from; at <= Math.min(seq, from + 64); at++) {
    const entry = entries[at];
    if (entry?.node !== node || entry?.event.kind !== 'decoded' || entry.event.layer !== 7) continue;
    if (!leadsBackTo(entries, entry, from)) continue;
    if (protocolOf(entry) === protocolOf(message)) return at;
    first ??= at;
  }
  return first;
}

function leadsBackTo(entries: readonly Entry[], entry: Entry, cause: number): boolean {
  for (let at = entry.cause; at !== null && at >= cause; at = entries[at]?.cause ?? null) if (at === cause) return true;
  return false;
}

function until(seqs: readonly number[], seq: number): number[] {
  return seqs.filter((one) => one <= seq);
}

function carrierName({ event, seq }: Entry): string {
  if (event.kind !== 'encoded') return '';
  if (event.protocol !== 'tcp') return `${event.protocol.toUpperCase()} datagram #${seq}`;
  const { sequence, dataBytes } = readSegment(event.bytes);
  return `segment seq ${sequence}, ${octets(dataBytes)},`;
}

function protocolOf({ event }: Entry): string {
  return 'protocol' in event ? event.protocol.toUpperCase() : 'layer 1';
}

function detailOf({ event }: Entry): string {
  return event.kind === 'dropped' ? `${event.detail} (${event.reason})` : '';
}

function octets(count: number): string {
  return count === 1 ? '1 octet' : `${count} octets`;
}

function whereNow(steps: readonly LineageStep[]): string {
  const delivered = steps.find(({ kind }) => kind === 'delivered');
  if (delivered) return `delivered: ${delivered.node} has it`;
  const last = steps.at(-1);
  switch (last?.kind) {
    case 'made':
    case 'carried':
      return `still inside ${last.node}`;
    case 'waits':
      return `in a queue at ${last.node}`;
    case 'sent':
      return `on the wire: ${last.text}`;
    case 'lost':
      return `lost, and its sender does not know: ${last.text}`;
    case 'arrived':
    case 'taken':
      return `in ${last.node}, not yet read by the application`;
    case 'ended':
      return `it ended: ${last.text}`;
    default:
      return 'nowhere yet';
  }
}

/** Of a message in several segments: how many of them are where. The last step of each counts. */
function partsNow(steps: readonly LineageStep[], carriers: number): string {
  const delivered = steps.findLast(({ kind }) => kind === 'delivered');
  const count = (kind: LineageStep['kind']) => steps.filter((step) => step.kind === kind).length;
  const [sent, lost, arrived, waiting] = [count('sent'), count('lost'), count('arrived'), count('waits')];
  const parts = [
    [steps.filter(({ kind }) => kind === 'taken').length, 'taken over'],
    [Math.max(0, sent - lost - arrived), 'on a wire'],
    [Math.max(0, waiting - Math.max(0, sent - (carriers - waiting))), 'in a queue'],
    [lost, 'lost'],
  ] as const;
  const where = parts.filter(([number]) => number > 0).map(([number, what]) => `${number} ${what}`);
  const text = `in ${carriers} segments: ${where.join(', ')}`;
  if (delivered) return `${text}; ${delivered.node} reads it`;
  const ended = steps.findLast(({ kind }) => kind === 'ended');
  return ended ? `${text}; it ended: ${ended.text}` : text;
}
