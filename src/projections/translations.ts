/**
 * Conversations under one name although a NAT lies between their ends (RFC 3022): the end outside names the NAT's address,
 * the end inside its own. What the NAT told the journal of its flows leads from the one to the other.
 */

import type { TableChange } from '../kernel/journal.ts';

export class Translations {
  /** Of the flows that have been seen so far; a port that serves another flow later leads to that one. */
  readonly #inside = new Map<string, string>();
  readonly #sessions = new Map<string, string>();

  note({ table, key, row }: TableChange): void {
    if (table !== 'nat' || row === null) return;
    const [transport = '', source = '', destination = ''] = key.split(' ');
    const inside = named(transport, source, destination);
    this.#inside.set(named(transport, String(row.outside), destination), this.#inside.get(inside) ?? inside);
  }

  /**
   * The name of a conversation at the end that is farthest inside, with its endpoints in the order of their texts; a
   * session has the name that it was first met by.
   */
  of(conversation: string): string {
    const [transport = '', one = '', other = '', session] = conversation.split(' ');
    const name = named(transport, one, other);
    if (session === undefined) return this.#inside.get(name) ?? name;
    const known = this.#sessions.get(session) ?? `${name} ${session}`;
    this.#sessions.set(session, known);
    return known;
  }
}

function named(transport: string, one: string, other: string): string {
  return `${transport} ${one < other ? `${one} ${other}` : `${other} ${one}`}`;
}
