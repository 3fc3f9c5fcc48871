import { describe, expect, it } from 'vitest';
import { amended } from '../../src/cli/amend.ts';
import { type Entry, journalHash, loadScenario, simulate } from '../../src/index.ts';
import { beliefOf } from '../../src/projections/belief.ts';
import { COMMAND_NAMES, COMMANDS } from '../../src/tui/commands.ts';
import { Compositor } from '../../src/tui/compositor.ts';
import type { Fault } from '../../src/tui/host.ts';
import { branchOf, cursorOf, isTooSmall, storyOf } from '../../src/tui/model.ts';
import { shownEnd, viewOf } from '../../src/tui/view.ts';
import { bundledText, Emulator, hostOf, Stage } from './stage.ts';

const LOST = 'tcp-lost-segment';

/** Of the entries alone. */
function hashOf(entries: readonly Entry[]): string {
  return journalHash({ title: '', seed: '', scenario: '' }, entries);
}

describe('time', () => {
  it.each([
    [80, 24],
    [120, 40],
  ])('goes 30 steps forward and 30 back to the same cells at %i×%i', (columns, rows) => {
    const stage = Stage.of(LOST, columns, rows);
    const screens: string[] = [];
    for (let step = 0; step < 30; step++) {
      screens.push(stage.screen());
      stage.keys('right');
    }
    for (let step = 29; step >= 0; step--) {
      stage.keys('left');
      expect(stage.screen()).toBe(screens[step]);
    }
  });

  it('never shows the future: a screen is the same before and after the run went on', () => {
    const stage = Stage.of(LOST);
    stage.does('next stop');
    const before = stage.canvas();
    stage.does('end', 'jump');
    const after = stage.canvas();
    expect(after.rows()).toEqual(before.rows());
    expect(after.styles).toEqual(before.styles);
  });

  it('walks by packets, stops and fates, and back by each of them', () => {
    const stage = Stage.of(LOST);
    const start = cursorOf(stage.model);
    stage.does('next packet', 'next packet');
    const second = cursorOf(stage.model);
    stage.does('next packet', 'previous packet');
    expect(cursorOf(stage.model)).toBe(second);
    stage.does('next stop');
    const loss = cursorOf(stage.model);
    expect(storyOf(stage.model).entries[loss]?.event.kind).toBe('dropped');
    stage.does('next stop', 'previous stop');
    expect(cursorOf(stage.model)).toBe(loss);
    stage.does('start');
    expect(cursorOf(stage.model)).toBe(start);
  });

  it('follows a PDU to its delivery and back to where it was made', () => {
    const stage = Stage.of(LOST).does('next packet', 'next packet', 'next packet', 'until its fate');
    const { entries } = storyOf(stage.model);
    const arrived = entries[cursorOf(stage.model)];
    expect(arrived?.event).toMatchObject({ kind: 'decoded', layer: 4, protocol: 'tcp' });
    stage.does('back to its origin');
    expect(entries[cursorOf(stage.model)]?.event).toMatchObject({ kind: 'encoded', layer: 4 });
  });

  it('does not follow what is lost already', () => {
    const stage = Stage.of(LOST).does('next stop');
    const at = cursorOf(stage.model);
    stage.does('until its fate');
    expect(cursorOf(stage.model)).toBe(at);
    expect(stage.model.notice?.text).toContain('has met its fate');
  });

  it('goes to times and events, forward and back', () => {
    const stage = Stage.of(LOST).keys('t').types('1.05s').keys('enter');
    const { entries } = storyOf(stage.model);
    expect(entries[cursorOf(stage.model)]?.atNs).toBeLessThanOrEqual(1_050_000_000);
    expect(entries[cursorOf(stage.model)]?.atNs).toBeGreaterThan(1_000_000_000);
    stage.keys('t').types('50ms').keys('enter');
    expect(entries[cursorOf(stage.model)]?.atNs).toBeLessThanOrEqual(50_000_000);
    stage.keys('t').types('#100').keys('enter');
    expect(cursorOf(stage.model)).toBeGreaterThanOrEqual(100);
    stage.keys('t').types('soon').keys('enter');
    expect(stage.model.notice).toMatchObject({ isError: true });
  });

  it('plays at five speeds, and stops at the end', () => {
    const stage = Stage.of(LOST).keys('space', '+', '+', '+');
    expect(stage.model).toMatchObject({ isPlaying: true, speed: 4 });
    for (let tick = 0; tick < 30; tick++) stage.send({ kind: 'tick' });
    expect(stage.model.isPlaying).toBe(false);
    expect(storyOf(stage.model).isLast(cursorOf(stage.model))).toBe(true);
  });

  it('keeps marks in order and jumps between them', () => {
    const stage = Stage.of(LOST).does('next packet', 'mark', 'next packet', 'next packet', 'mark');
    const second = cursorOf(stage.model);
    stage.does('previous mark', 'next mark');
    expect(cursorOf(stage.model)).toBe(second);
    expect(branchOf(stage.model).marks).toHaveLength(2);
    stage.does('mark');
    expect(branchOf(stage.model).marks).toHaveLength(1);
  });
});

