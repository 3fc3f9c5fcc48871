import type { Packet } from './images.ts';
import type { Event, Journal, LayerNumber, Nanos } from './journal.ts';
import { type Kernel, Timer } from './kernel.ts';
import { Power } from './power.ts';
import type { Rng } from './rng.ts';

/** What the layers of one node are handed: the clock, chance under the node's own name, timers and the journal. */
export class Context {
  // What every frame asks for comes first and lies together.
  readonly #kernel: Kernel;
  readonly journal: Journal;
  /** What `power` says; here it is at hand. */
  isOn = true;
  readonly node: string;
  /** Machines of a node that is paused or has crashed do nothing. */
  readonly power = new Power((isOn) => {
    this.isOn = isOn;
  });
  /** How far the node's clock on the wall is from the right time. */
  skewNs: Nanos = 0;

  constructor(kernel: Kernel, node: string) {
    this.#kernel = kernel;
    this.node = node;
    this.journal = kernel.journal;
  }

  get nowNs(): Nanos {
    return this.#kernel.nowNs;
  }

  /** What the node's clock on the wall shows. Timers run by `nowNs`, which no skew changes. */
  get wallNs(): Nanos {
    return this.#kernel.nowNs + this.skewNs;
  }

  /** Ask before building an event: without a journal nothing must be allocated for it. */
  get recording(): boolean {
    return this.journal.recording;
  }

  /** A random stream of this node, `host:client/tcp/isn`. */
  random(purpose: string): Rng {
    return this.#kernel.random(`host:${this.node}/${purpose}`);
  }

  timer(layer: LayerNumber, machine: string, name: string, run: () => void): Timer {
    return new Timer(this.#kernel, this.power, this.node, layer, machine, name, run);
  }

  /** Runs once after a delay; returns how to cancel it. */
  after(delayNs: Nanos, run: () => void): () => void {
    const { power } = this;
    let isCancelled = false;
    const runUnlessCancelled = () => {
      if (!isCancelled) run();
    };
    const cancel = this.#kernel.after(delayNs, () => {
      if (power.isOn) run();
      else power.hold(runUnlessCancelled);
    });
    return () => {
      isCancelled = true;
      cancel();
    };
  }

  /** Appends to the journal. Only when `recording`. */
  record(event: Event): number {
    return this.journal.append(this.#kernel.nowNs, this.node, event);
  }

  /** Appends a PDU on its way through a layer, which is the packet's window. Only when `recording`. */
  recordPdu(kind: 'encoded' | 'decoded', layer: LayerNumber, protocol: string, via: string, packet: Packet): number {
    return this.journal.appendPdu(kind, this.#kernel.nowNs, this.node, layer, protocol, via, packet);
  }

  /**
   * What follows happens because of that entry. Returns the cause until now, to be given to `resume` when the call that
   * follows has returned: `const was = context.because(entry); lower.send(pdu); context.resume(was);`
   */
  because(entry: number | null): number | null {
    const was = this.journal.cause;
    this.journal.cause = entry;
    return was;
  }

  resume(was: number | null): void {
    if (this.journal.recording) this.journal.cause = was;
  }
}
