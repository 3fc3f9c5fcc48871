import type { Nanos } from '../../../kernel/journal.ts';
import type { Json } from './header.ts';
import type { Audience } from './rooms.ts';

/** An event that clients who are away for a moment may still get. */
interface Kept {
  readonly offset: string;
  readonly audience: Audience;
  readonly data: readonly Json[];
  readonly atNs: Nanos;
}

/** What is remembered of a client that was lost. */
export interface Remembered {
  readonly socketId: string;
  readonly privateId: string;
  readonly rooms: readonly string[];
}

interface Session extends Remembered {
  readonly lostNs: Nanos;
}

/**
 * Connection state recovery (socket.io 4.6 and later, in memory): a client that comes back in time, and says by its
 * private id who it was and by an offset what it had last, gets its rooms back and the events it has missed.
 */
export class Recovery {
  readonly #forNs: Nanos;
  readonly #sessions = new Map<string, Session>();
  #kept: Kept[] = [];
  #count = 0;

  /** `forNs`: how long after the server has noticed the loss. */
  constructor(forNs: Nanos) {
    this.#forNs = forNs;
  }

  /** How many events are kept. */
  get keptCount(): number {
    return this.#kept.length;
  }

  /** Keeps an event; returns it as it is to be sent, the offset behind its arguments. */
  keep(audience: Audience, data: readonly Json[], nowNs: Nanos): readonly Json[] {
    const offset = `o${(++this.#count).toString(36)}`;
    const withOffset = [...data, offset];
    this.#kept.push({ offset, audience, data: withOffset, atNs: nowNs });
    return withOffset;
  }

  lost(client: Remembered, nowNs: Nanos): void {
    this.#sessions.set(client.privateId, { ...client, lostNs: nowNs });
  }

  /** What a client gets back; null: it was away too long, or what it had last is not kept any more. */
  restore(
    privateId: string,
    offset: string,
    nowNs: Nanos,
  ): { readonly client: Remembered; readonly missed: readonly (readonly Json[])[] } | null {
    const session = this.#sessions.get(privateId);
    if (!session) return null;
    this.#sessions.delete(privateId);
    if (session.lostNs + this.#forNs < nowNs) return null;
    const last = this.#kept.findIndex((kept) => kept.offset === offset);
    if (last < 0) return null;
    const rooms = new Set(session.rooms);
    const missed = this.#kept.slice(last + 1).filter(({ audience }) => isFor(audience, session.socketId, rooms));
    return { client: session, missed: missed.map(({ data }) => data) };
  }

  /** Forgets what nobody can ask for any more. */
  sweep(nowNs: Nanos): void {
    for (const [id, { lostNs }] of [...this.#sessions]) if (lostNs + this.#forNs < nowNs) this.#sessions.delete(id);
    this.#kept = this.#kept.filter(({ atNs }) => atNs + this.#forNs >= nowNs);
  }
}

function isFor({ rooms, except }: Audience, socketId: string, joined: ReadonlySet<string>): boolean {
  const isIncluded = rooms.length === 0 || rooms.some((room) => joined.has(room));
  return isIncluded && !except.includes(socketId) && !except.some((room) => joined.has(room));
}
