import { describe, expect, it } from 'vitest';
import { csvLines } from '../../src/cli/grading.ts';
import { isRight } from '../../src/projections/answer.ts';

const question = { id: 'q', question: 'q', choices: [], answer: '1400 B', correct: -1, hint: 'h', explain: null };
const choice = { ...question, choices: ['three', 'two', 'one'], answer: 'two', correct: 1 };

describe('isRight', () => {
  it.each([
    ['1400', true],
    ['1400 B', true],
    ['1400.0', true],
    [' 1400  b', true],
    ['1400 ms', false],
    ['1401', false],
    ['', false],
  ])('%s for 1400 B', (given, right) => expect(isRight(question, given)).toBe(right));

  it.each([
    ['2', true],
    ['Two', true],
    ['1', false],
    ['one', false],
  ])('%s for the second of three choices', (given, right) => expect(isRight(choice, given)).toBe(right));

  it('takes words before numbers', () => {
    const numbers = { ...choice, choices: ['2', '1'], answer: '1', correct: 1 };
    expect([isRight(numbers, '1'), isRight(numbers, '2')]).toEqual([true, false]);
  });
});

describe('csvLines', () => {
  it('quotes what needs it, and lets no cell be a formula', () => {
    const grade = {
      who: '=cmd()',
      scenario: 's',
      variant: '1',
      kind: 'question',
      item: 'i',
      given: 'a,"b"',
      key: '-5',
    } as const;
    expect(csvLines([{ ...grade, result: 'wrong', hint: 'two\nlines' }])).toEqual([
      'who,scenario,variant,kind,item,given,key,result,hint',
      `'=cmd(),s,1,question,i,"a,""b""",-5,wrong,"two\nlines"`,
    ]);
  });
});
