/** The guide shows the examples as they are tested. */

import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const guide = readFileSync(new URL('../../docs/test-socket-io.md', import.meta.url), 'utf8');
const examples = [...guide.matchAll(/<!-- (\S+\.test\.js) -->\n```js\n(.*?)\n```\n/gs)];

it('has five examples', () => expect(examples.length).toBe(5));

it.each(examples.map(([, file = '', code = '']) => [file, code] as const))('%s is what is tested', (file, code) => {
  const tested = readFileSync(new URL(file, import.meta.url), 'utf8');
  expect(code).toBe(tested.trim().replaceAll("'../../src/realnet/index.ts'", "'packetwalk/realnet'"));
});
