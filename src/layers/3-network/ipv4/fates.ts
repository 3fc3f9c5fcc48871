import type { Ipv4 } from '../../../wire/address.ts';
import type { NeighbourService } from '../../2-link/service.ts';

/** What becomes of what is sent to an address. */
export interface Fate {
  readonly destination: Ipv4;
  /** The address is ours, or everybody's. */
  readonly isForUs: boolean;
  /** Where it goes otherwise; null: nowhere. */
  readonly link: NeighbourService | null;
  /** Whom it goes to there; null: everybody. */
  readonly nextHop: Ipv4 | null;
  /** Our own address there. */
  readonly source: Ipv4 | null;
}

/** Of no address. */
export const NOWHERE: Fate = { destination: -1, isForUs: false, link: null, nextHop: null, source: null };

/** So many are remembered. */
const REMEMBERED = 4096;
/** Knuth's multiplier, 2^32 times the golden ratio: addresses that follow each other get places far apart. */
const SCATTER = 0x9e3779b1;
const LEAST_PLACES = 8;
const GREATEST_PLACES = 2 * REMEMBERED;

/**
 * What was decided of destinations. A router of a thousand hosts asks for another one with each packet: each has a place
 * in a table where it is looked for first, and which it may share with one that is asked for more often.
 */
export class Fates {
  readonly #all = new Map<Ipv4, Fate>();
  #places = emptyPlaces(LEAST_PLACES);
  #last = NOWHERE;

  /** Null: nothing was decided yet. */
  find(destination: Ipv4): Fate | null {
    if (destination === this.#last.destination) return this.#last;
    const place = (Math.imul(destination, SCATTER) >>> 16) & (this.#places.length - 1);
    const fate = this.#places[place] as Fate;
    if (fate.destination === destination) {
      this.#last = fate;
      return fate;
    }
    const found = this.#all.get(destination);
    if (!found) return null;
    this.#places[place] = found;
    this.#last = found;
    return found;
  }

  keep(fate: Fate): void {
    if (this.#all.size >= REMEMBERED) this.forget();
    this.#all.set(fate.destination, fate);
    this.#last = fate;
    if (this.#all.size <= this.#places.length / 2 || this.#places.length === GREATEST_PLACES) return;
    this.#places = emptyPlaces(2 * this.#places.length);
  }

  forget(): void {
    this.#all.clear();
    this.#places = emptyPlaces(LEAST_PLACES);
    this.#last = NOWHERE;
  }
}

function emptyPlaces(count: number): Fate[] {
  return new Array<Fate>(count).fill(NOWHERE);
}
