/**
 * A run that somebody outside takes part in: real programs, people, a gateway. What they do is kept with its time, so
 * that the same run comes out of a scenario file again: it is a pure function of (scenario, seed, inputs).
 *
 * No input shares its nanosecond with an event that happened before it, so that nobody who replays it has to ask which
 * was first: an input that comes in an instant in which something has happened already takes place one nanosecond later.
 */

import type { Nanos } from '../kernel/journal.ts';
import type { SocketNews } from '../layers/7-application/program/service.ts';
import type { Action, Scenario } from '../scenario/scenario.ts';
import { Run } from './run.ts';

/** An input as a timeline entry of a scenario file says it, without its `at`. */
export type InputFile = Readonly<Record<string, unknown>>;

export interface SessionInput {
  readonly atNs: Nanos;
  readonly file: InputFile;
  /** How long until it was taken back; null: it was not. */
  forNs: Nanos | null;
}

interface Heard {
  readonly node: string;
  readonly news: SocketNews;
}

export class Session {
  readonly run: Run;
  readonly inputs: SessionInput[] = [];
  #heard: Heard[] = [];
  /** When something last happened that an input must not share its instant with. */
  #happenedNs: Nanos = -1;

  constructor(scenario: Scenario, options: { readonly seed?: string; readonly record?: boolean } = {}) {
    const tell = (node: string, news: SocketNews) => this.#heard.push({ node, news });
    this.run = new Run(scenario, { ...options, tell });
  }

  get nowNs(): Nanos {
    return this.run.nowNs;
  }

  get nextNs(): Nanos {
    return this.run.nextNs;
  }

  step(): boolean {
    if (!this.run.step()) return false;
    this.#happenedNs = this.run.nowNs;
    return true;
  }

  /** Everything that is due at one instant. False when nothing is left to happen. */
  stepInstant(): boolean {
    if (!this.step()) return false;
    while (this.run.nextNs <= this.run.nowNs && this.step());
    return true;
  }

  runUntil(atNs: Nanos): void {
    while (this.run.nextNs <= atNs && this.step());
    this.run.runUntil(atNs);
  }

  /** Lets it happen now. `file` says the same as `action`. Returns how to take it back. */
  do(action: Action, file: InputFile): () => void {
    this.#makeRoom();
    const input: SessionInput = { atNs: this.run.nowNs, file, forNs: null };
    this.inputs.push(input);
    const undo = this.run.inject({ kind: 'action', action });
    return () => {
      if (input.forNs !== null) return;
      if (this.inputs.some(({ atNs }) => atNs === this.run.nowNs)) this.#happenedNs = this.run.nowNs;
      this.#makeRoom();
      input.forNs = this.run.nowNs - input.atNs;
      undo();
      this.#happenedNs = this.run.nowNs;
    };
  }

  /** What programs are to hear and have not been told yet, in order; it is theirs now. */
  takeNews(): readonly Heard[] {
    const heard = this.#heard;
    if (heard.length > 0) this.#heard = [];
    return heard;
  }

  get hasNews(): boolean {
    return this.#heard.length > 0;
  }

  /** The first news of a kind about a socket, before what came earlier: what a call has an answer to at once. */
  takeNewsOf<K extends SocketNews['kind']>(
    node: string,
    socket: string,
    ...kinds: readonly K[]
  ): Extract<SocketNews, { readonly kind: K }> | null {
    const index = this.#heard.findIndex(
      ({ node: of, news }) =>
        of === node && 'socket' in news && news.socket === socket && (kinds as readonly string[]).includes(news.kind),
    );
    const [found] = index < 0 ? [] : this.#heard.splice(index, 1);
    return (found?.news ?? null) as Extract<SocketNews, { readonly kind: K }> | null;
  }

  /** Goes on to an instant in which nothing has happened and nothing is due. */
  #makeRoom(): void {
    for (;;) {
      while (this.run.nextNs <= this.run.nowNs && this.step());
      if (this.#happenedNs !== this.run.nowNs) return;
      // What is due in the next nanosecond happens in the next round, before the input.
      this.run.idleUntil(this.run.nowNs + 1);
    }
  }
}
