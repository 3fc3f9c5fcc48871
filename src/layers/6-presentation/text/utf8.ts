/**
 * UTF-8 (RFC 3629) checked octet by octet, so that what can no longer become text is known at once and not at the end.
 * The ranges of the second octet are those of the grammar in section 4: they shut out overlong forms, surrogates and
 * what lies above U+10FFFF.
 */
export class Utf8Check {
  /** Continuation octets that must follow. */
  #missing = 0;
  /** The range of the next one. */
  #low = 0x80;
  #high = 0xbf;

  get isComplete(): boolean {
    return this.#missing === 0;
  }

  reset(): void {
    this.#missing = 0;
    this.#low = 0x80;
    this.#high = 0xbf;
  }

  /** False: these octets are not, and cannot become, UTF-8. */
  push(bytes: Uint8Array): boolean {
    for (const octet of bytes) if (!this.#take(octet)) return false;
    return true;
  }

  #take(octet: number): boolean {
    if (this.#missing > 0) {
      if (octet < this.#low || octet > this.#high) return false;
      this.#missing--;
      this.#low = 0x80;
      this.#high = 0xbf;
      return true;
    }
    if (octet < 0x80) return true;
    if (octet < 0xc2 || octet > 0xf4) return false;
    this.#missing = octet < 0xe0 ? 1 : octet < 0xf0 ? 2 : 3;
    if (octet === 0xe0) this.#low = 0xa0;
    else if (octet === 0xed) this.#high = 0x9f;
    else if (octet === 0xf0) this.#low = 0x90;
    else if (octet === 0xf4) this.#high = 0x8f;
    return true;
  }
}
