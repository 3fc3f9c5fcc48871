/** A run as Markdown: the lesson, a Mermaid diagram, what was expected, what became of the frames. */

import { foldLadder, ladderRows } from '../ladder.ts';
import type { LessonView, QuestionView } from '../lesson.ts';
import { mermaidOf } from '../mermaid.ts';
import { printable } from '../printable.ts';
import { statisticsOf } from '../statistics.ts';
import { seconds } from '../time.ts';
import type { Reported } from './html.ts';

export function markdownOf({ scenario, seed, entries, verdicts, lesson }: Reported): string {
  const { title, summary, profile } = scenario;
  const rows = foldLadder(ladderRows(entries, scenario));
  const lines = [
    `# ${text(title)}`,
    '',
    text(summary),
    '',
    `Seed ${seed}, profile ${profile}.`,
    ...(lesson ? lessonLines(lesson) : []),
    '',
    '## The ladder',
    '',
    '```mermaid',
    mermaidOf(title, rows, scenario).trimEnd(),
    '```',
    ...(verdicts.length === 0 ? [] : ['', '## What was expected', '']),
    ...verdicts.map(({ name, pass, sentence }) => `- ${pass ? '✓' : '✗'} ${text(name)}: ${text(sentence)}`),
    '',
    '## Links',
    '',
    '| link | direction | frames | octets | delivered | lost |',
    '|---|---|---|---|---|---|',
    ...statisticsOf(entries, scenario).links.flatMap(({ link, directions }) =>
      directions.map(({ from, to, sent, sentBytes, delivered, damaged, dropped }) => {
        const reasons = dropped.map(({ reason, frames }) => `${frames} ${reason}`);
        const lost = [...reasons, ...(damaged > 0 ? [`${damaged} damaged`] : [])].join(', ');
        return `| ${text(link)} | ${text(from)} → ${text(to)} | ${sent} | ${sentBytes} | ${delivered} | ${lost} |`;
      }),
    ),
    '',
  ];
  return lines.join('\n');
}

function lessonLines({ objective, question, takeaway, misconceptions, steps }: LessonView): string[] {
  const head = [
    objective === null ? [] : ['', `**What you will be able to do:** ${text(objective)}`],
    question === null ? [] : ['', `**Ask yourself first:** ${text(question)}`],
  ];
  const told = steps.flatMap(({ atNs, say, predict, ask }) => [
    ...(say === null ? [] : ['', `\`${seconds(atNs)} s\` ${text(say)}`]),
    ...(predict ? questionLines(predict, 'Predict') : []),
    ...(ask ? questionLines(ask, 'Question') : []),
  ]);
  const wrong = misconceptions.map(({ claim, because }) => `- “${text(claim)}” ${text(because ?? '')}`);
  return [
    '',
    '## The lesson',
    ...head.flat(),
    ...told,
    ...(wrong.length === 0 ? [] : ['', '### What is often believed', '', ...wrong]),
    ...(takeaway === null ? [] : ['', `**Remember:** ${text(takeaway)}`]),
  ];
}

function questionLines({ question, choices, answer, explain }: QuestionView, kind: string): string[] {
  return [
    '',
    `**${kind}:** ${text(question)}`,
    '',
    ...choices.map((choice, index) => `${index + 1}. ${text(choice)}`),
    '',
    `<details><summary>Answer</summary>${text(answer)}${explain === null ? '' : `. ${text(explain)}`}</details>`,
  ];
}

/** Words and nothing else: what Markdown or HTML would obey is written as entities (CommonMark 0.31, section 2.5). */
function text(raw: string): string {
  return printable(raw).replace(/[&<>[\]`*_|~\\#]/g, (sign) => `&#${sign.charCodeAt(0)};`);
}
