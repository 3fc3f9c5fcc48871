/** What must hold in every run, whatever breaks. Each looks at the journal entry by entry, while the run goes on. */

import type { Entry } from '../../../src/kernel/journal.ts';
import type { Scenario } from '../../../src/scenario/scenario.ts';

export interface Violation {
  /** One of `VIOLATIONS`. */
  readonly kind: ViolationKind;
  readonly detail: string;
  /** The entry at which it showed; null: only the end shows it. */
  readonly seq: number | null;
}

/** Every kind of failure and what it means. */
export const VIOLATIONS = {
  crashed: 'an exception came out of the simulator',
  livelock: 'time does not pass, or the events have no end',
  'clock-backwards': 'time is not a whole number, or goes back',
  'cause-later': 'an entry is caused by, or carries, a later one',
  'frame-unaccounted': 'a frame is on a link that it never entered, ends twice, or ends without a reason',
  'counts-differ': 'the counters of the links say something else than the journal',
  'queue-overflow': 'more frames wait than the queue may hold, or the queue says another depth than it has',
  'frame-unhandled': 'a frame arrived and nothing became of it',
  'acknowledged-unreceived': 'TCP acknowledges octets that it never received',
  'acknowledgment-withdrawn': 'TCP acknowledges less than before',
  'window-shrunk': 'the right edge of an offered window moves left',
  'window-overrun': 'TCP sends beyond the window that it was offered',
  'outside-window': 'TCP takes octets that lie outside its window',
  'octets-changed': 'a retransmission carries other octets than the first transmission',
  'checksum-wrong': 'a checksum on the wire does not hold where nothing was damaged',
  'illegal-transition': 'a TCP connection changes to a state that RFC 9293 does not allow',
  'estimate-absurd': 'a congestion window, timeout or round trip that cannot be',
  'nothing-pending': 'octets are unacknowledged and no timer will do anything about it',
  'timer-leak': 'a connection is closed and its timer still runs',
  'timer-wrong': 'a timer fires when it is not due, or does not fire when it is',
  'stream-damaged': 'what was read of a stream is not a beginning of what was written',
  'datagram-invented': 'a datagram arrived that nobody sent like this',
  'bytes-without-reason': 'a message did not arrive and nothing says why',
  'message-unexpected': 'a message was received that nobody sent',
  'message-lost': 'a message that somebody had taken responsibility for never arrived',
  'message-duplicated': 'a message arrived twice where that was ruled out',
  'message-reordered': 'messages came for the first time in another order than they were sent',
  'observer-effect': 'the run is another one when it is not recorded, or watched',
  'replay-differs': 'the same seed gives another journal',
  'back-not-forward': 'a state looked up from behind is not the one that was passed',
  unanswered: 'a request got neither an answer nor an error',
  'not-converged': 'everything was healed and a new connection does not work',
  stalled: 'everything was healed and something old neither finishes nor fails',
} as const;

export type ViolationKind = keyof typeof VIOLATIONS;

export type Report = (kind: ViolationKind, detail: string, seq?: number) => void;

export interface Invariant {
  add(entry: Entry): void;
  /** After each event of the kernel. */
  settle?(nowNs: number): void;
  end?(nowNs: number): void;
}

export interface Subject {
  readonly scenario: Scenario;
  readonly report: Report;
}

/** Which nodes are up, as the timeline says: machines of the others are gone, or stand still. */
export class PowerLog {
  readonly #off = new Set<string>();
  readonly #paused = new Set<string>();
  readonly #crashedAt = new Map<string, number>();
  /** When a pause ended last, in ns. */
  readonly #resumedNs = new Map<string, number>();

  add({ seq, node, atNs, event }: Entry): void {
    if (event.kind !== 'input') return;
    if (event.text === `${node} crashes`) {
      this.#off.add(node);
      this.#paused.delete(node);
      this.#crashedAt.set(node, seq);
    } else if (event.text === `over: ${node} crashes`) this.#off.delete(node);
    else if (event.text === `${node} pauses`) this.#paused.add(node);
    else if (event.text === `over: ${node} pauses`) {
      this.#paused.delete(node);
      this.#resumedNs.set(node, atNs);
    }
  }

  isUp(node: string): boolean {
    return !this.#off.has(node) && !this.#paused.has(node);
  }

  isOff(node: string): boolean {
    return this.#off.has(node);
  }

  isPaused(node: string): boolean {
    return this.#paused.has(node);
  }

  /** Whether any node has crashed. */
  get sawCrash(): boolean {
    return this.#crashedAt.size > 0;
  }

  /** The entry of its last crash; -1: it never crashed. */
  crashedAt(node: string): number {
    return this.#crashedAt.get(node) ?? -1;
  }

  resumedNs(node: string): number {
    return this.#resumedNs.get(node) ?? -1;
  }
}
