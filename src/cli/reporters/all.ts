import type { Output } from '../terminal.ts';
import { githubReporter } from './github.ts';
import { jsonReporter } from './json.ts';
import { junitReporter } from './junit.ts';
import type { ReporterName } from './names.ts';
import type { Reporter } from './reporter.ts';
import { specReporter } from './spec.ts';
import { tapReporter } from './tap.ts';

export function reporterOf(name: ReporterName, { paint }: Output): Reporter {
  switch (name) {
    case 'spec':
      return specReporter(paint);
    case 'tap':
      return tapReporter();
    case 'junit':
      return junitReporter();
    case 'json':
      return jsonReporter();
    case 'github':
      return githubReporter();
  }
}
