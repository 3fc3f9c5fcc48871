/** What is wrong with a capture file, and at which octet. */

import { printable } from '../projections/printable.ts';

/** The stable codes of capture files. A code keeps its meaning for ever. */
const CAPTURE_CODES = {
  PW1001: 'the file is no capture',
  PW1002: 'the version of the format is not read',
  PW1003: 'the link type is not read',
  PW1004: 'the file is cut',
  PW1005: 'a length is impossible',
  PW1006: 'a block does not end with the length it begins with',
  PW1007: 'a resolution of time is impossible',
  PW1008: 'a packet names an interface that was not described',
  PW1009: 'there are too many interfaces',
  PW1101: 'a part of a second is more than a second',
  PW1102: 'time goes backwards',
  PW1103: 'an option is damaged',
} as const;

export type CaptureCode = keyof typeof CAPTURE_CODES;

export interface CaptureProblem {
  /** An error ends the reading; what was read before it is whole. */
  readonly severity: 'error' | 'warning';
  readonly code: CaptureCode;
  /** In the file, from 0: where the record or block begins, or the field that is wrong. */
  readonly offset: number;
  readonly message: string;
  /** How often a warning of this kind was given; only the first is kept. */
  readonly count: number;
}

/** `x.pcapng:0x1c: error PW1004: ...`. The name and the text of a stranger's file pass `printable`. */
export function formatCaptureProblem(file: string, { severity, code, offset, message, count }: CaptureProblem): string {
  const more = count > 1 ? ` (and ${count - 1} more of this kind)` : '';
  return `${printable(file)}:0x${offset.toString(16)}: ${severity} ${code}: ${printable(message)}${more}`;
}

/** Ends the reading of a capture. */
export class CaptureRefusal extends Error {
  override readonly name = 'CaptureRefusal';
  readonly code: CaptureCode;
  readonly offset: number;

  constructor(code: CaptureCode, offset: number, message: string) {
    super(message);
    this.code = code;
    this.offset = offset;
  }
}

/** Collects what is wrong: a few kinds, each once and counted, so that no file can fill the memory with them. */
export class CaptureProblems {
  readonly #kinds = new Map<CaptureCode, CaptureProblem>();

  get all(): readonly CaptureProblem[] {
    return [...this.#kinds.values()];
  }

  get error(): CaptureProblem | null {
    return this.all.find(({ severity }) => severity === 'error') ?? null;
  }

  warn(code: CaptureCode, offset: number, message: string): void {
    this.#add('warning', code, offset, message);
  }

  fail({ code, offset, message }: Pick<CaptureRefusal, 'code' | 'offset' | 'message'>): void {
    this.#add('error', code, offset, message);
  }

  #add(severity: CaptureProblem['severity'], code: CaptureCode, offset: number, message: string): void {
    const known = this.#kinds.get(code);
    this.#kinds.set(code, known ? { ...known, count: known.count + 1 } : { severity, code, offset, message, count: 1 });
  }
}
