import { describe, expect, it } from 'vitest';
import { exporterOf } from '../../src/cli/exports.ts';
import { createRun, loadScenario } from '../../src/index.ts';
import { bundledText, Emulator, Stage } from './stage.ts';

type Frame = [atSeconds: number, kind: string, text: string];

async function castOf(text: string): Promise<{ header: unknown; frames: Frame[]; whole: string }> {
  const { scenario } = loadScenario(text, 'x.pw.yaml');
  if (!scenario) throw new Error('no scenario');
  const run = createRun(scenario);
  while (run.step());
  const content = await exporterOf(run, { kind: 'all' } as never)('cast');
  const pieces = [...content].map(String);
  const lines = pieces.join('').trimEnd().split('\n');
  const [header, ...frames] = lines.map((line) => JSON.parse(line));
  return { header, frames, whole: lines.join('\n') };
}

describe('a run as an asciicast', { timeout: 60_000 }, () => {
  it.each(['tcp-lost-segment', 'tcp-handshake'])('ends with the last screen of %s', async (name) => {
    const { header, frames } = await castOf(bundledText(name));
    expect(header).toEqual({ version: 2, width: 120, height: 40, title: expect.stringContaining('packetwalk: ') });
    const emulator = new Emulator(120, 40);
    let before = -1;
    for (const [at, kind, text] of frames) {
      expect(kind).toBe('o');
      expect(at).toBeGreaterThanOrEqual(before < 0 ? 0 : Number((before + 0.05).toFixed(3)));
      expect(at - Math.max(0, before)).toBeLessThanOrEqual(2.0001);
      before = at;
      await emulator.write(text);
    }
    const stage = Stage.of(name).does('end');
    const shown = stage.canvas().rows();
    // The walk says in its title under which name it was opened.
    expect(emulator.rows().slice(1)).toEqual(shown.slice(1));
  });

  it('is the same each time', async () => {
    const text = bundledText('tcp-handshake');
    expect((await castOf(text)).whole).toBe((await castOf(text)).whole);
  });

  it('shows of a long run at most two thousand screens, and its end', async () => {
    const { frames } = await castOf(LONG);
    expect(frames.length).toBeGreaterThan(1900);
    expect(frames.length).toBeLessThanOrEqual(2000);
    const emulator = new Emulator(120, 40);
    for (const [, , text] of frames) await emulator.write(text);
    expect(emulator.rows()[0]).toContain('■ end');
  });
});

const LONG = `packetwalk: 1
title: A long upload
until: 10s
nodes:
  client: { ip: 10.0.0.1/24 }
  server: { ip: 10.0.0.2/24, apps: { sink: { port: 9 } } }
links: [{ between: [client, server], rate: 1Gbit, delay: 1ms }]
timeline:
  - { at: 0s, node: client, do: { tcp-connect: { to: "server:9", as: upload } } }
  - { at: 0s, node: client, do: { tcp-send: { on: upload, size: 3MB } } }
`;
