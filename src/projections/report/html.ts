/**
 * A run as one HTML file: the ladder to step through with the keyboard, every frame's layers and octets, curves, the
 * lesson with its questions. It asks for nothing from the network; a policy in the page forbids it even to scripts.
 */

import { createHash } from 'node:crypto';
import type { Entry } from '../../kernel/journal.ts';
import type { Scenario } from '../../scenario/scenario.ts';
import { Chronicle } from '../chronicle.ts';
import { crossingsOf } from '../crossings.ts';
import type { Verdict } from '../expectations.ts';
import { foldLadder, ladderRows, readCrossings } from '../ladder.ts';
import type { LessonView, QuestionView, StepView } from '../lesson.ts';
import { seconds } from '../time.ts';
import { type FrameData, frameData } from './frame-data.ts';
import { ladderSvg } from './ladder-svg.ts';
import { embeddedJson, escaped } from './markup.ts';
import { plotElement, plotsOf } from './plot-svg.ts';
import { PAGE_SCRIPT } from './script.ts';
import { PAGE_STYLE } from './style.ts';

/** Frames of which the page knows every field and octet; it stays a file that a browser opens at once. */
const MOST_FRAMES = 1000;
/** Rows of the ladder, of frames and of notes. */
const MOST_ROWS = 2000;

export interface Reported {
  readonly scenario: Scenario;
  readonly seed: string;
  readonly entries: readonly Entry[];
  readonly verdicts: readonly Verdict[];
  readonly lesson: LessonView | null;
}

export function htmlOf(reported: Reported): string {
  const { scenario, seed, entries, verdicts, lesson } = reported;
  const frames: FrameData[] = [];
  const numbers = new Map<number, number>();
  /** By the entry at which a frame counts. */
  const counted = new Map<number, number>();
  let total = 0;
  for (const read of readCrossings(crossingsOf(entries, scenario), scenario)) {
    total++;
    if (frames.length >= MOST_FRAMES) continue;
    const { id, endedSeq } = read.crossing;
    numbers.set(id, frames.length);
    if (endedSeq !== null) counted.set(endedSeq, frames.length);
    frames.push(frameData(read));
  }
  const rows = foldLadder(ladderRows(entries, scenario), MOST_ROWS);
  const picture = ladderSvg(rows, scenario, ({ crossing }) => numbers.get(crossing.id) ?? null);
  const chronicle = new Chronicle(entries, scenario);
  chronicle.grow();
  const sections = [
    header(scenario, seed),
    lesson ? lessonSection(lesson, counted) : '',
    stepper(picture, frames.length, total),
    expectations(verdicts),
    plots(chronicle),
    `<p class="about">Made by packetwalk. The same scenario and seed give the same page.</p>`,
  ];
  return page(scenario.title, sections.filter((section) => section !== '').join('\n'), frames);
}

function page(title: string, body: string, frames: readonly FrameData[]): string {
  const hash = createHash('sha256').update(PAGE_SCRIPT).digest('base64');
  const policy = `default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,">
<title>${escaped(title)} – packetwalk</title>
<style>${PAGE_STYLE}</style>
</head>
<body>
<main>
${body}
</main>
<script type="application/json" id="frames">${embeddedJson(frames)}</script>
<script>${PAGE_SCRIPT}</script>
</body>
</html>
`;
}

function header({ title, summary, profile }: Scenario, seed: string): string {
  return `<h1>${escaped(title)}</h1>
<p>${escaped(summary)}</p>
<p class="about">seed ${escaped(seed)} · profile ${profile}</p>`;
}

