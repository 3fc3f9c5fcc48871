import type { Command } from 'commander';
import type { Entry } from '../../kernel/journal.ts';
import { framesOf, isCapture } from '../capture-input.ts';
import { quoted, UsageError } from '../failure.ts';
import { Interrupt } from '../interrupt.ts';
import { type LookOptions, once, type ScenarioOptions, withLookOptions, withScenarioOptions } from '../options.ts';
import { runToEnd } from '../run-to-end.ts';
import { captureFilter, filterOption, loadScenarioInput, vantageOf } from '../scenario-input.ts';
import type { Session } from '../session.ts';
import { Page, terminalOf } from '../terminal.ts';

export interface EventsOptions extends ScenarioOptions, LookOptions {
  readonly at?: string;
  readonly filter?: string;
  readonly json?: boolean;
  readonly count?: boolean;
}

const EXAMPLES = `Examples:
  packetwalk events tcp-handshake
  packetwalk events tcp-handshake --at server --filter "tcp.flags.syn == 1"
  packetwalk events tcp-handshake --json | jq .info
  packetwalk events capture.pcapng --filter "http.response.code >= 400" --count
`;

export function addEvents(program: Command, session: Session): void {
  const command = program
    .command('events')
    .summary('list the frames of a run, or of a capture, as tshark does')
    .description('Runs a scenario and prints one line a frame, as tshark prints a capture taken at that place.')
    .argument(
      '<scenario>',
      'a scenario file, a pcap or pcapng file, - for one on standard input, or the name of a bundled scenario',
    )
    .addHelpText('before', EXAMPLES);
  withEventsOptions(command).action((word: string, options: EventsOptions) => listEvents(word, options, session));
}

export function withEventsOptions(command: Command): Command {
  withScenarioOptions(command)
    .addOption(once('--filter <filter>', 'only frames that match this display filter', String))
    .addOption(
      once('--at <node>', 'where the capture is taken: NODE, NODE:INTERFACE or all (default: the first host)', String),
    )
    .option('--json', 'as JSON Lines, with the field tree of each frame')
    .option('--count', 'only how many frames there are');
  return withLookOptions(command);
}

export async function listEvents(word: string, options: EventsOptions, session: Session): Promise<void> {
  if (await isCapture(word)) await listCapture(word, options);
  else await listRun(word, options, session);
}

/** What was said of a run that a capture is not: it would have no effect, and nobody would know. */
export function refuseRunOptions(word: string, options: EventsOptions): void {
  const { seed, until, set, profile, variant, maxEvents, at } = options;
  // All of a capture is what `all` asks for.
  const given = { seed, until, set, profile, variant, 'max-events': maxEvents, at: at === 'all' ? undefined : at };
  const [name] = Object.entries(given).find(([, value]) => value !== undefined) ?? [];
  if (name === undefined) return;
  const hint = name === 'at' ? '--filter "frame.interface_name == ..." picks one interface' : 'it is for scenarios';
  throw new UsageError(`--${name} has no effect on ${quoted(word)}: it is a capture, and no run`, hint);
}

/** How a line is to look: without `--ascii` as it is. */
async function lookOf({ ascii }: EventsOptions): Promise<(line: string) => string> {
  if (!ascii) return (line) => line;
  const { words } = await import('../../projections/ladder-pen.ts');
  return (line) => words(line, true);
}

/** A capture that another program made: the same columns, filters and field trees. */
async function listCapture(word: string, options: EventsOptions): Promise<void> {
  refuseRunOptions(word, options);
  const { out, err } = terminalOf(options.color);
  const [{ Dissector }, { readFrameOf }, { eventLine, eventObject }, inLook] = await Promise.all([
    import('../../layers/codecs.ts'),
    import('../../capture/read-frame.ts'),
    import('../../projections/event-list.ts'),
    lookOf(options),
  ]);
  const matches = await captureFilter(options.filter);
  const page = new Page(out);
  let dissector: InstanceType<typeof Dissector> | null = null;
  let epochNs = 0n;
  let count = 0;
  const finish = async () => {
    if (options.count) await page.line(String(count));
    await page.flush();
  };
  try {
    for await (const frame of framesOf(word, err)) {
      if (dissector === null) {
        epochNs = frame.timeNs ?? 0n;
        // As Wireshark does by default: checksums of captures made on the sending host are often not there yet.
        dissector = new Dissector({ epochNs, verify: false });
      }
      const read = readFrameOf(frame, epochNs);
      const dissection = dissector.dissect(read);
      if (!matches({ dissection, bytes: read.bytes })) continue;
      count++;
      const { number, atNs, comment = null } = read;
      const { originalLength: length, direction } = frame;
      const listed = { number, atNs, interface: frame.interface.name, direction, length, comment };
      if (options.count) continue;
      if (options.json) await page.line(JSON.stringify(eventObject(listed, dissection)));
      else await page.line(inLook(eventLine(number, atNs, length, dissection)));
    }
  } finally {
    // What stands before the place where the file goes wrong is told before that is.
    await finish();
  }
}

async function listRun(word: string, options: EventsOptions, session: Session): Promise<void> {
  const { out, err } = terminalOf(options.color);
  const { scenario } = await loadScenarioInput(word, options, err);
  const vantage = await vantageOf(options.at, scenario);
  let entries: readonly Entry[] = [];
  const matches = await filterOption(options.filter, scenario, () => entries);
  const [{ createRun }, { captureOf }, { crossingsOf }, { Dissector }, { eventLine, eventObject }, inLook] =
    await Promise.all([
      import('../../index.ts'),
      import('../../projections/capture.ts'),
      import('../../projections/crossings.ts'),
      import('../../layers/codecs.ts'),
      import('../../projections/event-list.ts'),
      lookOf(options),
    ]);
  const interrupt = new Interrupt();
  interrupt.listen();
  const run = createRun(scenario, options.seed === undefined ? {} : { seed: options.seed });
  session.runs({ seed: run.seed, happened: () => run.happened });
  await runToEnd(run, interrupt, options.maxEvents);
  await interrupt.beforePrinting();
  entries = run.entries;

  const page = new Page(out);
  const dissector = new Dissector();
  const sightings = captureOf(crossingsOf(run.entries, scenario), vantage);
  const firstNs = sightings[0]?.atNs ?? 0;
  let count = 0;
  for (const sighting of sightings) {
    const { number, atNs, bytes, crossing, comment, direction, port } = sighting;
    const interfaceName = `${port.node}:${port.interface}`;
    const frame = { bytes, number, atNs, fcs: true, interfaceName, direction, comment };
    const dissection = dissector.dissect(frame);
    if (!matches({ atNs, seq: sighting.seq, crossing, dissection })) continue;
    count++;
    const listed = { number, atNs, interface: interfaceName, direction, length: bytes.length, comment };
    if (options.count) continue;
    if (options.json) await page.line(JSON.stringify(eventObject(listed, dissection)));
    else await page.line(inLook(eventLine(number, atNs - firstNs, bytes.length, dissection)));
  }
  if (options.count) await page.line(String(count));
  await page.flush();
}
