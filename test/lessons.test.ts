/** Every bundled lesson says what is so: in its own run, and in words whose every number is checked there. */

import { describe, expect, it } from 'vitest';
import { lessonOf } from '../src/projections/lesson.ts';
import type { Lesson, LessonText } from '../src/scenario/lesson.ts';
import { BUNDLED, loadBundled, runToEnd } from './bundled.ts';

/** Digits that are names: of standards and their sections, protocols and their versions, qualities of service. */
const NAMES =
  /RFC \d+|sections? \d+(?:\.\d+)*|HTTP\/\d(?:\.\d)?|(?:IPv|TLS |SHA-|MQTT |ICMPv|Engine\.IO |Socket\.IO |QoS |layers? |802\.)\d+(?:\.\d+)*(?: or \d| and \d)?|\b1006\b|\bN?1xx\b/g;

describe.each(BUNDLED)('the lesson of %s', (name) => {
  const scenario = loadBundled(name);
  const { lesson } = scenario;

  it('teaches something', () => {
    expect(lesson?.objective).toBeTruthy();
    expect(lesson?.question).toBeTruthy();
    expect(lesson?.takeaway).toBeTruthy();
    expect(lesson?.misconceptions.length).toBeGreaterThan(0);
    expect(lesson?.steps.filter(({ predict }) => predict).length).toBeGreaterThan(0);
    expect(lesson?.steps.filter(({ ask }) => ask).length).toBeGreaterThan(0);
  });

  it('says what is so', () => {
    const view = lessonOf(scenario, runToEnd(scenario).entries);
    expect(view?.checks.filter(({ pass }) => !pass).map(({ name: what, sentence }) => `${what}: ${sentence}`)).toEqual(
      [],
    );
  });

  it('has a number that is held against the run, and none that is not', () => {
    if (!lesson) throw new Error('there is no lesson');
    const texts = textsOf(lesson);
    const terms = texts.flatMap(({ parts }) => parts.filter((part) => typeof part !== 'string'));
    expect(terms.some(({ is }) => is !== null && typeof is.value === 'number')).toBe(true);
    const bare = texts.flatMap(({ parts }) =>
      parts.filter((part) => typeof part === 'string' && /\d/.test(part.replace(NAMES, ''))),
    );
    expect(bare).toEqual([]);
  });
});

/** What is said as true; the choices of a question need not be. */
function textsOf({ objective, question, takeaway, misconceptions, steps }: Lesson): LessonText[] {
  const asked = steps.flatMap(({ ask, predict }) => [ask, predict]);
  return [
    objective,
    question,
    takeaway,
    ...misconceptions.flatMap(({ because }) => [because]),
    ...steps.map(({ say }) => say),
    ...asked.flatMap((each) => (each ? [each.question, each.explain, each.hint] : [])),
  ].filter((text) => text !== null);
}
