/** How many frames tshark finds for each of many filters, in one run. */

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** More would make the command line longer than the system allows. */
const FILTERS_A_RUN = 500;

/** A field may be declared narrower than what it shows, as AMQP's frame_max is: its own value is refused then. */
const TOO_NARROW = /Filter "(.*)" is invalid - "\d+" too big for this field/;

/** null: tshark refuses the filter because a number is too big for the field. Any other refusal is thrown. */
export function tsharkCounts(
  capture: Uint8Array,
  filters: readonly string[],
  options: readonly string[],
): Map<string, number | null> {
  const directory = mkdtempSync(join(tmpdir(), 'packetwalk-'));
  const file = join(directory, 'capture');
  writeFileSync(file, capture);
  try {
    const counts = new Map<string, number | null>();
    for (let from = 0; from < filters.length; from += FILTERS_A_RUN) {
      countSome(file, filters.slice(from, from + FILTERS_A_RUN), options, counts);
    }
    return counts;
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** The protocol hierarchy of the frames that pass: its outermost lines count each frame once. */
function countSome(
  file: string,
  filters: readonly string[],
  options: readonly string[],
  counts: Map<string, number | null>,
): void {
  const taps = filters.flatMap((filter) => ['-z', `io,phs,${filter}`]);
  const { stdout, stderr, status } = spawnSync('tshark', ['-n', '-q', '-r', file, ...options, ...taps], {
    encoding: 'utf8',
    maxBuffer: 2 ** 30,
    env: { ...process.env, TZ: 'UTC' },
  });
  if (status !== 0) {
    const refused = TOO_NARROW.exec(stderr)?.[1];
    if (refused === undefined) throw new Error(`tshark: ${stderr}`);
    counts.set(refused, null);
    countSome(
      file,
      filters.filter((filter) => filter !== refused),
      options,
      counts,
    );
    return;
  }
  for (const section of stdout.split(/^Filter: /m).slice(1)) {
    const [filter = '', ...lines] = section.split('\n');
    const outermost = lines.flatMap((line) => /^\S.* frames:(\d+) /.exec(line)?.[1] ?? []);
    counts.set(
      filter,
      outermost.reduce((sum, count) => sum + Number(count), 0),
    );
  }
}
