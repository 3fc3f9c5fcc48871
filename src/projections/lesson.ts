/**
 * A lesson with the run's own values in its words, and whether everything that it takes for granted is so. What is said
 * at a step knows only what has happened there; the answer to a prediction knows the end.
 */

import type { Entry, Nanos } from '../kernel/journal.ts';
import type {
  Lesson,
  LessonStep,
  LessonText,
  Misconception,
  Operand,
  Question,
  Showing,
  Term,
} from '../scenario/lesson.ts';
import type { Bound, FilterSpec, Place, Scenario } from '../scenario/scenario.ts';
import { boundText, type FrameTest, holds } from './expectations.ts';
import { frameTester } from './frame-tests.ts';
import { fieldIn, type Place as Moment, RunReader } from './run-reader.ts';
import { duration } from './time.ts';

export interface LessonView {
  readonly objective: string | null;
  readonly question: string | null;
  readonly takeaway: string | null;
  readonly misconceptions: readonly MisconceptionView[];
  /** In the order in which they happen. */
  readonly steps: readonly StepView[];
  readonly checks: readonly LessonVerdict[];
}

export interface MisconceptionView {
  readonly claim: string;
  readonly because: string | null;
  /** The journal entry at which the frame counts that refutes it; null: there is none. */
  readonly seq: number | null;
}

export interface StepView {
  readonly id: string;
  readonly seq: number;
  readonly atNs: Nanos;
  readonly say: string | null;
  readonly show: { readonly pane: Showing['pane']; readonly seq: number } | null;
  readonly ask: QuestionView | null;
  readonly predict: QuestionView | null;
}

export interface QuestionView {
  readonly id: string;
  readonly question: string;
  readonly choices: readonly string[];
  /** In words. */
  readonly answer: string;
  /** The place of the answer among the choices; -1 where it is to be written. */
  readonly correct: number;
  readonly hint: string | null;
  readonly explain: string | null;
}

/** One thing that the words take for granted. */
export interface LessonVerdict {
  readonly name: string;
  readonly place: Place;
  readonly pass: boolean;
  readonly sentence: string;
}

/** null: the scenario teaches nothing. `entries`: the whole run. */
export function lessonOf(
  scenario: Scenario,
  entries: readonly Entry[],
  compile: (filter: FilterSpec) => FrameTest = frameTester(scenario, entries),
): LessonView | null {
  return scenario.lesson ? new Teller(scenario.lesson, new RunReader(scenario, entries, compile)).tell() : null;
}

type Value = number | string | boolean;
interface Evaluated {
  readonly value: Value;
  readonly isTime: boolean;
}

class Teller {
  readonly #lesson: Lesson;
  readonly #run: RunReader;
  readonly #checks: LessonVerdict[] = [];
  readonly #moments = new Map<string, Moment>();

  constructor(lesson: Lesson, run: RunReader) {
    this.#lesson = lesson;
    this.#run = run;
  }

  tell(): LessonView {
    const { objective, question, takeaway, misconceptions, steps } = this.#lesson;
    for (const step of steps) {
      const moment = this.#run.placeOf(step.start);
      if (moment) this.#moments.set(step.id, moment);
      else this.#note(`${step.id} happens`, step.place, false, `${whenText(step)} never happens in this run`);
    }
    const { end } = this.#run;
    const textAtEnd = (text: LessonText | null, name: string) => text && this.#text(text, end, name);
    return {
      objective: textAtEnd(objective, 'objective'),
      question: textAtEnd(question, 'question'),
      takeaway: textAtEnd(takeaway, 'takeaway'),
      misconceptions: misconceptions.map((each, index) => this.#misconception(each, `misconception ${index + 1}`)),
      steps: steps
        .flatMap((step) => this.#step(step) ?? [])
        .sort((one, other) => one.seq - other.seq || one.atNs - other.atNs),
      checks: this.#checks,
    };
  }

  #note(name: string, place: Place, pass: boolean, sentence: string): void {
    this.#checks.push({ name, place, pass, sentence });
  }

  #misconception({ claim, refutedBy, because, place }: Misconception, name: string): MisconceptionView {
    const { end } = this.#run;
    const frame = refutedBy && this.#run.first(refutedBy);
    if (refutedBy) {
      const seen = frame ? `seen at ${duration(frame.atNs)}` : 'no frame of this run matches';
      this.#note(`${name} is refuted`, place, frame !== null, `${refutedBy.text}: ${seen}`);
    }
    return {
      claim: this.#text(claim, end, name),
      because: because && this.#text(because, end, name),
      seq: frame?.seq ?? null,
    };
  }

