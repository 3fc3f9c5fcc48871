import { describe, expect, it } from 'vitest';
import { playBatch } from '../../src/tui/batch.ts';
import { exported } from '../../src/tui/export.ts';
import { walkPlain } from '../../src/tui/plain.ts';
import { readTape, TapeProblem, tapeLine } from '../../src/tui/tape.ts';
import { bundledText, Emulator, hostOf, Stage } from './stage.ts';

const host = () => hostOf(bundledText('tcp-handshake'), 'tcp-handshake');

async function played(text: string): Promise<string> {
  let out = '';
  const options = { columns: 80, rows: 24, theme: 'dark', write: (part: string) => (out += part) } as const;
  await playBatch(host(), readTape(text), options);
  return out;
}

describe('tapes', () => {
  it('play commands by name, with a number in front, and print the screen', async () => {
    expect(await played('4 next packet\n')).toBe(await played('next packet\n'.repeat(4)));
    expect((await played('# nothing\n\nscreen\nnext packet\nscreen\n')).split('◆ packetwalk').length).toBe(3);
    expect(await played('filter\ntype tcp.flags.syn == 1\nkey enter\n')).toContain('filter: tcp.flags.syn == 1');
    expect(await played('resize 120 40\n')).toContain('1 Ladder');
    expect(await played('quit\nscreen\n')).toBe('');
  });

  it('say which line is wrong', () => {
    expect(() => readTape('next packet\nnext paket\n')).toThrow(TapeProblem);
    expect(() => readTape('next packet\nnext paket\n')).toThrow(/^line 2: 'next paket' is no command/);
  });

  it('record what they play', () => {
    const stage = Stage.of('tcp-handshake');
    expect(tapeLine(stage.model, { kind: 'key', key: 'n' })).toBe('next packet');
    expect(tapeLine(stage.model, { kind: 'key', key: 'ä' })).toBeNull();
    expect(tapeLine(stage.model, { kind: 'mouse', action: 'press', x: 3, y: 4 })).toBe('click 3 4');
    stage.keys('/');
    expect(tapeLine(stage.model, { kind: 'key', key: 'n' })).toBe('key n');
    expect(tapeLine(stage.model, { kind: 'paste', text: 'tcp\nor udp' })).toBe('type tcp or udp');
  });
});

describe('exports', () => {
  it('are the screen as text and as a picture', () => {
    const stage = Stage.of('tcp-handshake').does('next packet');
    const options = { depth: 'true', isAscii: false } as const;
    expect(exported(stage.model, stage.layout, 'x.txt', options)).toBe(`${stage.screen()}\n`);
    const svg = exported(stage.model, stage.layout, 'x.svg', options);
    expect(svg).toMatch(/^<svg [^>]*>\n[\s\S]*<\/svg>\n$/);
    expect(svg).toContain('ARP');
  });

  it('are the walk so far in virtual time, and end as the screen is', async () => {
    const stage = Stage.of('tcp-handshake').does('next packet', 'next packet', 'next packet');
    const cast = exported(stage.model, stage.layout, 'x.cast', { depth: 'true', isAscii: false }).trimEnd().split('\n');
    expect(JSON.parse(cast[0] ?? '')).toMatchObject({ version: 2, width: 120, height: 40 });
    const emulator = new Emulator(120, 40);
    let last = 0;
    for (const line of cast.slice(1)) {
      const [at, kind, text] = JSON.parse(line) as [number, string, string];
      expect([kind, at >= last]).toEqual(['o', true]);
      last = at;
      await emulator.write(text);
    }
    expect(emulator.rows()).toEqual(stage.canvas().rows());
  });
});

describe('the plain walk (G17)', () => {
  it('answers each line with sentences, and leaves at q', async () => {
    const said: string[] = [];
    async function* lines() {
      yield* ['', 'n', 'c', 'nonsense', '?', 'q', 'n'];
    }
    await walkPlain(host(), { write: async (text) => void said.push(text), lines: lines() });
    const out = said.join('');
    expect(out).toMatch(/^Step 1, 0\.000000 s, /m);
    expect(out).toMatch(/^Step \d+, 0\.\d{6} s, client, layer 1, Physical, packet 1, on the wire: ARP, Who has/m);
    expect(out).toContain('There is no command nonsense; ? lists them.');
    expect(out).not.toMatch(/\x1b/);
  });
});
