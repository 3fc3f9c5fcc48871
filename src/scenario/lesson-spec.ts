/** Lessons as they are told and asked. */

import type { Nanos } from '../kernel/journal.ts';
import { readBound } from './bound.ts';
import type { Checks } from './checks.ts';
import {
  type Lesson,
  type LessonCheck,
  type LessonStep,
  type LessonText,
  type Misconception,
  PANE_NAMES,
  type PaneName,
  type Question,
  type Showing,
} from './lesson.ts';
import { readTerm, readText } from './lesson-text.ts';
import { type Piece, readPiece } from './read-piece.ts';
import {
  type LessonHeadFile,
  type LessonStepFile,
  lessonHeadSchema,
  lessonStepSchema,
  type QuestionFile,
} from './schema/lesson.ts';
import type { TimelineIds } from './timeline-spec.ts';
import { childOf, keySpotAt, type Path, spotAt, type Tree } from './tree.ts';
import { clipped } from './yaml-guard.ts';

export class LessonReader {
  readonly #checks: Checks;
  readonly #timelineIds: TimelineIds;
  readonly #untilNs: Nanos;
  /** Of the timeline and of steps. */
  readonly #ids: Set<string>;

  constructor(checks: Checks, ids: TimelineIds, untilNs: Nanos) {
    this.#checks = checks;
    this.#timelineIds = ids;
    this.#untilNs = untilNs;
    this.#ids = new Set(ids.keys());
  }

