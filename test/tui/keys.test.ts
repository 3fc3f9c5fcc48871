/** Every key of the screen's table in a real terminal, at both sizes: what it does is seen on the screen. */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { canUseTmux, Tmux } from './tmux.ts';

interface Press {
  /** What tmux sends; words of several characters that are no key's name are typed. */
  readonly keys: readonly string[];
  /** After the keys, and before them; `isOther`: a cell or a colour is another one. */
  seen(now: string, before: string, isOther: boolean): boolean;
}

const stepOf = (screen: string) => Number(/step (\d+)/.exec(screen)?.[1] ?? Number.NaN);
const on: Press['seen'] = (now, before) => stepOf(now) > stepOf(before);
const back: Press['seen'] = (now, before) => stepOf(now) < stepOf(before);
const shows = (text: string | RegExp): Press['seen'] => {
  return (now) => (typeof text === 'string' ? now.includes(text) : text.test(now));
};
const hides =
  (text: string): Press['seen'] =>
  (now) =>
    !now.includes(text);
const changes: Press['seen'] = (_now, _before, isOther) => isOther;

function press(keys: string, seen: Press['seen']): Press {
  return { keys: keys.split(' '), seen };
}

const TIME: readonly Press[] = [
  ...['Right', 'l', 's', 'n', 'n', 'c'].map((key) => press(key, on)),
  press('F', back),
  press('f', on),
  ...['C', 'Left', 'h', 'S', 'N'].map((key) => press(key, back)),
  press('n', on),
  press('m', shows('mark set')),
  press('G', shows('■ end')),
  press('[', back),
  press("'", shows('■ end')),
  press('g', shows(/step 1 /)),
  press(']', on),
  press('t 1s Enter', shows(/t 0\.\d{3} \d{3}|t 1\.000/)),
  press('g', shows(/step 1 /)),
  press('Space', shows('▶ ×1')),
  press('+', shows('▶ ×4')),
  press('-', shows('▶ ×1')),
  press('Space', shows('‖ paused')),
];

const LOOK: readonly Press[] = [
  press('g n n n', on),
  ...['Ladder', 'Layers', 'Bytes', 'Events', 'TCP', 'Truth', 'Topology', 'Tables', 'Line'].map((name, index) =>
    press(String(index + 1), shows(`─ ${index + 1} ${name}`)),
  ),
  press('3 Down Down', changes),
  press('Up', changes),
  press('j', changes),
  press('k', changes),
  press('K', changes),
  press('J', changes),
  press('y', shows('copied: ')),
  press('2 Tab z', hides('2 Layers')),
  press('z', shows('Layers')),
  press('1 5 3 2 |', shows('8 Tables')),
  press('|', shows('1 Ladder')),
  press('|', shows('3 Bytes')),
  press('T', shows('theme light')),
  press('w', shows('Where is my message now?')),
  press('Escape', hides('Where is my message now?')),
  press('?', shows('search')),
  press('Escape', hides('search')),
];

const CHANGE: readonly Press[] = [
  press('/ arp', shows('filter: arp')),
  press('Space == Space', shows('✗')),
  press('C-u tcp Enter', shows('filter: tcp')),
  press('Escape', shows('no filter')),
  press('b', shows('stop at frames that match')),
  press('tcp.analysis.retransmission Enter', shows('1 stop')),
  press('c', on),
  press('i', shows('Inject a fault')),
  press('Enter', shows('branch B')),
  press('{', shows('branch A: the scenario')),
  press('}', shows('branch B: ')),
  press(': diff Enter', shows('Two branches')),
  press('Escape', hides('Two branches')),
  press('r 7 Enter', shows('seed 7')),
];

describe.skipIf(!canUseTmux).each([
  [80, 24],
  [120, 40],
])('at %i×%i in tmux', { timeout: 120_000 }, (columns, rows) => {
  let tmux: Tmux | null = null;
  afterEach(() => tmux?.end());

  async function open(): Promise<Tmux> {
    const own = new Tmux();
    tmux = own;
    own.start(`${process.execPath} bin/packetwalk.cjs walk tcp-lost-segment`, columns, rows);
    await own.until(() => own.screen().includes('q quit'));
    return own;
  }

  async function tried(own: Tmux, { keys, seen }: Press): Promise<void> {
    const before = own.screen();
    const coloured = own.run(['capture-pane', '-e', '-p', '-t', 's']);
    const isSeen = () => {
      const isOther = own.run(['capture-pane', '-e', '-p', '-t', 's']) !== coloured;
      return seen(own.screen(), before, isOther);
    };
    for (const key of keys) own.run(['send-keys', '-t', 's', ...(/^[a-z.=]{2,}$/.test(key) ? ['-l'] : []), key]);
    let isDone = isSeen();
    for (let tries = 0; tries < 200 && !isDone; tries++) {
      await new Promise((resolve) => setTimeout(resolve, 30));
      isDone = isSeen();
    }
    expect(isDone, `${keys.join(' ')} does not do what it says:\n${own.screen()}`).toBe(true);
  }

  it.each([
    ['move time', TIME],
    ['look', LOOK],
    ['find and change', CHANGE],
  ])('keys that %s do what they say', async (_, presses) => {
    const own = await open();
    for (const each of presses) await tried(own, each);
  });

  it('x writes a file, clicks seek and focus, the wheel scrolls, q leaves', async () => {
    const own = await open();
    const path = join(own.folder, 'screen.txt');
    own.run(['send-keys', '-t', 's', 'x']);
    await own.until(() => own.screen().includes('write to file'));
    own.run(['send-keys', '-t', 's', '-l', path]);
    own.run(['send-keys', '-t', 's', 'Enter']);
    await own.until(() => existsSync(path) && own.screen().includes('written:'));
    own.run(['send-keys', '-t', 's', 'G']);
    await own.until(() => own.screen().includes('■ end'));
    // As a terminal reports a click on the timeline, in its mouse protocol 1006: the button, column and row from 1.
    const clicked = (button: number, x: number, y: number) => `\x1b[<${button};${x};${y}M`;
    own.run(['send-keys', '-t', 's', '-l', clicked(0, 30, rows - 1)]);
    await own.until(() => !own.screen().includes('■ end'));
    const at = stepOf(own.screen());
    own.run(['send-keys', '-t', 's', '-l', clicked(0, 5, rows - 7)]);
    own.run(['send-keys', '-t', 's', '-l', clicked(64, 5, rows - 7)]);
    await own.until(() => stepOf(own.screen()) !== at);
    own.run(['send-keys', '-t', 's', 'q']);
    await own.until(() => own.file('status') !== '');
    expect(own.file('status')).toBe('status 0\n');
  });
});
