/**
 * Disjoint half-open ranges [start, end) of stream offsets, in order, as two arrays of numbers. Ranges that touch become
 * one. Offsets do not wrap, so they are compared as plain numbers.
 */
export class Ranges {
  readonly starts: number[] = [];
  readonly ends: number[] = [];

  get count(): number {
    return this.starts.length;
  }

  /** Index of the first range that ends behind `offset`; `count` when none does. */
  indexAfter(offset: number): number {
    const { ends } = this;
    let low = 0;
    let high = ends.length;
    // What arrives is mostly near the end.
    if (high > 0 && (ends[high - 1] as number) <= offset) return high;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((ends[middle] as number) <= offset) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Whether all of [start, end) is in one range. */
  covers(start: number, end: number): boolean {
    const index = this.indexAfter(start);
    return index < this.count && (this.starts[index] as number) <= start && end <= (this.ends[index] as number);
  }

  /** Adds a range and returns the index of the range that it is part of now. */
  add(start: number, end: number): number {
    const { starts, ends } = this;
    // The first one that touches or lies behind.
    const first = this.indexAfter(start - 1);
    let last = first;
    let from = start;
    let to = end;
    while (last < starts.length && (starts[last] as number) <= end) {
      from = Math.min(from, starts[last] as number);
      to = Math.max(to, ends[last] as number);
      last++;
    }
    if (last === first) {
      insertAt(starts, first, from);
      insertAt(ends, first, to);
      return first;
    }
    starts[first] = from;
    ends[first] = to;
    if (last - first > 1) {
      starts.splice(first + 1, last - first - 1);
      ends.splice(first + 1, last - first - 1);
    }
    return first;
  }

  /** Forgets everything before `offset`. */
  cutBefore(offset: number): void {
    for (let gone = this.indexAfter(offset); gone > 0; gone--) {
      this.starts.shift();
      this.ends.shift();
    }
    if (this.count > 0 && (this.starts[0] as number) < offset) this.starts[0] = offset;
  }

  clear(): void {
    this.starts.length = 0;
    this.ends.length = 0;
  }
}

/** Mostly it is the end, where nothing is made for it: `splice` makes an array of what it takes out. */
export function insertAt<Item>(items: Item[], index: number, item: Item): void {
  if (index === items.length) items[index] = item;
  else items.splice(index, 0, item);
}
