import { defineConfig } from 'vitest/config';

/**
 * Most tests take milliseconds; the limit is for machines that have other things to do as well. `npm run coverage` counts
 * the lines and branches that the tests reach: of the core at least 95 % of the branches, of what counts sequence numbers
 * and checksums all.
 */
export default defineConfig({
  test: {
    testTimeout: 30_000,
    hookTimeout: 120_000,
    coverage: {
      include: ['src/{wire,kernel,layers,world}/**/*.ts'],
      reporter: ['text-summary', 'json-summary'],
      thresholds: {
        branches: 95,
        'src/layers/4-transport/tcp/sequence.ts': { branches: 100, lines: 100 },
        'src/wire/checksum.ts': { branches: 100, lines: 100 },
      },
    },
  },
});
