/**
 * Whether a node's machines run. `paused` is a process that was stopped (SIGSTOP): what happens meanwhile waits and
 * happens, in order, when it goes on. `off` is a crash: nothing waits, and nothing of before happens any more.
 */
export class Power {
  #state: 'on' | 'paused' | 'off' = 'on';
  #held: (() => void)[] = [];
  readonly #losers = new Set<() => void>();
  readonly #tell: (isOn: boolean) => void;

  /** `tell` hears of each change. */
  constructor(tell: (isOn: boolean) => void = () => {}) {
    this.#tell = tell;
  }

  get isOn(): boolean {
    return this.#state === 'on';
  }

  get isOff(): boolean {
    return this.#state === 'off';
  }

  /** Keeps something for the time when the node runs again; forgets it when it is off. */
  hold(run: () => void): void {
    if (this.#state === 'paused') this.#held.push(run);
  }

  pause(): void {
    if (this.#state === 'on') this.#become('paused');
  }

  resume(): void {
    if (this.#state !== 'paused') return;
    this.#become('on');
    const held = this.#held;
    this.#held = [];
    for (const run of held) run();
  }

  /** Whoever holds something that ends with the power, and wants to say so. Returns how to take that back. */
  onCut(tell: () => void): () => void {
    this.#losers.add(tell);
    return () => this.#losers.delete(tell);
  }

  #become(state: 'on' | 'paused' | 'off'): void {
    this.#state = state;
    this.#tell(state === 'on');
  }

  /** For good: a node that starts again gets new machines and a new power supply. */
  cut(): void {
    this.#become('off');
    this.#held = [];
    const losers = [...this.#losers];
    this.#losers.clear();
    for (const tell of losers) tell();
  }
}
