import { type Command, Option } from 'commander';
import type { WalkHost } from '../../tui/host.ts';
import { isCaptureFile } from '../capture-input.ts';
import { type BadInput, EXIT, quoted, STATUS_OF, UsageError } from '../failure.ts';
import { once } from '../options.ts';
import { checkTargets } from '../outputs.ts';
import { loadScenarioInput, settingOf } from '../scenario-input.ts';
import type { Session } from '../session.ts';
import { depthOf, isAsciiOnly, terminalOf } from '../terminal.ts';
import { type EventsOptions, listEvents, refuseRunOptions, withEventsOptions } from './events.ts';

const THEMES = ['dark', 'light', 'high-contrast', 'mono'] as const;

interface WalkOptions extends EventsOptions {
  readonly plain?: boolean;
  readonly lesson?: boolean;
  readonly record?: string;
  readonly play?: string;
  readonly batch?: boolean;
  readonly mouse: boolean;
  readonly theme?: (typeof THEMES)[number];
  readonly size?: readonly [number, number];
}

const EXAMPLES = `Examples:
  packetwalk walk tcp-lost-segment
  packetwalk walk tcp-lost-segment --lesson
  packetwalk walk tcp-lost-segment --plain
  packetwalk walk tcp-lost-segment --play tour.txt --batch --size 120x40
  packetwalk walk capture.pcapng
`;

export function addWalk(program: Command, session: Session): void {
  const command = program
    .command('walk')
    .summary('walk through a scenario or a capture on an interactive screen, forward and back')
    .description('Walks through a scenario on an interactive screen; without a terminal it prints what events prints.')
    .argument('<scenario>', 'a file, - for standard input, the name of a bundled scenario, or a pcap or pcapng file')
    .addHelpText('before', EXAMPLES)
    .option('--lesson', 'begin with the lesson: questions before things happen, words as they do')
    .option('--plain', 'step in sentences, a line at a time: for screen readers')
    .addOption(once('--record <file>', 'write what you do as a tape', String))
    .addOption(once('--play <file>', 'play a tape', String))
    .option('--batch', 'with --play: without a terminal, print the screens and leave')
    .addOption(once('--size <columns x rows>', 'the size of the screen with --batch (120x40)', readSize))
    .addOption(new Option('--theme <name>', 'colours').choices([...THEMES]))
    .option('--no-mouse', 'leave the mouse to the terminal');
  withEventsOptions(command).action((word: string, options: WalkOptions) => walk(word, options, session));
}

function readSize(text: string): readonly [number, number] {
  const [, columns, rows] = /^(\d{1,3})x(\d{1,3})$/.exec(text) ?? [];
  if (columns === undefined || rows === undefined) throw new UsageError(`--size: write it as 120x40`);
  return [Number(columns), Number(rows)];
}

async function walk(word: string, options: WalkOptions, session: Session): Promise<void> {
  if (options.batch && options.play === undefined) throw new UsageError('--batch goes together with --play FILE');
  const wantsList = options.json === true || options.count === true;
  const isDrawn = !options.plain && !options.batch;
  if (options.record !== undefined && (wantsList || !isDrawn || !process.stdout.isTTY || process.env.TERM === 'dumb'))
    throw new UsageError('--record keeps what is done on the screen, and nothing is drawn here');
  if (wantsList || (isDrawn && !process.stdout.isTTY)) return listEvents(word, options, session);
  if (isDrawn && !process.stdin.isTTY) {
    throw new UsageError(
      'the screen needs a terminal to read keys from',
      'packetwalk run shows the same run without one',
    );
  }
  const { thrifty, lavish } = await import('../heap.ts');
  thrifty();
  try {
    await walkOnScreen(word, isDrawn && process.env.TERM === 'dumb' ? { ...options, plain: true } : options, session);
  } finally {
    lavish();
  }
}

interface Walked {
  readonly host: WalkHost;
  readonly seed: string;
  readonly problem: BadInput | null;
}

