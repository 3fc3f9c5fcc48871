/** Scenarios on a screen without a terminal: what walks in tests see is what a terminal emulator shows. */

import { readFileSync } from 'node:fs';
import xterm from '@xterm/headless';
import { walkHost } from '../../src/cli/walk-host.ts';
import { loadScenario } from '../../src/index.ts';
import type { Canvas } from '../../src/tui/canvas.ts';
import type { CommandName } from '../../src/tui/commands.ts';
import type { WalkHost } from '../../src/tui/host.ts';
import { messageFor } from '../../src/tui/keymap.ts';
import { Layout } from '../../src/tui/layout.ts';
import type { Effect, Msg } from '../../src/tui/message.ts';
import { initialModel, type Model } from '../../src/tui/model.ts';
import { paint } from '../../src/tui/paint.ts';
import { withinReach } from '../../src/tui/scrolled.ts';
import { update } from '../../src/tui/update/update.ts';

export function bundledText(name: string): string {
  return readFileSync(new URL(`../../scenarios/${name}.pw.yaml`, import.meta.url), 'utf8');
}

export function hostOf(text: string, name: string): WalkHost {
  const loaded = loadScenario(text, name);
  if (loaded.scenario === null) throw new Error(JSON.stringify(loaded.problems, null, 1));
  const given = { seed: null, until: null, profile: null, set: [] };
  // Nothing is written to the terminal by a host.
  const out = undefined as unknown as Parameters<typeof walkHost>[0]['out'];
  return walkHost({ scenario: loaded.scenario, text, name, given, out });
}

export class Stage {
  readonly host: WalkHost;
  readonly layout = new Layout();
  model: Model;
  effects: Effect[] = [];

  constructor(host: WalkHost, columns = 120, rows = 40) {
    this.host = host;
    this.model = initialModel(host, { columns, rows });
  }

  static of(name: string, columns = 120, rows = 40): Stage {
    return new Stage(hostOf(bundledText(name), name), columns, rows);
  }

  send(message: Msg): void {
    const [next, effect] = update(this.model, message);
    this.model = withinReach(this.model, next, this.layout);
    if (effect) this.effects.push(effect);
    while (this.model.journey) [this.model] = update(this.model, { kind: 'travel' });
  }

  /** The lesson is on, from its beginning. */
  async taught(): Promise<this> {
    const view = await this.host.lesson?.(() => true);
    if (!view) throw new Error('there is no lesson');
    this.send({ kind: 'lesson', view });
    return this;
  }

  does(...names: readonly CommandName[]): this {
    for (const name of names) this.send({ kind: 'command', name });
    return this;
  }

  keys(...keys: readonly string[]): this {
    for (const key of keys) {
      const message = messageFor(this.model, key);
      if (message) this.send(message);
    }
    return this;
  }

  types(text: string): this {
    return this.keys(...[...text].map((character) => (character === ' ' ? 'space' : character)));
  }

  canvas(): Canvas {
    return paint(this.model, this.layout.placesOf(this.model));
  }

  screen(): string {
    return this.canvas().rows().join('\n');
  }
}

/** A terminal emulator that is written to. */
export class Emulator {
  readonly #terminal: InstanceType<typeof xterm.Terminal>;

  constructor(columns: number, rows: number) {
    this.#terminal = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true, scrollback: 0 });
  }

  write(text: string): Promise<void> {
    return new Promise((resolve) => this.#terminal.write(text, resolve));
  }

  rows(): string[] {
    const { active } = this.#terminal.buffer;
    return Array.from({ length: this.#terminal.rows }, (_, y) =>
      (active.getLine(y)?.translateToString(true) ?? '').trimEnd(),
    );
  }

  /** Every cell with its colours and weight. */
  cells(): string[] {
    const { active } = this.#terminal.buffer;
    return Array.from({ length: this.#terminal.rows }, (_, y) => {
      const line = active.getLine(y);
      const cells = Array.from({ length: this.#terminal.cols }, (__, x) => {
        const cell = line?.getCell(x);
        if (!cell) return '';
        const glyph = cell.getChars() || ' ';
        // Nobody sees the ink of a blank.
        const ink = glyph === ' ' ? '' : `${cell.getFgColor()}/${cell.isBold()}/${cell.isDim()}`;
        return `${glyph}/${ink}/${cell.getBgColor()}/${cell.isInverse()}/${cell.isUnderline()}`;
      });
      return cells.join(' ');
    });
  }
}
