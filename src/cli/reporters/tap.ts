import { printable } from '../../projections/printable.ts';
import { type Reporter, whereText } from './reporter.ts';

/** The Test Anything Protocol, version 14: a test point for each thing that was judged, with the plan at the end. */
export function tapReporter(): Reporter {
  let number = 0;
  return {
    judged: (judged) => {
      const head = number === 0 ? ['TAP version 14'] : [];
      const points = judged.items.flatMap((item) => {
        const words = `${printable(judged.file)}: ${printable(item.name)}`
          .replaceAll('\\', '\\\\')
          .replaceAll('#', '\\#');
        const line = `${item.pass ? 'ok' : 'not ok'} ${++number} - ${words}`;
        if (item.pass) return [line];
        const details = { message: printable(item.sentence), at: whereText(judged, item) };
        return [
          line,
          '  ---',
          ...Object.entries(details).map(([key, value]) => `  ${key}: ${JSON.stringify(value)}`),
          '  ...',
        ];
      });
      const lines = [...head, ...points];
      return lines.length === 0 ? '' : `${lines.join('\n')}\n`;
    },
    finished: () => `${number === 0 ? 'TAP version 14\n' : ''}1..${number}\n`,
  };
}
