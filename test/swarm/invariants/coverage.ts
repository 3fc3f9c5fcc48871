/** Which numbers were there: how far they reach from 0 without a gap. */
export class Coverage {
  /** The first that is missing. */
  next = 0;
  #ahead: { from: number; to: number }[] = [];

  add(from: number, to: number): void {
    if (to <= from) return;
    if (from > this.next) {
      this.#ahead.push({ from, to });
      return;
    }
    this.next = Math.max(this.next, to);
    for (let grew = true; grew; ) {
      grew = false;
      for (const each of this.#ahead) {
        if (each.from <= this.next && each.to > this.next) {
          this.next = each.to;
          grew = true;
        }
      }
    }
    this.#ahead = this.#ahead.filter((each) => each.to > this.next);
  }
}