/** A capture, or a scenario. */
async function hostOf(
  word: string,
  options: WalkOptions,
  { out, err }: ReturnType<typeof terminalOf>,
): Promise<Walked> {
  if (isCaptureFile(word)) {
    refuseRunOptions(word, options);
    const { captureWalk } = await import('../capture-host.ts');
    return { ...(await captureWalk(word, out, err)), seed: '' };
  }
  const [{ scenario, text }, { walkHost }] = await Promise.all([
    loadScenarioInput(word, options, err),
    import('../walk-host.ts'),
  ]);
  const set = (options.set ?? []).map(settingOf);
  const given = { seed: options.seed ?? null, until: options.until ?? null, profile: options.profile ?? null, set };
  const host = walkHost({
    scenario,
    text,
    name: word === '-' ? scenario.title : word,
    given,
    variant: options.variant,
    out,
  });
  return { host, seed: scenario.seed, problem: null };
}

async function walkOnScreen(word: string, options: WalkOptions, session: Session): Promise<void> {
  const { out } = terminalOf(options.color);
  const [{ host, seed, problem }, tui] = await Promise.all([
    hostOf(word, options, terminalOf(options.color)),
    import('../../tui/main.ts'),
  ]);
  const depth = options.color ? depthOf(true, process.env) : 'none';
  const theme = options.theme ?? (depth === 'none' ? 'mono' : 'dark');
  const lesson = options.lesson ?? false;
  if (lesson && !host.lesson) {
    throw new UsageError(`${quoted(word)} has no lesson`, 'a lesson block in the scenario file makes one');
  }
  const tape = options.play === undefined ? null : readTape(tui, await readText(options.play));
  if (options.batch) {
    const [columns, rows] = options.size ?? [120, 40];
    const parts: string[] = [];
    await tui.playBatch(host, tape ?? [], { columns, rows, theme, lesson, write: (part) => parts.push(part) });
    await out.write(parts.join(''));
    return toldAtEnd(problem);
  }
  if (options.plain) {
    await walkInLines(tui, host, lesson, out.write.bind(out));
    return toldAtEnd(problem);
  }
  // Who has walked for an hour is not to hear then that nothing can be kept of it.
  if (options.record !== undefined) await checkTargets([{ path: options.record }], false, []);
  const recorded: string[] = [];
  const terminal = new tui.TerminalSession(process.stdin, process.stdout, options.mouse);
  const record = options.record === undefined ? null : (line: string) => recorded.push(line);
  const isAscii = options.ascii === true || isAsciiOnly(process.env);
  const program = new tui.Program(host, terminal, { depth, isAscii, theme, record, lesson, tape });
  session.runs({ seed, happened: () => program.entries });
  const leaving = await program.run();
  if (options.record !== undefined) await host.write(options.record, `${recorded.join('\n')}\n`);
  session.exitCode = STATUS[leaving];
  toldAtEnd(problem);
}

/** What stands before the place where a file goes wrong is shown before that is told. */
function toldAtEnd(problem: BadInput | null): void {
  if (problem) throw problem;
}

export const STATUS = { quit: EXIT.fine, ...STATUS_OF } as const;

type Tui = typeof import('../../tui/main.ts');

function readTape(tui: Tui, text: string): ReturnType<Tui['readTape']> {
  try {
    return tui.readTape(text);
  } catch (error) {
    if (error instanceof tui.TapeProblem) throw new UsageError(`--play: ${error.message}`);
    throw error;
  }
}

async function readText(path: string): Promise<string> {
  const { readSource } = await import('../source.ts');
  const { bytes } = await readSource(path, 4_000_000);
  return new TextDecoder().decode(bytes);
}

/** Nobody types as much. */
const LONGEST_LINE_BYTES = 65_536;

async function walkInLines(
  tui: Tui,
  host: Parameters<Tui['walkPlain']>[0],
  lesson: boolean,
  write: (text: string) => Promise<void>,
): Promise<void> {
  const { createInterface } = await import('node:readline');
  const lines = createInterface({ input: process.stdin, terminal: false });
  // What comes before somebody asks for lines is lost, so that is asked now.
  const typed = lines[Symbol.asyncIterator]();
  // Of a line that does not end all would be kept.
  let length = 0;
  const measure = (part: Buffer) => {
    const end = part.lastIndexOf('\n');
    length = end < 0 ? length + part.length : part.length - 1 - end;
    if (length > LONGEST_LINE_BYTES) lines.close();
  };
  process.stdin.on('data', measure);
  try {
    await tui.walkPlain(host, { lines: typed, lesson, write });
    if (length > LONGEST_LINE_BYTES)
      throw new UsageError(`a line of standard input is longer than the limit of ${LONGEST_LINE_BYTES} octets`);
  } finally {
    process.stdin.off('data', measure);
    lines.close();
    process.stdin.unref?.();
  }
}