  #step(step: LessonStep): StepView | null {
    const moment = this.#moments.get(step.id);
    if (!moment) return null;
    const { id, say, ask, predict, checks, show } = step;
    for (const { term, is, place } of checks) this.#check({ ...term, is }, moment, id, place);
    return {
      id,
      ...moment,
      seq: Math.max(0, moment.seq),
      say: say && this.#text(say, moment, id),
      show: show && { pane: show.pane, seq: this.#frameOf(step, show, moment) },
      ask: ask && this.#question(ask, moment, moment),
      predict: predict && this.#prediction(predict, moment),
    };
  }

  #frameOf({ id, place }: LessonStep, { frame }: Showing, moment: Moment): number {
    if (!frame) return Math.max(0, moment.seq);
    const found = this.#run.matches(frame, moment)[0];
    if (!found) this.#note(`${id} shows a frame`, place, false, `until then no frame matches ${frame.text}`);
    return found?.seq ?? Math.max(0, moment.seq);
  }

  /** What is foretold must not have been seen: a first frame, or a value of one, that is there already gives it away. */
  #prediction(asked: Question, moment: Moment): QuestionView {
    for (const term of asked.answer.parts) {
      if (typeof term === 'string' || term.at !== null) continue;
      const isOfFrame = term.operands.some(({ operand }) => operand.kind === 'value' || operand.kind === 'first');
      if (!isOfFrame || this.#evaluate(term, moment) === null) continue;
      this.#note(`${asked.id} comes first`, asked.place, false, `{{ ${term.text} }} has happened when it is asked`);
    }
    return this.#question(asked, moment, this.#run.end);
  }

  /** `known`: what the answer may know. */
  #question(asked: Question, moment: Moment, known: Moment): QuestionView {
    const { id, place } = asked;
    const choices = asked.choices.map((choice) => this.#text(choice, known, id));
    const answer = this.#text(asked.answer, known, id);
    const correct = choices.length === 0 ? -1 : placeAmong(choices, answer);
    if (choices.length > 0) {
      const isUnique = new Set(choices).size === choices.length;
      const sentence =
        correct < 0 ? `the answer ${answer} is none of the choices` : `the answer is ${choices[correct]}`;
      this.#note(
        `${id} has one right choice`,
        place,
        correct >= 0 && isUnique,
        isUnique ? sentence : 'two choices are equal',
      );
    }
    return {
      id,
      question: this.#text(asked.question, moment, id),
      choices,
      answer: choices[correct] ?? answer,
      correct,
      hint: asked.hint && this.#text(asked.hint, moment, id),
      explain: asked.explain && this.#text(asked.explain, known, id),
    };
  }

  #text({ parts, place }: LessonText, moment: Moment, name: string): string {
    return parts
      .map((part) => (typeof part === 'string' ? part : this.#check(part, moment, name, place)))
      .join('')
      .replace(/\s+/g, ' ')
      .trim();
  }

  /** The value in words. Where it is compared with something, or there is none, that is noted. */
  #check(term: Term, moment: Moment, name: string, place: Place): string {
    const at = this.#momentOf(term, moment);
    const found = at && this.#evaluate(term, at);
    if (!found) {
      this.#note(name, place, false, `{{ ${term.text} }} has no value${at ? ` at ${duration(at.atNs)}` : ''}`);
      return '(no value)';
    }
    const shown = shownAs(found, term);
    if (term.is) {
      const pass = isAs(found, term, term.is);
      this.#note(name, place, pass, `{{ ${term.text} }} is ${shown}${pass ? '' : `, not ${boundText(term.is)}`}`);
    } else this.#note(name, place, true, `{{ ${term.text} }} is ${shown}`);
    return shown;
  }

  #momentOf({ at }: Term, moment: Moment): Moment | null {
    if (at === null) return moment;
    if (at === 'end') return this.#run.end;
    if ('atNs' in at) return this.#run.placeAt(at.atNs);
    return this.#moments.get(at.id) ?? this.#run.placeOfId(at.id);
  }

  #evaluate({ operands }: Term, moment: Moment): Evaluated | null {
    const [first, ...rest] = operands.map(({ operand }) => this.#operand(operand, moment));
    if (first === undefined || first === null || rest.includes(null)) return null;
    if (rest.length === 0) return first;
    if (typeof first.value !== 'number') return null;
    let total = first.value;
    for (const [index, next] of rest.entries()) {
      if (typeof next?.value !== 'number') return null;
      total += (operands[index + 1]?.sign ?? 1) * next.value;
    }
    return { value: total, isTime: first.isTime };
  }

  #operand(operand: Operand, moment: Moment): Evaluated | null {
    switch (operand.kind) {
      case 'number':
        return { value: operand.value, isTime: false };
      case 'state': {
        const value = this.#run.state(operand.path, moment);
        return value === undefined ? null : { value, isTime: false };
      }
      case 'count':
        return { value: this.#run.matches(operand.match, moment).length, isTime: false };
      case 'first':
      case 'last': {
        const frame = this.#run.matches(operand.match, moment).at(operand.kind === 'first' ? 0 : -1);
        return frame ? { value: frame.atNs, isTime: true } : null;
      }
      case 'value': {
        const frame = this.#run.matches(operand.match, moment)[0];
        const value = frame && fieldIn(frame, operand.field);
        if (value === undefined || value === null) return null;
        return {
          value: typeof value === 'object' ? '' : typeof value === 'bigint' ? Number(value) : value,
          isTime: false,
        };
      }
    }
  }
}

