/** Screens of six scenarios at two sizes, as a terminal emulator shows them; `vitest -u` writes them anew. */

import { describe, expect, it } from 'vitest';
import { Compositor } from '../../src/tui/compositor.ts';
import { storyOf } from '../../src/tui/model.ts';
import { Emulator, Stage } from './stage.ts';

const SCENARIOS = ['first-packet', 'arp-before-ip', 'two-hops', 'tcp-handshake', 'tcp-lost-segment', 'dns-then-tcp'];
const SIZES = [
  [80, 24],
  [120, 40],
] as const;
/** Of longer runs every step up to here, then packet by packet. */
const STEPS = 160;

describe.each(SCENARIOS)('%s', (name) => {
  it.each(SIZES)(
    'looks as it did at %i×%i, and each step painted over the last is as painted anew',
    async (columns, rows) => {
      const stage = Stage.of(name, columns, rows);
      const stepped = new Emulator(columns, rows);
      const compositor = new Compositor('true', false);
      const kept: string[] = [];
      const keep = (what: string) => kept.push(`--- ${what}`, ...stepped.rows());
      for (let step = 0; step < STEPS && !storyOf(stage.model).isLast(stage.model.branches[0]?.cursor ?? 0); step++) {
        const canvas = stage.canvas();
        await stepped.write(compositor.compose(canvas));
        expect(stepped.rows()).toEqual(canvas.rows());
        if (step % 10 === 0) {
          const fresh = new Emulator(columns, rows);
          await fresh.write(new Compositor('true', false).compose(canvas));
          expect(stepped.cells()).toEqual(fresh.cells());
        }
        if (step === 0 || step === 12 || step === 60) keep(`step ${step}`);
        stage.keys('right');
      }
      for (const key of ['G', '7', '8', '5', 'z']) {
        stage.keys(key);
        await stepped.write(compositor.compose(stage.canvas()));
        keep(`key ${key}`);
      }
      await expect(`${kept.join('\n')}\n`).toMatchFileSnapshot(`golden/${name}-${columns}x${rows}.txt`);
    },
  );
});
