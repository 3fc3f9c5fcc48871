/** What walks ask about any moment, against what folds a whole run at once. */

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type Entry, loadScenario, type Run, simulate } from '../../src/index.ts';
import { beliefOf } from '../../src/projections/belief.ts';
import { Chronicle } from '../../src/projections/chronicle.ts';
import { type Crossing, crossingsOf } from '../../src/projections/crossings.ts';
import { divergenceOf, entryText } from '../../src/projections/divergence.ts';
import { lineageOf, messageOf } from '../../src/projections/lineage.ts';
import { stackAt } from '../../src/projections/stack-at.ts';
import { stateAt } from '../../src/projections/state-at.ts';
import { whyAt } from '../../src/projections/why.ts';

function runOf(name: string): Run {
  const text = readFileSync(new URL(`../../scenarios/${name}.pw.yaml`, import.meta.url), 'utf8');
  const { scenario } = loadScenario(text, name);
  if (!scenario) throw new Error(`${name} is no scenario`);
  return simulate(scenario);
}

function chronicleOf(run: Run): Chronicle {
  const chronicle = new Chronicle(run.entries, run.scenario);
  chronicle.grow();
  return chronicle;
}

const NAMES = ['first-packet', 'arp-before-ip', 'two-hops', 'tcp-lost-segment', 'dns-then-tcp', 'udp-is-not-faster'];
const LOST = runOf('tcp-lost-segment');

describe.each(NAMES)('the chronicle of %s', (name) => {
  const run = runOf(name);
  const chronicle = chronicleOf(run);
  const last = run.entries.length - 1;
  const moments = [...new Set([0, 1, 7, 40, 100, Math.floor(last / 2), last - 1, last].filter((at) => at <= last))];

  it('knows each crossing at any moment as a fold of the run until then does', () => {
    for (const seq of moments) {
      const { all } = crossingsOf(run.entries.slice(0, seq + 1), run.scenario);
      const known = chronicle.crossings.all.slice(0, chronicle.crossings.countAt(seq));
      // The octets are the journal's own in both.
      const plain = (crossing: Crossing) => ({
        ...crossing,
        bytes: crossing.bytes.length,
        arrivedBytes: !crossing.arrivedBytes,
      });
      expect(known.map((passage) => plain(chronicle.crossings.at(passage, seq)))).toEqual(all.map(plain));
    }
  });

  it('knows each metric, state and table row as the state view does', () => {
    for (const seq of moments) {
      const view = stateAt(run.entries, run.scenario, { seq });
      for (const { node, event } of run.entries.slice(0, seq + 1)) {
        if (event.kind === 'metric') {
          const path = `${node}.${event.machine}.${event.name}`;
          expect(chronicle.series.valueAt(path, seq)).toBe(view.get(path));
        } else if (event.kind === 'state') {
          const path = `${node}.${event.machine}`;
          expect(chronicle.series.stateAt(path, seq)?.event.to).toBe(view.get(`${path}.state`));
        } else if (event.kind === 'table') {
          const table = `${node}.${event.change.table}`;
          expect(chronicle.series.rowsAt(table, seq).rows.length).toBe(view.get(`${table}.rows`) ?? 0);
        }
      }
    }
  });

  it('says the same of a moment whether or not the run went on', () => {
    for (const seq of moments) {
      const short = new Chronicle(run.entries.slice(0, seq + 1), run.scenario);
      short.grow();
      expect(whyAt(chronicle, seq)).toBe(whyAt(short, seq));
      const [view, other] = [chronicle, short].map((one) => stackAt(one.entries, one.crossings, seq));
      const plain = (one: typeof view) => one && { ...one, passage: one.passage?.id };
      expect(plain(view)).toEqual(plain(other));
      for (const end of short.tcp.endsAt(seq)) {
        const longer = chronicle.tcp.end(end.path);
        if (!longer) throw new Error(`${end.path} is gone`);
        const [long, brief] = [beliefOf(chronicle, longer, seq), beliefOf(short, end, seq)];
        expect({ ...long, end: 0 }).toEqual({ ...brief, end: 0 });
      }
    }
  });

  it('has a sentence for every entry', () => {
    for (const { seq } of run.entries) {
      const why = whyAt(chronicle, seq);
      expect(why).toMatch(/[.!?]$/);
      expect(why).not.toMatch(/undefined|NaN|\?\./);
    }
  });

  it('reads the fields of a frame the same whenever they are asked for', () => {
    const fresh = chronicleOf(run);
    const count = chronicle.crossings.all.length;
    for (let index = count - 1; index >= 0; index -= 7) {
      expect(chronicle.frames.dissectionOf(index).info).toBe(fresh.frames.dissectionOf(index).info);
      expect(chronicle.frames.textOf(index).info).toBe(fresh.frames.dissectionOf(index).info);
    }
  });
});

