/** What a node's machines owe to its power: a pause holds things in order, a crash forgets them and says what. */

import { describe, expect, it } from 'vitest';
import { Context } from '../../src/kernel/context.ts';
import { Journal } from '../../src/kernel/journal.ts';
import { Kernel } from '../../src/kernel/kernel.ts';

function node() {
  const kernel = new Kernel('1', new Journal(true));
  const context = new Context(kernel, 'host');
  const heard: string[] = [];
  const say = (text: string) => () => {
    heard.push(`${kernel.nowNs} ${text}`);
  };
  const timer = context.timer(4, 'tcp.x', 'retransmission', say('fires'));
  return { kernel, context, heard, say, timer };
}

const phases = (kernel: Kernel) =>
  kernel.journal.entries.flatMap(({ event }) => (event.kind === 'timer' ? [`${event.phase} ${event.dueNs}`] : []));

describe('a pause', () => {
  it('lets a timer that was due meanwhile fire when the node goes on', () => {
    const { kernel, context, heard, timer } = node();
    timer.set(10);
    context.power.pause();
    kernel.runUntil(20);
    expect(timer.isSet).toBe(true);
    context.power.resume();
    expect(heard).toEqual(['20 fires']);
    expect(timer.isSet).toBe(false);
  });

  it('an earlier event that clears or sets the timer, and happens only now, goes before its firing', () => {
    for (const how of ['clear', 'set'] as const) {
      const { kernel, context, heard, timer } = node();
      timer.set(10);
      context.power.pause();
      // As a frame that arrives before the timer is due.
      context.after(5, () => (how === 'clear' ? timer.clear() : timer.set(100)));
      kernel.runUntil(20);
      context.power.resume();
      expect(heard).toEqual([]);
      kernel.runUntil(500);
      expect(heard).toEqual(how === 'clear' ? [] : ['120 fires']);
      expect(phases(kernel)).toEqual(how === 'clear' ? ['set 10', 'cleared 10'] : ['set 10', 'set 120', 'fired 120']);
    }
  });

  it('what is cancelled while it is held does not happen', () => {
    const { kernel, context, heard, say } = node();
    const cancel = context.after(10, say('happens'));
    context.power.pause();
    context.after(5, () => cancel());
    kernel.runUntil(20);
    context.power.resume();
    expect(heard).toEqual([]);
  });
});

describe('power that is not there', () => {
  it('a node that is off neither pauses nor goes on, and one that runs does not go on twice', () => {
    const { kernel, context, heard, say } = node();
    context.power.resume();
    context.after(10, say('happens'));
    kernel.runUntil(20);
    expect(heard).toEqual(['10 happens']);
    context.power.pause();
    context.after(5, say('is held'));
    context.power.pause();
    kernel.runUntil(30);
    context.power.cut();
    context.power.pause();
    expect([context.power.isOn, context.power.isOff]).toEqual([false, true]);
    context.power.resume();
    context.power.hold(say('comes too late'));
    expect([context.power.isOn, context.power.isOff, heard]).toEqual([false, true, ['10 happens']]);
  });
});

describe('a crash', () => {
  it('asks those who hold something once, and not those who let it go', () => {
    const { context, heard, say } = node();
    context.power.onCut(say('holds something'));
    context.power.onCut(say('held something'))();
    context.power.cut();
    context.power.cut();
    expect(heard).toEqual(['0 holds something']);
    expect(context.power.isOff).toBe(true);
  });
});
