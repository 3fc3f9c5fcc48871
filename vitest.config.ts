import { defineConfig } from 'vitest/config';

/** What turns octets into messages and back, by the names that such files have in every protocol's folder. */
const CODECS = [
  'header',
  'fragment',
  'extensions',
  'hello-extensions',
  'options',
  'option-fields',
  'packet-reader',
  'frame-reader',
  'message',
  'messages',
  'message-reader',
  'methods',
  'decode',
  'encode',
  'properties',
  'head',
  'reader',
  'framing',
  'record',
  'vectors',
  'der',
];
const ALL = { branches: 100 };

/**
 * Most tests take milliseconds; the limit is for machines that have other things to do as well. `npm run coverage` runs
 * the tests of the core (`wire`, `kernel`, `layers`, `world`) and counts the branches that they reach: of the core at least
 * as many per cent as stand here, of codecs, sequence numbers and checksums all.
 */
export default defineConfig({
  test: {
    testTimeout: 30_000,
    hookTimeout: 120_000,
    coverage: {
      include: ['src/{wire,kernel,layers,world}/**/*.ts'],
      reporter: [['text', { skipFull: true }], 'json-summary'],
      thresholds: {
        branches: 95,
        'src/wire/*.ts': ALL,
        'src/layers/4-transport/tcp/sequence.ts': ALL,
        'src/layers/6-presentation/{deflate,text}/*.ts': ALL,
        [`src/layers/**/{${CODECS.join(',')}}.ts`]: ALL,
      },
    },
  },
});