describe('a lost segment', () => {
  const chronicle = chronicleOf(LOST);
  const lost = LOST.entries.find(({ event }) => event.kind === 'dropped') as Entry;

  it('is lost in truth and in flight by belief, until it is sent again', () => {
    const end = chronicle.tcp.end('client.tcp.upload');
    if (!end) throw new Error('no connection');
    const before = beliefOf(chronicle, end, lost.seq - 1);
    const after = beliefOf(chronicle, end, lost.seq);
    expect([before.differs, after.differs]).toEqual([false, true]);
    expect(after.outstanding.filter(({ truth }) => truth === 'lost')).toMatchObject([{ belief: 'in flight' }]);
    expect(after.believedInFlight - after.trulyInFlight).toBe(1460);
    const again = end.sent.find(({ isRetransmission }) => isRetransmission);
    const repaired = beliefOf(chronicle, end, again?.entry ?? 0);
    expect(repaired.outstanding.find(({ truth }) => truth === 'lost')).toMatchObject({ belief: 'lost' });
  });

  it('is followed over its retransmission to the application', () => {
    const message = messageOf(LOST.entries, lost.seq);
    expect(message?.event).toMatchObject({ kind: 'encoded', layer: 7 });
    if (!message) return;
    expect(lineageOf(chronicle, message, lost.seq).now).toMatch(/^in 10 segments: .*1 lost$/);
    const whole = lineageOf(chronicle, message, LOST.entries.length - 1);
    expect(whole.now).toMatch(/^in 11 segments: .*; server reads it$/);
    expect(whole.steps.filter(({ kind }) => kind === 'carried')).toHaveLength(11);
    expect(whole.steps.every((step, at) => at === 0 || step.seq >= (whole.steps[at - 1]?.seq ?? 0))).toBe(true);
  });
});

describe('an event of Socket.IO', () => {
  const run = runOf('sio-offline-emit');
  const chronicle = chronicleOf(run);
  const last = run.entries.length - 1;
  const say = (n: number) =>
    run.entries.find(
      ({ node, event }) =>
        node === 'phone' &&
        event.kind === 'encoded' &&
        event.protocol === 'socket-io' &&
        Buffer.from(event.bytes).toString().startsWith(`2["say","${n}"`),
    ) as Entry;

  it('is followed through its packet, its frame and its segment to who hears it', () => {
    const { now, steps } = lineageOf(chronicle, say(1), last);
    expect(now).toBe('delivered: chat has it');
    const carried = steps.filter(({ kind }) => kind === 'carried').map(({ text }) => text.split(' ')[0]);
    expect(carried).toEqual(['ENGINE-IO', 'WEBSOCKET', 'segment']);
  });

  it('that went into a dead connection ended with it; until then its sender does not know', () => {
    expect(lineageOf(chronicle, say(4), say(4).seq + 12).now).toMatch(/^lost, and its sender does not know/);
    expect(lineageOf(chronicle, say(4), last).now).toMatch(/not acknowledged yet \(closed\)/);
  });

  it('that waited is delivered over the next connection', () => {
    expect(lineageOf(chronicle, say(15), last).now).toBe('delivered: chat has it');
  });
});

describe('two runs', () => {
  it('part at the first entry that is not the same', () => {
    const elsewhere = ({ seq, atNs, cause, kind, event }: Entry) => ({
      seq,
      atNs,
      node: 'elsewhere',
      cause,
      kind,
      event,
    });
    const other = LOST.entries.map((entry) => (entry.seq === 50 ? elsewhere(entry) : entry));
    const divergence = divergenceOf(LOST.entries, other, true);
    expect(divergence?.seq).toBe(50);
    expect(entryText(divergence?.other as Entry)).toMatch(/^elsewhere: /);
    expect(divergenceOf(LOST.entries, runOf('tcp-lost-segment').entries, true)).toBeNull();
    expect(divergenceOf(LOST.entries, LOST.entries.slice(0, 9), true)).toMatchObject({ seq: 9, other: null });
  });
});
