import type { Nanos } from '../../../kernel/journal.ts';
import type { Rng } from '../../../kernel/rng.ts';
import type { IpAddress } from '../../../wire/address.ts';
import type { Endpoint } from '../service.ts';

/**
 * Initial sequence numbers by RFC 6528: ISN = M + F(local, remote, secret), where M is a clock of 4 µs (MUST-8) and F a
 * keyed hash. F is HalfSipHash-2-4; the secret comes from the host's random stream, so the seed fixes every ISN.
 */
export class IsnGenerator {
  readonly #key0: number;
  readonly #key1: number;

  constructor(secret: Rng) {
    this.#key0 = secret.u32();
    this.#key1 = secret.u32();
  }

  next(nowNs: Nanos, local: Endpoint, remote: Endpoint): number {
    const clock = Math.floor(nowNs / 4000) % 0x100000000;
    const words = [...wordsOf(local.address), ...wordsOf(remote.address), ((local.port << 16) | remote.port) >>> 0];
    return (clock + halfSipHash(words, this.#key0, this.#key1)) | 0;
  }

  /** Where the timestamps of a pair of addresses begin: RFC 7323 section 5.4 wants that hidden, and the same next time. */
  timestampOffset(local: Endpoint, remote: Endpoint): number {
    return halfSipHash([...wordsOf(remote.address), ...wordsOf(local.address)], this.#key1, this.#key0) | 0;
  }
}

function wordsOf(address: IpAddress): number[] {
  if (typeof address === 'number') return [address];
  return [96n, 64n, 32n, 0n].map((shift) => Number((address >> shift) & 0xffffffffn));
}

/** Rounds for each word, and at the end: HalfSipHash-2-4. */
const WORD_ROUNDS = 2;
const LAST_ROUNDS = 4;

/**
 * HalfSipHash-2-4 over whole 32-bit words (J.-P. Aumasson and D. J. Bernstein's SipHash with 32-bit words). The last word
 * is the length in octets, in the highest octet.
 */
function halfSipHash(words: readonly number[], key0: number, key1: number): number {
  let v0 = key0;
  let v1 = key1;
  let v2 = 0x6c796765 ^ key0;
  let v3 = 0x74656462 ^ key1;
  for (let index = 0; index <= words.length + 1; index++) {
    const isEnd = index > words.length;
    const word = isEnd ? 0 : index === words.length ? (words.length * 4) << 24 : (words[index] as number);
    if (isEnd) v2 ^= 0xff;
    v3 ^= word;
    for (let round = isEnd ? LAST_ROUNDS : WORD_ROUNDS; round > 0; round--) {
      v0 = (v0 + v1) | 0;
      v1 = rotate(v1, 5) ^ v0;
      v0 = rotate(v0, 16);
      v2 = (v2 + v3) | 0;
      v3 = rotate(v3, 8) ^ v2;
      v0 = (v0 + v3) | 0;
      v3 = rotate(v3, 7) ^ v0;
      v2 = (v2 + v1) | 0;
      v1 = rotate(v1, 13) ^ v2;
      v2 = rotate(v2, 16);
    }
    v0 ^= word;
  }
  return (v1 ^ v3) >>> 0;
}

function rotate(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}
