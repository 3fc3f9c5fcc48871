/** The screen of a walk at 120×40, without a terminal: keys go in, and what would be written is measured. */

import { walkHost } from '../src/cli/walk-host.ts';
import { loadScenario } from '../src/index.ts';
import { Compositor } from '../src/tui/compositor.ts';
import type { WalkHost } from '../src/tui/host.ts';
import { messageFor } from '../src/tui/keymap.ts';
import { Layout } from '../src/tui/layout.ts';
import { initialModel, type Model } from '../src/tui/model.ts';
import { paint } from '../src/tui/paint.ts';
import { update } from '../src/tui/update/update.ts';

/** About a million entries. */
export const LONG = `packetwalk: 1
title: A long upload
until: 10m
nodes:
  client: { ip: 10.0.0.1/24 }
  server: { ip: 10.0.0.2/24, apps: { sink: { port: 9 } } }
links: [{ between: [client, server], rate: 1Gbit, delay: 1ms, loss: 0.1% }]
timeline:
  - { at: 0s, node: client, do: { tcp-connect: { to: "server:9", as: upload } } }
  - { at: 0s, node: client, do: { tcp-send: { on: upload, size: 1MB, times: 85 } } }
`;

function hostOf(text: string, name: string): WalkHost {
  const loaded = loadScenario(text, name);
  if (loaded.scenario === null) throw new Error(JSON.stringify(loaded.problems));
  const out = undefined as unknown as Parameters<typeof walkHost>[0]['out'];
  return walkHost({
    scenario: loaded.scenario,
    text,
    name,
    given: { seed: null, until: null, profile: null, set: [] },
    out,
  });
}

/** A walk whose keys are timed. */
export class Screen {
  readonly #layout = new Layout();
  readonly #compositor = new Compositor('true', false);
  readonly host: WalkHost;
  model: Model;

  constructor(text: string, name: string) {
    this.host = hostOf(text, name);
    this.model = initialModel(this.host, { columns: 120, rows: 40 });
    this.press('ctrl+l');
  }

  /** Milliseconds and bytes of one key. */
  press(key: string): { readonly ms: number; readonly bytes: number } {
    const start = performance.now();
    const message = messageFor(this.model, key);
    if (message) [this.model] = update(this.model, message);
    while (this.model.journey) [this.model] = update(this.model, { kind: 'travel' });
    const text = this.#compositor.compose(paint(this.model, this.#layout.placesOf(this.model)));
    return { ms: performance.now() - start, bytes: Buffer.byteLength(text) };
  }

  close(): void {
    this.#layout.close();
  }
}
