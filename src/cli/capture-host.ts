/** What the screen is handed of a capture file: its frames as something to walk through, and the files it may write. */

import type { CapturedFrame, CaptureInterface } from '../capture/captured-frame.ts';
import { MOST_WALKED_BYTES, MOST_WALKED_FRAMES } from '../capture/limits.ts';
import { readFrameOf } from '../capture/read-frame.ts';
import { complete } from '../filter/complete.ts';
import { compileFilter, FIELD_TABLE } from '../filter/filter.ts';
import { NO_NAMES } from '../filter/vocabulary.ts';
import { Dissector } from '../layers/codecs.ts';
import { CapturedRun } from '../projections/captured-run.ts';
import { pcapngOf } from '../projections/pcapng.ts';
import type { WalkHost } from '../tui/host.ts';
import { framesOf } from './capture-input.ts';
import { BadInput, UsageError } from './failure.ts';
import { type Content, checkTargets, writeTarget } from './outputs.ts';
import type { Output } from './terminal.ts';

export interface CaptureWalk {
  readonly host: WalkHost;
  /** What ended the reading early: told when the walk is over. */
  readonly problem: BadInput | null;
}

/**
 * Reads a capture, as much of it as a walk keeps in memory. What is wrong with the file ends the reading; the frames
 * before that can be walked through. Throws what is wrong when there is no frame before it.
 */
export async function captureWalk(path: string, out: Output, err: Output): Promise<CaptureWalk> {
  const { frames, problem, isWhole } = await load(path, err);
  if (frames.length === 0) throw problem ?? new UsageError(`${path} holds no frames`);
  const epochNs = frames[0]?.timeNs ?? 0n;
  const dissector = new Dissector({ epochNs, verify: false });
  const seen = frames.map((captured) => {
    const frame = readFrameOf(captured, epochNs);
    return { frame, dissection: dissector.dissect(frame) };
  });
  const walk = () => new CapturedRun(seen);
  const first = walk();
  const count = isWhole ? `${frames.length} frames` : `the first ${frames.length} frames`;
  const write = async (to: string, content: Content) => {
    const target = { format: 'pcapng', path: to } as const;
    await checkTargets([target], false, [path]);
    await writeTarget(target, content, out, async () => {});
    return `written: ${to}`;
  };
  const host: WalkHost = {
    title: path,
    name: path.replace(/^.*\//, ''),
    seed: '',
    profile: `capture · ${count}`,
    topology: first.topology,
    nodes: first.topology.nodes.map(({ name, kind }) => ({
      name,
      kind,
      addresses: kind === 'host' ? (first.addresses.get(name) ?? []) : [],
      apps: [],
    })),
    links: first.topology.links.map(({ id }) => ({ id, text: '' })),
    fixed: 'a capture is what happened: nothing can be changed in it',
    start: walk,
    compileFilter: (filter) => compileFilter(filter),
    completeFilter: (filter, at) => complete(filter, at, { table: FIELD_TABLE, names: NO_NAMES }),
    save: async () => {
      throw new UsageError('a capture is no scenario: write .pcapng, .svg, .cast or .txt');
    },
    extract: (indexes, to) => write(to, extracted(indexes.flatMap((index) => frames[index] ?? []))),
    write: (to, content) => write(to, [content]),
  };
  return { host, problem };
}

async function load(path: string, err: Output) {
  const frames: CapturedFrame[] = [];
  let bytes = 0;
  let problem: BadInput | null = null;
  let isWhole = true;
  try {
    for await (const frame of framesOf(path, err)) {
      if (frames.length >= MOST_WALKED_FRAMES || bytes + frame.bytes.length > MOST_WALKED_BYTES) {
        isWhole = false;
        break;
      }
      bytes += frame.bytes.length;
      // A frame is a view of the chunk that it came in, which would be kept as a whole.
      frames.push({ ...frame, bytes: frame.bytes.slice() });
    }
  } catch (error) {
    if (!(error instanceof BadInput)) throw error;
    problem = error;
  }
  if (!isWhole) await err.write(`${path}: only the first ${frames.length} frames are walked through\n`);
  return { frames, problem, isWhole };
}

function extracted(frames: readonly CapturedFrame[]): Content {
  const interfaces: CaptureInterface[] = [];
  const packets = frames.map((frame) => {
    if (!interfaces.includes(frame.interface)) interfaces.push(frame.interface);
    const { timeNs, bytes, originalLength, comments, direction } = frame;
    const interfaceId = interfaces.indexOf(frame.interface);
    return { interfaceId, timeNs: timeNs ?? 0n, bytes, originalLength, comments, direction };
  });
  return pcapngOf(interfaces, packets);
}
