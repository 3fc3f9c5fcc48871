/**
 * A stateful packet filter (RFC 2979) on a router: the first packet of a flow is judged by the rules, and what belongs to
 * a flow that was let through passes both ways until the flow was idle for long enough. Of TCP only a SYN begins a flow.
 * An ICMP error passes with the flow that it is about, whatever the rules say (RFC 2979 section 3.1.1: otherwise path MTU
 * discovery breaks); `icmp: 'drop'` shows what then happens.
 *
 * Deviation: one idle time for all protocols and states; RST and FIN do not end a flow.
 */

import type { Context } from '../../../kernel/context.ts';
import type { Nanos } from '../../../kernel/journal.ts';
import type { Pdu } from '../../pdu.ts';
import type { Ipv4Gate } from '../ipv4/gate.ts';
import type { Ipv6Gate } from '../ipv6/gate.ts';
import { keyOf, reversed, tupleText } from '../nat/tuple.ts';
import { type FlowTuple, type Seen, seenIn } from './seen.ts';

export interface FirewallRule {
  readonly verdict: 'allow' | 'deny';
  /** Names of interfaces; null: any. */
  readonly from: string | null;
  readonly to: string | null;
  /** As it is written, for people. */
  readonly text: string;
  /** Whether the rule means that datagram. */
  matches(datagram: Uint8Array): boolean;
}

export interface FirewallOptions {
  readonly idleNs: Nanos;
  readonly icmp: 'pass' | 'drop';
  /** The first that matches decides; what none matches is dropped. null: there are none, and everything may begin. */
  readonly rules: readonly FirewallRule[] | null;
}

interface Flow extends FlowTuple {
  usedNs: Nanos;
}

const NO_ICMP = 'this firewall lets no ICMP through';

export class Firewall implements Ipv4Gate, Ipv6Gate {
  readonly #context: Context;
  readonly #options: FirewallOptions;
  /** Under both of its directions. */
  readonly #flows = new Map<string, Flow>();

  constructor(context: Context, options: FirewallOptions) {
    this.#context = context;
    this.#options = options;
  }

  inward(pdu: Pdu, via: string): string | null {
    return via === 'lo' ? null : this.own(pdu);
  }

  /** Without Neighbour Discovery there would be no link at all (RFC 4890 section 4.4.1). */
  own(pdu: Pdu): string | null {
    if (this.#options.icmp === 'pass') return null;
    const { is } = seenIn(pdu);
    return is === 'icmp' || is === 'echo request' ? NO_ICMP : null;
  }

  outward(pdu: Pdu, via: string, out: string): string | null {
    const seen = seenIn(pdu);
    const { tuple, about } = seen;
    if (about !== undefined) {
      if (about && this.#flows.has(keyOf(about))) return null;
      return 'the ICMP error is about no flow that was let through';
    }
    const flow = tuple && this.#flows.get(keyOf(tuple));
    if (flow) {
      flow.usedNs = this.#context.nowNs;
      return null;
    }
    const refusal = beginsNothing(seen) ?? this.#judge(pdu, via, out);
    if (refusal === null && tuple) this.#begin(tuple);
    return refusal;
  }

  #judge(pdu: Pdu, via: string, out: string): string | null {
    const { rules } = this.#options;
    if (rules === null) return null;
    const datagram = pdu.view();
    for (const { verdict, from, to, text, matches } of rules) {
      if ((from !== null && from !== via) || (to !== null && to !== out) || !matches(datagram)) continue;
      return verdict === 'allow' ? null : `the rule says: ${text}`;
    }
    return `no rule allows it from ${via} to ${out}`;
  }

  #begin(tuple: FlowTuple): void {
    const flow = { ...tuple, usedNs: this.#context.nowNs };
    this.#flows.set(keyOf(tuple), flow);
    this.#flows.set(keyOf(reversed(tuple)), flow);
    this.#tell(flow, true, 'its first packet was let through');
    this.#watch(flow, this.#options.idleNs);
  }

  #watch(flow: Flow, delayNs: Nanos): void {
    this.#context.after(delayNs, () => {
      const leftNs = flow.usedNs + this.#options.idleNs - this.#context.nowNs;
      if (leftNs > 0) {
        this.#watch(flow, leftNs);
        return;
      }
      this.#flows.delete(keyOf(flow));
      this.#flows.delete(keyOf(reversed(flow)));
      this.#tell(flow, false, 'nothing passed for the idle time');
    });
  }

  #tell(flow: Flow, isNew: boolean, because: string): void {
    if (!this.#context.recording) return;
    const row = isNew ? { state: 'open' } : null;
    const change = { table: 'flows', key: tupleText(flow), row, because };
    const protocol = typeof flow.source === 'bigint' ? 'ipv6' : 'ipv4';
    this.#context.record({ kind: 'table', layer: 3, protocol, change });
  }
}

/** What can only be part of a flow that is known already; null: it may begin one. */
function beginsNothing({ is }: Seen): string | null {
  if (is === 'segment') return 'the segment belongs to no connection that is known here, and only a SYN begins one';
  return is === 'icmp' || is === 'discovery' ? 'nobody asked for this ICMP message' : null;
}
