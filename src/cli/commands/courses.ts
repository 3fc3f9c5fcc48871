import type { Command } from 'commander';
import { printable } from '../../projections/printable.ts';
import type { GalleryHost, Standing } from '../../tui/gallery/gallery.ts';
import { type LookOptions, withLookOptions } from '../options.ts';
import type { ProgressFile } from '../progress.ts';
import type { Session } from '../session.ts';
import { depthOf, isAsciiOnly, type Output, terminalOf } from '../terminal.ts';
import { STATUS } from './walk.ts';

const EXAMPLES = `Examples:
  packetwalk                       the same, on a terminal
  packetwalk courses --plain       the courses as a list
`;

interface CoursesOptions extends LookOptions {
  readonly plain?: boolean;
  readonly mouse: boolean;
}

export function addCourses(program: Command, session: Session): void {
  const command = program
    .command('courses')
    .summary('choose a lesson: the courses, and what you have learned of them')
    .description('Shows the courses on a screen; enter begins a lesson. Without a terminal it lists them.')
    .addHelpText('before', EXAMPLES)
    .option('--plain', 'as a list')
    .option('--no-mouse', 'leave the mouse to the terminal');
  withLookOptions(command).action((options: CoursesOptions) => courses(options, session));
}

async function courses(options: CoursesOptions, session: Session): Promise<void> {
  const { out } = terminalOf(options.color);
  const [{ aboutReader, bundledCourses }, progress] = await Promise.all([
    import('../courses.ts'),
    import('../progress.ts'),
  ]);
  const host = { courses: await bundledCourses(), about: aboutReader() };
  const file = new progress.ProgressFile(progress.progressPath(process.env));
  const { last, standings, problem } = await file.read();
  const isDrawn = !options.plain && process.stdout.isTTY && process.stdin.isTTY && process.env.TERM !== 'dumb';
  if (!isDrawn) {
    if (problem !== null) await terminalOf(options.color).err.write(`packetwalk: ${problem}\n`);
    return out.lines(listLines(host, standings, out));
  }
  const { lavish, thrifty } = await import('../heap.ts');
  thrifty();
  try {
    await choose(host, file, { last, standings, problem }, options, session);
  } finally {
    lavish();
  }
}

async function choose(
  host: GalleryHost,
  file: ProgressFile,
  { last, standings, problem }: Awaited<ReturnType<ProgressFile['read']>>,
  options: CoursesOptions,
  session: Session,
): Promise<void> {
  const { out } = terminalOf(options.color);
  const tui = await import('../../tui/main.ts');
  const depth = options.color ? depthOf(true, process.env) : 'none';
  const look = { depth, isAscii: options.ascii === true || isAsciiOnly(process.env) };
  const terminal = () => new tui.TerminalSession(process.stdin, process.stdout, options.mouse);
  const known = new Map(standings);
  const theme = depth === 'none' ? 'mono' : 'dark';
  const { columns = 80, rows = 24 } = process.stdout;
  const notice = problem === null ? null : { text: problem, isError: true };
  let gallery = tui.openGallery(host, { standings: known, last, columns, rows, theme, notice });
  for (;;) {
    const program = new tui.GalleryProgram(gallery, terminal(), look);
    const choice = await program.run();
    if (choice.kind === 'leave') {
      session.exitCode = STATUS[choice.leaving];
      return;
    }
    const { standing, leaving } = await walked(choice.name, choice.lesson, program.gallery.theme);
    if (standing) known.set(choice.name, standing);
    const trouble = await file.write(choice.name, standing);
    if (leaving !== 'quit') {
      session.exitCode = STATUS[leaving];
      return;
    }
    gallery = {
      ...program.gallery,
      standings: new Map(known),
      notice: trouble === null ? null : { text: trouble, isError: true },
    };
  }

  /** One walk; what was learned in it, null: nothing was asked. */
  async function walked(name: string, lesson: boolean, theme: typeof gallery.theme) {
    const [{ loadScenarioInput }, { walkHost }] = await Promise.all([
      import('../scenario-input.ts'),
      import('../walk-host.ts'),
    ]);
    const { scenario, text } = await loadScenarioInput(name, {}, terminalOf(options.color).err);
    const given = { seed: null, until: null, profile: null, set: [] };
    const host = { ...walkHost({ scenario, text, name, given, out }), leave: 'courses' };
    const program = new tui.Program(host, terminal(), { ...look, theme, lesson, record: null, tape: null });
    session.runs({ seed: scenario.seed, happened: () => program.entries });
    const leaving = await program.run();
    return { leaving, standing: program.standing };
  }
}

function listLines({ courses }: GalleryHost, standings: ReadonlyMap<string, Standing>, out: Output): string[] {
  const cells = Math.max(...courses.flatMap(({ scenarios }) => scenarios.map(({ name }) => name.length)));
  return courses.flatMap(({ title, scenarios }, index) => [
    ...(index > 0 ? [''] : []),
    out.paint('strong', title),
    ...scenarios.map(({ name, title: about }) => {
      const standing = standings.get(name);
      const learned = standing ? ` (${standing.right} of ${standing.all} right)` : '';
      return `  ${name.padEnd(cells)}  ${printable(about)}${learned}`;
    }),
    ...(index === courses.length - 1 ? ['', 'packetwalk walk NAME --lesson begins one'] : []),
  ]);
}
