/**
 * The whole journal as JSON Lines: a header, then one entry a line. Two runs are the same when these octets are, so the
 * keys stand in a fixed order, octets are hex, and every number is an integer. The SHA-256 of the file is the journal's
 * hash.
 */

import { createHash } from 'node:crypto';
import type { Entry, Event } from '../kernel/journal.ts';

/** Changes whenever the same run would be written differently. */
const JSONL_VERSION = 1;

export interface JsonlHeader {
  readonly title: string;
  /** Decimal, 0..2^64-1. */
  readonly seed: string;
  /** `scenarioHash()`. */
  readonly scenario: string;
}

/** Every line with its line end, header first. A generator, because a long run is greater than a string may be. */
export function* jsonlLines(header: JsonlHeader, entries: Iterable<Entry>): Generator<string> {
  const { title, seed, scenario } = header;
  yield `${JSON.stringify({ format: 'packetwalk-journal', version: JSONL_VERSION, title, seed, scenario })}\n`;
  for (const entry of entries) yield `${entryLine(entry)}\n`;
}

/** The SHA-256 of the file that `jsonlLines` makes, in hex. */
export function journalHash(header: JsonlHeader, entries: Iterable<Entry>): string {
  const hash = createHash('sha256');
  for (const line of jsonlLines(header, entries)) hash.update(line);
  return hash.digest('hex');
}

function entryLine(entry: Entry): string {
  const { seq, atNs, node, cause, event } = entry;
  return JSON.stringify({ seq, atNs: whole(atNs), node, cause, ...ordered(event) });
}

/** The value, which must be a whole number: a fraction would be written differently by another engine. */
function whole<T>(value: T): T {
  if (typeof value === 'number' && !Number.isSafeInteger(value)) {
    throw new RangeError(`the journal holds ${value}, which is not a whole number`);
  }
  return value;
}

/** The event's keys in the order of its declaration, whatever the order in which its maker wrote them. */
function ordered(event: Event): Record<string, unknown> {
  const { kind, layer } = event;
  switch (event.kind) {
    case 'encoded':
    case 'decoded': {
      const { protocol, via, conversation, bytes, carries } = event;
      return { kind, layer, protocol, via, conversation, carries, bytes: hex(bytes) };
    }
    case 'queued':
    case 'departed':
    case 'arrived': {
      const { link, interface: port, frame, measure, bytes, carries } = event;
      return { kind, layer, link, interface: port, frame, measure: whole(measure), carries, bytes: hex(bytes) };
    }
    case 'dropped': {
      const { protocol, reason, detail, link, frame, via, bytes, carries } = event;
      return { kind, layer, protocol, reason, detail, link, frame, via, carries, bytes: hex(bytes) };
    }
    case 'state': {
      const { protocol, machine, from, to, because } = event;
      return { kind, layer, protocol, machine, from, to, because };
    }
    case 'metric': {
      const { protocol, machine, name, value } = event;
      return { kind, layer, protocol, machine, name, value: whole(value) };
    }
    case 'timer': {
      const { machine, name, phase, dueNs } = event;
      return { kind, layer, machine, name, phase, dueNs: whole(dueNs) };
    }
    case 'table': {
      const { protocol, change } = event;
      const { table, key, row, because } = change;
      for (const value of Object.values(row ?? {})) whole(value);
      return { kind, layer, protocol, table, key, row, because };
    }
    case 'input':
    case 'app': {
      const { machine, text } = event;
      return { kind, layer, machine, text };
    }
  }
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex');
}

/**
 * SHA-256 of what a scenario means: of its checked, defaulted form without the seed (that is a header of its own) and
 * without places and file name, so that neither comments nor moving the file change it. What is only said about the run
 * (`lesson`) counts as comment.
 */
export function scenarioHash(scenario: object): string {
  const text = JSON.stringify(scenario, (key, value: unknown) => {
    if (key === 'place' || key === 'file' || key === 'seed' || key === 'lesson') return undefined;
    if (typeof value === 'bigint') return value.toString();
    if (value instanceof Map) return [...value];
    if (value instanceof Uint8Array) return hex(value);
    return value;
  });
  return createHash('sha256').update(text).digest('hex');
}
