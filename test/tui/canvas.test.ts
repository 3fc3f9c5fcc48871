import { describe, expect, it } from 'vitest';
import { Canvas } from '../../src/tui/canvas.ts';

describe('a canvas', () => {
  it('cuts text with an ellipsis and stays inside its limit', () => {
    const canvas = new Canvas(12, 1);
    expect(canvas.text(1, 0, 'abcdefgh', 0, 5)).toBe(6);
    expect(canvas.row(0)).toBe(' abcd…');
  });

  it('never leaves half of a wide character', () => {
    const canvas = new Canvas(6, 1);
    canvas.text(0, 0, '漢字漢', 0);
    canvas.text(1, 0, 'x', 0);
    expect(canvas.row(0)).toBe(' x字漢');
    canvas.text(2, 0, 'y', 0, 1);
    expect(canvas.row(0)).toBe(' xy 漢');
    const cut = new Canvas(6, 1);
    cut.text(0, 0, '漢字漢', 0, 4);
    expect(cut.row(0)).toBe('漢…');
  });

  it('shows what a terminal would obey as its code point, whatever draws it (G4, G5)', () => {
    const canvas = new Canvas(80, 1);
    canvas.text(0, 0, 'a\x1b]52;c;eA==\x07\u202eb\u200b\x9b', 0);
    expect(canvas.row(0)).toBe('a<U+001B>]52;c;eA==<U+0007><U+202E>b<U+200B><U+009B>');
  });

  it('keeps combining marks with their letter, four at most (G6)', () => {
    const canvas = new Canvas(40, 1);
    canvas.text(0, 0, `e\u0301x`, 0);
    expect(canvas.glyphs.slice(0, 2)).toEqual(['e\u0301', 'x']);
  });

  it('ignores what lies outside', () => {
    const canvas = new Canvas(3, 1);
    canvas.text(-2, 0, 'abcd', 0, 10);
    canvas.text(0, 5, 'no', 0);
    canvas.fill(2, 0, 10, '#', 0);
    expect(canvas.row(0)).toBe('cd#');
  });
});
