/**
 * What leaves a simulated host by a way that is not simulated: files, processes, threads, real sockets and timers. Its
 * end comes at a moment of the real world, so that two runs need not be the same; it is told with the place in the code.
 */

import { createHook } from 'node:async_hooks';
import { currentScope, type HostScope } from './scope.ts';

export interface Escape {
  readonly host: string;
  /** `the file system (FSREQPROMISE)`: in words, and Node's name of the request. */
  readonly what: string;
  readonly atNs: number;
  /** The frames of the program, Node's own left out. */
  readonly stack: string;
}

/** Node's names of what it waits for outside of JavaScript, and what they are for people. */
const NATIVE: ReadonlyMap<string, string> = new Map([
  ...['FSREQCALLBACK', 'FSREQPROMISE', 'FILEHANDLECLOSEREQ', 'DIRHANDLE'].map(
    (type) => [type, 'the file system'] as const,
  ),
  ...['STATWATCHER', 'FSEVENTWRAP'].map((type) => [type, 'watching files'] as const),
  ...['PROCESSWRAP', 'PIPEWRAP', 'PIPECONNECTWRAP'].map((type) => [type, 'a process or pipe'] as const),
  ...['TCPWRAP', 'TCPSERVERWRAP', 'TCPCONNECTWRAP', 'UDPWRAP', 'UDPSENDWRAP'].map(
    (type) => [type, 'a real socket'] as const,
  ),
  ...['GETADDRINFOREQWRAP', 'GETNAMEINFOREQWRAP', 'QUERYWRAP'].map((type) => [type, 'the real name service'] as const),
  ...['PBKDF2REQUEST', 'SCRYPTREQUEST', 'KEYPAIRGENREQUEST', 'KEYGENREQUEST', 'SIGNREQUEST', 'HASHREQUEST'].map(
    (type) => [type, 'cryptography on a thread'] as const,
  ),
  ...['RANDOMBYTESREQUEST', 'RANDOMPRIMEREQUEST', 'CIPHERREQUEST', 'DERIVEBITSREQUEST'].map(
    (type) => [type, 'cryptography on a thread'] as const,
  ),
  ['Timeout', 'a real timer'],
  ['WORKER', 'a thread'],
  ['SIGNALWRAP', 'a signal'],
]);

let watching = 0;
let muted = 0;

const hook = createHook({
  init(_id, type) {
    const what = NATIVE.get(type);
    if (what === undefined || muted > 0) return;
    const scope = currentScope();
    if (scope) noteEscape(scope, `${what} (${type})`);
  },
});

export function noteEscape(scope: HostScope, what: string): void {
  if (!scope.onEscape) return;
  const { onEscape } = scope;
  muted++;
  onEscape(what);
  muted--;
}

/** Something of Node's or ours that is known and harmless. */
export function withoutEscapes(run: () => void): void {
  muted++;
  try {
    run();
  } finally {
    muted--;
  }
}

/** The hook costs something at every promise, so it is on only while somebody watches. Returns how to stop. */
export function watchEscapes(scopes: readonly HostScope[], watcher: (found: Escape) => void): () => void {
  for (const scope of scopes) {
    scope.onEscape = (what) => watcher({ host: scope.host, what, atNs: scope.nowNs, stack: stackOfProgram() });
  }
  if (watching++ === 0) hook.enable();
  return () => {
    for (const scope of scopes) scope.onEscape = null;
    if (--watching === 0) hook.disable();
  };
}

function stackOfProgram(): string {
  const before = Error.stackTraceLimit;
  Error.stackTraceLimit = 40;
  const lines = (new Error().stack ?? '').split('\n').slice(1);
  Error.stackTraceLimit = before;
  const own = import.meta.url.replace(/[^/]*$/, '');
  const isOfProgram = (line: string) => !/node:|\(<anonymous>\)/.test(line) && !line.includes(own);
  return lines.filter(isOfProgram).slice(0, 8).join('\n');
}
