/** Whom an event is for: those in any of the rooms (all, where none is named) who are in none of the excepted ones. */
export interface Audience {
  readonly rooms: readonly string[];
  readonly except: readonly string[];
}

/** Who is in which room. Everybody is in a room of their own, called by their id. */
export class Rooms {
  readonly #members = new Map<string, Set<string>>();
  readonly #joined = new Map<string, Set<string>>();

  join(id: string, room: string): void {
    setOf(this.#members, room).add(id);
    setOf(this.#joined, id).add(room);
  }

  leaveAll(id: string): void {
    for (const room of this.#joined.get(id) ?? []) {
      const members = this.#members.get(room);
      members?.delete(id);
      if (members?.size === 0) this.#members.delete(room);
    }
    this.#joined.delete(id);
  }

  roomsOf(id: string): readonly string[] {
    return [...(this.#joined.get(id) ?? [])];
  }

  /** The ids of an audience, each once, in the order in which they came. */
  select({ rooms, except }: Audience): readonly string[] {
    const excepted = new Set(except.flatMap((room) => [...(this.#members.get(room) ?? [])]));
    const isIncluded = (joined: ReadonlySet<string>) => rooms.length === 0 || rooms.some((room) => joined.has(room));
    return [...this.#joined].flatMap(([id, joined]) => (isIncluded(joined) && !excepted.has(id) ? [id] : []));
  }
}

function setOf(sets: Map<string, Set<string>>, key: string): Set<string> {
  const known = sets.get(key) ?? new Set<string>();
  sets.set(key, known);
  return known;
}
