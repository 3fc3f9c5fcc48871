/** Yoga is the referee of the places that stand before it is loaded. */

import { afterAll, describe, expect, it } from 'vitest';
import { InkLayout } from '../../src/tui/ink-layout.tsx';
import { LEAST_COLUMNS, LEAST_ROWS } from '../../src/tui/model.ts';
import type { Arrangement } from '../../src/tui/screen.tsx';
import { sketch } from '../../src/tui/sketch.tsx';

describe('where things stand before Ink is loaded', () => {
  const ink = new InkLayout();
  afterAll(() => ink.close());

  const slots = { left: 'ladder', middle: 'layers', right: 'bytes', below: 'events', beside: 'tcp' } as const;
  const places = (of: ReadonlyMap<string, unknown>) => Object.fromEntries([...of].sort());
  const both = (arrangement: Arrangement) => [places(sketch(arrangement)), places(ink.placesOf(arrangement))];

  it('is where Yoga puts them, in terminals of all widths and heights', () => {
    for (let columns = 1; columns <= 260; columns += columns < 58 ? 19 : columns < 112 ? 3 : 13) {
      for (const rows of [1, 14, 15, 16, 20, 23, 24, 25, 33, 34, 40, 51, 100]) {
        const isTooSmall = columns < LEAST_COLUMNS || rows < LEAST_ROWS;
        const arrangement = { columns, rows, slots, isRoomy: columns >= 110 && rows >= 34, isTooSmall, alone: null };
        const [ours, yogas] = both(arrangement);
        expect(ours, `${columns}×${rows}`).toEqual(yogas);
      }
    }
  });

  it.each(['whole', 'tcp', 'ladder'] as const)('is where Yoga puts what has the place of all: %s', (alone) => {
    for (const columns of [60, 80, 109, 110, 120, 233]) {
      const arrangement = { columns, rows: 40, slots, isRoomy: columns >= 110, isTooSmall: false, alone };
      const [ours, yogas] = both(arrangement);
      expect(ours).toEqual(yogas);
      expect(ours).toHaveProperty(alone);
    }
  });
});
