const INITIAL = 1024;

/**
 * A 4-ary heap of seats ordered by (time, insertion number), as ns-3's (ts, uid). Everything in it lies in typed arrays:
 * sifting compares doubles that are next to each other and moves plain numbers, where each reference that is moved would
 * cost the collector's bookkeeping (V8's write barrier looks at the page of what is referred to, which with a thousand
 * flows is out of the cache). A 4-ary heap is half as deep as a binary one.
 */
export class Heap {
  times = new Float64Array(INITIAL);
  orders = new Float64Array(INITIAL);
  seats = new Int32Array(INITIAL);
  size = 0;

  /** One more place at the end. Whoever asks writes its time, order and seat there and lets it rise. */
  extend(): number {
    if (this.size === this.times.length) this.#grow();
    return this.size++;
  }

  /** What stands at the end goes where it belongs. */
  rise(): void {
    const { times, orders, seats } = this;
    let at = this.size - 1;
    const atNs = times[at] as number;
    const order = orders[at] as number;
    const seat = seats[at] as number;
    while (at > 0) {
      const parent = (at - 1) >> 2;
      const parentNs = times[parent] as number;
      if (parentNs < atNs || (parentNs === atNs && (orders[parent] as number) < order)) break;
      times[at] = parentNs;
      orders[at] = orders[parent] as number;
      seats[at] = seats[parent] as number;
      at = parent;
    }
    times[at] = atNs;
    orders[at] = order;
    seats[at] = seat;
  }

  removeTop(): void {
    const size = --this.size;
    if (size === 0) return;
    const { times, orders, seats } = this;
    const atNs = times[size] as number;
    const order = orders[size] as number;
    let at = 0;
    for (;;) {
      const first = 4 * at + 1;
      if (first >= size) break;
      const end = Math.min(first + 4, size);
      let least = first;
      let leastNs = times[first] as number;
      for (let child = first + 1; child < end; child++) {
        const ns = times[child] as number;
        if (ns < leastNs || (ns === leastNs && (orders[child] as number) < (orders[least] as number))) {
          least = child;
          leastNs = ns;
        }
      }
      if (leastNs > atNs || (leastNs === atNs && (orders[least] as number) > order)) break;
      times[at] = leastNs;
      orders[at] = orders[least] as number;
      seats[at] = seats[least] as number;
      at = least;
    }
    times[at] = atNs;
    orders[at] = order;
    seats[at] = seats[size] as number;
  }

  #grow(): void {
    const times = new Float64Array(this.times.length * 2);
    times.set(this.times);
    this.times = times;
    const orders = new Float64Array(this.orders.length * 2);
    orders.set(this.orders);
    this.orders = orders;
    const seats = new Int32Array(this.seats.length * 2);
    seats.set(this.seats);
    this.seats = seats;
  }
}
