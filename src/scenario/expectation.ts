/** Expectations as the run judges them. */

import type { Nanos } from '../kernel/journal.ts';
import { readBound } from './bound.ts';
import type { Checks } from './checks.ts';
import { readDuration } from './quantity.ts';
import type { Piece } from './read-piece.ts';
import type { Expectation } from './scenario.ts';
import type { DeliveredFile, ExpectFile } from './schema/expect.ts';
import type { TimelineIds } from './timeline-spec.ts';
import { keySpotAt, spotAt } from './tree.ts';
import { clipped } from './yaml-guard.ts';

const SUBJECTS = ['match', 'never', 'order', 'state', 'delivered'] as const;
type Subject = (typeof SUBJECTS)[number];

/** Which of the other keys go together with which subject. */
const QUALIFIERS: Readonly<Record<Subject, readonly string[]>> = {
  match: ['exactly', 'at-least', 'at-most', 'within', 'at'],
  never: ['within', 'at'],
  order: ['within'],
  state: ['is', 'at'],
  delivered: [],
};

export class ExpectationReader {
  readonly #checks: Checks;
  readonly #ids: TimelineIds;
  readonly #untilNs: Nanos;

  constructor(checks: Checks, ids: TimelineIds, untilNs: Nanos) {
    this.#checks = checks;
    this.#ids = ids;
    this.#untilNs = untilNs;
  }

  read(pieces: readonly Piece<ExpectFile>[]): Expectation[] {
    return pieces.flatMap((piece) => (piece.value ? (this.#expectation(piece, piece.value) ?? []) : []));
  }

  get #problems() {
    return this.#checks.problems;
  }

  #expectation(piece: Piece<ExpectFile>, file: ExpectFile): Expectation | null {
    const [subject, second] = SUBJECTS.filter((key) => file[key] !== undefined);
    if (subject === undefined) {
      const message = `what is expected? one of ${SUBJECTS.map((key) => `\`${key}\``).join(', ')} is missing`;
      if (piece.isWhole) this.#problems.error({ ...piece.tree.spot, length: 1 }, 'PW0302', message);
      return null;
    }
    if (second !== undefined) this.#conflict(piece, second, subject);
    for (const key of Object.keys(file)) {
      const isOther = key !== 'name' && !(SUBJECTS as readonly string[]).includes(key);
      if (isOther && !QUALIFIERS[subject].includes(key)) this.#conflict(piece, key, subject);
    }
    const check = this.#check(piece, file, subject);
    if (!check) return null;
    const place = this.#problems.placeOf(piece.tree.spot);
    return { name: file.name ?? nameOf(file), place, check };
  }

  #conflict(piece: Piece<ExpectFile>, key: string, subject: string): void {
    const message = `\`${key}\` does not go together with \`${subject}\``;
    this.#problems.error(keySpotAt(piece.tree, [key]), 'PW0307', message);
  }

  #check(piece: Piece<ExpectFile>, file: ExpectFile, subject: Subject): Expectation['check'] | null {
    const withinNs = file.within ?? null;
    switch (subject) {
      case 'match':
      case 'never': {
        const match = this.#checks.filter(file[subject] ?? '', piece.tree, [subject]);
        const at = this.#vantage(piece, file.at);
        const counts = subject === 'never' ? { atLeast: 0, atMost: 0 } : this.#counts(piece, file);
        return at && counts && { kind: 'match', match, ...counts, at, withinNs };
      }
      case 'order': {
        const order = (file.order ?? []).map((text, index) => this.#checks.filter(text, piece.tree, ['order', index]));
        return { kind: 'order', order, withinNs };
      }
      case 'state':
        return this.#state(piece, file, file.state ?? '');
      case 'delivered':
        return file.delivered ? this.#delivered(piece, file.delivered) : null;
    }
  }

