/**
 * What every TCP connection owes its peer, judged on the segments themselves and on nothing that the simulator's TCP says
 * of itself: a second, small reading of RFC 9293 and RFC 7323.
 */

import type { Encoded, Entry } from '../../../src/kernel/journal.ts';
import { ByMachine } from './by-machine.ts';
import { Coverage } from './coverage.ts';
import type { Invariant, PowerLog, Subject } from './invariant.ts';
import { Octets } from './octets.ts';
import { readSegment, type SegmentView } from './segment-view.ts';
import type { Timers } from './timers.ts';

const LEGAL: Readonly<Record<string, readonly string[]>> = {
  CLOSED: ['SYN-SENT', 'SYN-RECEIVED'],
  'SYN-SENT': ['ESTABLISHED', 'SYN-RECEIVED', 'CLOSED'],
  'SYN-RECEIVED': ['ESTABLISHED', 'FIN-WAIT-1', 'CLOSED'],
  ESTABLISHED: ['FIN-WAIT-1', 'CLOSE-WAIT', 'CLOSED'],
  'FIN-WAIT-1': ['FIN-WAIT-2', 'CLOSING', 'TIME-WAIT', 'CLOSED'],
  'FIN-WAIT-2': ['TIME-WAIT', 'CLOSED'],
  'CLOSE-WAIT': ['LAST-ACK', 'CLOSED'],
  CLOSING: ['TIME-WAIT', 'CLOSED'],
  'LAST-ACK': ['CLOSED'],
  'TIME-WAIT': ['CLOSED'],
};

/** Beyond the greatest timeout there is: who waits longer waits in vain. */
const PATIENCE_NS = 130_000_000_000;

/** One end of a connection. Sequence numbers are counted from the initial ones, so they do not wrap in a short run. */
interface End {
  readonly node: string;
  readonly machine: string;
  state: string;
  iss: number | null;
  irs: number | null;
  /** Beyond the last number that it sent. */
  sent: number;
  /** What it sent first under each number. */
  readonly octets: Octets;
  acknowledged: number;
  /** The right edge that it offered last, and that it was offered at most. */
  offered: number;
  allowed: number;
  readonly received: Coverage;
  ownShift: number;
  peerShift: number | null;
  una: number;
  /** When it last got on: a state changed, something was acknowledged, or it began to wait. */
  sinceNs: number;
}

function newEnd(node: string, machine: string): End {
  return {
    node,
    machine,
    state: 'CLOSED',
    iss: null,
    irs: null,
    sent: 0,
    octets: new Octets(),
    acknowledged: 0,
    offered: 0,
    allowed: 0,
    received: new Coverage(),
    ownShift: 0,
    peerShift: null,
    una: 0,
    sinceNs: 0,
  };
}

export class Segments implements Invariant {
  readonly #subject: Subject;
  readonly #power: PowerLog;
  readonly #timers: Timers;
  readonly #ends = new ByMachine<End>();
  readonly #touched = new Map<End, number>();
  #nowNs = 0;

  constructor(subject: Subject, power: PowerLog, timers: Timers) {
    this.#subject = subject;
    this.#power = power;
    this.#timers = timers;
  }

  add(entry: Entry): void {
    const { seq, atNs, node, event } = entry;
    this.#nowNs = atNs;
    if (event.kind === 'state' && event.layer === 4) this.#change(seq, node, event.machine, event.from, event.to);
    if (event.kind === 'metric' && event.layer === 4)
      this.#measure(seq, () => `${node} ${event.machine}`, event.name, event.value);
    if ((event.kind !== 'encoded' && event.kind !== 'decoded') || event.protocol !== 'tcp' || event.via === '') return;
    const segment = readSegment(event.bytes);
    if (!segment || segment.isRst) return;
    const end = this.#endOf(node, event.via);
    this.#touched.set(end, seq);
    if (event.kind === 'encoded') this.#onSent(seq, end, segment, event);
    else this.#onTaken(seq, end, segment);
  }

  settle(): void {
    if (this.#touched.size === 0) return;
    for (const [end, seq] of this.#touched) {
      const { node, machine } = end;
      if (end.state === 'CLOSED' || !this.#power.isUp(node)) continue;
      if (end.una < end.sent && end.state !== 'TIME-WAIT' && !this.#timers.isPending(node, machine)) {
        this.#subject.report(
          'nothing-pending',
          `${nameOf(end)}, ${end.state}: ${end.sent - end.una} numbers are not acknowledged`,
          seq,
        );
      }
    }
    this.#touched.clear();
  }

  /** What a connection that is neither over nor at rest still waits for. */
  unfinished(nowNs: number): { readonly node: string; readonly key: string; readonly what: string }[] {
    return [...this.#ends].flatMap(([node, , end]) => {
      const key = nameOf(end);
      if (nowNs - end.sinceNs < PATIENCE_NS) return [];
      if (end.state === 'CLOSED' || end.state === 'TIME-WAIT') return [];
      if (['SYN-SENT', 'SYN-RECEIVED', 'FIN-WAIT-1', 'CLOSING', 'LAST-ACK'].includes(end.state))
        return [{ node, key, what: end.state }];
      return end.una < end.sent
        ? [{ node, key, what: `${end.sent - end.una} octets unacknowledged in ${end.state}` }]
        : [];
    });
  }

