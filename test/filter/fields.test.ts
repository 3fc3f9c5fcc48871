/** Filters look for a field only in the layers of the protocol its name begins with: is it always there? */

import { describe, expect, it } from 'vitest';
import { compileFilter, type FilterFrame, isFilterProblem } from '../../src/filter/filter.ts';
import { Dissector, FIELDS, type ReadFrame } from '../../src/layers/codecs.ts';
import { BUNDLED, capturedFrames, loadBundled, runToEnd } from '../bundled.ts';
import { SAMPLE } from './capture-sample.ts';

/** Fields and protocols of the frames that a filter of their name does not find. */
function notFound(frames: Iterable<ReadFrame>): string[] {
  const dissector = new Dissector();
  const missed = new Set<string>();
  for (const read of frames) {
    const dissection = dissector.dissect(read);
    const frame: FilterFrame = { dissection, bytes: read.bytes };
    const names = dissection.layers.flatMap(({ protocol, fields }) => [
      protocol,
      ...fields.map(({ type }) => type.name),
    ]);
    for (const name of new Set(names)) {
      const filter = compileFilter(name);
      if (isFilterProblem(filter) || !filter.test(frame)) missed.add(name);
    }
  }
  return [...missed];
}

describe('every field and protocol', () => {
  it('of the table is a filter', () => {
    const refused = [...FIELDS.keys()].filter((name) => isFilterProblem(compileFilter(name)));
    expect(refused).toEqual([]);
  });

  it('of the sample capture is found by its name', () => {
    expect(notFound(SAMPLE)).toEqual([]);
  });

  it.each(BUNDLED)('of %s is found by its name', (name) => {
    const run = runToEnd(loadBundled(name));
    const node = run.scenario.nodes.find(({ kind }) => kind === 'host')?.name as string;
    const frames = capturedFrames(run, { node, interface: null }).slice(0, 300);
    expect(notFound(frames.map((frame, index) => ({ ...frame, number: index + 1, fcs: true })))).toEqual([]);
  });
});
