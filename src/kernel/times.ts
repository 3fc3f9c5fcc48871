import { Words } from './words.ts';

/** When entries were made. What happens at one moment comes in rows, so a time is kept with the first entry that has it. */
export class Times {
  /** Of each row: its first entry and its time, which takes two words. */
  readonly #rows = new Words();
  #last = Number.NaN;
  /** The row that was asked for last. */
  #row = 0;

  /** Entries come in their order. */
  note(atNs: number, seq: number): void {
    if (atNs === this.#last) return;
    this.#last = atNs;
    this.#rows.put(seq);
    this.#rows.putDouble(atNs);
  }

  of(seq: number): number {
    const rows = this.#rows;
    const count = rows.length / ROW;
    // Many ask for one entry after the other.
    if (this.#first(this.#row) > seq) this.#row = this.#find(seq, 0, this.#row);
    else if (this.#row + 1 < count && this.#first(this.#row + 1) <= seq) {
      this.#row++;
      if (this.#row + 1 < count && this.#first(this.#row + 1) <= seq) this.#row = this.#find(seq, this.#row, count);
    }
    return rows.doubleAt(ROW * this.#row + 1);
  }

  #first(row: number): number {
    return this.#rows.at(ROW * row);
  }

  /** The last row from `low` to before `high` that begins no later. */
  #find(seq: number, low: number, high: number): number {
    let from = low;
    let to = high;
    while (from + 1 < to) {
      const middle = (from + to) >>> 1;
      if (this.#first(middle) <= seq) from = middle;
      else to = middle;
    }
    return from;
  }
}

const ROW = 3;