  /** No count at all means at least one. What has no upper bound has the greatest whole number as its bound. */
  #counts(piece: Piece<ExpectFile>, file: ExpectFile): { readonly atLeast: number; readonly atMost: number } | null {
    const { exactly, 'at-least': least, 'at-most': most } = file;
    const other = least !== undefined ? 'at-least' : most !== undefined ? 'at-most' : null;
    if (exactly !== undefined) {
      if (other === null) return { atLeast: exactly, atMost: exactly };
      this.#conflict(piece, other, 'exactly');
      return null;
    }
    if (least !== undefined && most !== undefined && least > most) {
      const message = `at least ${least} and at most ${most} cannot both hold`;
      this.#problems.error(spotAt(piece.tree, ['at-most']), 'PW0307', message);
      return null;
    }
    return { atLeast: least ?? (most === undefined ? 1 : 0), atMost: most ?? Number.MAX_SAFE_INTEGER };
  }

  #vantage(piece: Piece<ExpectFile>, at: string | undefined) {
    if (at === undefined) return 'first-receiver';
    if (at === 'sent' || at === 'received') return at;
    const names = [...this.#checks.nodeNames, 'sent', 'received'];
    if (this.#checks.nodeNames.has(at)) return { node: at };
    const message = `\`${clipped(at)}\` is neither \`sent\` nor \`received\` nor a node${this.#problems.didYouMean(at, names)}`;
    this.#problems.error(spotAt(piece.tree, ['at']), 'PW0402', message);
    return null;
  }

  #state(piece: Piece<ExpectFile>, file: ExpectFile, path: string): Expectation['check'] | null {
    const isKnown = this.#checks.isStatePath(path, spotAt(piece.tree, ['state']));
    const at = this.#moment(piece, file.at);
    if (file.is === undefined) {
      const message = 'the key `is` is missing: a value, or a comparison such as ">= 10"';
      if (piece.isWhole) this.#problems.error({ ...piece.tree.spot, length: 1 }, 'PW0302', message);
      return null;
    }
    const is = readBound(file.is);
    if (!('value' in is)) {
      this.#problems.error(spotAt(piece.tree, ['is']), is.code, is.complaint, is.hint);
      return null;
    }
    return isKnown && at !== null ? { kind: 'state', path, is: is.value, at } : null;
  }

  #moment(piece: Piece<ExpectFile>, at: string | undefined) {
    if (at === undefined || at === 'end') return 'end';
    const spot = spotAt(piece.tree, ['at']);
    if (this.#ids.has(at)) return { id: at };
    const time = readDuration(at);
    if ('value' in time) {
      if (time.value > this.#untilNs) {
        this.#problems.warn(spot, 'PW0702', 'this is later than `until`, the end of the run');
      }
      return { atNs: time.value };
    }
    const near = this.#problems.didYouMean(at, [...this.#ids.keys(), 'end']);
    const message = `\`${clipped(at)}\` is neither a time nor \`end\` nor the id of a timeline entry${near}`;
    this.#problems.error(spot, 'PW0502', message);
    return null;
  }

  #delivered(piece: Piece<ExpectFile>, file: DeliveredFile): Expectation['check'] | null {
    const what = 'has no applications';
    const from = this.#checks.host(file.from, spotAt(piece.tree, ['delivered', 'from']), what);
    const to = this.#checks.host(file.to, spotAt(piece.tree, ['delivered', 'to']), what);
    const { bytes, messages } = file;
    if (bytes !== undefined && messages !== undefined) {
      const message = '`messages` does not go together with `bytes`';
      this.#problems.error(keySpotAt(piece.tree, ['delivered', 'messages']), 'PW0307', message);
    }
    if (!from || !to) return null;
    const given = bytes ?? messages;
    return {
      kind: 'delivered',
      from: from.name,
      to: to.name,
      unit: bytes !== undefined ? 'bytes' : messages !== undefined ? 'messages' : 'all',
      amount: typeof given === 'number' ? given : null,
      exactlyOnce: file['exactly-once'] ?? false,
      inOrder: file['in-order'] ?? false,
    };
  }
}

function nameOf(file: ExpectFile): string {
  if (file.match !== undefined) return file.match;
  if (file.never !== undefined) return `never ${file.never}`;
  if (file.order !== undefined) return file.order.join(', then ');
  if (file.delivered !== undefined) return `delivered from ${file.delivered.from} to ${file.delivered.to}`;
  return `${file.state} is ${file.is}`;
}
