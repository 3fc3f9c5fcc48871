/** The loop around the courses: keys and clicks in, screens out, until somebody chooses or leaves. */

import { Compositor } from '../compositor.ts';
import type { InputEvent } from '../decoder.ts';
import type { Leaving, ProgramOptions } from '../program.ts';
import type { TerminalSession } from '../terminal.ts';
import { drawGallery, firstInSight, listRect } from './draw.ts';
import { clicked, type Gallery, pressed, type Wish } from './gallery.ts';

export type Choice = Extract<Wish, { kind: 'walk' }> | { readonly kind: 'leave'; readonly leaving: Leaving };

export class GalleryProgram {
  readonly #terminal: TerminalSession;
  readonly #compositor: Compositor;
  #gallery: Gallery;
  #leave: ((choice: Choice) => void) | null = null;
  #fail: ((error: unknown) => void) | null = null;

  constructor(
    gallery: Gallery,
    terminal: TerminalSession,
    { depth, isAscii }: Pick<ProgramOptions, 'depth' | 'isAscii'>,
  ) {
    this.#gallery = gallery;
    this.#terminal = terminal;
    this.#compositor = new Compositor(depth, isAscii);
  }

  get gallery(): Gallery {
    return this.#gallery;
  }

  /** Resolves when a scenario is chosen or the person leaves; the terminal is restored then. */
  async run(): Promise<Choice> {
    try {
      return await new Promise<Choice>((resolve, reject) => {
        this.#leave = resolve;
        this.#fail = reject;
        this.#terminal.open({
          onInput: (event) => this.#guard(() => this.#receive(event)),
          onResize: () => this.#guard(() => this.#resized()),
          onSignal: (leaving) => resolve({ kind: 'leave', leaving }),
        });
        this.#guard(() => this.#resized());
      });
    } finally {
      this.#leave = null;
      this.#terminal.close();
    }
  }

  #guard(work: () => void): void {
    if (!this.#leave) return;
    try {
      work();
    } catch (error) {
      this.#fail?.(error);
    }
  }

  #receive(event: InputEvent): void {
    if (event.kind === 'key') {
      if (event.key === 'ctrl+c') this.#leave?.({ kind: 'leave', leaving: 'SIGINT' });
      else this.#became(pressed(this.#gallery, event.key));
    } else if (event.kind === 'mouse') this.#point(event);
  }

  #point({ x, y, action }: Extract<InputEvent, { kind: 'mouse' }>): void {
    if (action === 'wheel-up' || action === 'wheel-down') {
      this.#became(pressed(this.#gallery, action === 'wheel-up' ? 'up' : 'down'));
      return;
    }
    const rect = listRect(this.#gallery);
    const line = y - rect.y - 1;
    const isInside = x > rect.x && x < rect.x + rect.width - 1 && line >= 0 && line < rect.height - 2;
    const row = firstInSight(this.#gallery) + line;
    const { host, course } = this.#gallery;
    if (action === 'press' && isInside && row < (host.courses[course]?.scenarios.length ?? 0)) {
      this.#became(clicked(this.#gallery, row));
    }
  }

  #became([gallery, wish]: readonly [Gallery, Wish?]): void {
    this.#gallery = gallery;
    if (wish?.kind === 'walk') this.#leave?.(wish);
    else if (wish?.kind === 'quit') this.#leave?.({ kind: 'leave', leaving: 'quit' });
    else if (wish?.kind === 'suspend') this.#terminal.suspend();
    else {
      if (wish?.kind === 'redraw') this.#compositor.forget();
      this.#paint();
    }
  }

  #resized(): void {
    const { columns, rows } = this.#terminal;
    this.#compositor.forget();
    this.#gallery = { ...this.#gallery, size: { columns, rows } };
    this.#paint();
  }

  #paint(): void {
    this.#terminal.write(this.#compositor.compose(drawGallery(this.#gallery)));
  }
}
