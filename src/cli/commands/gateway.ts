import { type Command, InvalidArgumentError } from 'commander';
import type { Gateway } from '../../gateway/gateway.ts';
import type { Scenario } from '../../scenario/scenario.ts';
import { EXIT, Interrupted, quoted, type Signal, systemProblem, UsageError } from '../failure.ts';
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
import { checkTargets, filesFirst, parseTarget, type Target, writeTarget } from '../outputs.ts';
import { loadScenarioInput, settingOf, vantageOf } from '../scenario-input.ts';
import type { Session } from '../session.ts';
import { type Terminal, terminalOf } from '../terminal.ts';

interface GatewayCommandOptions extends ScenarioOptions, LookOptions {
  readonly listen?: readonly string[];
  readonly connect?: readonly string[];
  readonly from?: string;
  readonly speed?: number;
  readonly public?: boolean;
  readonly record?: string;
  readonly out?: readonly string[];
  readonly at?: string;
  readonly force?: boolean;
  readonly quiet?: boolean;
  readonly walk?: boolean;
}

const EXAMPLES = `Examples:
  packetwalk gateway bad-wifi.pw.yaml --listen 127.0.0.1:8080=server:80
  packetwalk gateway bad-wifi.pw.yaml --listen 127.0.0.1:8080=server:80 --connect server:80=127.0.0.1:3000
  packetwalk gateway my.pw.yaml --listen udp:127.0.0.1:5353=dns:53 --record session.pw.yaml
  packetwalk run session.pw.yaml
`;

export function addGateway(program: Command, session: Session): void {
  const command = program
    .command('gateway')
    .summary('let real clients and servers talk through the simulated network')
    .description(
      'Runs a scenario in real time. Real clients reach simulated servers (--listen), simulated clients reach real ' +
        'servers (--connect); with both, real clients reach real servers through the simulated network. SIGINT ends it.',
    )
    .argument('<scenario>', 'a file, - for standard input, or the name of a bundled scenario')
    .addOption(many('--listen <place=host:port>', 'real clients here reach that place in the simulation (repeatable)'))
    .addOption(many('--connect <node:port=place>', 'that port of a node is served by a real server (repeatable)'))
    .addOption(once('--from <node>', 'the node that real clients come from (default: the first other host)', String))
    .addOption(once('--speed <factor>', 'virtual seconds that pass in a real one (1)', readSpeed))
    .option('--public', 'allow addresses that other machines can reach')
    .addOption(once('--record <file>', 'write the session as a scenario, which replays it', String))
    .addOption(many('-o, --out <file>', 'also write .pcapng, .jsonl or .mmd at the end (repeatable)'))
    .addOption(once('--at <node>', 'where a capture is taken: NODE, NODE:INTERFACE or all', String))
    .option('--force', 'overwrite existing files')
    .option('--walk', 'show it on the interactive screen while it happens')
    .option('-q, --quiet', 'do not tell of connections')
    .addHelpText('before', EXAMPLES);
  withScenarioOptions(command);
  withLookOptions(command).action((word: string, options: GatewayCommandOptions) => gateway(word, options, session));
}

function readSpeed(text: string): number {
  const speed = Number(text);
  if (/^\d+(\.\d+)?$/.test(text) && speed > 0 && speed <= 1_000_000) return speed;
  throw new InvalidArgumentError('It is a number above 0: 1 is real time, 10 is ten times as fast, 0.1 a tenth.');
}

/** Long enough for any session: the greatest time that a scenario may say. */
const FOREVER = '720h';

