import { printable } from '../../projections/printable.ts';
import type { Judged } from '../judgement.ts';
import { type Reporter, whereText } from './reporter.ts';

/** The XML that CI servers read: a suite for each scenario. */
export function junitReporter(): Reporter {
  return { judged: () => '', finished: (all) => document(all) };
}

function document(all: readonly Judged[]): string {
  const items = all.flatMap((judged) => judged.items);
  const lines = [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="packetwalk" tests="${items.length}" failures="${failuresIn(items)}">`,
    ...all.flatMap(suite),
    '</testsuites>',
  ];
  return `${lines.join('\n')}\n`;
}

function suite(judged: Judged): string[] {
  const { file, items } = judged;
  const head = `  <testsuite name="${escaped(file)}" tests="${items.length}" failures="${failuresIn(items)}">`;
  const cases = items.flatMap((item) => {
    const opening = `    <testcase classname="${escaped(file)}" name="${escaped(item.name)}"`;
    if (item.pass) return [`${opening}/>`];
    const where = escaped(whereText(judged, item));
    return [`${opening}>`, `      <failure message="${escaped(item.sentence)}">${where}</failure>`, '    </testcase>'];
  });
  return [head, ...cases, '  </testsuite>'];
}

function failuresIn(items: Judged['items']): number {
  return items.filter(({ pass }) => !pass).length;
}

function escaped(text: string): string {
  return printable(text)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
