import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Canvas } from '../../src/tui/canvas.ts';
import { Compositor } from '../../src/tui/compositor.ts';
import { styleId } from '../../src/tui/style.ts';
import { Emulator } from './stage.ts';

const RED = styleId({ foreground: 0xff0000, bold: true });
const ON_BLUE = styleId({ background: 0x0000ff });

function canvasOf(lines: readonly string[], width = 20, style = 0): Canvas {
  const canvas = new Canvas(width, lines.length);
  for (const [y, line] of lines.entries()) canvas.text(0, y, line, style);
  return canvas;
}

describe('the compositor', () => {
  it('writes nothing when nothing changed', () => {
    const compositor = new Compositor('true', false);
    compositor.compose(canvasOf(['hello']));
    expect(compositor.compose(canvasOf(['hello']))).toBe('');
  });

  it('sends one update of the cells that changed, and ends it', () => {
    const compositor = new Compositor('true', false);
    compositor.compose(canvasOf(['hello', 'world']));
    expect(compositor.compose(canvasOf(['hello', 'wurld']))).toBe('\x1b[?2026h\x1b[2;2H\x1b[mu\x1b[?2026l');
  });

  it('sends everything again when the terminal was lost or has another size', () => {
    const compositor = new Compositor('true', false);
    compositor.compose(canvasOf(['hello']));
    compositor.forget();
    expect(compositor.compose(canvasOf(['hello']))).toContain('\x1b[2J');
    expect(compositor.compose(canvasOf(['hello'], 21))).toContain('\x1b[2J');
  });

  it('has no colour codes without colours, and the same text', async () => {
    const compositor = new Compositor('none', false);
    const canvas = canvasOf(['hello'], 20, RED);
    const text = compositor.compose(canvas);
    expect(text).not.toMatch(/\x1b\[[^m]*38;/);
    const emulator = new Emulator(20, 1);
    await emulator.write(text);
    expect(emulator.rows()).toEqual(['hello']);
  });

  it('draws with ASCII only where that is all there is', () => {
    const text = new Compositor('none', true).compose(canvasOf(['╭─▶ ✗ 漢 ⠿…']));
    expect(text).toContain('.-> x ?  *.');
    expect([...text].every((character) => character.charCodeAt(0) < 0x7f)).toBe(true);
  });

  it('makes a terminal show the same from any screen to any other', async () => {
    const line = fc.string({ unit: fc.constantFrom('a', 'b', ' ', '─', '漢', '✗', 'é'), maxLength: 14 });
    const screen = fc.array(fc.tuple(line, fc.constantFrom(0, RED, ON_BLUE), fc.nat(12)), {
      minLength: 4,
      maxLength: 4,
    });
    await fc.assert(
      fc.asyncProperty(fc.array(screen, { minLength: 2, maxLength: 5 }), async (screens) => {
        const compositor = new Compositor('true', false);
        const stepped = new Emulator(16, 4);
        for (const lines of screens) {
          const canvas = new Canvas(16, 4);
          for (const [y, [text, style, x]] of lines.entries()) canvas.text(x, y, text, style);
          await stepped.write(compositor.compose(canvas));
          const fresh = new Emulator(16, 4);
          await fresh.write(new Compositor('true', false).compose(canvas));
          expect(stepped.cells()).toEqual(fresh.cells());
          expect(stepped.rows()).toEqual(canvas.rows());
        }
      }),
      { numRuns: 60 },
    );
  });
});
