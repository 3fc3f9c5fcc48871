/**
 * NAPT (RFC 3022 section 2.2) with Linux's habits: a flow is protocol, both addresses and both ports; the port stays what
 * it is where it is free; what comes from outside must belong to a flow that the inside, or this node itself, began.
 *
 * Deviation: one idle time for all protocols and states, and the FIN or RST of a connection does not shorten it. No
 * hairpinning (RFC 4787 section 6).
 */

import type { Context } from '../../../kernel/context.ts';
import type { Nanos } from '../../../kernel/journal.ts';
import { formatIpv4, type Ipv4 } from '../../../wire/address.ts';
import { finish, sum } from '../../../wire/checksum.ts';
import { putU16 } from '../../../wire/writer.ts';
import type { Pdu } from '../../pdu.ts';
import type { Ipv4Gate, Passage } from '../ipv4/gate.ts';
import { destinationOf, headerLengthOf, IP_PROTOCOL, sourceOf } from '../ipv4/header.ts';
import { rewrite } from './rewrite.ts';
import { isEchoRequest, isIcmp, keyOf, quotedAt, reversed, type Tuple, tupleAt, tupleText } from './tuple.ts';

/** RFC 6335 section 6: ports from here on belong to nobody. */
const FIRST_FREE_PORT = 1024;
const LAST_PORT = 65_535;
/** Of an outside that waits for its address. */
const NO_ADDRESS: Ipv4 = 0;

/** As seen from the inside. */
interface Flow extends Tuple {
  readonly outsidePort: number;
  usedNs: Nanos;
}

export interface NatOptions {
  /** Names of interfaces. */
  readonly inside: string;
  readonly outside: string;
  /** The address that the inside has outside, now; 0: none yet. */
  readonly address: () => Ipv4;
  readonly idleNs: Nanos;
}

export class Nat implements Ipv4Gate {
  readonly #context: Context;
  readonly #options: NatOptions;
  readonly #byInside = new Map<string, Flow>();
  readonly #byOutside = new Map<string, Flow>();

  constructor(context: Context, options: NatOptions) {
    this.#context = context;
    this.#options = options;
  }

