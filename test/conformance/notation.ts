/** How a script writes segments down: flags, numbers, window, options; see script.ts. */

import { ACK, CWR, ECE, FIN, PSH, RST, SYN } from '../../src/layers/4-transport/tcp/header.ts';
import { OPTION, walkOptions } from '../../src/layers/4-transport/tcp/options.ts';
import { u8, u16, u32 } from '../../src/wire/reader.ts';

const LETTERS = [
  [SYN, 'S'],
  [FIN, 'F'],
  [RST, 'R'],
  [PSH, 'P'],
  [CWR, 'W'],
  [ECE, 'E'],
  [ACK, '.'],
] as const;

export function flagText(flags: number): string {
  return LETTERS.flatMap(([flag, letter]) => (flags & flag ? [letter] : [])).join('') || '-';
}

export interface Parsed {
  readonly flags: number;
  readonly first: number;
  readonly length: number;
  readonly ack: number;
  readonly win: number | null;
  /** As written between < and >. */
  readonly options: string;
}

const LINE = /^([SFRPWE.-]+) (-?\d+):(-?\d+)\((\d+)\)(?: ack (-?\d+))?(?: win (\d+))?(?: <([^>]*)>)?$/;

export function parseLine(line: string): Parsed {
  const match = LINE.exec(line);
  if (!match) throw new Error(`not a segment: ${line}`);
  const [, letters = '', first, , length, ack, win, options] = match;
  const bits = Object.fromEntries(LETTERS.map(([flag, letter]) => [letter, flag])) as Record<string, number>;
  return {
    flags: [...letters].reduce((flags, letter) => flags | (bits[letter] ?? 0), 0),
    first: Number(first),
    length: Number(length),
    ack: Number(ack ?? 0),
    win: win === undefined ? null : Number(win),
    options: options ?? '',
  };
}

/** Numbers in a script are relative: how they stand on the wire. */
export interface Bases {
  /** Of the side whose SACK blocks these are about. */
  readonly sequence: number;
  readonly tsVal: number;
  readonly tsEcr: number;
}

/** `mss 1460,sackOK,TS 5 0,wscale 7` or `sack 1001:2001 3001:4001`; NOPs are put in where they are needed. */
export function encodeOptions(text: string, bases: Bases): Uint8Array {
  const octets: number[] = [];
  const put32 = (value: number) =>
    octets.push((value >>> 24) & 255, (value >>> 16) & 255, (value >>> 8) & 255, value & 255);
  for (const option of text.split(',').filter(Boolean)) {
    const [name, ...words] = option.trim().split(/[ :]/);
    const [one = 0, two = 0] = words.map(Number);
    if (name === 'mss') octets.push(OPTION.mss, 4, one >>> 8, one & 255);
    else if (name === 'sackOK') octets.push(OPTION.sackPermitted, 2);
    else if (name === 'wscale') octets.push(OPTION.windowScale, 3, one);
    else if (name === 'nop') octets.push(OPTION.nop);
    else if (name === 'TS') {
      octets.push(OPTION.timestamps, 10);
      put32(bases.tsVal + one);
      put32(two === 0 ? 0 : bases.tsEcr + two);
    } else if (name === 'sack') {
      octets.push(OPTION.sack, 2 + 4 * words.length);
      for (const edge of words) put32(bases.sequence + Number(edge));
    } else throw new Error(`not an option: ${option}`);
  }
  while (octets.length % 4 !== 0) octets.push(OPTION.nop);
  return Uint8Array.from(octets);
}

/** What `encodeOptions` reads, without NOPs. */
export function optionText(bytes: Uint8Array, start: number, end: number, bases: Bases): string {
  const texts = walkOptions(bytes, start, end).options.flatMap(({ kind, at, length }) => {
    if (kind === OPTION.mss) return [`mss ${u16(bytes, at + 2)}`];
    if (kind === OPTION.sackPermitted) return ['sackOK'];
    if (kind === OPTION.windowScale) return [`wscale ${u8(bytes, at + 2)}`];
    if (kind === OPTION.timestamps) {
      const echo = u32(bytes, at + 6);
      return [`TS ${(u32(bytes, at + 2) - bases.tsVal) | 0} ${echo === 0 ? 0 : (echo - bases.tsEcr) | 0}`];
    }
    if (kind !== OPTION.sack) return [];
    const edges = Array.from(
      { length: (length - 2) / 4 },
      (_, edge) => (u32(bytes, at + 2 + 4 * edge) - bases.sequence) | 0,
    );
    return [
      `sack ${edges
        .map((edge, index) => (index % 2 === 0 ? edge : `${edges[index - 1]}:${edge}`))
        .filter((_, index) => index % 2 === 1)
        .join(' ')}`,
    ];
  });
  return texts.join(',');
}
