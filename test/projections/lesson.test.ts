import { describe, expect, it } from 'vitest';
import { loadScenario, simulate } from '../../src/index.ts';
import { lessonOf } from '../../src/projections/lesson.ts';
import { formatProblems } from '../../src/scenario/problem.ts';

/** One echo over 10 ms each way: ARP there and back, request, reply; the reply is there at 40 ms. */
function told(lesson: string) {
  const loaded = loadScenario(
    `packetwalk: 1
title: t
nodes: { a: { ip: 10.0.0.1/24 }, b: { ip: 10.0.0.2/24 } }
links: [{ between: [a, b], delay: 10ms }]
timeline: [{ id: hello, at: 0s, node: a, do: { ping: { target: b, count: 2 } } }]
lesson: ${lesson}`,
    'f',
  );
  if (loaded.scenario === null) throw new Error(formatProblems(loaded.problems));
  const view = lessonOf(loaded.scenario, simulate(loaded.scenario).entries);
  if (!view) throw new Error('no lesson');
  return view;
}

const failed = (lesson: string) =>
  told(lesson)
    .checks.filter(({ pass }) => !pass)
    .map(({ sentence }) => sentence);

describe('a lesson in a run', () => {
  it('takes its numbers from the run, as it was at that moment', () => {
    const { steps, checks } = told(`
  - { at: 15ms, say: "{{ count(icmp) }} of {{ count(icmp) @ end }}" }
  - { when: icmp.type == 8, say: "seen at {{ first(icmp.type == 8) }}" }
  - { after: hello, wait: 50ms, say: "{{ last(icmp.type == 0) - first(icmp.type == 8) | ms }}, {{ a.ping.received }}" }
  - { at: 5s, say: "{{ value(ip.ttl, icmp) }} hops, {{ link.a-b.sent }} frames, {{ a.arp.10.0.0.2.mac }}" }`);
    expect(steps.map(({ say }) => say)).toEqual([
      '0 of 4',
      'seen at 30 ms',
      '10 ms, 1',
      '64 hops, 6 frames, 02:00:00:00:00:02',
    ]);
    expect(checks.every(({ pass }) => pass)).toBe(true);
  });

  it('fails where words and run disagree, with what is so', () => {
    expect(failed('[{ at: 5s, say: "{{ count(icmp) is 5 }} and {{ count(icmp) is 4 }}" }]')).toEqual([
      '{{ count(icmp) is 5 }} is 4, not 5',
    ]);
    expect(failed('[{ at: 5s, say: "{{ first(icmp) is 30ms }} {{ first(icmp) | ms is 31 }}" }]')).toEqual([
      '{{ first(icmp) | ms is 31 }} is 30 ms, not 31',
    ]);
    expect(failed('[{ at: 5s, say: x, is: { a.ping.received: 3, count(icmp): ">= 4" } }]')).toEqual([
      '{{ a.ping.received }} is 2, not 3',
    ]);
    expect(failed('[{ at: 0s, say: "{{ a.ping.rttt }}" }]')).toEqual(['{{ a.ping.rttt }} has no value at 0 s']);
    expect(failed('[{ when: tcp, say: x }]')).toEqual(['step-1, when tcp, never happens in this run']);
    expect(failed('{ misconception: { claim: c, refuted-by: tcp } }')).toEqual(['tcp: no frame of this run matches']);
  });

  it('fails where a prediction is asked when its answer has been seen', () => {
    const predict = (at: string) => `[{ at: ${at}, predict: { question: q, answer: "{{ value(ip.ttl, icmp) }}" } }]`;
    expect(failed(predict('5s'))).toEqual(['{{ value(ip.ttl, icmp) }} has happened when it is asked']);
    expect(failed(predict('15ms'))).toEqual([]);
  });

  it('knows the answer among the choices by its words, its number or the run', () => {
    const ask = (answer: string) => `[{ at: 5s, ask: { question: q, choices: [2, 4, 6], answer: ${answer} } }]`;
    const correct = (answer: string) => told(ask(answer)).steps[0]?.ask?.correct;
    expect([correct('"{{ count(icmp) }}"'), correct('6'), correct('1'), correct('7')]).toEqual([1, 2, 0, -1]);
    expect(failed(ask('7'))).toEqual(['the answer 7 is none of the choices']);
  });

  it('knows the end in the answer to a prediction, and nothing of it in the question', () => {
    const { steps } = told(
      '[{ at: 0s, predict: { question: "{{ count(icmp) }} so far?", answer: "{{ count(icmp) }}", explain: "{{ count(arp) }}" } }]',
    );
    expect(steps[0]?.predict).toMatchObject({ id: 'step-1-predict', question: '0 so far?', answer: '4', explain: '2' });
  });

  it('tells its steps in the order in which they happen', () => {
    const { steps } = told('[{ id: z, at: 3s, say: x }, { id: y, when: arp, say: x }]');
    expect(steps.map(({ id }) => id)).toEqual(['y', 'z']);
  });
});