  outward(pdu: Pdu, via: string, out: string): Passage {
    const { inside, outside } = this.#options;
    if (via !== inside || out !== outside) return null;
    if (this.#options.address() === NO_ADDRESS) return 'the outside has no address yet';
    const quoted = quotedAt(pdu);
    if (quoted !== null) return this.#errorOutward(pdu, quoted);
    const tuple = tupleAt(pdu.bytes, pdu.start, pdu.end);
    if (!tuple) return 'it has no ports by which an answer could find back';
    return this.#leave(pdu, tuple);
  }

  /** This node's own flows have a row too: their answers are expected, and their ports are taken. */
  own(pdu: Pdu, out: string): Passage {
    if (this.#options.address() === NO_ADDRESS) return null;
    if (out !== this.#options.outside || sourceOf(pdu.bytes, pdu.start) !== this.#options.address()) return null;
    const quoted = quotedAt(pdu);
    if (quoted !== null) {
      // Its own errors too: what it quotes has been translated on the way in already.
      const passage = this.#errorOutward(pdu, quoted);
      return typeof passage === 'string' ? null : passage;
    }
    const tuple = tupleAt(pdu.bytes, pdu.start, pdu.end);
    return tuple && (!isIcmp(pdu) || isEchoRequest(pdu)) ? this.#leave(pdu, tuple) : null;
  }

  inward(pdu: Pdu, via: string): Passage {
    const address = this.#options.address();
    const { bytes, start, end } = pdu;
    const quoted = quotedAt(pdu);
    // What this node itself has to report about a flow comes by its loopback.
    if (via !== this.#options.outside && !(via === 'lo' && quoted !== null)) return null;
    const isToUs = destinationOf(bytes, start) === address;
    if (quoted !== null) {
      const tuple = tupleAt(bytes, quoted, end);
      const flow = tuple && isToUs ? this.#byOutside.get(outsideKey(tuple, tuple.sourcePort)) : undefined;
      if (!flow) return via === 'lo' || isToUs ? null : 'the error is about no flow that the inside began';
      return isUnchanged(flow, address) ? null : (own) => restore(own, flow);
    }
    const tuple = tupleAt(bytes, start, end);
    const flow = tuple && isToUs ? this.#byOutside.get(outsideKey(reversed(tuple), tuple.destinationPort)) : undefined;
    // Echo requests and errors to the address that all share are this node's own to answer.
    if (!flow) return isToUs && isIcmp(pdu) ? null : 'it belongs to no flow that the inside began';
    flow.usedNs = this.#context.nowNs;
    if (isUnchanged(flow, address)) return null;
    return (own) => rewrite(own.bytes, own.start, own.end, 'destination', flow.source, flow.sourcePort);
  }

  #leave(pdu: Pdu, tuple: Tuple): Passage {
    const isAnswer = isIcmp(pdu) && !isEchoRequest(pdu);
    const flow = this.#byInside.get(keyOf(tuple)) ?? (isAnswer ? null : this.#begin(tuple));
    if (!flow) return isAnswer ? 'an answer to an echo that nobody outside asked for' : 'every port is taken';
    flow.usedNs = this.#context.nowNs;
    const address = this.#options.address();
    if (isUnchanged(flow, address)) return null;
    return (own) => rewrite(own.bytes, own.start, own.end, 'source', address, flow.outsidePort);
  }

  /** An error from inside about what came in: its quotation shows the inside address, and must not. */
  #errorOutward(pdu: Pdu, quoted: number): Passage {
    const tuple = tupleAt(pdu.bytes, quoted, pdu.end);
    const flow = tuple ? this.#byInside.get(keyOf(reversed(tuple))) : undefined;
    if (!flow) return 'the error is about no flow that the inside began';
    const address = this.#options.address();
    return (own) => {
      const inner = quotedAt(own) as number;
      rewrite(own.bytes, inner, own.end, 'destination', address, flow.outsidePort);
      rewrite(own.bytes, own.start, own.end, 'source', address, null);
      writeIcmpChecksum(own);
    };
  }

  #begin(tuple: Tuple): Flow | null {
    const port = this.#freePort(tuple);
    if (port === null) return null;
    const flow = { ...tuple, outsidePort: port, usedNs: this.#context.nowNs };
    this.#byInside.set(keyOf(tuple), flow);
    this.#byOutside.set(outsideKey(tuple, port), flow);
    this.#tell(flow, true, 'the first packet from inside');
    this.#watch(flow, this.#options.idleNs);
    return flow;
  }

  /** The same port where no other flow to that destination has it; else the next free one. */
  #freePort(tuple: Tuple): number | null {
    const isFree = (port: number) => !this.#byOutside.has(outsideKey(tuple, port));
    if (isFree(tuple.sourcePort)) return tuple.sourcePort;
    for (let port = FIRST_FREE_PORT; port <= LAST_PORT; port++) if (isFree(port)) return port;
    return null;
  }

  /** Looks again when the flow could be idle for long enough. */
  #watch(flow: Flow, delayNs: Nanos): void {
    this.#context.after(delayNs, () => {
      const leftNs = flow.usedNs + this.#options.idleNs - this.#context.nowNs;
      if (leftNs > 0) {
        this.#watch(flow, leftNs);
        return;
      }
      this.#byInside.delete(keyOf(flow));
      this.#byOutside.delete(outsideKey(flow, flow.outsidePort));
      this.#tell(flow, false, 'nothing passed for the idle time');
    });
  }

  #tell(flow: Flow, isNew: boolean, because: string): void {
    if (!this.#context.recording) return;
    const row = isNew ? { outside: `${formatIpv4(this.#options.address())}:${flow.outsidePort}` } : null;
    const change = { table: 'nat', key: tupleText(flow), row, because };
    this.#context.record({ kind: 'table', layer: 3, protocol: 'ipv4', change });
  }
}

function isUnchanged({ source, sourcePort, outsidePort }: Flow, address: Ipv4): boolean {
  return source === address && sourcePort === outsidePort;
}

/** An error from outside, or of our own, back to whom it concerns. */
function restore(own: Pdu, flow: Flow): void {
  const inner = quotedAt(own) as number;
  rewrite(own.bytes, inner, own.end, 'source', flow.source, flow.sourcePort);
  rewrite(own.bytes, own.start, own.end, 'destination', flow.source, null);
  writeIcmpChecksum(own);
}

function writeIcmpChecksum({ bytes, start, end }: Pdu): void {
  const at = start + headerLengthOf(bytes, start);
  putU16(bytes, at + 2, 0);
  putU16(bytes, at + 2, finish(sum(bytes, at, end)));
}

function outsideKey({ protocol, destination, destinationPort }: Tuple, outsidePort: number): string {
  const port = protocol === IP_PROTOCOL.icmp ? 0 : destinationPort;
  return `${protocol} ${outsidePort} ${destination}:${port}`;
}
