/**
 * First in, first out, in places that are made once and written into again: nothing is allocated for what passes through.
 * Grows to what is needed.
 */
export class Ring<Place> {
  readonly #make: () => Place;
  /** Their number is a power of two. */
  #places: Place[];
  #first = 0;
  #count = 0;

  /** `make`: an empty place. */
  constructor(make: () => Place) {
    this.#make = make;
    this.#places = Array.from({ length: 4 }, make);
  }

  get count(): number {
    return this.#count;
  }

  /** The place that has been taken longest; null: none is. */
  get first(): Place | null {
    return this.#count === 0 ? null : (this.#places[this.#first] as Place);
  }

  /** Takes the next place, for the caller to write into. */
  push(): Place {
    if (this.#count === this.#places.length) this.#grow();
    return this.#places[(this.#first + this.#count++) & (this.#places.length - 1)] as Place;
  }

  /** Gives the first place back; what stands there is good until the next `push`. */
  shift(): Place | null {
    if (this.#count === 0) return null;
    const place = this.#places[this.#first] as Place;
    this.#first = (this.#first + 1) & (this.#places.length - 1);
    // An empty ring begins at the front again, where its memory is still at hand.
    if (--this.#count === 0) this.#first = 0;
    return place;
  }

  #grow(): void {
    const size = this.#places.length;
    const inOrder = this.#places.map((_, index) => this.#places[(this.#first + index) & (size - 1)] as Place);
    this.#places = [...inOrder, ...Array.from({ length: size }, this.#make)];
    this.#first = 0;
  }
}
