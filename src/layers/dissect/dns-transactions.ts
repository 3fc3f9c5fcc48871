/** Queries that were seen and whether they were answered, for each pair of endpoints. */

import type { Nanos } from '../../kernel/journal.ts';
import type { DnsTransaction } from '../7-application/dns/fields.ts';
import type { DnsReading } from '../7-application/dns/reading.ts';
import type { ReadFrame } from './dissection.ts';

interface Asked {
  readonly frame: number;
  readonly atNs: Nanos;
  /** The frame with the response; 0: none yet. */
  answered: number;
}

/** The same query sooner than this is a repetition; later it counts as a new one. */
const REPETITION_NS = 5_000_000_000;

export class DnsTransactions {
  readonly #asked = new Map<string, Asked>();

  /** Remembers the message and says what earlier ones tell of it. `conversation` names the two endpoints. */
  read({ id, flags }: DnsReading, conversation: string, { number, atNs }: ReadFrame): DnsTransaction {
    const key = `${conversation} ${id}`;
    const asked = this.#asked.get(key);
    if (!(flags & 0x8000)) {
      if (asked && asked.answered === 0 && atNs - asked.atNs < REPETITION_NS) {
        return { kind: 'repeated-query', firstFrame: asked.frame };
      }
      this.#asked.set(key, { frame: number, atNs, answered: 0 });
      return { kind: 'query' };
    }
    if (!asked) return { kind: 'unsolicited' };
    if (asked.answered !== 0) return { kind: 'repeated-response', firstFrame: asked.answered };
    asked.answered = number;
    return { kind: 'response', queryFrame: asked.frame, elapsedNs: atNs - asked.atNs };
  }
}
