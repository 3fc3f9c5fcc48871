/**
 * tshark is asked the same: a filter that it accepts finds as many frames in our export as ours does. `filters.txt` has
 * one filter a line, for the sample capture; for the bundled scenarios, filters are made of every field of every frame.
 */

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type CompiledFilter, compileFilter, type FilterFrame, isFilterProblem } from '../../src/filter/filter.ts';
import { Dissector, fieldText, type ReadFrame } from '../../src/layers/codecs.ts';
import type { Field } from '../../src/layers/field.ts';
import type { Vantage } from '../../src/projections/capture.ts';
import { BUNDLED, captureBytes, capturedFrames, loadBundled, runToEnd } from '../bundled.ts';
import { COLUMNS, claimedNames, tsharkVersion, VERIFY } from '../referee/tshark.ts';
import { SAMPLE, sampleFile } from './capture-sample.ts';
import { tsharkCounts } from './tshark-counts.ts';

const version = tsharkVersion();

/** Fields and protocols that Wireshark has too. */
const NAMES = claimedNames().filter((name) => !(COLUMNS as readonly string[]).includes(name));

function dissected(frames: readonly ReadFrame[]): FilterFrame[] {
  const dissector = new Dissector();
  return frames.map((frame) => ({ dissection: dissector.dissect(frame), bytes: frame.bytes }));
}

function compiled(text: string): CompiledFilter {
  const filter = compileFilter(text);
  if (isFilterProblem(filter)) throw new Error(`${text}: ${filter.message}`);
  return filter;
}

/** Every filter that finds another number of frames than tshark's. */
function disagreements(capture: Uint8Array, frames: readonly FilterFrame[], filters: readonly string[]): string[] {
  const counts = tsharkCounts(capture, filters, VERIFY);
  return filters.flatMap((text) => {
    const filter = compiled(text);
    const ours = frames.filter((frame) => filter.test(frame)).length;
    const theirs = counts.get(text);
    return theirs === null || ours === theirs ? [] : [`${text}: tshark ${theirs}, we ${ours}`];
  });
}

/** What can be asked about one value of a field: that it is there, that it is this value, that it lies around it. */
function questions(field: Field): string[] {
  const { name, kind } = field.type;
  if (kind === 'none') return [name];
  const literal = literalOf(field);
  if (literal === null) return [name];
  const equal = [`${name} == ${literal}`, `${name} != ${literal}`, `${name} in {${literal}}`, `${name} === ${literal}`];
  if (kind === 'string') return [...equal, `${name} contains ${literal}`, `len(${name}) > 3`];
  if (kind === 'bytes') return [...equal, `${name}[0] == ${literal.slice(0, 3)}`, `${name} contains ${literal}`];
  return [...equal, `${name} > ${literal}`, `all ${name} <= ${literal}`, `count(${name}) > 1`];
}

/** null: what cannot be written in a filter, or is empty. */
function literalOf(field: Field): string | null {
  const { value, type } = field;
  if (typeof value === 'string') return /^[ -~]{1,60}$/.test(value) ? JSON.stringify(value) : null;
  // `dc` and `data` are names of protocols too: a leading colon says that they are none.
  if (value instanceof Uint8Array) return value.length === 0 ? null : `:${fieldText(field).slice(0, 40)}`;
  // Wireshark has no way to write the least negative numbers.
  return type.kind === 'float' ? null : fieldText(field);
}

describe.skipIf(version === null)(
  `tshark (${version ?? 'not installed: apt-get install tshark'})`,
  { timeout: 60_000 },
  () => {
    it('finds as many frames of the sample for every filter of the list', () => {
      const filters = readFileSync(new URL('filters.txt', import.meta.url), 'utf8')
        .split('\n')
        .filter(Boolean);
      expect(filters.length).toBeGreaterThan(500);
      expect([...tsharkCounts(sampleFile(), filters, VERIFY).values()]).not.toContain(null);
      expect(disagreements(sampleFile(), dissected(SAMPLE), filters)).toEqual([]);
    });

    it('finds as many frames of the sample for every field that is claimed', () => {
      expect(disagreements(sampleFile(), dissected(SAMPLE), NAMES)).toEqual([]);
    });

    it.each(BUNDLED)('finds as many frames of %s for every field and value in it', (name) => {
      const run = runToEnd(loadBundled(name));
      const node = run.scenario.nodes.find(({ kind }) => kind === 'host')?.name as string;
      const vantage: Vantage = { node, interface: null };
      const frames = dissected(framesOf(capturedFrames(run, vantage)));
      const known = new Set(NAMES);
      const fields = frames.flatMap(({ dissection }) => dissection.layers.flatMap((layer) => layer.fields));
      const asked = fields.filter(({ type }) => known.has(type.name)).flatMap(questions);
      const filters = [...new Set([...NAMES, ...asked])].slice(0, 2000);
      expect(disagreements(captureBytes(run, vantage), frames, filters)).toEqual([]);
    });
  },
);

function framesOf(frames: ReturnType<typeof capturedFrames>): ReadFrame[] {
  const interfaces = [...new Set(frames.map(({ port }) => port.interface))];
  return frames.map(({ port, ...frame }, index) => ({
    ...frame,
    number: index + 1,
    fcs: true,
    interfaceId: interfaces.indexOf(port.interface),
    interfaceName: `${port.node}:${port.interface}`,
  }));
}
