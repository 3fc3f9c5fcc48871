import type { Command } from 'commander';
import { entryText } from '../../projections/divergence.ts';
import { quoted, UsageError } from '../failure.ts';
import { type LookOptions, once, type ScenarioOptions, withLookOptions, withScenarioOptions } from '../options.ts';
import { loadScenarioInput } from '../scenario-input.ts';
import type { Session } from '../session.ts';
import { type Output, terminalOf } from '../terminal.ts';

interface DiffCommandOptions extends ScenarioOptions, LookOptions {
  readonly against?: string;
  readonly json?: boolean;
}

const EXAMPLES = `Examples:
  packetwalk diff tcp-handshake --against tcp-lost-syn
  packetwalk diff my.pw.yaml --set loss=5%                   as it is written, and with that
  packetwalk diff my.pw.yaml --set loss=0% --set loss=5%     one value against another
`;

/** Frames of each ladder: a few before the runs part, and what follows. */
const FRAMES = 14;

export function addDiff(program: Command, session: Session): void {
  const command = program
    .command('diff')
    .summary('where two runs part: the first event that differs, two ladders')
    .description(
      'Runs two scenarios, or one with two settings, and tells the first event that is not the same in both.',
    )
    .argument('<scenario>', 'a file, - for standard input, or the name of a bundled scenario')
    .addHelpText('before', EXAMPLES);
  withScenarioOptions(command)
    .addOption(once('--against <scenario>', 'the other scenario; --set is then for the first one', String))
    .option('--json', 'print where they part as JSON instead');
  withLookOptions(command).action((word: string, options: DiffCommandOptions) => diff(word, options, session));
}

interface Side {
  readonly word: string;
  readonly what: string;
  readonly set: readonly string[];
}

function sidesOf(word: string, { set = [], against }: DiffCommandOptions): readonly [Side, Side] {
  const named = (of: string, settings: readonly string[]) => [of, ...settings].join(' ');
  if (against !== undefined) {
    return [
      { word, what: named(word, set), set },
      { word: against, what: against, set: [] },
    ];
  }
  const [first, second] = set;
  if (first === undefined) {
    throw new UsageError('there is nothing to compare with', '--against SCENARIO or --set NAME=VALUE says what');
  }
  if (set.length > 2) {
    throw new UsageError(`${set.length} settings are too many`, '--set twice: one value against another');
  }
  const written: Side = { word, what: 'as it is written', set: [] };
  const changed = (setting: string): Side => ({ word, what: setting, set: [setting] });
  return second === undefined ? [written, changed(first)] : [changed(first), changed(second)];
}

async function diff(word: string, options: DiffCommandOptions, session: Session): Promise<void> {
  const { out, err } = terminalOf(options.color);
  const sides = sidesOf(word, options);
  if (sides.every((side) => side.word === '-')) {
    throw new UsageError(`standard input can be read once, not twice`, `write it to a file in place of ${quoted('-')}`);
  }
  const [{ createRun }, { diffText }] = await Promise.all([import('../../index.ts'), import('../../tui/main.ts')]);
  const load = async ({ word: file, what, set }: Side) => {
    const { scenario } = await loadScenarioInput(file, { ...options, set }, err);
    const run = createRun(scenario);
    return { what, run, topology: scenario, happened: () => run.happened, seed: scenario.seed };
  };
  const [one, other] = [await load(sides[0]), await load(sides[1])];
  session.runs({ seed: one.seed, happened: () => one.happened() + other.happened() });
  const columns = Math.max(80, Math.min(160, process.stdout.columns ?? 110));
  const { divergence, text } = diffText(one, other, { columns, frames: FRAMES, isAscii: options.ascii === true });
  if (options.json) return writeJson(out, divergence);
  await out.write(text);
}

type Divergence = ReturnType<typeof import('../../tui/main.ts').diffText>['divergence'];

async function writeJson(out: Output, divergence: Divergence): Promise<void> {
  const sides = divergence && { one: divergence.one, other: divergence.other };
  const told = (entry: NonNullable<typeof sides>['one']) =>
    entry && { atNs: entry.atNs, node: entry.node, kind: entry.event.kind, text: entryText(entry) };
  const result = divergence && { seq: divergence.seq, one: told(divergence.one), other: told(divergence.other) };
  await out.write(`${JSON.stringify({ same: divergence === null, divergence: result }, null, 2)}\n`);
}
