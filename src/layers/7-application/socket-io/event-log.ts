import type { Session, SessionPeer } from '../../5-session/service.ts';
import type { AppServices } from '../app-services.ts';
import type { Conversation } from '../ledger.ts';
import { encodePacket, type Json, type Packet } from './header.ts';

const MAX_SHOWN = 60;

/** Keeps the books of packets and events for one application, in the ledger and as the state that people ask for. */
export class EventLog {
  readonly services: AppServices;
  /** The application's or connection's name. */
  readonly name: string;

  constructor(services: AppServices, name: string) {
    this.services = services;
    this.name = name;
  }

  /** Gives a packet to the session, as one message for each of its parts. */
  send(session: Session, peer: SessionPeer, packet: Packet): void {
    const { ledger, context } = this.services;
    for (const part of encodePacket(packet)) {
      const bytes = bytesOf(part);
      const { carries } = ledger.made('socket-io', this.name, conversationOf(session, peer), bytes);
      const [entry] = carries;
      const was = entry === undefined ? null : context.because(entry);
      session.send(part, carries);
      if (entry !== undefined) context.resume(was);
    }
    if (packet.type === 'EVENT') this.count('sent', eventName(packet));
  }

  /** A message came. It is the cause of what follows; returns the cause until now. */
  received(session: Session, peer: SessionPeer, message: string | Uint8Array): number | null {
    const { ledger } = this.services;
    return ledger.received('socket-io', this.name, conversationOf(session, peer), bytesOf(message));
  }

  dropped(packet: Packet, reason: 'volatile' | 'closed' | 'timed-out' | 'expired' | 'crashed', detail: string): void {
    const { ledger } = this.services;
    for (const part of encodePacket(packet)) ledger.dropped('socket-io', this.name, bytesOf(part), reason, detail);
  }

  /** `NODE.app.received.EVENT`: how many of each name there were. */
  count(way: 'sent' | 'received', event: string): void {
    this.services.ledger.counted('socket-io', way, event);
  }

  measured(machine: string, name: string, value: number): void {
    const { context } = this.services;
    if (!context.recording) return;
    context.record({ kind: 'metric', layer: 7, protocol: 'socket-io', machine, name, value });
  }

  /** A row of a table appears, or goes when it is null. */
  tabled(table: string, key: string, row: Readonly<Record<string, string | number>> | null, because: string): void {
    const { context } = this.services;
    if (!context.recording) return;
    context.record({ kind: 'table', layer: 7, protocol: 'socket-io', change: { table, key, row, because } });
  }

  changed(machine: string, from: string, to: string, because: string): void {
    const { context } = this.services;
    if (!context.recording || from === to) return;
    context.record({ kind: 'state', layer: 7, protocol: 'socket-io', machine, from, to, because });
  }

  /** Returns its entry, for what comes of it later. */
  told(text: string): number | null {
    return this.services.ledger.told(this.name, text);
  }

  /** Does something because of an entry of before, should there be one. */
  because(entry: number | null, run: () => void): void {
    const { context } = this.services;
    const was = entry === null ? null : context.because(entry);
    run();
    if (entry !== null) context.resume(was);
  }
}

export function eventName({ data }: Packet): string {
  const [name] = Array.isArray(data) ? data : [];
  return typeof name === 'string' ? name : '';
}

/** `say "hello"`, cut where it is long. */
export function eventText(name: string, args: readonly Json[]): string {
  const shown = args.map((each) => JSON.stringify(plain(each)));
  const text = [name, ...shown].join(' ');
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text;
}

function plain(data: Json): Json {
  if (data instanceof Uint8Array) return `${data.length} octets`;
  if (Array.isArray(data)) return data.map(plain);
  if (typeof data !== 'object' || data === null) return data;
  return Object.fromEntries(Object.entries(data).map(([name, each]) => [name, plain(each)]));
}

function bytesOf(part: string | Uint8Array): Uint8Array {
  return typeof part === 'string' ? new TextEncoder().encode(part) : part;
}

function conversationOf(session: Session, { local, remote }: SessionPeer): Conversation {
  return { transport: 'io', local, remote, session: session.id };
}