  #endOf(node: string, machine: string): End {
    return this.#ends.get(node, machine) ?? this.#ends.set(node, machine, newEnd(node, machine));
  }

  #change(seq: number, node: string, machine: string, from: string, to: string): void {
    const end = this.#endOf(node, machine);
    if (end.state !== from || !LEGAL[from]?.includes(to)) {
      this.#subject.report('illegal-transition', `${nameOf(end)} goes from ${from} (was ${end.state}) to ${to}`, seq);
    }
    end.state = to;
    end.sinceNs = this.#nowNs;
    // The next connection of this name begins with a segment, before any state.
    if (to === 'CLOSED') this.#ends.delete(node, machine);
  }

  #onSent(seq: number, end: End, segment: SegmentView, event: Encoded): void {
    const { report } = this.#subject;
    if (segment.isSyn) {
      end.iss ??= segment.sequence;
      if (segment.shift !== null) end.ownShift = segment.shift;
    }
    if (end.iss === null) return;
    const at = relative(segment.sequence, end.iss);
    const until = at + segment.length;
    this.#compareOctets(seq, end, at + (segment.isSyn ? 1 : 0), event.bytes.subarray(segment.dataAt));
    if (until > end.sent && !segment.isSyn) {
      // A probe of a closed window is one octet beyond it (RFC 9293 section 3.8.6.1); a FIN takes a number, no room.
      const slack =
        Math.max(segment.dataBytes === 1 ? 1 : 0, segment.isFin ? 1 : 0) +
        (segment.isFin && segment.dataBytes === 1 ? 1 : 0);
      if (until > end.allowed + slack)
        report('window-overrun', `${nameOf(end)} sends up to ${until}; the window ends at ${end.allowed}`, seq);
    }
    if (end.una === end.sent) end.sinceNs = this.#nowNs;
    end.sent = Math.max(end.sent, until);
    if (!segment.hasAck || end.irs === null) return;
    const acknowledged = relative(segment.acknowledgment, end.irs);
    if (acknowledged > end.received.next) {
      report(
        'acknowledged-unreceived',
        `${nameOf(end)} acknowledges ${acknowledged} and has received ${end.received.next}`,
        seq,
      );
    }
    if (acknowledged < end.acknowledged)
      report('acknowledgment-withdrawn', `${nameOf(end)} acknowledges ${acknowledged} after ${end.acknowledged}`, seq);
    end.acknowledged = Math.max(end.acknowledged, acknowledged);
    const isScaled = !segment.isSyn && end.peerShift !== null;
    const edge = acknowledged + segment.window * (isScaled ? 2 ** end.ownShift : 1);
    if (edge < end.offered) report('window-shrunk', `${nameOf(end)} offered up to ${end.offered}, now ${edge}`, seq);
    end.offered = Math.max(end.offered, edge);
  }

  #onTaken(seq: number, end: End, segment: SegmentView): void {
    const { report } = this.#subject;
    if (segment.isSyn && end.irs === null) {
      end.irs = segment.sequence;
      end.peerShift = segment.shift;
      end.received.add(0, 1);
    }
    if (end.irs === null) return;
    const at = relative(segment.sequence, end.irs);
    if (segment.dataBytes > 0 && !segment.isSyn) {
      // The octet of a probe stands at the edge of a closed window (RFC 9293 section 3.8.6.1), and may be taken.
      if (at > end.offered || (at === end.offered && segment.dataBytes > 1))
        report('outside-window', `${nameOf(end)} takes octets from ${at}; its window ends at ${end.offered}`, seq);
      if (at + segment.length <= end.received.next && at + segment.length <= end.acknowledged) {
        report(
          'outside-window',
          `${nameOf(end)} takes octets up to ${at + segment.length} that it had acknowledged`,
          seq,
        );
      }
    }
    const until = at + segment.length;
    end.received.add(at, until);
    if (!segment.hasAck || end.iss === null) return;
    const acknowledged = relative(segment.acknowledgment, end.iss);
    if (acknowledged > end.sent) return;
    if (acknowledged > end.una) end.sinceNs = this.#nowNs;
    end.una = Math.max(end.una, acknowledged);
    const isScaled = !segment.isSyn && end.peerShift !== null;
    end.allowed = Math.max(end.allowed, acknowledged + segment.window * (isScaled ? 2 ** (end.peerShift ?? 0) : 1));
  }

  #compareOctets(seq: number, end: End, at: number, data: Uint8Array): void {
    const differs = end.octets.compare(at, data);
    if (differs !== null)
      this.#subject.report('octets-changed', `${nameOf(end)} sends another octet ${differs} than before`, seq);
  }

  #measure(seq: number, key: () => string, name: string, value: number): void {
    const { report } = this.#subject;
    if (!Number.isSafeInteger(value) || value < 0) report('estimate-absurd', `${key()} ${name} is ${value}`, seq);
    if (name === 'cwnd' && value < 1) report('estimate-absurd', `${key()} cwnd is ${value}`, seq);
    if (name === 'rto' && (value < 1_000_000 || value > 120_000_000_000))
      report('estimate-absurd', `${key()} rto is ${value} ns`, seq);
  }
}

function nameOf({ node, machine }: End): string {
  return `${node} ${machine}`;
}

/** The distance of a sequence number from where numbers began; short runs stay within 2^31 of it. */
function relative(sequence: number, from: number): number {
  return (sequence - from) | 0;
}