describe('the lost segment', () => {
  it('is explained by the reason that the simulator knows', () => {
    const stage = Stage.of(LOST).does('next stop');
    expect(viewOf(stage.model).why).toMatch(/^Scripted: frame 5 that matches tcp\.len > 0.*neither of them knows\.$/);
  });

  it('is believed to be in flight until the third duplicate ACK, and lost in truth', () => {
    const stage = Stage.of(LOST).does('next stop');
    const end = shownEnd(viewOf(stage.model));
    if (!end) throw new Error('no connection');
    const { chronicle } = storyOf(stage.model);
    const differs: boolean[] = [];
    const duplicates: number[] = [];
    for (let step = 0; step < 140; step++) {
      const belief = beliefOf(chronicle, end, cursorOf(stage.model));
      differs.push(belief.differs);
      duplicates.push(belief.duplicateAcks);
      if (!belief.differs) break;
      stage.keys('right');
    }
    expect(differs[0]).toBe(true);
    expect(Math.max(...duplicates)).toBe(3);
    expect(differs.at(-1)).toBe(false);
    expect(viewOf(stage.model).why).toMatch(/^Third duplicate ACK/);
  });
});

describe('branches', () => {
  it('drops the retransmission, so that the timer fires; the diff names where they part', () => {
    const stage = Stage.of(LOST).does('next stop');
    stage.keys('/').types('tcp.analysis.fast_retransmission').keys('enter', 'n', 'esc', 'i', 'd');
    expect(branchOf(stage.model)).toMatchObject({ name: 'B', faults: [{ kind: 'drop' }] });
    const at = cursorOf(stage.model);
    stage.keys('right');
    expect(viewOf(stage.model).why).toMatch(/It is gone between the nodes/);
    stage.does('end');
    const fired = storyOf(stage.model).entries.filter(
      ({ event }) => event.kind === 'timer' && event.phase === 'fired' && event.name === 'retransmission',
    );
    expect(fired.length).toBeGreaterThan(1);
    stage.does('diff');
    expect(stage.screen()).toContain(`First divergent event: #${at + 1}`);
    stage.does('escape', 'previous branch');
    expect(branchOf(stage.model).name).toBe('A');
  });

  const cases: readonly (readonly [string, readonly Fault[]])[] = [
    ['a drop', [{ kind: 'drop', link: 'client-server', from: 'client', nth: 12 }]],
    ['a delay', [{ kind: 'delay', link: 'client-server', from: 'server', nth: 3, delayNs: 200_000_000 }]],
    [
      'a flipped bit and a copy',
      [
        { kind: 'corrupt', link: 'client-server', from: 'client', nth: 6 },
        { kind: 'duplicate', link: 'client-server', from: 'client', nth: 8 },
      ],
    ],
    ['a cut', [{ kind: 'cut', link: 'client-server', atNs: 90_000_001, forNs: 4_000_000_000 }]],
    ['a crash', [{ kind: 'crash', node: 'server', atNs: 90_000_001, forNs: null }]],
    ['a pause', [{ kind: 'pause', node: 'server', atNs: 90_000_001, forNs: 4_000_000_000 }]],
  ];

  it.each(cases)('is saved as a scenario that makes the same journal: %s', (_, faults) => {
    const text = bundledText(LOST);
    const host = hostOf(text, LOST);
    const branch = host.start(faults, null);
    while (branch.step());
    const { scenario } = loadScenario(text, LOST);
    if (!scenario) throw new Error('no scenario');
    const saved = amended(text, scenario, { faults, seed: null, until: null, profile: null, set: [] });
    const again = loadScenario(saved, 'saved');
    if (!again.scenario) throw new Error(JSON.stringify(again.problems));
    const hash = hashOf(simulate(again.scenario).entries);
    expect(hash).toBe(hashOf(branch.entries));
    expect(hash).not.toBe(hashOf(simulate(scenario).entries));
    expect(saved).toContain('# yaml-language-server');
  });

  it.each(['d', 'y', 'k', 'D', 'u', 'x', 'p'])('leaves the past as it was: %s', (key) => {
    const stage = Stage.of(LOST);
    for (let packet = 0; packet < 9; packet++) stage.keys('n');
    const before = storyOf(stage.model).entries.slice(0, cursorOf(stage.model) + 1);
    stage.keys('i', key);
    expect(branchOf(stage.model).name).toBe('B');
    // Of a frame that is delayed the entry that says that it leaves also says how long it takes.
    const shared = cursorOf(stage.model) + (key === 'y' ? 0 : 1);
    const after = storyOf(stage.model).entries.slice(0, shared);
    expect(hashOf(after)).toBe(hashOf(before.slice(0, after.length)));
    stage.does('end');
    stage.screen();
  });

  it('runs again with another seed', () => {
    const stage = Stage.of('udp-is-not-faster').keys('r').types('99').keys('enter');
    expect(branchOf(stage.model)).toMatchObject({ name: 'B', seed: '99' });
  });
});

