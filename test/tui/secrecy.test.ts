/** What is sealed and what an observer learns, on the screen and in sentences. */

import { describe, expect, it } from 'vitest';
import { walkPlain } from '../../src/tui/plain.ts';
import { bundledText, hostOf, Stage } from './stage.ts';

const SIZES = [
  [80, 24],
  [120, 40],
] as const;

/** Where the browser has sealed the first thing that it says. */
function atFirstWord(columns: number, rows: number): Stage {
  const stage = Stage.of('wss-chat', columns, rows).keys('t').types('999ms').keys('enter', 'o', 'z');
  for (let steps = 0; steps < 20 && !stage.screen().includes('application data 23 B'); steps++) stage.keys('right');
  return stage.keys('z');
}

describe('the pane', () => {
  it.each(SIZES)('looks as it did at %i×%i', async (columns, rows) => {
    const stage = Stage.of('wss-chat', columns, rows);
    const kept: string[] = [];
    const keep = (what: string) => kept.push(`--- ${what}`, ...stage.canvas().rows());
    stage.keys('o');
    keep('before anybody has spoken');
    stage.keys('t').types('85ms').keys('enter');
    keep('the first hello');
    kept.push('--- the first word', ...atFirstWord(columns, rows).canvas().rows());
    stage.keys('G', 'z');
    keep('the end, zoomed');
    await expect(`${kept.join('\n')}\n`).toMatchFileSnapshot(`golden/secrecy-${columns}x${rows}.txt`);
  });

  it('shows a record and what is inside, octet under octet', () => {
    const rows = atFirstWord(120, 40).keys('z').canvas().rows().join('\n');
    expect(rows).toMatch(/17 03 03 00 28 {2}application data, 40 B/);
    // A client's frames are masked (RFC 6455 section 5.3): 0x81, 0x91, four octets of the mask, the text under it.
    expect(rows).toMatch(/│ (?:[0-9a-f]{2} ){16} *81 91 (?:[0-9a-f]{2} ){13}[0-9a-f]{2}/);
    expect(rows).toMatch(/(?:[0-9a-f]{2} ){7}17 tag/);
  });

  it('counts for an observer what passed, and no more', () => {
    const rows = atFirstWord(120, 40).keys('z').screen();
    expect(rows).toContain('chat (SNI)');
    expect(rows).toContain('http/1.1 (ALPN)');
    expect(rows).toContain('TLS_AES_128_GCM_SHA256');
    // The record at the cursor is made, and has not passed.
    expect(rows).not.toContain('1.000000  ▶');
  });

  it('of a path of two links counts each record once', () => {
    const stage = Stage.of('tls-where', 120, 40).keys('G', 'o', 'z');
    const records = /records +▶ (\d+) of/.exec(stage.screen())?.[1];
    expect(Number(records)).toBe(5);
  });
});

it('in sentences says the same', async () => {
  let said = '';
  const write = async (text: string) => {
    said += text;
  };
  async function* lines() {
    for (let steps = 0; steps < 420; steps++) yield '';
  }
  await walkPlain(hostOf(bundledText('wss-chat'), 'wss-chat'), { write, lines: lines() });
  const sentences = said.split('\n');
  expect(sentences).toContain('browser sends 186 octets of handshake in the clear: 01 00 00 b6 03 03 27 71 ….');
  expect(sentences).toContain('Whoever listens on the path has learned nothing of this connection yet.');
  const sealed = sentences.findIndex((line) =>
    /^chat seals 149 octets of application data into a record of 171 octets: inside “HTTP\/1\.1 101/.test(line),
  );
  expect(sealed).toBeGreaterThan(0);
  expect(sentences[sealed + 1]).toBe(
    'Whoever listens on the path has learned that 10.0.0.1:52009 talks to 10.0.0.2:443, that it asks for chat, that it ' +
      'offers http/1.1, that they use TLS_AES_128_GCM_SHA256 (0x1301) and the length of each of 10 records, the last ' +
      'one 184 octets at 0.120000 s.',
  );
});
