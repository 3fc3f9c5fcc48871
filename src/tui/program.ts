/** The loop around the model: what comes in becomes messages, what the model asks for is done, what changed is drawn. */

import type { ColourDepth } from '../projections/paint.ts';
import type { Canvas } from './canvas.ts';
import { Compositor } from './compositor.ts';
import type { InputEvent } from './decoder.ts';
import { exported } from './export.ts';
import type { Standing } from './gallery/gallery.ts';
import { clickMessages, paneAt } from './hit.ts';
import type { WalkHost } from './host.ts';
import { messageFor } from './keymap.ts';
import { Layout } from './layout.ts';
import { boxOf, standingOf } from './lesson.ts';
import type { Effect, Msg } from './message.ts';
import { branchOf, initialModel, type Model, storyOf } from './model.ts';
import { paint } from './paint.ts';
import { choiceAt } from './panes/quiz.ts';
import { withinReach } from './scrolled.ts';
import { type Leaving, Stay } from './stay.ts';
import { type TapeStep, tapeLine } from './tape.ts';
import type { TerminalSession, TerminalUser } from './terminal.ts';
import type { ThemeName } from './theme.ts';
import { TICK_MS } from './update/time.ts';
import { update } from './update/update.ts';
import { viewOf } from './view.ts';

/** How long a journey may keep the screen from answering. */
const PATIENCE_MS = 25;
/** Between two lines of a tape. */
const TAPE_MS = 300;

export interface ProgramOptions {
  readonly depth: ColourDepth;
  readonly isAscii: boolean;
  readonly theme: ThemeName;
  /** Called with every line of the tape that is being recorded. */
  readonly record: ((line: string) => void) | null;
  /** Begins with the lesson. */
  readonly lesson?: boolean;
  /** Played before the person takes over. */
  readonly tape: readonly TapeStep[] | null;
}

export class Program {
  readonly #host: WalkHost;
  readonly #terminal: TerminalSession;
  readonly #stay: Stay<Leaving>;
  readonly #options: ProgramOptions;
  readonly #layout = new Layout();
  readonly #compositor: Compositor;
  #model: Model;
  #isPaintDue = false;
  #playing: NodeJS.Timeout | null = null;
  #isTravelling = false;
  #canvas: Canvas | null = null;

  constructor(host: WalkHost, terminal: TerminalSession, options: ProgramOptions) {
    this.#host = host;
    this.#terminal = terminal;
    this.#stay = new Stay(terminal);
    this.#options = options;
    this.#compositor = new Compositor(options.depth, options.isAscii);
    const { columns, rows } = terminal;
    this.#model = initialModel(host, { columns, rows, theme: options.theme });
  }

  get model(): Model {
    return this.#model;
  }