describe('filters', () => {
  it('are live, red where they are wrong, and choose what n stops at', () => {
    const stage = Stage.of(LOST).keys('/').types('tcp.flags.syn == 1');
    expect(stage.model.filterProblem).toBeNull();
    stage.keys('enter', 'n', 'n', 'n');
    expect(stage.model.notice?.text).toContain('no more match');
    stage.keys('/', 'ctrl+u').types('tcp.flgs');
    expect(stage.model.filterProblem).toMatchObject({ at: 0 });
    expect(stage.screen()).toContain('✗ ');
  });

  it('are completed with tab', () => {
    const stage = Stage.of(LOST).keys('/').types('tcp.analysis.fast_r').keys('tab');
    expect(stage.model.prompt?.line.text).toBe('tcp.analysis.fast_retransmission');
  });

  it('are where breakpoints stop', () => {
    const stage = Stage.of(LOST).keys('b').types('tcp.flags.fin == 1').keys('enter');
    stage.keys('c', 'c', 'c');
    const view = viewOf(stage.model);
    expect(view.chronicle.frames.textOf(view.frame).info).toContain('FIN');
  });

  it('see losses once they have happened and not before', () => {
    const stage = Stage.of(LOST).does('end').keys('/').types('pw.lost').keys('enter');
    expect(stage.model.matches?.until(cursorOf(stage.model))).toHaveLength(2);
    stage.does('start');
    expect(stage.model.matches?.until(cursorOf(stage.model))).toHaveLength(0);
  });
});

describe('every key', () => {
  it('is a command that the palette lists and that leaves a screen, anywhere', () => {
    const stage = Stage.of(LOST);
    for (const name of COMMAND_NAMES) {
      stage.keys('esc', 'esc', 'n', ...COMMANDS[name].keys.slice(0, 1));
      expect(stage.screen().length).toBeGreaterThan(100);
    }
    stage.keys('esc', 'esc', ':').types('where');
    expect(stage.screen()).toContain('where is this message now?');
  });

  it('is named once', () => {
    const keys = COMMAND_NAMES.flatMap((name) => COMMANDS[name].keys as readonly string[]);
    expect(new Set(keys).size).toBe(keys.length);
  });

  it('opens commands with arguments in the palette', () => {
    const stage = Stage.of(LOST).keys(':').types('theme mono').keys('enter');
    expect(stage.model.theme).toBe('mono');
    stage.keys(':').types('run until tcp.flags.fin == 1').keys('enter');
    expect(viewOf(stage.model).chronicle.frames.textOf(viewOf(stage.model).frame).info).toContain('FIN');
    stage.keys(':').types('nonsense').keys('enter');
    expect(stage.model.notice).toMatchObject({ isError: true });
  });
});

describe('sizes (G2)', () => {
  it.each([
    [1, 1],
    [2, 2],
    [59, 15],
    [60, 15],
    [80, 24],
    [110, 34],
    [120, 40],
    [300, 100],
  ])('draws at %i×%i', (columns, rows) => {
    const stage = Stage.of(LOST, columns, rows).does('next stop');
    const canvas = stage.canvas();
    expect([canvas.width, canvas.height]).toEqual([columns, rows]);
    if (isTooSmall(stage.model) && columns > 40) expect(stage.screen()).toContain('terminal too small (need 60×15)');
    for (const key of [
      '5',
      'z',
      '6',
      '7',
      '8',
      '9',
      'z',
      'w',
      'esc',
      '?',
      'esc',
      'H',
      'esc',
      ':',
      'esc',
      'i',
      'esc',
      '/',
    ]) {
      stage.keys(key);
      stage.canvas();
    }
  });
});

describe('hostile text', () => {
  const HOSTILE = 'x\\e]52;c;aGk=\\a\\u202Eevil\\u200B漢字カタカナ\\e[2J\\r\\b';
  const TEXT = `packetwalk: 1
title: "hostile \\e]0;title\\a"
nodes:
  a: { ip: 10.0.0.1/24 }
  b: { ip: 10.0.0.2/24, apps: { sink: { port: 9, transport: udp } } }
links: [{ between: [a, b], delay: 1ms }]
timeline:
  - { at: 0s, node: a, do: { udp-send: { to: "b:9", data: "${HOSTILE}" } } }
`;

  it('changes nothing outside its cells', async () => {
    const stage = new Stage(hostOf(TEXT, 'hostile'));
    const compositor = new Compositor('true', false);
    const emulator = new Emulator(120, 40);
    for (let step = 0; step < 60; step++) {
      const canvas = stage.canvas();
      const text = compositor.compose(canvas);
      // Nothing but attributes, moves, clearing at the start and synchronized updates leaves for the terminal.
      const rest = text.replace(/\x1b\[(?:[\d;]*[mHC]|2J|\?2026[hl])/g, '');
      expect(rest).not.toMatch(/[\p{Cc}\p{Cf}\p{Co}]/u);
      await emulator.write(text);
      expect(emulator.rows()).toEqual(canvas.rows());
      stage.keys('right');
    }
    stage.does('start', 'next packet', 'next packet', 'next packet', 'where');
    expect(stage.screen()).toContain('now: ');
  });
});
