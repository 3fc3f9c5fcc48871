import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

describe('the ledger', () => {
  it('docs/conformance.md says what the tests say (npm run ledger writes it)', async () => {
    const { ledger } = (await import(new URL('../../scripts/ledger.mjs', import.meta.url).href)) as {
      ledger: () => string;
    };
    const written = readFileSync(fileURLToPath(new URL('../../docs/conformance.md', import.meta.url)), 'utf8');
    expect(written).toBe(ledger());
    expect(written.split('\n').filter((line) => line.startsWith('| ')).length).toBeGreaterThan(150);
  });
});