  /** Resolves when the person leaves; rejects with what went wrong, the terminal restored before. */
  async run(): Promise<Leaving> {
    const user: TerminalUser = {
      onInput: (event) => this.#receive(event),
      onResize: () => this.#resized(),
      onSignal: (signal) => this.#stay.leave(signal),
    };
    try {
      return await this.#stay.last(user, () => this.#begin());
    } finally {
      if (this.#playing) clearTimeout(this.#playing);
      this.#layout.close();
    }
  }

  #begin(): void {
    this.#paint();
    if (this.#options.lesson) this.dispatch({ kind: 'command', name: 'lesson' });
    // The first screen stands; keys that come meanwhile are answered as ever.
    setImmediate(() => this.#layout.loadInk().catch((error: unknown) => this.#stay.fail(error)));
    if (this.#options.tape) this.#play(this.#options.tape, 0);
  }

  /** One line of a tape after the other, slowly enough to be watched. */
  #play(tape: readonly TapeStep[], at: number): void {
    const step = tape[at];
    if (!step || this.#stay.isOver) return;
    const delayMs = step.kind === 'wait' ? step.ms : TAPE_MS;
    setTimeout(() => {
      this.#stay.guard(() => {
        if (step.kind === 'input') this.#receive(step.event);
        else if (step.kind === 'message') this.dispatch(step.message);
      });
      const isRepeated = step.kind === 'message' && step.times > 1;
      const rest = isRepeated ? [{ ...step, times: step.times - 1 }, ...tape.slice(at + 1)] : null;
      if (rest) this.#play(rest, 0);
      else this.#play(tape, at + 1);
    }, delayMs).unref();
  }

  /** For whoever shows what goes on elsewhere: the person may have left, and a mistake of ours ends the stay. */
  suggest(message: Msg): void {
    this.#stay.guard(() => this.dispatch(message));
  }

  /** What was shown is over. */
  leave(): void {
    this.#stay.leave('quit');
  }

  dispatch(message: Msg): void {
    const [model, effect] = update(this.#model, message);
    this.#model = withinReach(this.#model, model, this.#layout);
    if (effect) this.#perform(effect);
    this.#schedule();
  }

  #receive(event: InputEvent): void {
    const { record } = this.#options;
    if (record) {
      const line = tapeLine(this.#model, event);
      if (line !== null) record(line);
    }
    if (event.kind === 'key') {
      if (event.key === 'ctrl+c') this.#stay.leave('SIGINT');
      const message = messageFor(this.#model, event.key);
      if (message) this.dispatch(message);
    } else if (event.kind === 'paste') {
      if (this.#model.prompt) this.dispatch({ kind: 'edit', edit: { kind: 'insert', text: event.text } });
    } else if ((this.#model.prompt?.kind ?? 'keys') === 'keys' && !this.#model.inject) this.#point(event);
  }

  #point(event: Extract<InputEvent, { kind: 'mouse' }>): void {
    const places = this.#layout.placesOf(this.#model);
    const { x, y, action } = event;
    const box = boxOf(this.#model);
    if (box) {
      const room = this.#layout.placesOf(this.#model).get('lesson') ?? null;
      const choice = action === 'press' ? choiceAt(viewOf(this.#model), room, x, y) : null;
      if (choice !== null) this.dispatch({ kind: 'answer', choice });
      return;
    }
    if (action === 'press' || (action === 'drag' && y === this.#terminal.rows - 2)) {
      for (const message of clickMessages(this.#model, places, x, y)) this.dispatch(message);
    } else if (action === 'wheel-up' || action === 'wheel-down') {
      const pane = paneAt(places, x, y);
      if (pane && pane !== this.#model.focus) this.dispatch({ kind: 'focus', pane });
      this.dispatch({ kind: 'scroll', by: action === 'wheel-up' ? -1 : 1 });
    }
  }

  #resized(): void {
    this.#compositor.forget();
    this.dispatch({ kind: 'resize', columns: this.#terminal.columns, rows: this.#terminal.rows });
  }

  #perform(effect: Effect): void {
    switch (effect.kind) {
      case 'quit':
        this.#stay.leave('quit');
        break;
      case 'learn':
        this.#learn();
        break;
      case 'suspend':
        this.#terminal.suspend();
        break;
      case 'redraw':
        this.#compositor.forget();
        break;
      case 'copy':
        // OSC 52: the terminal's clipboard. The text is ours or the person's own, and is sent as base64.
        this.#terminal.write(`\x1b]52;c;${Buffer.from(effect.text).toString('base64')}\x07`);
        break;
      case 'save': {
        const { faults, seed } = branchOf(this.#model);
        this.#report(this.#host.save(faults, seed, effect.path));
        break;
      }
      case 'extract':
        if (this.#host.extract) this.#report(this.#host.extract(effect.frames, effect.path));
        break;
      case 'export':
        this.#report(this.#host.write(effect.path, exported(this.#model, this.#layout, effect.path, this.#options)));
        break;
    }
  }

  /** After the screen has said so: the run to the end may take a moment. */
  #learn(): void {
    setImmediate(() => {
      this.#host
        .lesson?.(() => !this.#stay.isOver)
        .then(
          (view) => this.#stay.guard(() => view && this.dispatch({ kind: 'lesson', view })),
          (error: unknown) => this.#stay.fail(error),
        );
    });
  }

  #report(work: Promise<string>): void {
    work.then(
      (text) => this.#stay.guard(() => this.dispatch({ kind: 'told', text, isError: false })),
      (error: unknown) => {
        const text = error instanceof Error ? error.message : String(error);
        this.#stay.guard(() => this.dispatch({ kind: 'told', text, isError: true }));
      },
    );
  }

  #schedule(): void {
    if (!this.#isPaintDue) {
      this.#isPaintDue = true;
      queueMicrotask(() => this.#stay.guard(() => this.#paint()));
    }
    if ((this.#model.journey || (this.#model.matches?.done ?? 1) < 1) && !this.#isTravelling) {
      this.#isTravelling = true;
      setImmediate(() => this.#stay.guard(() => this.#travel()));
    }
    if (this.#model.isPlaying && !this.#playing) {
      this.#playing = setTimeout(() => {
        this.#playing = null;
        this.#stay.guard(() => this.dispatch({ kind: 'tick' }));
      }, TICK_MS[this.#model.speed] ?? 250);
    }
  }

  #travel(): void {
    const until = performance.now() + PATIENCE_MS;
    while (this.#model.journey && performance.now() < until) {
      const [model] = update(this.#model, { kind: 'travel' });
      this.#model = model;
    }
    while (!this.#model.journey && performance.now() < until && this.#model.matches?.work());
    this.#isTravelling = false;
    this.#schedule();
  }

  #paint(): void {
    this.#isPaintDue = false;
    this.#canvas = paint(this.#model, this.#layout.placesOf(this.#model));
    this.#terminal.write(this.#compositor.compose(this.#canvas));
  }

  /** The entry that the screen stands at. */
  get cursor(): number {
    return branchOf(this.#model).cursor;
  }

  /** The last place before an entry at which a walk may stand; 0 where there is none. */
  lastStopBefore(seq: number): number {
    return storyOf(this.#model).stopBefore(seq) ?? 0;
  }

  /** Of the lesson, as far as it was walked; null: nothing was answered. */
  get standing(): Standing | null {
    const { lesson } = this.#model;
    return lesson && standingOf(lesson);
  }

  get entries(): number {
    return storyOf(this.#model).entries.length;
  }
}
