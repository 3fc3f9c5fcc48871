/** What `run` says around the ladder: title, expectations, what became of the frames, and the verdict. */

import type { Verdict } from '../projections/expectations.ts';
import { foldLadder, ladderRows } from '../projections/ladder.ts';
import { drawLadder } from '../projections/ladder-text.ts';
import { configuredText, observedOf, observedText } from '../projections/observed.ts';
import type { Paint, Style } from '../projections/paint.ts';
import { cellsOf, fitted, padded, printable } from '../projections/printable.ts';
import type { DirectionStatistics, NodeDrops, Statistics } from '../projections/statistics.ts';
import { seconds } from '../projections/time.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { formatIp } from '../wire/address.ts';
import type { Result } from './result.ts';

/** The whole report, section by section with an empty line between them; or, `quiet`, only what failed. */
export function reportLines(
  { run, verdicts, statistics }: Result,
  look: ReportLook,
  { full, quiet }: { readonly full?: boolean; readonly quiet?: boolean },
): string[] {
  const failed = verdicts.filter(({ pass }) => !pass);
  if (quiet) return expectationLines(failed, look);
  const { scenario, entries, seed } = run;
  const rows = ladderRows(entries, scenario);
  const captions = captionsOf(scenario);
  const sections = [
    [titleLine(scenario.title, seed, scenario.profile, look)],
    drawLadder(full ? rows : foldLadder(rows), scenario, { ...look, captions }),
    verdicts.length === 0 ? [] : [heading('Expectations', look), ...expectationLines(verdicts, look)],
    [heading('Links', look), ...statisticsLines(statistics, look, comparisonsOf(run))],
    [verdictLine(verdicts, seconds(run.nowNs), run.happened, look)],
  ];
  return sections
    .filter((section) => section.length > 0)
    .flatMap((section, at) => (at === 0 ? section : ['', ...section]));
}

/** Each node's first address, to stand under its name. */
function captionsOf({ nodes }: Scenario): Map<string, string> {
  return new Map(
    nodes.flatMap(({ name, interfaces }) => {
      const [first] = interfaces.flatMap(({ addresses }) => addresses);
      return first ? [[name, formatIp(first.address)] as const] : [];
    }),
  );
}

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

interface Word {
  readonly style: Style;
  readonly text: string;
}

/** What was asked of a direction of a link, and what came of it, in words. */
type Comparison = readonly [link: string, from: string, configured: string, observed: string];

function comparisonsOf({ scenario, entries }: Result['run']): readonly Comparison[] {
  return observedOf(entries, scenario).flatMap((seen): Comparison[] => {
    const spec = scenario.links.find(({ id }) => id === seen.link);
    if (!spec) return [];
    const configured = configuredText(seen.from === spec.a.node ? spec.aToB : spec.bToA);
    return [[seen.link, seen.from, configured, observedText(seen)]];
  });
}

/** A line for each direction that saw a frame, with what is compared of it, then what ended inside nodes. */
export function statisticsLines(
  statistics: Statistics,
  look: ReportLook,
  comparisons: readonly Comparison[] = [],
): string[] {
  const { paint, ascii, width } = look;
  const arrow = ascii ? '->' : '→';
  const rows = statistics.links.flatMap(({ link, directions }) => {
    const busy = directions.filter(({ sent }) => sent > 0);
    const name = shown(link, ascii);
    if (busy.length === 0) return [{ name, way: '', rows: [[{ style: 'dim' as const, text: 'nothing was sent' }]] }];
    return busy.map((direction, index) => {
      const way = `${shown(direction.from, ascii)} ${arrow} ${shown(direction.to, ascii)}`;
      const compared = comparisons.filter(([id, from]) => id === link && from === direction.from);
      const sides = compared.flatMap(([, , configured, observed]) => [
        words(`configured: ${shown(configured, ascii)}`),
        words(`observed: ${shown(observed, ascii)}`),
      ]);
      return { name: index === 0 ? name : '', way, rows: [countWords(direction), ...sides] };
    });
  });
  const names = Math.max(0, ...rows.map(({ name }) => cellsOf(name)));
  const ways = Math.max(0, ...rows.map(({ way }) => cellsOf(way)));
  const indent = names + ways + 6;
  const links = rows.flatMap(({ name, way, rows: texts }) =>
    texts
      .flatMap((text) => flowed(text, width - indent, paint).map((line, at) => (at === 0 ? line : `  ${line}`)))
      .map((line, at) =>
        at === 0
          ? `  ${paint('strong', padded(name, names))}  ${padded(way, ways)}  ${line}`
          : `${' '.repeat(indent)}${line}`,
      ),
  );
  const nodes = statistics.nodes.map((drop) => nodeLine(drop, look));
  return [...links, ...nodes, ...statistics.leaks.map((leak) => paint('error', `  ${printable(leak)}`))];
}

/** A unit stays with its number. */
function words(text: string): Word[] {
  const parts = text.match(/\S+(?: (?:ns|µs|us|ms|s|[kMG]?bit\/s)(?![^\s,;)]))?[,;)]*/g) ?? [];
  return parts.map((part) => ({ style: 'dim', text: part }));
}

function countWords({ sent, sentBytes, copies, delivered, damaged, dropped, inFlight }: DirectionStatistics): Word[] {
  const words: (Word | null)[] = [
    { style: 'plain', text: `${sent} frame${sent === 1 ? '' : 's'}, ${sentBytes} bytes:` },
    copies > 0 ? { style: 'dim', text: `${copies} of them copies,` } : null,
    { style: 'plain', text: `${delivered} delivered,` },
    ...dropped.map(({ reason, frames }): Word => ({ style: 'error', text: `${frames} ${reason},` })),
    damaged > 0 ? { style: 'error', text: `${damaged} damaged,` } : null,
    inFlight > 0 ? { style: 'plain', text: `${inFlight} on the way,` } : null,
  ];
  const all = words.filter((word) => word !== null);
  return all.map((word, at) => (at === all.length - 1 ? { ...word, text: word.text.slice(0, -1) } : word));
}

/** Words in lines of at most that many cells. */
function flowed(words: readonly Word[], cells: number, paint: Paint): string[] {
  const lines: string[] = [];
  let line = '';
  let used = 0;
  for (const { style, text } of words) {
    const length = cellsOf(text);
    if (used > 0 && used + 1 + length > cells) {
      lines.push(line);
      line = '';
      used = 0;
    }
    line += used > 0 ? ` ${paint(style, text)}` : paint(style, text);
    used += used > 0 ? length + 1 : length;
  }
  return [...lines, line];
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

function heading(text: string, { paint }: ReportLook): string {
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
export function folded(text: string, cells: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    // A unit stays with its number.
    if (line !== '' && word.length > 1 && cellsOf(line) + 1 + cellsOf(word) > cells - 2) {
      lines.push(line);
      line = '';
    }
    line = line === '' ? word : `${line} ${word}`;
  }
  lines.push(line);
  return lines.map((one) => fitted(one, cells));
}