/** The choice with these words; else, where the answer is a number, the choice of that number from 1. */
function placeAmong(choices: readonly string[], answer: string): number {
  const same = choices.indexOf(answer);
  if (same >= 0 || !/^\d$/.test(answer)) return same;
  return choices[Number(answer) - 1] === undefined ? -1 : Number(answer) - 1;
}

function shownAs({ value, isTime }: Evaluated, { unit }: Term): string {
  if (typeof value !== 'number' || !Number.isInteger(value)) return String(value);
  if (unit) return `${rounded(value, unit.size, unit.decimals)} ${unit.name}`;
  return isTime ? duration(value) : String(value);
}

/** A bound without a unit is about the number as it is shown; one with a unit became ns or octets when it was read. */
function isAs({ value }: Evaluated, { unit }: Term, is: Bound): boolean {
  if (!unit || typeof value !== 'number' || !Number.isInteger(value)) return holds(value, is);
  return holds(Number(rounded(value, unit.size, unit.decimals)), is) || holds(value, is);
}

/** In decimal, rounded half up, without zeros at its end. Whole numbers all the way. */
function rounded(value: number, size: number, decimals: number): string {
  const scale = BigInt(`1${'0'.repeat(decimals)}`);
  const magnitude = BigInt(Math.abs(value));
  const scaled = (magnitude * scale * 2n + BigInt(size)) / (BigInt(size) * 2n);
  const fraction = (scaled % scale).toString().padStart(decimals, '0').replace(/0+$/, '');
  return `${value < 0 ? '-' : ''}${scaled / scale}${decimals === 0 || fraction === '' ? '' : `.${fraction}`}`;
}

function whenText({ id, start }: LessonStep): string {
  if (start.kind === 'at') return `${id}, at ${duration(start.atNs)},`;
  return start.kind === 'after' ? `${id}, after ${start.id},` : `${id}, when ${start.match.text},`;
}
