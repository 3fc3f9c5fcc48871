/** How a command ends early: the exit status, and what is said on stderr. */

import { printable } from '../projections/printable.ts';

export const EXIT = {
  fine: 0,
  /** An expectation of the user's did not hold. */
  failed: 1,
  /** Bad usage or bad input. */
  usage: 2,
  /** A bug of ours. */
  internal: 70,
  /** The terminal went away, as a shell counts SIGHUP. */
  hungUp: 129,
  interrupted: 130,
  /** The reader of our output went away. */
  brokenPipe: 141,
  terminated: 143,
} as const;

/** People asked for something that cannot be done. Lines are printable; the first is the error, the rest helps. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
  readonly lines: readonly string[];

  constructor(first: string, ...rest: readonly string[]) {
    super(first);
    this.lines = [first, ...rest];
  }
}

/** A run whose time stands still, in words; null: the error is another one. */
export function livelockProblem(error: unknown): UsageError | null {
  if (!(error instanceof Error) || error.name !== 'Livelock') return null;
  return new UsageError(
    `the run was stopped: ${error.message}`,
    'frames circle in a loop of links without any delay; give them one, or take a link out of the loop',
  );
}

/** A file is wrong. The text is what `formatProblems` made of it: places, lines, carets. */
export class BadInput extends Error {
  override readonly name = 'BadInput';
}

/** Signals that ask us to end, and the exit statuses that shells give to those who do. */
export type Signal = 'SIGINT' | 'SIGTERM' | 'SIGHUP';
export const STATUS_OF = { SIGHUP: EXIT.hungUp, SIGINT: EXIT.interrupted, SIGTERM: EXIT.terminated } as const;

/** A signal came while we worked. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
  readonly signal: Signal;

  constructor(signal: Signal, message: string) {
    super(message);
    this.signal = signal;
  }
}

const ERRNO: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another program has this address and port',
  EADDRNOTAVAIL: 'this machine has no such address',
  ENOENT: 'there is no such file or directory',
  EACCES: 'permission denied',
  EPERM: 'operation not permitted',
  EISDIR: 'it is a directory',
  ENOTDIR: 'a part of its path is not a directory',
  EEXIST: 'it exists already',
  EMFILE: 'too many open files',
  ENFILE: 'too many open files in the system',
  ENOSPC: 'no space left on the device',
  EDQUOT: 'the disk quota is used up',
  EROFS: 'the file system is read-only',
  ELOOP: 'too many symbolic links',
  ENAMETOOLONG: 'the name is too long',
  EIO: 'input/output error',
  ETXTBSY: 'it is being executed',
};

export function errnoOf(error: unknown): string | null {
  if (typeof error !== 'object' || error === null || !('code' in error)) return null;
  return typeof error.code === 'string' ? error.code : null;
}

/** What the operating system said, in words. Throws on what is no system error: that is a bug of ours. */
export function systemProblem(error: unknown): string {
  const code = errnoOf(error);
  if (code === null || !/^E[A-Z0-9]+$/.test(code)) throw error;
  return ERRNO[code] ?? code;
}

/** A user's word in an error: quoted and printable. */
export function quoted(text: string): string {
  return `'${printable(text)}'`;
}
