import type { Command } from 'commander';
import type { Run } from '../../index.ts';
import type { Scenario } from '../../scenario/scenario.ts';
import { quoted, UsageError } from '../failure.ts';
import { Interrupt } from '../interrupt.ts';
import { watchingMemory } from '../memory.ts';
import {
  type LookOptions,
  many,
  once,
  type ScenarioOptions,
  withLookOptions,
  withScenarioOptions,
} from '../options.ts';
import { checkTargets, parseTarget, type Target, writeTarget } from '../outputs.ts';
import { loadScenarioInput, vantageOf } from '../scenario-input.ts';
import type { Session } from '../session.ts';
import { type Terminal, terminalOf } from '../terminal.ts';

interface AttachOptions extends ScenarioOptions, LookOptions {
  readonly port?: readonly string[];
  readonly stdio?: boolean;
  readonly tap?: boolean;
  readonly mtu?: number;
  readonly out?: readonly string[];
  readonly at?: string;
  readonly force?: boolean;
  readonly quiet?: boolean;
}

const DEFAULT_MTU_BYTES = 1500;

export function addAttach(program: Command, session: Session): void {
  const command = program
    .command('attach')
    .summary('join an interface to a real network: raw frames in real time')
    .description(
      'Lets a scenario run in real time and carries the frames of an interface without a link on standard input and ' +
        'output: each as its length (two octets, most significant first) and its octets. It ends when the input ends, ' +
        'the reader goes away, or --until has come.',
    )
    .argument('<scenario>', 'a file or the name of a bundled scenario');
  withScenarioOptions(command)
    .addOption(many('--port <node:interface>', 'the interface; with =PATH it is carried by a Unix socket there'))
    .option('--stdio', 'carry the first --port on standard input and output')
    .option('--tap', 'Ethernet frames, without their FCS (default: IP packets)')
    .addOption(once('--mtu <octets>', 'the MTU of the interface (default: 1500)', readMtu))
    .addOption(many('-o, --out <file>', 'when it ends, write .pcapng, .jsonl or .mmd'))
    .addOption(once('--at <node>', 'where a capture is taken: NODE, NODE:INTERFACE or all', String))
    .option('--force', 'overwrite existing files')
    .option('-q, --quiet', 'say nothing on standard error but what is wrong')
    .addHelpText('before', EXAMPLES);
  withLookOptions(command).action((word: string, options: AttachOptions) => attach(word, options, session));
}

const EXAMPLES = `Examples:
  socat EXEC:'packetwalk attach lan.pw.yaml --port router:wan --stdio' EXEC:'python3 bridge.py'
  packetwalk attach lan.pw.yaml --port router:wan --stdio --tap
  packetwalk attach lan.pw.yaml --port router:lan --stdio --port router:wan=/tmp/wan.sock
docs/attach.md has a bridge to a TUN device, and two kernels with a simulated router between them.
`;

async function attach(word: string, options: AttachOptions, session: Session): Promise<void> {
  const terminal = terminalOf(options.color);
  const ports = checkPorts(word, options);
  const targets = (options.out ?? []).map(parseTarget);
  if (targets.some(({ path }) => path === '-')) {
    throw new UsageError('-o - and the frames do not go together on standard output', 'give a file');
  }
  const { scenario: written, path } = await loadScenarioInput(word, options, terminal.err);
  const [{ withOpenEnd }, { Attachment }] = await Promise.all([
    import('../../scenario/open-end.ts'),
    import('../attachment.ts'),
  ]);
  let scenario: Scenario = options.until === undefined ? { ...written, untilNs: Number.MAX_SAFE_INTEGER } : written;
  const ends = ports.map(({ name, socket }) => {
    const opened = withOpenEnd(scenario, name, options.mtu ?? DEFAULT_MTU_BYTES);
    if ('problem' in opened) throw new UsageError(`--port ${quoted(name)}: ${opened.problem}`, opened.hint);
    scenario = opened.scenario;
    return { ...opened, socket };
  });
  await checkTargets(targets, options.force ?? false, path === null ? [] : [path]);
  const vantage = await vantageOf(options.at, scenario);
  const { createRun } = await import('../../index.ts');
  const { seed } = options;
  const run = createRun(scenario, { record: targets.length > 0, ...(seed !== undefined && { seed }) });
  watchingMemory(run);
  session.runs({ seed: run.seed, happened: () => run.happened });
  const interrupt = new Interrupt();
  interrupt.listen();
  const attachment = new Attachment(run, ends, {
    kind: options.tap ? 'ethernet' : 'packet',
    mostEvents: options.maxEvents ?? null,
  });
  try {
    await attachment.carry(interrupt, (text) => (options.quiet ? Promise.resolve() : say(terminal, text)));
  } finally {
    await writeTargets(targets, run, vantage, terminal);
  }
}

function say(terminal: Terminal, text: string): Promise<void> {
  return terminal.err.write(`packetwalk: ${text}\n`);
}

interface PortOption {
  readonly name: string;
  /** The path of its Unix socket; null: standard input and output. */
  readonly socket: string | null;
}

function checkPorts(word: string, { port = [], stdio = false }: AttachOptions): readonly PortOption[] {
  const ports = port.map((text): PortOption => {
    const at = text.indexOf('=');
    return at < 0 ? { name: text, socket: null } : { name: text.slice(0, at), socket: text.slice(at + 1) };
  });
  if (ports.length === 0) throw new UsageError('--port is missing', 'write it as --port NODE:INTERFACE --stdio');
  const onStdio = ports.filter(({ socket }) => socket === null);
  if (onStdio.length > 1) {
    throw new UsageError(
      'only one --port can be carried on standard input and output',
      `give the others a Unix socket: --port ${onStdio[1]?.name}=/tmp/packetwalk.sock`,
    );
  }
  if (onStdio.length === 1 && !stdio) throw new UsageError('--stdio is missing', 'it says that frames go there');
  if (onStdio.length === 0 && stdio) throw new UsageError('--stdio is given, and every --port has a Unix socket');
  if (stdio && word === '-') throw new UsageError('the scenario and the frames cannot both come on standard input');
  if (ports.some(({ socket }) => socket === '')) throw new UsageError('a --port ends with =, and no path follows');
  return ports;
}

function readMtu(text: string): number {
  const mtu = Number(/^([1-9]\d{1,4})B?$/.exec(text)?.[1] ?? 0);
  if (mtu < 68 || mtu > 65_535) throw new UsageError(`--mtu ${quoted(text)}: it is a number from 68 to 65535`);
  return mtu;
}

async function writeTargets(
  targets: readonly Target[],
  run: Run,
  vantage: Awaited<ReturnType<typeof vantageOf>>,
  terminal: Terminal,
): Promise<void> {
  if (targets.length === 0) return;
  const { exporterOf } = await import('../exports.ts');
  const exported = exporterOf(run, vantage);
  for (const target of targets) {
    const content = await exported(target.format);
    await writeTarget(target, content, terminal.out, () => Promise.resolve());
  }
}
