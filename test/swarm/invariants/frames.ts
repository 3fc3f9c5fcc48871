import type { Entry, OnLink } from '../../../src/kernel/journal.ts';
import type { Run } from '../../../src/world/run.ts';
import type { Invariant, Subject } from './invariant.ts';

interface Flight {
  readonly link: string;
  state: 'queued' | 'flying';
  place: string;
  dueNs: number;
}

/** Sent = delivered + dropped with a reason + waiting + in flight, for every direction of every link, at any time. */
export class Frames implements Invariant {
  readonly #subject: Subject;
  readonly #run: Run;
  readonly #open = new Map<number, Flight>();
  readonly #ended = new Set<number>();
  /** Frames that wait, by link and sender. */
  readonly #waiting = new Map<string, number>();
  readonly #limit: number;
  /** Of links for which the timeline has said so last. */
  readonly #limits = new Map<string, number>();
  readonly #counts = new Map<string, { sent: number; delivered: number; dropped: number }>();

  constructor(subject: Subject, run: Run) {
    this.#subject = subject;
    this.#run = run;
    const { links, timeline } = subject.scenario;
    const queues = [
      ...links.flatMap(({ aToB, bToA }) => [aToB.queue, bToA.queue]),
      ...timeline.flatMap(({ action }) => (action.kind === 'set-link' ? [action.aToB.queue, action.bToA.queue] : [])),
    ];
    // The least frame has 64 octets.
    this.#limit = Math.max(
      ...queues.map((queue) => (queue ? ('packets' in queue ? queue.packets : queue.bytes / 64) : 0)),
    );
    for (const { id } of links) this.#counts.set(id, { sent: 0, delivered: 0, dropped: 0 });
  }

  add({ seq, atNs, node, event }: Entry): void {
    const { report } = this.#subject;
    switch (event.kind) {
      case 'input':
        this.#onChange(event.text);
        break;
      case 'queued':
        this.#enter(seq, node, event);
        break;
      case 'departed':
        this.#depart(seq, atNs, node, event);
        break;
      case 'arrived': {
        const flight = this.#open.get(event.frame);
        if (flight?.state !== 'flying')
          report('frame-unaccounted', `frame ${event.frame} arrives and was not on its way`, seq);
        else if (flight.dueNs !== atNs)
          report('frame-unaccounted', `frame ${event.frame} arrives at ${atNs}, not ${flight.dueNs}`, seq);
        this.#end(seq, event.frame, event.link, 'delivered');
        break;
      }
      case 'dropped':
        if (event.reason.length === 0 || event.detail.length === 0)
          report('frame-unaccounted', 'a drop without a reason', seq);
        // Every damaged frame has a wrong FCS, and goes no further than the card.
        if (event.reason === 'checksum') report('checksum-wrong', `${node}: ${event.protocol}, ${event.detail}`, seq);
        if (event.link === '') break;
        if (!this.#open.has(event.frame)) this.#take(event.link, event.frame, seq, 'flying', '');
        this.#end(seq, event.frame, event.link, 'dropped');
        break;
      default:
    }
  }

  /** `set l0: queue {"packets":1}`, and `over:` before it: then it is some earlier limit again. */
  #onChange(text: string): void {
    const [, over, link = '', packets] = /^(over: )?set (\S+): .*queue \{"packets":(\d+)\}/.exec(text) ?? [];
    if (link === '') return;
    if (over === undefined && !text.includes('b-to-a')) this.#limits.set(link, Number(packets));
    else this.#limits.delete(link);
  }

  #enter(seq: number, node: string, event: OnLink): void {
    const place = `${event.link} ${node} ${event.interface}`;
    this.#take(event.link, event.frame, seq, 'queued', place);
    const depth = (this.#waiting.get(place) ?? 0) + 1;
    this.#waiting.set(place, depth);
    const { report } = this.#subject;
    if (depth !== event.measure)
      report('queue-overflow', `the queue of ${place} says ${event.measure} frames wait; there are ${depth}`, seq);
    const limit = this.#limits.get(event.link) ?? this.#limit;
    if (depth > limit) report('queue-overflow', `${depth} frames wait on ${place}; the limit is ${limit}`, seq);
  }

  #depart(seq: number, atNs: number, _node: string, event: OnLink): void {
    const known = this.#open.get(event.frame);
    if (known?.state === 'queued') this.#waiting.set(known.place, (this.#waiting.get(known.place) ?? 0) - 1);
    else this.#take(event.link, event.frame, seq, 'flying', '');
    const flight = this.#open.get(event.frame) as Flight;
    flight.state = 'flying';
    flight.dueNs = atNs + event.measure;
  }

  #take(link: string, frame: number, seq: number, state: Flight['state'], place: string): void {
    if (this.#ended.has(frame) || this.#open.has(frame)) {
      this.#subject.report('frame-unaccounted', `frame ${frame} enters ${link} a second time`, seq);
    }
    this.#open.set(frame, { link, state, place, dueNs: 0 });
    const count = this.#counts.get(link);
    if (count) count.sent++;
  }

  #end(seq: number, frame: number, link: string, how: 'delivered' | 'dropped'): void {
    if (this.#ended.has(frame)) this.#subject.report('frame-unaccounted', `frame ${frame} ends twice`, seq);
    const flight = this.#open.get(frame);
    if (flight?.state === 'queued') this.#waiting.set(flight.place, (this.#waiting.get(flight.place) ?? 0) - 1);
    this.#open.delete(frame);
    this.#ended.add(frame);
    const count = this.#counts.get(link);
    if (count) count[how]++;
  }

  end(nowNs: number): void {
    const { report } = this.#subject;
    for (const [frame, { link, state, dueNs }] of this.#open) {
      if (state === 'flying' && dueNs < nowNs)
        report('frame-unaccounted', `frame ${frame} of ${link} was due at ${dueNs} and never came`);
    }
    for (const { id, aToB, bToA } of this.#run.links) {
      const count = this.#counts.get(id);
      for (const how of ['sent', 'delivered', 'dropped'] as const) {
        const counter = aToB[how] + bToA[how];
        if (count?.[how] !== counter)
          report('counts-differ', `${id} counts ${counter} frames ${how}, the journal ${count?.[how]}`);
      }
    }
  }
}