async function gateway(word: string, options: GatewayCommandOptions, session: Session): Promise<void> {
  const terminal = terminalOf(options.color);
  if (options.walk) (await import('../live-screen.ts')).checkScreen();
  const doors = await readDoors(options);
  const targets = (options.out ?? []).map(parseTarget);
  const record = options.record === undefined ? [] : [{ path: options.record }];
  const { scenario, path, text } = await loadScenarioInput(word, { ...options, until: FOREVER }, terminal.err);
  const vantage = await vantageOf(options.at, scenario);
  await checkTargets([...targets, ...record], options.force ?? false, path === null ? [] : [path]);
  const from = await fromOf(options, scenario, doors);
  const [{ Gateway }, { placeText }, { readDuration }] = await Promise.all([
    import('../../gateway/gateway.ts'),
    import('../../gateway/door.ts'),
    import('../../scenario/quantity.ts'),
  ]);
  const until = options.until === undefined ? null : readDuration(options.until);
  if (until && !('value' in until)) throw new UsageError(`--until: ${until.complaint}`);
  const tell = (line: string) => {
    if (!options.quiet && !options.walk) void terminal.err.write(`${secondsOf(made)} ${line}\n`);
  };
  const { seed, speed } = options;
  const limits = { ...(speed !== undefined && { speed }), ...(until && { untilNs: until.value }) };
  const made = new Gateway(scenario, { ...limits, from, tell, ...(seed !== undefined && { seed }) });
  watchingMemory(made.live.session.run);
  session.runs({ seed: made.live.session.run.seed, happened: () => made.live.session.run.happened });
  const interrupt = new Interrupt();
  interrupt.listen();
  /** Until the person leaves the screen, or it is over: what is told afterwards stands on the terminal of before. */
  const watched = async (over: Promise<Signal | null>): Promise<Signal | null> => {
    const { showLive } = await import('../live-screen.ts');
    const { run } = made.live.session;
    const look = { isAscii: options.ascii ?? false, color: options.color };
    const leaving = await showLive({ scenario, text, run, out: terminal.out, ...look, over });
    return leaving === null ? over : leaving === 'quit' ? null : leaving;
  };
  try {
    for (const door of doors) {
      const real = await made.open(door).catch((error: unknown) => {
        throw new UsageError(`cannot listen on ${placeText(door.real)}: ${systemProblem(error)}`);
      });
      const [left, right] =
        door.way === 'in'
          ? [placeText(real), `${from} to ${door.host}:${door.port}`]
          : [`${door.host}:${door.port}`, placeText(real)];
      await terminal.err.write(
        `packetwalk: ${door.transport} ${left} leads ${door.way === 'in' ? 'from ' : 'to '}${right}\n`,
      );
    }
    const over = Promise.race([made.live.start().then(() => null), interrupt.signalled]);
    // It may fail before the screen is there to hear of it.
    over.catch(() => {});
    const ended = await (options.walk ? watched(over) : over).then(
      (signal) => ({ signal }),
      (error: unknown) => ({ signal: null, error }),
    );
    await made.close();
    await finish(made, { options, text, scenario, targets, vantage, terminal }, session, interrupt);
    // What ended the session costs nobody its files.
    if ('error' in ended) throw ended.error;
    const { signal } = ended;
    if (signal) throw new Interrupted(signal, `ended by ${signal} at ${secondsOf(made)} s`);
  } finally {
    await made.close();
  }
}

function secondsOf(made: Gateway): string {
  return (made.live.session.nowNs / 1e9).toFixed(6);
}

async function readDoors({ listen = [], connect = [], public: isPublic = false }: GatewayCommandOptions) {
  const { isLoopback, parseDoor, placeText } = await import('../../gateway/door.ts');
  const written = [
    ...listen.map((text) => ['--listen', text, parseDoor(text, 'in')] as const),
    ...connect.map((text) => ['--connect', text, parseDoor(text, 'out')] as const),
  ];
  if (written.length === 0) {
    throw new UsageError(
      'there is no door',
      'give --listen 127.0.0.1:8080=server:80 or --connect server:80=127.0.0.1:3000',
    );
  }
  return written.map(([option, text, parsed]) => {
    if ('problem' in parsed) throw new UsageError(`${option} ${quoted(text)}: ${parsed.problem}`, parsed.hint);
    if (!isPublic && !isLoopback(parsed.door.real.address)) {
      throw new UsageError(
        `${option} ${quoted(text)}: ${placeText(parsed.door.real)} is not on this machine's loopback`,
        'other machines could reach it, or be reached; --public allows that',
      );
    }
    return parsed.door;
  });
}

type Doors = Awaited<ReturnType<typeof readDoors>>;

