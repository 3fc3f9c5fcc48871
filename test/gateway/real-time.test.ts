import { describe, expect, it } from 'vitest';
import { FOREVER_NS, RealTime } from '../../src/gateway/real-time.ts';
import { Journal } from '../../src/kernel/journal.ts';
import { Kernel } from '../../src/kernel/kernel.ts';

const MS = 1_000_000;

const bare = () => new Kernel('1', new Journal(false));
const sleep = (ms: number) => new Promise((go) => setTimeout(go, ms));

describe('RealTime', () => {
  it('lets events happen no sooner than their time on the wall, and in order', async () => {
    const run = bare();
    const early: number[] = [];
    const order: number[] = [];
    const startedNs = process.hrtime.bigint();
    for (const ms of [30, 0, 12, 3, 13]) {
      run.after(ms * MS, () => {
        order.push(ms);
        if (Number(process.hrtime.bigint() - startedNs) < ms * MS) early.push(ms);
      });
    }
    await new RealTime(run, { untilNs: 40 * MS }).ended;
    expect(order).toEqual([0, 3, 12, 13, 30]);
    expect(early).toEqual([]);
    expect(run.nowNs).toBe(40 * MS);
    expect(Number(process.hrtime.bigint() - startedNs)).toBeGreaterThanOrEqual(40 * MS);
  });

  it('scales', async () => {
    const run = bare();
    let happenedMs = 0;
    const started = process.hrtime.bigint();
    run.after(400 * MS, () => {
      happenedMs = Number(process.hrtime.bigint() - started) / MS;
    });
    await new RealTime(run, { speed: 20, untilNs: 500 * MS }).ended;
    expect(happenedMs).toBeGreaterThanOrEqual(20);
    expect(happenedMs).toBeLessThan(200);
    expect(() => new RealTime(run, { speed: 0 })).toThrow(RangeError);
  });

  it('takes what comes from outside at the time of the wall, and wakes for what follows from it', async () => {
    const run = bare();
    const time = new RealTime(run);
    const seen: number[] = [];
    await sleep(25);
    time.happen(() => {
      seen.push(run.nowNs);
      run.after(5 * MS, () => {
        seen.push(run.nowNs);
        time.stop();
      });
    });
    await time.ended;
    expect(seen[0]).toBeGreaterThanOrEqual(24 * MS);
    expect(seen[1]).toBe((seen[0] ?? 0) + 5 * MS);
    time.happen(() => seen.push(-1));
    expect(seen).toHaveLength(2);
    expect(run.nowNs).toBeLessThan(FOREVER_NS);
  });

  it('falls behind instead of keeping everybody waiting, and says how far', async () => {
    const run = bare();
    const busy = () => {
      const untilNs = process.hrtime.bigint() + 200_000n;
      while (process.hrtime.bigint() < untilNs);
    };
    for (let at = 1; at <= 1000; at++) run.after(at * 10_000, busy);
    const time = new RealTime(run, { untilNs: 11 * MS });
    let turns = 0;
    let worstNs = 0;
    const tick = setInterval(() => {
      turns++;
      worstNs = Math.max(worstNs, time.lagNs);
    }, 1);
    await time.ended;
    clearInterval(tick);
    expect(turns).toBeGreaterThanOrEqual(1);
    expect(worstNs).toBeGreaterThan(0);
    expect(run.happened).toBe(1000);
  });

  it('ends with what an event threw', async () => {
    const run = bare();
    run.after(MS, () => {
      throw new Error('planted');
    });
    await expect(new RealTime(run).ended).rejects.toThrow('planted');
  });

  it('ends with what went wrong in a call from outside, which nobody else would hear of', async () => {
    const time = new RealTime(bare());
    let calls = 0;
    const call = () => {
      calls++;
      throw new Error('planted');
    };
    time.happen(call);
    time.happen(call);
    await expect(time.ended).rejects.toThrow('planted');
    expect(calls).toBe(1);
  });
});
