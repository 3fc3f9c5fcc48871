/** What `run` says around the ladder: title, expectations, what became of the frames, and the verdict. */

import type { Verdict } from '../projections/expectations.ts';
import type { Paint } from '../projections/paint.ts';
import { cellsOf, fitted, padded, printable } from '../projections/printable.ts';
import type { DirectionStatistics, LinkStatistics, NodeDrops, Statistics } from '../projections/statistics.ts';

export interface ReportLook {
  readonly paint: Paint;
  readonly ascii: boolean;
  readonly width: number;
}

/** `◆ TCP handshake with one lost SYN                 seed 42 · rfc`. */
export function titleLine(title: string, seed: string, profile: string, { paint, ascii, width }: ReportLook): string {
  const right = ascii ? `seed ${seed}, ${profile}` : `seed ${seed} · ${profile}`;
  const mark = ascii ? '*' : '◆';
  const room = Math.max(8, width - cellsOf(right) - 5);
  const left = padded(shown(title, ascii), room, ascii ? '~' : '…');
  return ` ${paint(4, mark)} ${paint('strong', left)}  ${paint('dim', right)}`;
}

/** A line or two for each expectation: its name, and what was expected and seen. */
export function expectationLines(verdicts: readonly Verdict[], look: ReportLook): string[] {
  const { paint, ascii, width } = look;
  return verdicts.flatMap(({ name, pass, sentence }) => {
    const mark = pass ? paint('good', ascii ? 'ok' : '✓') : paint('error', ascii ? 'XX' : '✗');
    const title = shown(name, ascii);
    const said = shown(sentence, ascii);
    const style = pass ? 'dim' : 'error';
    const used = 2 + (ascii ? 2 : 1) + 1 + cellsOf(title);
    if (used + 2 + cellsOf(said) <= width) return [`  ${mark} ${title}  ${paint(style, said)}`];
    return [`  ${mark} ${title}`, ...folded(said, width - 6).map((line) => `      ${paint(style, line)}`)];
  });
}

/** A line for each direction that saw a frame, then what ended inside nodes. */
export function statisticsLines(statistics: Statistics, look: ReportLook): string[] {
  const links = statistics.links.flatMap((link) => linkLines(link, look));
  const names = statistics.nodes.map((drop) => nodeLine(drop, look));
  return [...links, ...names, ...statistics.leaks.map((leak) => look.paint('error', `  ${printable(leak)}`))];
}

function linkLines({ link, directions }: LinkStatistics, look: ReportLook): string[] {
  const { paint, ascii } = look;
  const arrow = ascii ? '->' : '→';
  const busy = directions.filter(({ sent }) => sent > 0);
  if (busy.length === 0) return [paint('dim', `  ${shown(link, ascii)}  nothing was sent`)];
  const width = Math.max(...busy.map(({ from, to }) => cellsOf(`${from} ${arrow} ${to}`)));
  return busy.map((direction, index) => {
    const name = index === 0 ? shown(link, ascii) : ' '.repeat(cellsOf(shown(link, ascii)));
    const way = padded(`${shown(direction.from, ascii)} ${arrow} ${shown(direction.to, ascii)}`, width);
    return `  ${paint('strong', name)}  ${way}  ${countText(direction, paint)}`;
  });
}

function countText(direction: DirectionStatistics, paint: Paint): string {
  const { sent, sentBytes, copies, delivered, damaged, dropped, inFlight } = direction;
  const frames = `${sent} frame${sent === 1 ? '' : 's'}, ${sentBytes} bytes`;
  const bad = [
    ...dropped.map(({ reason, frames }) => paint('error', `${frames} ${reason}`)),
    damaged > 0 ? paint('error', `${damaged} damaged`) : '',
    inFlight > 0 ? `${inFlight} on the way` : '',
  ];
  const parts = [copies > 0 ? `${copies} of them copies` : '', `${delivered} delivered`, ...bad];
  return `${frames}: ${parts.filter((part) => part !== '').join(', ')}`;
}

function nodeLine({ node, protocol, reason, count }: NodeDrops, { paint, ascii }: ReportLook): string {
  return `  ${paint('strong', shown(node, ascii))}  ${protocol}: ${paint('error', `${count} dropped (${reason})`)}`;
}

/** `2 of 2 expectations held · 1.260000 s of virtual time · 214 events`. */
export function verdictLine(verdicts: readonly Verdict[], end: string, happened: number, look: ReportLook): string {
  const { paint, ascii } = look;
  const dot = ascii ? ', ' : ' · ';
  const held = verdicts.filter(({ pass }) => pass).length;
  const isGood = held === verdicts.length;
  const mark = isGood ? (ascii ? 'ok' : '✓') : ascii ? 'XX' : '✗';
  const what =
    verdicts.length === 0
      ? 'nothing was expected'
      : isGood
        ? `${held === 1 ? 'the expectation' : `all ${held} expectations`} held`
        : `${verdicts.length - held} of ${verdicts.length} expectations failed`;
  const rest = paint('dim', `${dot}${end} s of virtual time${dot}${happened} events`);
  return ` ${paint(isGood ? 'good' : 'error', `${mark} ${what}`)}${rest}`;
}

export function heading(text: string, { paint }: ReportLook): string {
  return ` ${paint('strong', text)}`;
}

/** Printable, and ASCII where nothing else may be printed. */
function shown(text: string, ascii: boolean): string {
  const safe = printable(text);
  if (!ascii) return safe;
  return safe
    .replaceAll('→', '->')
    .replaceAll('…', '...')
    .replaceAll('µ', 'u')
    .replace(/[^\x20-\x7e]/gu, '?');
}

/** Text in lines of at most that many cells. */
function folded(text: string, cells: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && cellsOf(line) + 1 + cellsOf(word) > cells) {
      lines.push(line);
      line = '';
    }
    line = line === '' ? word : `${line} ${word}`;
  }
  lines.push(line);
  return lines.map((one) => fitted(one, cells));
}
