import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { aboutReader, bundledCourses } from '../../src/cli/courses.ts';
import { drawGallery, firstInSight, listRect } from '../../src/tui/gallery/draw.ts';
import {
  chosenIn,
  clicked,
  type Gallery,
  type GalleryHost,
  openGallery,
  pressed,
  type Standing,
} from '../../src/tui/gallery/gallery.ts';
import { BUNDLED, loadBundled } from '../bundled.ts';
import { canUseTmux, Tmux } from './tmux.ts';

const host: GalleryHost = { courses: await bundledCourses(), about: aboutReader() };

/** Of which no scenario that is added changes the picture. */
const SMALL: GalleryHost = {
  ...host,
  courses: ['Networking 101', 'Realtime web'].map((title) => ({
    title,
    scenarios: ['first-packet', 'arp-before-ip', 'switch-learns', 'two-hops'].map((name) => ({
      name,
      title: loadBundled(name).title,
    })),
  })),
};

function gallery(columns = 80, rows = 24, standings: [string, Standing][] = []): Gallery {
  const options = { last: null, columns, rows, theme: 'dark' as const, notice: null };
  return openGallery(host, { ...options, standings: new Map(standings) });
}

function typed(start: Gallery, ...keys: string[]): Gallery {
  return keys.reduce((now, key) => pressed(now, key)[0], start);
}

const screen = (now: Gallery) => drawGallery(now).rows().join('\n');

describe('the courses', () => {
  it('hold every bundled scenario, under the title that its file has', () => {
    const listed = new Map(host.courses.flatMap(({ scenarios }) => scenarios.map(({ name, title }) => [name, title])));
    expect([...listed.keys()].sort()).toEqual([...BUNDLED].sort());
    for (const [name, title] of listed) expect(title).toBe(loadBundled(name).title);
  });

  it('say of each what its file says', () => {
    for (const name of BUNDLED) expect(host.about(name).summary).toBe(loadBundled(name).summary);
  });
});

describe('the gallery', () => {
  it('chooses by keys, and enter begins the lesson', () => {
    const start = gallery();
    expect(chosenIn(start)?.name).toBe('first-packet');
    const down = typed(start, 'down', 'j', 'up');
    expect(chosenIn(down)?.name).toBe('arp-before-ip');
    expect(pressed(down, 'enter')[1]).toEqual({ kind: 'walk', name: 'arp-before-ip', lesson: true });
    expect(pressed(down, 'w')[1]).toEqual({ kind: 'walk', name: 'arp-before-ip', lesson: false });
    expect(pressed(down, 'q')[1]).toEqual({ kind: 'quit' });
    const other = typed(down, 'right');
    expect(host.courses[other.course]?.title).toBe('Realtime web');
    expect(chosenIn(typed(other, 'left'))?.name).toBe('arp-before-ip');
    expect(chosenIn(typed(start, 'up'))?.name).toBe('first-packet');
    expect(chosenIn(typed(start, 'G', 'down'))?.name).toBe('ws-upgrade');
  });

  it('keeps the chosen one in sight, whatever the size', () => {
    for (const rows of [12, 15, 24, 40]) {
      for (let now = gallery(80, rows), step = 0; step < 20; step++, now = typed(now, 'down')) {
        const places = listRect(now).height - 2;
        const row = now.rows[now.course] ?? 0;
        expect(row).toBeGreaterThanOrEqual(firstInSight(now));
        expect(row).toBeLessThan(firstInSight(now) + places);
        expect(screen(now)).toContain(`▶ ○ ${chosenIn(now)?.name}`);
      }
    }
  });

  it('a click chooses, a click on the chosen one begins', () => {
    const [chosen, nothing] = clicked(gallery(), 3);
    expect([chosenIn(chosen)?.name, nothing]).toEqual(['two-hops', undefined]);
    expect(clicked(chosen, 3)[1]).toMatchObject({ kind: 'walk', name: 'two-hops' });
  });

  it('opens at the scenario that was open last, and shows what was learned', () => {
    const standings: [string, Standing][] = [
      ['first-packet', { right: 2, answered: 2, all: 2 }],
      ['arp-before-ip', { right: 0, answered: 1, all: 3 }],
    ];
    const now = openGallery(host, { ...gallery(80, 24, standings), last: 'bufferbloat', columns: 80, rows: 24 });
    expect(chosenIn(now)?.name).toBe('bufferbloat');
    expect(screen(now)).toContain('1 of');
    const first = gallery(80, 24, standings);
    expect(screen(first)).toMatch(/✓ first-packet .*2 of 2 right/);
    expect(screen(first)).toMatch(/· arp-before-ip .*0 of 3 right/);
  });

  it.each([
    [80, 24],
    [120, 40],
    [40, 12],
  ])('looks as it did at %i×%i', async (columns, rows) => {
    const shown = { ...gallery(columns, rows, [['first-packet', { right: 1, answered: 2, all: 2 }]]), host: SMALL };
    await expect(`${screen(typed(shown, 'down', 'down'))}\n`).toMatchFileSnapshot(
      `golden/gallery-${columns}x${rows}.txt`,
    );
  });

  it('says when the terminal is too small, at any size', () => {
    expect(screen(gallery(39, 12))).toContain('too small');
    expect(() => screen(gallery(1, 1))).not.toThrow();
  });
});

describe.skipIf(!canUseTmux)('bare packetwalk in tmux', { timeout: 60_000 }, () => {
  const state = mkdtempSync(join(tmpdir(), 'packetwalk-state-'));
  afterAll(() => rmSync(state, { recursive: true, force: true }));
  let tmux: Tmux | null = null;
  afterEach(() => tmux?.end());

  it('walks a lesson, comes back, and remembers what was learned', async () => {
    const own = new Tmux();
    tmux = own;
    const keys = (...names: string[]) => own.run(['send-keys', '-t', 's', ...names]);
    own.start(`XDG_STATE_HOME=${state} ${process.execPath} bin/packetwalk.cjs`, 80, 24);
    await own.until(() => own.screen().includes('Networking 101'));
    keys('Enter');
    await own.until(() => own.screen().includes('enter begins'));
    keys('Enter', 'c');
    await own.until(() => own.screen().includes('? skip'));
    keys('1');
    await own.until(() => !own.screen().includes('? skip'));
    keys('q');
    await own.until(() => /· first-packet .* of \d right/.test(own.screen()));
    keys('q');
    await own.until(() => own.file('stty') !== '');
    expect(own.file('status')).toBe('status 0\n');
    expect(own.file('stty')).toMatch(/ icanon/);
    const kept = JSON.parse(readFileSync(join(state, 'packetwalk', 'progress.json'), 'utf8'));
    expect(kept).toMatchObject({ version: 1, last: 'first-packet', scenarios: { 'first-packet': { answered: 1 } } });
  });

  it('leaves with 130 at Ctrl-C, the terminal as it was', async () => {
    const own = new Tmux();
    tmux = own;
    own.start(`XDG_STATE_HOME=${state} ${process.execPath} bin/packetwalk.cjs`, 120, 40);
    await own.until(() => own.screen().includes('Networking 101'));
    own.run(['send-keys', '-t', 's', 'C-c']);
    await own.until(() => own.file('stty') !== '');
    expect(own.file('status')).toBe('status 130\n');
    expect(own.file('stty')).toMatch(/ icanon/);
  });
});
