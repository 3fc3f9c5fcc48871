/** Who said what to whom: the layer 7 messages of a journal, a conversation at a time (see `7-application/ledger.ts`). */

import type { Decoded, Encoded, Entry, TableChanged } from '../kernel/journal.ts';
import { isEngineIoRequest, type Purpose, purposesOf } from './housekeeping.ts';
import { Translations } from './translations.ts';

export type Made = Entry & { readonly event: Encoded };
export type Taken = Entry & { readonly event: Decoded };

export class Talk {
  /** Under the names of nodes, in the order of time. */
  readonly made = new Map<string, Made[]>();
  readonly taken = new Map<string, Taken[]>();
  #ofEngineIo = false;

  add(entry: Made | Taken): void {
    if (isEngineIoRequest(entry.event)) this.#ofEngineIo = true;
    if (isMade(entry)) put(this.made, entry.node, entry);
    else put(this.taken, entry.node, entry);
  }

  /** What each message of a node is for, in the order of `made`. */
  purposes(node: string): Purpose[] {
    const events = (this.made.get(node) ?? []).map(({ event }) => event);
    return purposesOf(events, this.#ofEngineIo);
  }
}

/** Under the names of the conversations; one that a NAT lies in has one name. */
export function talksOf(entries: readonly Entry[]): Map<string, Talk> {
  const talks = new Map<string, Talk>();
  const translations = new Translations();
  for (const entry of entries) {
    if (isChange(entry)) translations.note(entry.event.change);
    if (!isMade(entry) && !isTaken(entry)) continue;
    const { layer, conversation } = entry.event;
    if (layer !== 7 || conversation === undefined) continue;
    const name = translations.of(conversation);
    const talk = talks.get(name) ?? new Talk();
    talks.set(name, talk);
    talk.add(entry);
  }
  return talks;
}

function isChange(entry: Entry): entry is Entry & { readonly event: TableChanged } {
  return entry.kind === 'table';
}

function isMade(entry: Entry): entry is Made {
  return entry.kind === 'encoded';
}

export function isTaken(entry: Entry): entry is Taken {
  return entry.kind === 'decoded';
}

function put<T>(lists: Map<string, T[]>, key: string, one: T): void {
  const list = lists.get(key);
  if (list) list.push(one);
  else lists.set(key, [one]);
}