/** Where real clients come from: what `--from` says, or the first host that is no door's other end. */
async function fromOf({ from }: GatewayCommandOptions, scenario: Scenario, doors: Doors): Promise<string> {
  const hosts = scenario.nodes.filter(({ kind }) => kind === 'host' || kind === 'router').map(({ name }) => name);
  const { nearest } = await import('../../filter/nearest.ts');
  const check = (name: string, option: string) => {
    if (hosts.includes(name)) return;
    const likely = nearest(name, hosts);
    throw new UsageError(
      `${option}: there is no host ${quoted(name)} in the scenario`,
      likely === null ? `there are: ${hosts.join(', ')}` : `did you mean ${quoted(likely)}?`,
    );
  };
  if (from !== undefined) check(from, '--from');
  for (const { way, host } of doors) {
    if (way === 'out') check(host, '--connect');
    // What is no node may be an address, or a name that a name server knows; those have a dot or a colon in them.
    else if (!/[.:]/.test(host) && !scenario.nodes.some(({ name }) => name === host)) check(host, '--listen');
  }
  const targets = new Set(doors.map(({ host }) => host));
  const chosen = from ?? hosts.find((name) => !targets.has(name)) ?? hosts[0];
  if (chosen === undefined) throw new UsageError('the scenario has no host that real clients could come from');
  return chosen;
}

interface Ending {
  readonly options: GatewayCommandOptions;
  readonly text: string;
  readonly scenario: Scenario;
  readonly targets: readonly Target[];
  readonly vantage: Awaited<ReturnType<typeof vantageOf>>;
  readonly terminal: Terminal;
}

/** The session as a scenario, its hash, its files, and what became of the expectations. */
async function finish(made: Gateway, ending: Ending, session: Session, interrupt: Interrupt): Promise<void> {
  const { options, targets, vantage, terminal } = ending;
  const [{ exporterOf, headerOf }, { journalHash }, { verdictsOf }, report] = await Promise.all([
    import('../exports.ts'),
    import('../../projections/jsonl.ts'),
    import('../../projections/expectations.ts'),
    import('../report.ts'),
  ]);
  const { run } = made.live.session;
  const { recording, scenario } = await recordingOf(made, ending);
  const shown = { scenario, seed: run.seed, entries: run.entries };
  const pause = () => new Promise<void>((resolve) => setImmediate(resolve));
  if (options.record !== undefined) await writeTarget({ path: options.record }, [recording], terminal.out, pause);
  const verdicts = verdictsOf(scenario, run.entries);
  const exported = exporterOf({ ...shown, verdicts }, vantage);
  for (const target of filesFirst(targets)) {
    if (target.path === '-') interrupt.letGo();
    await writeTarget(target, await exported(target.format), terminal.out, pause);
  }
  interrupt.letGo();
  const look = { paint: terminal.out.paint, ascii: options.ascii ?? false, width: terminal.out.width };
  const toStandardOutput = targets.some(({ path }) => path === '-');
  const out = toStandardOutput ? terminal.err : terminal.out;
  await out.lines([
    ...report.expectationLines(verdicts, look),
    report.verdictLine(verdicts, secondsOf(made), run.happened, look),
    `journal ${journalHash(headerOf(shown), run.entries)}`,
  ]);
  if (verdicts.some(({ pass }) => !pass)) session.exitCode = EXIT.failed;
}

/** What replays the session; where it has grown beyond what a file may be, that is told. */
async function recordingOf(made: Gateway, { options, text, scenario, terminal }: Ending) {
  const [{ amended }, { recorded }, { loadScenario }, { formatProblems }] = await Promise.all([
    import('../amend.ts'),
    import('../../scenario/recording.ts'),
    import('../../index.ts'),
    import('../../scenario/problem.ts'),
  ]);
  const set = (options.set ?? []).map(settingOf);
  const given = { faults: [], seed: null, until: null, profile: options.profile ?? null, set };
  const { run, inputs, nowNs } = made.live.session;
  const recording = recorded(amended(text, scenario, given), { seed: run.seed, untilNs: nowNs, inputs });
  const loaded = loadScenario(recording, options.record ?? 'the session');
  if (loaded.scenario !== null) return { recording, scenario: loaded.scenario };
  const why = formatProblems(loaded.problems);
  await terminal.err.write(`packetwalk: the session cannot be replayed from a file\n${why}\n`);
  return { recording, scenario };
}
