/** What applications read is a beginning of what their peers wrote; what did not arrive has a reason. */

import type { Decoded, Encoded, Entry } from '../../../src/kernel/journal.ts';
import { ByMachine } from './by-machine.ts';
import type { Invariant, PowerLog, Subject } from './invariant.ts';

/** Beyond the greatest timeout there is. */
const PATIENCE_NS = 130_000_000_000;

interface Written {
  readonly seq: number;
  readonly node: string;
  readonly event: Encoded;
}

interface Read {
  readonly seq: number;
  readonly node: string;
  readonly event: Decoded;
}

/** Reasons for which TCP gives up what it holds. */
const FINAL: ReadonlySet<string> = new Set(['reset', 'timed-out', 'closed', 'crashed']);

export class Streams implements Invariant {
  readonly #subject: Subject;
  readonly #power: PowerLog;
  readonly #written = new Map<string, Written[]>();
  readonly #read = new Map<string, Read[]>();
  /** What each `encoded` entry carries. */
  readonly #carried = new Map<number, readonly number[]>();
  /** Inside of what ended for good above the network layer. */
  readonly #ended: (readonly number[])[] = [];
  /** By node and connection: its state, and when a segment of it was sent or taken last. */
  readonly #states = new Map<string, string>();
  readonly #activeNs = new ByMachine<number>();
  /** Octets that applications read and threw away, with a reason. */
  readonly #discarded = new ByMachine<number>();

  constructor(subject: Subject, power: PowerLog) {
    this.#subject = subject;
    this.#power = power;
  }

