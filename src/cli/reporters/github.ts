import { printable } from '../../projections/printable.ts';
import { countText, type Reporter } from './reporter.ts';

/** Workflow commands: an annotation at the line of each thing that failed. */
export function githubReporter(): Reporter {
  return {
    judged: ({ file, items }) =>
      items
        .filter(({ pass }) => !pass)
        .map(({ name, sentence, place: { line, column } }) => {
          const where = `file=${property(file)},line=${line},col=${column},title=${property(name)}`;
          return `::error ${where}::${data(sentence)}\n`;
        })
        .join(''),
    finished: (all) => `${countText(all)}\n`,
  };
}

function data(text: string): string {
  return printable(text).replaceAll('%', '%25');
}

function property(text: string): string {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