function stepper({ svg, width, height }: ReturnType<typeof ladderSvg>, known: number, total: number): string {
  const missing = known < total ? `<p class="hint">Of ${total} frames the first ${known} can be opened.</p>` : '';
  return `<h2 id="ladder">The ladder</h2>
<p class="hint">Step with ← and →, go to the ends with Home and End, or choose a frame.</p>${missing}
<div class="split">
<div class="panel ladder" tabindex="0" role="region" aria-labelledby="ladder">
<svg viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="Sequence diagram of the run">
${svg}
</svg>
</div>
<div class="panel detail" tabindex="0" role="region" aria-label="The frame">
<div class="bar">
<button type="button" data-go="first">« first</button>
<button type="button" data-go="back">‹ back</button>
<button type="button" data-go="next">next ›</button>
<button type="button" data-go="last">last »</button>
<span id="place" role="status"></span>
</div>
<div id="head"></div>
<div id="fields"></div>
<pre id="hex" tabindex="0" aria-label="Octets of the frame in hexadecimal"></pre>
</div>
</div>`;
}

function expectations(verdicts: readonly Verdict[]): string {
  if (verdicts.length === 0) return '';
  const items = verdicts.map(
    ({ name, pass, sentence }) =>
      `<li class="${pass ? 'pass' : 'fail'}">${escaped(name)}: <span class="hint">${escaped(sentence)}</span></li>`,
  );
  return `<h2>What was expected</h2>\n<ul>\n${items.join('\n')}\n</ul>`;
}

function plots(chronicle: Chronicle): string {
  const drawn = plotsOf(chronicle).map(
    (plot) =>
      `<h3>${escaped(plot.title)}</h3>\n<p class="hint">${escaped(plot.description)}</p>\n<div class="panel plot">${plotElement(plot)}</div>`,
  );
  return drawn.length === 0 ? '' : `<h2>Curves</h2>\n${drawn.join('\n')}`;
}

function lessonSection(
  { objective, question, takeaway, misconceptions, steps }: LessonView,
  counted: ReadonlyMap<number, number>,
): string {
  const lead = (seq: number | null) => leadTo(seq === null ? undefined : counted.get(seq));
  const head = [
    objective === null ? '' : `<dt>What you will be able to do</dt><dd>${escaped(objective)}</dd>`,
    question === null ? '' : `<dt>Ask yourself first</dt><dd>${escaped(question)}</dd>`,
  ];
  const wrong = misconceptions.map(
    ({ claim, because, seq }) =>
      `<li><q>${escaped(claim)}</q>${because === null ? '' : ` ${escaped(because)}`}${lead(seq)}</li>`,
  );
  return [
    '<h2>The lesson</h2>',
    `<dl class="lesson">${head.join('')}</dl>`,
    ...steps.map((step) => stepSection(step, lead(step.show?.seq ?? step.seq))),
    wrong.length === 0 ? '' : `<h3>What is often believed</h3>\n<ul>${wrong.join('\n')}</ul>`,
    takeaway === null ? '' : `<p><strong>Remember:</strong> ${escaped(takeaway)}</p>`,
  ].join('\n');
}

/** A button that goes to a frame; nothing where there is none to go to. */
function leadTo(frame: number | undefined): string {
  return frame === undefined ? '' : ` <button type="button" data-show="${frame}">show frame ${frame + 1}</button>`;
}

function stepSection({ atNs, say, predict, ask }: StepView, lead: string): string {
  const told = say === null ? '' : `<p><span class="hint">${seconds(atNs)} s</span> ${escaped(say)}${lead}</p>`;
  return [told, predict ? questionForm(predict, 'Predict') : '', ask ? questionForm(ask, 'Question') : ''].join('\n');
}

function questionForm({ id, question, choices, answer, hint, explain }: QuestionView, kind: string): string {
  const inputs =
    choices.length === 0
      ? `<label>Your answer <input name="answer" autocomplete="off"></label>`
      : choices
          .map(
            (choice) =>
              `<label><input type="radio" name="answer" value="${escaped(choice)}"> ${escaped(choice)}</label>`,
          )
          .join('\n');
  return `<form class="question" id="q-${escaped(id)}" data-answer="${escaped(answer)}" data-hint="${escaped(hint ?? '')}" data-explain="${escaped(explain ?? '')}">
<fieldset><legend>${kind}: ${escaped(question)}</legend>
${inputs}
<button type="submit">Check</button>
<p class="answer" role="status"></p>
</fieldset></form>`;
}