  /** A list is the steps alone. */
  read(tree: Tree): Lesson | null {
    if (tree.kind === 'broken') return null;
    const head = tree.kind === 'list' ? null : readPiece(lessonHeadSchema, tree, this.#problems);
    const list = tree.kind === 'list' ? tree : childOf(tree, 'steps');
    const items = list?.kind === 'list' ? list.items : [];
    const pieces = items.map((item) => readPiece(lessonStepSchema, item, this.#problems));
    for (const { value } of pieces) if (value?.id !== undefined) this.#ids.add(value.id);
    const steps = pieces.flatMap((piece, index) => (piece.value ? (this.#step(piece, piece.value, index) ?? []) : []));
    this.#refuseSecondIds(pieces);
    const place = this.#problems.placeOf(tree.spot);
    return { ...this.#headOf(head), steps, place };
  }

  get #problems() {
    return this.#checks.problems;
  }

  #headOf(piece: Piece<LessonHeadFile> | null): Omit<Lesson, 'steps' | 'place'> {
    const text = (key: 'objective' | 'question' | 'takeaway') =>
      piece?.value?.[key] === undefined ? null : this.#text(piece.value[key], piece.tree, [key]);
    const [objective, question, takeaway] = [text('objective'), text('question'), text('takeaway')];
    return { objective, question, takeaway, misconceptions: piece ? this.#misconceptions(piece) : [] };
  }

  #misconceptions({ value, tree }: Piece<LessonHeadFile>): Misconception[] {
    const given = value?.misconception;
    if (given === undefined) return [];
    const isList = Array.isArray(given);
    return (isList ? given : [given]).map((file, index) => {
      const path: Path = isList ? ['misconception', index] : ['misconception'];
      const place = this.#problems.placeOf(spotAt(tree, path));
      if (typeof file === 'string')
        return { claim: this.#text(file, tree, path), refutedBy: null, because: null, place };
      const { 'refuted-by': refutedBy, because } = file;
      return {
        claim: this.#text(file.claim, tree, [...path, 'claim']),
        refutedBy: refutedBy === undefined ? null : this.#checks.filter(refutedBy, tree, [...path, 'refuted-by']),
        because: because === undefined ? null : this.#text(because, tree, [...path, 'because']),
        place,
      };
    });
  }

  #step(piece: Piece<LessonStepFile>, file: LessonStepFile, index: number): LessonStep | null {
    const { tree } = piece;
    const id = file.id ?? `step-${index + 1}`;
    const start = this.#start(piece, file);
    const isPrediction = file.predict === true;
    if (isPrediction && !file.ask) {
      this.#problems.error(
        keySpotAt(tree, ['predict']),
        'PW0509',
        '`predict: true` makes `ask` a prediction, and there is no `ask`',
      );
    }
    if (piece.isWhole && !file.say && !file.ask && !file.predict && !file.show && !file.is) {
      const hint = 'write `say`, `ask`, `predict`, `show` or `is`';
      this.#problems.error({ ...tree.spot, length: 1 }, 'PW0509', 'the step says, shows and asks nothing', hint);
    }
    if (!start) return null;
    const asked = file.ask ? this.#question(file.ask, tree, ['ask'], isPrediction ? `${id}-predict` : id) : null;
    const predicted =
      typeof file.predict === 'object' ? this.#question(file.predict, tree, ['predict'], `${id}-predict`) : null;
    return {
      id,
      start,
      say: file.say === undefined ? null : this.#text(file.say, tree, ['say']),
      show: file.show === undefined ? null : this.#showing(file.show, tree),
      ask: isPrediction ? null : asked,
      predict: isPrediction ? asked : predicted,
      checks: this.#checksOf(file, tree),
      place: this.#problems.placeOf(tree.spot),
    };
  }

  /** Without `at`, `when` and `after` the step stands at the beginning. */
  #start(piece: Piece<LessonStepFile>, file: LessonStepFile): LessonStep['start'] | null {
    const { at, when, after, wait } = file;
    const [first, second] = (['at', 'when', 'after'] as const).filter((key) => file[key] !== undefined);
    if (second !== undefined) this.#conflict(piece.tree, second, first ?? '');
    if (wait !== undefined && (first === undefined || first === 'at'))
      this.#conflict(piece.tree, 'wait', first ?? 'no moment');
    if (when !== undefined) {
      return { kind: 'when', match: this.#checks.filter(when, piece.tree, ['when']), waitNs: wait ?? 0 };
    }
    if (after !== undefined) {
      if (this.#timelineIds.has(after)) return { kind: 'after', id: after, waitNs: wait ?? 0 };
      const near = this.#problems.didYouMean(after, this.#timelineIds.keys());
      const message = `no timeline entry has the id \`${clipped(after)}\`${near}`;
      this.#problems.error(spotAt(piece.tree, ['after']), 'PW0502', message);
      return null;
    }
    if (at !== undefined && at > this.#untilNs) {
      this.#problems.warn(spotAt(piece.tree, ['at']), 'PW0702', 'this is later than `until`, the end of the run');
    }
    return { kind: 'at', atNs: at ?? 0 };
  }

  #conflict(tree: Tree, key: string, other: string): void {
    this.#problems.error(keySpotAt(tree, [key]), 'PW0307', `\`${key}\` does not go together with \`${other}\``);
  }

  #showing(file: NonNullable<LessonStepFile['show']>, tree: Tree): Showing {
    if (typeof file === 'string') return { pane: file, frame: null };
    const { pane, frame } = file;
    const isPane = (name: string | undefined): name is PaneName =>
      (PANE_NAMES as readonly string[]).includes(name ?? '');
    return {
      pane: isPane(pane) ? pane : null,
      frame: frame === undefined ? null : this.#checks.filter(frame, tree, ['show', 'frame']),
    };
  }

  #question(file: QuestionFile, tree: Tree, path: Path, id: string): Question {
    const text = (key: 'question' | 'hint' | 'explain') =>
      file[key] === undefined ? null : this.#text(file[key], tree, [...path, key]);
    const choices = (file.choices ?? []).map((choice, index) => this.#text(choice, tree, [...path, 'choices', index]));
    return {
      id,
      question: text('question') ?? this.#text('', tree, path),
      choices,
      answer: this.#text(file.answer, tree, [...path, 'answer']),
      hint: text('hint'),
      explain: text('explain'),
      place: this.#problems.placeOf(spotAt(tree, path)),
    };
  }

  #checksOf(file: LessonStepFile, tree: Tree): LessonCheck[] {
    return Object.entries(file.is ?? {}).flatMap(([written, bound]) => {
      const path: Path = ['is', written];
      const term = readTerm(written, { checks: this.#checks, ids: this.#ids, tree, path });
      const is = readBound(bound);
      if (!('value' in is)) {
        this.#problems.error(spotAt(tree, path), is.code, is.complaint, is.hint);
        return [];
      }
      return term ? [{ term, is: is.value, place: this.#problems.placeOf(spotAt(tree, path)) }] : [];
    });
  }

  #text(written: string | number | boolean, tree: Tree, path: Path): LessonText {
    return readText(written, { checks: this.#checks, ids: this.#ids, tree, path });
  }

  #refuseSecondIds(pieces: readonly Piece<LessonStepFile>[]): void {
    const taken = new Set<string>(this.#timelineIds.keys());
    for (const { value, tree } of pieces) {
      if (value?.id === undefined) continue;
      if (taken.has(value.id)) {
        const message = `the id \`${clipped(value.id)}\` is given a second time`;
        this.#problems.error(spotAt(tree, ['id']), 'PW0411', message);
      }
      taken.add(value.id);
    }
  }
}
