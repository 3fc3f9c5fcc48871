import type { Ipv4 } from '../../../wire/address.ts';
import type { NeighbourService } from '../../2-link/service.ts';

/** What becomes of what is sent to an address. */
export interface Fate {
  /** The address is ours, or everybody's. */
  readonly isForUs: boolean;
  /** Where it goes otherwise; null: nowhere. */
  readonly link: NeighbourService | null;
  /** Whom it goes to there; null: everybody. */
  readonly nextHop: Ipv4 | null;
  /** Our own address there. */
  readonly source: Ipv4 | null;
}

/** Of what is for us, where nobody asks how it would be sent. */
export const OURS: Fate = { isForUs: true, link: null, nextHop: null, source: null };
export const NOWHERE: Fate = { isForUs: false, link: null, nextHop: null, source: null };

/** So many are remembered. */
const REMEMBERED = 4096;
/** Knuth's multiplier, 2^32 times the golden ratio: addresses that follow each other get places far apart. */
const SCATTER = 0x9e3779b1;
const LEAST_PLACES = 8;
const GREATEST_PLACES = 2 * REMEMBERED;

/**
 * What was decided of destinations. A router of a thousand hosts is asked for another one with each packet: each has a
 * place in a table where it is looked for first, and which it shares with others that may take it over.
 */
export class Fates {
  readonly #all = new Map<Ipv4, Fate>();
  /** Two entries a place: the address as a signed number, and its fate; null: nobody has the place. */
  #table = emptyTable(LEAST_PLACES);

  /** Null: nothing was decided yet. */
  find(destination: Ipv4): Fate | null {
    const key = destination | 0;
    const table = this.#table;
    const at = (Math.imul(key, SCATTER) >>> 15) & (table.length - 2);
    if (table[at] === key) return table[at + 1] as Fate;
    const found = this.#all.get(destination) ?? null;
    if (found) {
      table[at] = key;
      table[at + 1] = found;
    }
    return found;
  }

  keep(destination: Ipv4, fate: Fate): void {
    if (this.#all.size >= REMEMBERED) this.forget();
    this.#all.set(destination, fate);
    const places = this.#table.length / 2;
    if (this.#all.size > places / 2 && places < GREATEST_PLACES) this.#table = emptyTable(2 * places);
  }

  forget(): void {
    this.#all.clear();
    this.#table = emptyTable(LEAST_PLACES);
  }
}

/** Where a table becomes another, who is asked for comes back. */
function emptyTable(places: number): (number | Fate | null)[] {
  return new Array<number | Fate | null>(2 * places).fill(null);
}
