/** The loop around the courses: keys and clicks in, screens out, until somebody chooses or leaves. */

import { Compositor } from '../compositor.ts';
import type { InputEvent } from '../decoder.ts';
import type { ProgramOptions } from '../program.ts';
import { type Leaving, Stay } from '../stay.ts';
import type { TerminalSession, TerminalUser } from '../terminal.ts';
import { drawGallery, firstInSight, listRect } from './draw.ts';
import { clicked, type Gallery, pressed, type Wish } from './gallery.ts';

export type Choice = Extract<Wish, { kind: 'walk' }> | { readonly kind: 'leave'; readonly leaving: Leaving };

export class GalleryProgram {
  readonly #terminal: TerminalSession;
  readonly #stay: Stay<Choice>;
  readonly #compositor: Compositor;
  #gallery: Gallery;

  constructor(
    gallery: Gallery,
    terminal: TerminalSession,
    { depth, isAscii }: Pick<ProgramOptions, 'depth' | 'isAscii'>,
  ) {
    this.#gallery = gallery;
    this.#terminal = terminal;
    this.#stay = new Stay(terminal);
    this.#compositor = new Compositor(depth, isAscii);
  }

  get gallery(): Gallery {
    return this.#gallery;
  }

  /** Resolves when a scenario is chosen or the person leaves; the terminal is restored then. */
  run(): Promise<Choice> {
    const user: TerminalUser = {
      onInput: (event) => this.#receive(event),
      onResize: () => this.#resized(),
      onSignal: (leaving) => this.#stay.leave({ kind: 'leave', leaving }),
    };
    return this.#stay.last(user, () => this.#resized());
  }

  #receive(event: InputEvent): void {
    if (event.kind === 'key') {
      if (event.key === 'ctrl+c') this.#stay.leave({ kind: 'leave', leaving: 'SIGINT' });
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
    if (wish?.kind === 'walk') this.#stay.leave(wish);
    else if (wish?.kind === 'quit') this.#stay.leave({ kind: 'leave', leaving: 'quit' });
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
