import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Context } from '../../src/kernel/context.ts';
import { Journal } from '../../src/kernel/journal.ts';
import { Kernel, Livelock } from '../../src/kernel/kernel.ts';
import { Call } from '../../src/kernel/queue.ts';

const kernelWith = (recording = false) => new Kernel('1', new Journal(recording));

describe('the event queue', () => {
  it('runs by (time, insertion): equals an ordinary stable sort', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(20), { maxLength: 300 }), (times) => {
        const kernel = kernelWith();
        const ran: string[] = [];
        for (const [index, time] of times.entries()) kernel.after(time, () => ran.push(`${time}#${index}`));
        while (kernel.step());
        const expected = times
          .map((time, index) => ({ time, index }))
          .sort((one, other) => one.time - other.time || one.index - other.index);
        expect(ran).toEqual(expected.map(({ time, index }) => `${time}#${index}`));
      }),
    );
  });

  it('what is due soon and what is due later keep one order, with a task or without', () => {
    const MS = 1_000_000;
    const move = fc.record({ atMs: fc.nat(60), afterMs: fc.nat(60), isSure: fc.boolean() });
    fc.assert(
      fc.property(fc.array(move, { maxLength: 200 }), (moves) => {
        const kernel = kernelWith();
        const ran: number[] = [];
        const told: { readonly dueNs: number; readonly index: number }[] = [];
        for (const { atMs, afterMs, isSure } of moves) {
          kernel.after(atMs * MS, () => {
            const dueNs = kernel.nowNs + afterMs * MS;
            const index = told.push({ dueNs, index: told.length }) - 1;
            const owner = { run: () => ran.push(index) };
            if (isSure) kernel.enqueueForSure(kernel.enroll(owner), { dueNs, order: kernel.reserveOrder() });
            else kernel.set(new Call(() => owner.run()), dueNs);
          });
        }
        while (kernel.step());
        const expected = [...told].sort((one, other) => one.dueNs - other.dueNs || one.index - other.index);
        expect(ran).toEqual(expected.map(({ index }) => index));
      }),
    );
  });

  it('refuses what is past, and a time that is not whole', () => {
    const kernel = kernelWith();
    kernel.after(10, () => {});
    kernel.step();
    const seat = kernel.enroll({ run: () => {} });
    for (const dueNs of [9, 10.5, Number.NaN]) {
      expect(() => kernel.enqueueForSure(seat, { dueNs, order: kernel.reserveOrder() })).toThrow(RangeError);
      expect(() => kernel.set(new Call(() => {}), dueNs)).toThrow(RangeError);
    }
  });

  /** Timers that are set, put off, brought forward and cleared behave as if each setting had been pushed and the old one taken out. */
  it('timers: putting off and clearing is as good as taking out and pushing', () => {
    const move = fc.record({ at: fc.nat(30), timer: fc.nat(4), set: fc.option(fc.nat(10), { nil: null }) });
    fc.assert(
      fc.property(fc.array(move, { maxLength: 60 }), (moves) => {
        const kernel = kernelWith();
        const context = new Context(kernel, 'node');
        const ran: string[] = [];
        const due = new Map<number, { ns: number; order: number }>();
        let order = 0;
        const model: { ns: number; order: number; run: () => void }[] = [];
        const timers = [0, 1, 2, 3, 4].map((name) =>
          context.timer(4, 'machine', String(name), () => ran.push(`${kernel.nowNs}:${name}`)),
        );
        for (const { at, timer, set } of moves) {
          model.push({
            ns: at,
            order: order++,
            run: () => {
              if (set === null) due.delete(timer);
              else due.set(timer, { ns: at + set, order: order++ });
            },
          });
          kernel.after(at, () => (set === null ? timers[timer]?.clear() : timers[timer]?.set(set)));
        }
        while (kernel.step());
        expect(ran).toEqual(runModel(model, due));
      }),
    );
  });

  it('a cleared timer does not let time pass', () => {
    const kernel = kernelWith();
    const timer = new Context(kernel, 'node').timer(4, 'machine', 'long', () => {});
    timer.set(240_000_000_000);
    timer.clear();
    expect([kernel.step(), kernel.nowNs, kernel.nextNs]).toEqual([false, 0, Number.POSITIVE_INFINITY]);
  });

  it('refuses the past and what is no safe integer', () => {
    const kernel = kernelWith();
    kernel.after(10, () => {});
    kernel.step();
    expect(() => kernel.after(-1, () => {})).toThrow(RangeError);
    expect(() => kernel.after(0.5, () => {})).toThrow(RangeError);
    expect(() => kernel.after(2 ** 53, () => {})).toThrow(RangeError);
  });

  it.each([
    ['goes on from one to the next', 1, 20_001],
    ['multiplies', 2, 2 ** 16],
  ])('a loop that never lets time pass and %s is stopped soon', (_, children, events) => {
    const kernel = kernelWith();
    const again = () => {
      for (let child = 0; child < children; child++) kernel.after(0, again);
    };
    again();
    expect(() => {
      while (kernel.step());
    }).toThrow(Livelock);
    expect(kernel.happened).toBeLessThanOrEqual(events * 2);
  });

  it('much may happen at one instant, and for as long as time passes nothing is stopped', () => {
    const kernel = kernelWith();
    for (let each = 0; each < 40_000; each++) kernel.after(1, () => kernel.after(0, () => {}));
    let hops = 0;
    const hop = () => {
      if (++hops < 100_000) kernel.after(hops % 10_000 === 0 ? 1 : 0, hop);
    };
    kernel.after(5, hop);
    while (kernel.step());
    expect([hops, kernel.happened]).toEqual([100_000, 180_000]);
  });
});

/** The naive queue: a list, searched for the least (time, order) each time. */
function runModel(
  events: { ns: number; order: number; run: () => void }[],
  due: Map<number, { ns: number; order: number }>,
): string[] {
  const ran: string[] = [];
  const list = [...events];
  for (;;) {
    const candidates = [
      ...list.map((event) => ({ ...event, fire: null as number | null })),
      ...[...due].map(([timer, place]) => ({ ...place, run: () => {}, fire: timer as number | null })),
    ].sort((one, other) => one.ns - other.ns || one.order - other.order);
    const [next] = candidates;
    if (!next) return ran;
    if (next.fire === null) {
      list.splice(
        list.findIndex(({ order }) => order === next.order),
        1,
      );
      next.run();
    } else {
      due.delete(next.fire);
      ran.push(`${next.ns}:${next.fire}`);
    }
  }
}
