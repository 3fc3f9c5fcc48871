/** What a link does to frames, in netem's words, and the dice for it. */

import type { Nanos } from '../../../kernel/journal.ts';
import type { Kernel } from '../../../kernel/kernel.ts';
import type { Rng } from '../../../kernel/rng.ts';

/** One direction of a link. Probabilities are parts per million, 0..1,000,000. */
export interface Impairments {
  readonly delayNs: Nanos;
  /** Each frame's delay is drawn evenly from delay ± jitter, never below 0; frames may overtake each other, as in netem. */
  readonly jitterNs: Nanos;
  /** null: no serialization time. */
  readonly bitsPerSecond: number | null;
  readonly loss: Loss;
  readonly duplicatePerMillion: number;
  /** Frames that skip the delay and so overtake. */
  readonly reorderPerMillion: number;
  /** Frames that get one bit flipped. */
  readonly corruptPerMillion: number;
  /** What may wait for the transmitter; the frame being sent does not count. */
  readonly queue: { readonly packets: number } | { readonly bytes: number };
  /** What the queue does before it is full: nothing, or tell senders early. */
  readonly aqm: QueueDiscipline;
  readonly down: boolean;
}

/** Whether any frame's fate or delay is drawn. */
export function isLeftToChance(of: Impairments): boolean {
  const { loss, jitterNs, duplicatePerMillion, reorderPerMillion, corruptPerMillion } = of;
  const isSure = loss.kind === 'uniform' && loss.perMillion === 0 && jitterNs === 0;
  return !isSure || duplicatePerMillion + reorderPerMillion + corruptPerMillion > 0;
}

/** Active queue management (RFC 7567). */
export type QueueDiscipline = 'tail-drop' | 'red' | 'codel';

export type Loss =
  | { readonly kind: 'uniform'; readonly perMillion: number }
  /** Gilbert–Elliott: per frame a chance to enter or leave the bad state, then that state's chance of loss. */
  | {
      readonly kind: 'gilbert';
      readonly enterPerMillion: number;
      readonly leavePerMillion: number;
      readonly goodPerMillion: number;
      readonly badPerMillion: number;
    };

/**
 * One random stream for each impairment, so that turning one on changes no draw of another. Most links have none, so a
 * stream is made when it is first drawn from; its numbers are the same whenever that is.
 */
export class Dice {
  readonly #kernel: Kernel;
  readonly #name: string;
  readonly #streams = new Map<string, Rng>();
  #inBadState = false;

  /** `name`: under which its streams stand, `link:wan/a-to-b`. */
  constructor(kernel: Kernel, name: string) {
    this.#kernel = kernel;
    this.#name = name;
  }

  stream(purpose: string): Rng {
    let stream = this.#streams.get(purpose);
    if (!stream) {
      stream = this.#kernel.random(`${this.#name}/${purpose}`);
      this.#streams.set(purpose, stream);
    }
    return stream;
  }

  loses(loss: Loss): boolean {
    if (loss.kind === 'uniform') return this.#chance('loss', loss.perMillion);
    const turns = this.#chance('loss', this.#inBadState ? loss.leavePerMillion : loss.enterPerMillion);
    if (turns) this.#inBadState = !this.#inBadState;
    return this.#chance('loss', this.#inBadState ? loss.badPerMillion : loss.goodPerMillion);
  }

  duplicates(of: Impairments): boolean {
    return this.#chance('duplicate', of.duplicatePerMillion);
  }

  corrupts(of: Impairments): boolean {
    return this.#chance('corrupt', of.corruptPerMillion);
  }

  /** Which of that many bits to flip. */
  bitOf(bits: number): number {
    return this.stream('corrupt').below(bits);
  }

  /** The propagation delay of one frame. */
  delayNs(of: Impairments): Nanos {
    if (this.#chance('reorder', of.reorderPerMillion)) return 0;
    if (of.jitterNs === 0) return of.delayNs;
    return Math.max(0, of.delayNs + this.stream('jitter').between(-of.jitterNs, of.jitterNs));
  }

  /** A chance of none draws nothing. */
  #chance(purpose: string, perMillion: number): boolean {
    return perMillion > 0 && this.stream(purpose).chance(perMillion);
  }
}
