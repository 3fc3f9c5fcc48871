/**
 * Records that somebody with all the keys has changed end in the alert that RFC 8446 has for it. `TLS_MUTATIONS=100000`
 * tries that many; two thousand are tried each time.
 */

import { describe, expect, it } from 'vitest';
import { Rng } from '../../../../src/kernel/rng.ts';
import { OPERATORS, type Operator } from './mutations.ts';
import { FLOWS, type Flow, Meeting, type Passing } from './tamper.ts';

const TURNS = Number(process.env.TLS_MUTATIONS ?? 2_000);

/** What passes in a flow that nobody disturbs, and what may be done to each record. */
interface Course {
  readonly flow: Flow;
  readonly passed: readonly Passing[];
  readonly operators: readonly (readonly Operator[])[];
}

function courseOf(flow: Flow): Course {
  const meeting = new Meeting(flow, 'undisturbed');
  expect(meeting.run(-1, null)).toBe('whole');
  const { passed } = meeting;
  return { flow, passed, operators: passed.map((each) => OPERATORS.filter(({ applies }) => applies(each))) };
}

describe('mutated records', { timeout: 30_000 + TURNS * 20 }, () => {
  const courses = FLOWS.map(courseOf);
  const seen = new Map<string, Set<string>>();
  const wrong: string[] = [];

  /** One operator on one record of one flow. */
  function turn(course: Course, at: number, operator: Operator, seed: string): void {
    const { flow } = course;
    let expected: readonly string[] = [];
    const outcome = new Meeting(flow, seed).run(at, (passing) => {
      const mutation = operator.make(passing, new Rng(seed, 'mutation'));
      expected = mutation.expected;
      return mutation.records;
    });
    const outcomes = seen.get(operator.name) ?? new Set();
    seen.set(operator.name, outcomes.add(outcome));
    if (expected.includes(outcome)) return;
    const { from, type, content } = course.passed[at] as Passing;
    const what = `${operator.name}, on record ${at} (${type}, ${content[0]}) of the ${from}`;
    wrong.push(`${what}, ${flow.how}, ${flow.suite.name}, ${flow.key}, seed ${seed}: ${outcome}, not ${expected}`);
  }

  it(`end in the right alert, each kind of them and ${TURNS} in all`, () => {
    let turns = 0;
    // Every way to change something is tried in every flow that has a place for it.
    for (const course of courses) {
      for (const operator of OPERATORS) {
        const at = course.operators.findIndex((operators) => operators.includes(operator));
        if (at >= 0) turn(course, at, operator, `first ${turns++}`);
      }
    }
    for (; turns < TURNS; turns++) {
      const chance = new Rng(`${turns}`, 'turn');
      const course = courses[chance.below(courses.length)] as Course;
      const at = chance.below(course.passed.length);
      const operators = course.operators[at] as readonly Operator[];
      turn(course, at, operators[chance.below(operators.length)] as Operator, `${turns}`);
    }
    expect(wrong.slice(0, 20)).toEqual([]);
    expect([...seen.keys()].sort()).toEqual(OPERATORS.map(({ name }) => name).sort());
  });

  it('meet with every alert that is about what somebody sends', () => {
    const alerts = new Set([...seen.values()].flatMap((outcomes) => [...outcomes]));
    for (const alert of [
      ...['unexpected_message', 'bad_record_mac', 'record_overflow', 'handshake_failure', 'bad_certificate'],
      ...['illegal_parameter', 'decode_error', 'decrypt_error', 'protocol_version', 'missing_extension'],
      ...['unsupported_extension', 'no_application_protocol'],
    ]) {
      expect(alerts).toContain(`receiver ${alert}`);
    }
  });
});