  add(entry: Entry): void {
    const { seq, atNs, node, event } = entry;
    if (event.kind === 'state' && event.layer === 4)
      this.#states.set(`${node} ${event.machine.replace(/^tcp\./, '')}`, event.to);
    if ((event.kind === 'encoded' || event.kind === 'decoded') && event.protocol === 'tcp' && event.layer === 4) {
      this.#activeNs.set(node, event.via, atNs);
    }
    if (event.kind === 'encoded' && event.carries.length > 0) this.#carried.set(seq, event.carries);
    if (event.kind === 'dropped' && event.layer === 7 && event.carries.length === 0)
      this.#discarded.set(node, event.via, (this.#discarded.get(node, event.via) ?? 0) + event.bytes.length);
    if (event.kind === 'dropped' && event.layer >= 4 && event.carries.length > 0) {
      const isFinal = event.layer > 4 || FINAL.has(event.reason);
      if (isFinal) this.#ended.push(event.carries);
    }
    if ((event.kind !== 'encoded' && event.kind !== 'decoded') || event.layer !== 7 || event.conversation === undefined)
      return;
    if (event.kind === 'encoded') put(this.#written, event.conversation, { seq, node, event });
    else put(this.#read, event.conversation, { seq, node, event });
  }

  end(nowNs: number): void {
    for (const [conversation, reads] of this.#read) {
      const written = this.#written.get(conversation);
      // Behind a NAT the other end has other addresses: then carries tell what it is.
      for (const node of new Set(reads.map((each) => each.node))) {
        const theirs = this.#ofLastConnection(written?.filter((each) => each.node !== node) ?? []);
        const ours = this.#ofLastConnection(after(theirs, reads).filter((each) => each.node === node));
        if (theirs.length === 0 || this.#isTunnel([...theirs, ...ours])) continue;
        if (conversation.startsWith('udp ')) this.#judgeDatagrams(conversation, theirs, ours);
        else this.#judgeStream(conversation, theirs, ours);
      }
    }
    this.#judgeReasons(nowNs);
  }

  #judgeStream(conversation: string, written: readonly Written[], read: readonly Read[]): void {
    const sent = joined(written);
    const got = joined(read);
    const at = got.findIndex((octet, index) => octet !== sent[index]);
    if (at < 0) return;
    const what = at >= sent.length ? 'was never written' : 'is another one than was written';
    this.#subject.report('stream-damaged', `octet ${at} of ${conversation} ${what}`, read.at(-1)?.seq);
  }

  #judgeDatagrams(conversation: string, written: readonly Written[], read: readonly Read[]): void {
    const texts = new Set(written.map(({ event }) => Buffer.from(event.bytes).toString('latin1')));
    for (const { seq, event } of read) {
      if (!texts.has(Buffer.from(event.bytes).toString('latin1'))) {
        this.#subject.report('datagram-invented', `${event.bytes.length} octets of ${conversation}`, seq);
      }
    }
  }

  /** Over TCP: a message whose octets did not all arrive is still on its way, or an end of it stands in the journal. */
  #judgeReasons(nowNs: number): void {
    const buried = this.#buried();
    const open = this.#openMachines();
    for (const [conversation, written] of this.#written) {
      if (!conversation.startsWith('tcp ') || isWithItself(conversation)) continue;
      const reads = this.#read.get(conversation) ?? [];
      const nodes = new Set([...written, ...reads].map(({ node }) => node));
      if (nodes.size < 2 && written.some(({ node }) => this.#isTranslated(node))) continue;
      for (const node of new Set(written.map((each) => each.node))) {
        const ours = this.#ofLastConnection(written.filter((each) => each.node === node));
        const theirs = this.#ofLastConnection(after(ours, reads).filter((each) => each.node !== node));
        if (this.#isTunnel([...ours, ...theirs])) continue;
        const readers = new Map(theirs.map((each) => [`${each.node} ${each.event.via}`, each]));
        const discarded = [...readers.values()].map((each) => this.#discarded.get(each.node, each.event.via) ?? 0);
        const arrived = discarded.reduce((sum, octets) => sum + octets, joined(theirs).length);
        let at = 0;
        for (const { seq, event } of ours) {
          at += event.bytes.length;
          if (at <= arrived || buried.has(seq)) continue;
          if (open.has(conversation)) {
            this.#judgeSilence(conversation, nodes, event.bytes.length, nowNs);
            continue;
          }
          this.#subject.report(
            'bytes-without-reason',
            `${event.bytes.length} octets of ${event.via} at ${node}, ${conversation}`,
            seq,
          );
          break;
        }
      }
    }
  }

  /** A node that has forgotten its connections in a crash may take the same port again: what came before is not judged. */
  #ofLastConnection<T extends Written | Read>(list: readonly T[]): readonly T[] {
    const last = list.at(-1);
    if (!last || !this.#power.sawCrash) return list;
    const crashed = this.#power.crashedAt(last.node);
    // Its names are new as well then, and may be those of before.
    const from = crashed < last.seq ? crashed : -1;
    return list.filter(({ seq, event }) => seq > from && event.via === last.event.via);
  }

  /** Both ends are up, something is missing between them, and for longer than any timer runs nothing was tried. */
  #judgeSilence(conversation: string, nodes: ReadonlySet<string>, octets: number, nowNs: number): void {
    const all = [...(this.#written.get(conversation) ?? []), ...(this.#read.get(conversation) ?? [])];
    const ends = new Set(all.map(({ node, event }) => `${node} ${event.via}`));
    const activeNs = all.map(({ node, event }) => this.#activeNs.get(node, `tcp.${event.via}`) ?? 0);
    const isOpen = ends.size === 2 && nodes.size === 2 && [...ends].every((key) => this.#isOpen(key));
    const lastNs = Math.max(...activeNs);
    if (isOpen && nowNs - lastNs > PATIENCE_NS) {
      this.#subject.report(
        'stalled',
        `${octets} octets of ${conversation} wait, and since ${lastNs} ns nothing happens`,
      );
    }
  }

  #isOpen(key: string): boolean {
    const state = this.#states.get(key);
    return state !== undefined && state !== 'CLOSED' && state !== 'TIME-WAIT';
  }

  /** A proxy that became a tunnel takes frames where its peers have messages: these cannot be compared. */
  #isTunnel(all: readonly (Written | Read)[]): boolean {
    if (all.every(({ event }) => event.protocol === 'http')) return false;
    const proxies = this.#subject.scenario.nodes.filter(({ apps }) =>
      apps.some(({ kind }) => kind === 'proxy' || kind === 'load-balancer'),
    );
    return (
      all.some(({ event }) => event.protocol === 'http') &&
      proxies.some(({ name }) => all.some(({ node }) => node === name))
    );
  }

  #isTranslated(node: string): boolean {
    return this.#subject.scenario.nodes.some(({ nat }) => nat !== undefined) && node.length > 0;
  }

  /** Everything that ended for good above the network layer, with all that lay inside. */
  #buried(): ReadonlySet<number> {
    const found = new Set<number>();
    const visit = (seq: number): void => {
      if (found.has(seq)) return;
      found.add(seq);
      for (const each of this.#carried.get(seq) ?? []) visit(each);
    };
    for (const carries of this.#ended) for (const each of carries) visit(each);
    return found;
  }

  /** Conversations of connections that live on at the end: what is missing may still come. */
  #openMachines(): ReadonlySet<string> {
    const open = new Set<string>();
    for (const [conversation, written] of this.#written) {
      for (const { node, event } of written) {
        if (this.#isOpen(`${node} ${event.via}`)) open.add(conversation);
      }
    }
    return open;
  }
}

/** A host that talks to one of its own ports: both ends are the same node. */
function isWithItself(conversation: string): boolean {
  const [, one = '', other = ''] = conversation.split(' ');
  return one.replace(/:\d+$/, '') === other.replace(/:\d+$/, '');
}

function put<T>(map: Map<string, T[]>, key: string, value: T): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}

/** What was read since the first of that was written. */
function after(written: readonly Written[], reads: readonly Read[]): readonly Read[] {
  const first = written[0]?.seq ?? 0;
  return reads.filter(({ seq }) => seq > first);
}

function joined(list: readonly { readonly event: { readonly bytes: Uint8Array } }[]): Uint8Array {
  return Buffer.concat(list.map(({ event }) => event.bytes));
}
