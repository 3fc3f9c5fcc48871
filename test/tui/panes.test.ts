import { describe, expect, it } from 'vitest';
import { cursorOf, storyOf } from '../../src/tui/model.ts';
import { bundledText, hostOf, Stage } from './stage.ts';

const LOST = 'tcp-lost-segment';

function at(stage: Stage, time: string): Stage {
  return stage.keys('t').types(time).keys('enter');
}

describe('buffers', () => {
  it('stand in the place of TCP where there is a broker', () => {
    const stage = at(Stage.of('mqtt-offline'), '19s');
    expect(stage.model.slots.beside).toBe('buffers');
    expect(stage.screen()).toMatch(/mqtt\.fait… ○ queued +▐█████▌ 6\/6 FULL/);
    expect(stage.screen()).toContain('✗ 3 queue-full');
    expect(Stage.of(LOST).model.slots.beside).toBe('tcp');
  });

  it.each([
    [80, 24],
    [120, 40],
  ])('show state, bar, course and what is in flight when zoomed at %i×%i', (columns, rows) => {
    const stage = at(Stage.of('queue-dead-letter', columns, rows), '1.807s').keys('0', 'z');
    const screen = stage.screen();
    expect(screen).toMatch(/queue\.orders +depth +▐█+░+▌ 2/);
    expect(screen).toMatch(/queue\.producer +● open/);
    expect(screen).toMatch(/broker queue\.orders .* waits for basic\.ack {2}delivery 2/);
  });
});

describe('the header at large', () => {
  it('is ruled as the RFC draws it, with its octets and the frame', () => {
    const stage = Stage.of(LOST).does('next packet', 'next packet', 'next packet', 'header');
    stage.keys('J');
    const rows = stage.canvas().rows();
    const first = rows.findIndex((row) => row.includes('┌') && row.includes('┬'));
    expect(rows[first + 1]).toMatch(/│ +source \d+ +│ +destination 9 +│ {2}[0-9a-f]{2} [0-9a-f]{2} 00 09/);
    expect(rows[first + 2]).toMatch(/├─+┴─+┤/);
    // The control bits one by one, and only SYN is set.
    expect(rows.join('\n')).toMatch(/0│0│0│0│0│0│1│0│/);
    expect(rows.join('\n')).toContain('RFC 9293 §3.1');
    expect(rows.join('\n')).toContain('0000 02 00 00 00 00 02');
  });

  it('leaves open what goes on in the next line', () => {
    const stage = Stage.of(LOST).does('next packet', 'header');
    stage.keys('J', 'J');
    expect(stage.screen()).toContain('Ethernet II header');
    const rows = stage.canvas().rows();
    const first = rows.findIndex((row) => row.includes('┌─'));
    expect(rows[first + 2]).toMatch(/[│├] +[┌╷]─+[┤┐]/);
  });
});

describe('TCP', () => {
  it('shows what the receiver holds behind a hole until it is filled', () => {
    const stage = Stage.of(LOST)
      .keys('/')
      .types('tcp.analysis.fast_retransmission')
      .keys('enter', 'n', 'esc', '5', 'z');
    expect(stage.screen()).toMatch(/rcv buffer +nxt 5841/);
    expect(stage.screen()).toContain('5841–7301 missing  █ 7300 B wait');
    for (let packet = 0; packet < 2; packet++) stage.does('next packet');
    expect(stage.screen()).toContain('all that came is in order');
    expect(stage.screen()).toContain('nxt 14601');
  });
});

describe('the keys', () => {
  it('are searched for by key, name and what they do', () => {
    const stage = Stage.of(LOST).keys('?').types('layer');
    const screen = stage.screen();
    expect(screen).toContain('search layer');
    expect(screen).toContain('the layer above');
    expect(screen).not.toContain('play and pause');
    stage.keys('ctrl+u').types('w');
    expect(stage.screen()).toContain('where is this message now?');
    stage.keys('?');
    expect(stage.model).toMatchObject({ leaf: null, prompt: null });
    stage.keys('?').types('zzz');
    expect(stage.screen()).toContain('no key does that');
    stage.keys('esc');
    expect(stage.model).toMatchObject({ leaf: null, prompt: null });
  });
});

describe('comparing', () => {
  it('takes branches by name, and says which there are', () => {
    const stage = Stage.of(LOST).does('next packet', 'next packet', 'next packet');
    stage.keys('i', 'd', '{', 'n', 'i', 'k');
    expect(stage.model.branches.map(({ name }) => name)).toEqual(['A', 'B', 'C']);
    stage.keys(':').types('diff b c').keys('enter');
    expect(stage.model.comparison).toMatchObject({ one: 1, other: 2 });
    expect(stage.screen()).toMatch(/B {2}drop frame 2 .*C {2}corrupt frame/s);
    stage.keys('esc', ':').types('diff a x').keys('enter');
    expect(stage.model.notice).toMatchObject({ isError: true, text: 'branches are A B C: diff A B' });
    stage.keys('D');
    expect(stage.model.comparison).toMatchObject({ one: 0, other: 2 });
  });

  it('says of runs that are the same that they are', () => {
    const stage = Stage.of('first-packet').keys('r').types('1').keys('enter', 'D');
    const { seed } = stage.host;
    stage.keys('esc', 'r').types(seed).keys('enter', ':').types('diff a c').keys('enter');
    expect(stage.screen()).toContain('Both runs are the same, event by event.');
  });
});

describe('many nodes', () => {
  it('are listed by links, and the ladder has the lanes of the frames in sight', () => {
    const stage = new Stage(hostOf(bundledText('reconnect-storm'), 'reconnect-storm'));
    for (let packet = 0; packet < 60; packet++) stage.does('next packet');
    const { chronicle } = storyOf(stage.model);
    const index = chronicle.crossings.countAt(cursorOf(stage.model)) - 1;
    const name = chronicle.crossings.all[index]?.to.node ?? '';
    const rows = stage.canvas().rows();
    // The first line of the ladder names its lanes; the chosen frame's arrow stands between two of them.
    expect(rows[2]?.slice(0, 31)).toContain(name.slice(0, 3));
    expect(rows.some((row) => /^│▶/.test(row) && /[●◀]|─▶/.test(row.slice(2, 31)))).toBe(true);
    stage.does('layout');
    expect(stage.screen()).toMatch(new RegExp(`${name} ─+●?─* ?switch|${name} [─●]+ switch`));
  });

  it('joins lines that meet', () => {
    const stage = Stage.of('sio-sticky').keys('7', 'z');
    const rows = stage.canvas().rows();
    expect(rows.filter((row) => row.includes('├───')).length).toBeGreaterThan(3);
    expect(rows.filter((row) => /───┤ |───┼/.test(row)).length).toBeGreaterThan(0);
  });
});

describe('the timeline', () => {
  it('tells the end of its scale in full, however long it is', () => {
    const stage = Stage.of('mqtt-offline').does('end');
    expect(stage.screen()).toMatch(/◆─+ 100\.0 s/);
  });
});
