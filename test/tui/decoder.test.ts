import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Decoder, type InputEvent, MOST_PASTED } from '../../src/tui/decoder.ts';

const encoder = new TextEncoder();

function decoded(...parts: readonly string[]): InputEvent[] {
  const decoder = new Decoder();
  return [...parts.flatMap((part) => decoder.push(encoder.encode(part))), ...decoder.flush()];
}

function keys(...parts: readonly string[]): string[] {
  return decoded(...parts).flatMap((event) => (event.kind === 'key' ? [event.key] : []));
}

describe('keys', () => {
  it('hands over every key of a read by itself (G3)', () => expect(keys('nnnnn')).toEqual(['n', 'n', 'n', 'n', 'n']));

  it('knows arrows, ends and function keys in all spellings', () => {
    expect(keys('\x1b[A\x1b[B\x1b[C\x1b[D')).toEqual(['up', 'down', 'right', 'left']);
    expect(keys('\x1bOA\x1bOH\x1bOF')).toEqual(['up', 'home', 'end']);
    expect(keys('\x1b[1~\x1b[4~\x1b[5~\x1b[6~\x1b[3~')).toEqual(['home', 'end', 'pageup', 'pagedown', 'delete']);
    expect(keys('\x1b[1;5C\x1b[1;2A\x1b[Z')).toEqual(['ctrl+right', 'shift+up', 'shift+tab']);
    expect(keys('\x1bOP\x1b[15~')).toEqual(['f1', 'f5']);
  });

  it('names control keys', () =>
    expect(keys('\x03\x1a\x0c\r\t\x7f ')).toEqual([
      'ctrl+c',
      'ctrl+z',
      'ctrl+l',
      'enter',
      'tab',
      'backspace',
      'space',
    ]));

  it('tells ESC alone from the beginning of a sequence', () => {
    expect(keys('\x1b')).toEqual(['esc']);
    expect(keys('\x1b', '[A')).toEqual(['up']);
    expect(keys('\x1bx')).toEqual(['alt+x']);
    expect(keys('\x1b\x1b[A')).toEqual(['esc', 'up']);
  });

  it('keeps characters of several octets whole across reads', () => {
    const decoder = new Decoder();
    const bytes = encoder.encode('é漢');
    const events = [...bytes].flatMap((octet) => decoder.push(Uint8Array.of(octet)));
    expect(events).toEqual([
      { kind: 'key', key: 'é' },
      { kind: 'key', key: '漢' },
    ]);
  });

  it('says the same however a read is cut', () => {
    const text = 'a\x1b[A\x1b[<0;3;4Mn\x1b[200~x\ny\x1b[201~\x1b[1;5Dz';
    const whole = decoded(text);
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: text.length - 1 }),
        fc.integer({ min: 1, max: text.length - 1 }),
        (one, other) => {
          const [first, second] = [Math.min(one, other), Math.max(one, other)];
          expect(decoded(text.slice(0, first), text.slice(first, second), text.slice(second))).toEqual(whole);
        },
      ),
    );
  });
});

describe('the mouse', () => {
  it('counts cells from 0', () => {
    expect(decoded('\x1b[<0;3;4M')).toEqual([{ kind: 'mouse', action: 'press', x: 2, y: 3 }]);
    expect(decoded('\x1b[<0;3;4m')).toEqual([{ kind: 'mouse', action: 'release', x: 2, y: 3 }]);
    expect(decoded('\x1b[<32;3;4M')).toEqual([{ kind: 'mouse', action: 'drag', x: 2, y: 3 }]);
    expect(decoded('\x1b[<64;1;1M\x1b[<65;1;1M')).toEqual([
      { kind: 'mouse', action: 'wheel-up', x: 0, y: 0 },
      { kind: 'mouse', action: 'wheel-down', x: 0, y: 0 },
    ]);
  });

  it('ignores other buttons', () => expect(decoded('\x1b[<2;3;4M')).toEqual([]));
});

describe('what is no key (G16)', () => {
  it('takes pasted text in one piece and no more of it than makes sense', () => {
    expect(decoded('\x1b[200~q\x1b[A\x1b[201~x')).toEqual([
      { kind: 'paste', text: 'q\x1b[A' },
      { kind: 'key', key: 'x' },
    ]);
    const [paste] = decoded(`\x1b[200~${'a'.repeat(1_000_000)}\x1b[201~`);
    expect(paste).toEqual({ kind: 'paste', text: 'a'.repeat(MOST_PASTED) });
  });

  it('hears keys again after a paste that never ended', () => {
    const decoder = new Decoder();
    expect(decoder.push(encoder.encode('\x1b[200~half'))).toEqual([]);
    expect(decoder.patienceMs).toBeGreaterThan(1000);
    expect(decoder.flush()).toEqual([{ kind: 'paste', text: 'half' }]);
    expect(decoder.patienceMs).toBe(null);
    // Its end, should it come late, is no key.
    expect(decoder.push(encoder.encode('\x1b[201~n'))).toEqual([{ kind: 'key', key: 'n' }]);
  });

  it('swallows answers of the terminal and unknown sequences', () => {
    expect(keys('\x1b[?62;c\x1b[12;34R\x1b]11;rgb:00/00/00\x07\x1bP1$r0m\x1b\\\x1b[1;2;3zn')).toEqual(['n']);
  });

  it('never throws and always comes back to keys', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (noise) => {
        const decoder = new Decoder();
        decoder.push(noise);
        decoder.flush();
        decoder.push(encoder.encode('\x1b[201~\x07\x1b\\'));
        decoder.flush();
        const events = decoder.push(encoder.encode('n'));
        expect(events.at(-1)).toEqual({ kind: 'key', key: 'n' });
      }),
    );
  });
});
