/**
 * Reports as a browser shows them: they step by keyboard, ask for nothing, complain of nothing, and axe finds nothing
 * serious. In headless Chromium, at the width of a phone and of a desk, light and dark.
 */

import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import axe from 'axe-core';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { verdictsOf } from '../../../src/projections/expectations.ts';
import { lessonOf } from '../../../src/projections/lesson.ts';
import { htmlOf } from '../../../src/projections/report/html.ts';
import { loadBundled, runToEnd } from '../../bundled.ts';

const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync);
/** Chromium's own services would ask the network for things, and where there is none say so. */
const QUIET = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

describe.skipIf(!CHROMIUM)(`a report in a browser${CHROMIUM ? '' : ' (skipped: there is no Chromium)'}`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'packetwalk-report-'));
  const file = join(folder, 'report.html');
  let browser: Browser;

  beforeAll(async () => {
    const scenario = loadBundled('ws-hol-blocking');
    const { entries, seed } = runToEnd(scenario);
    const lesson = lessonOf(scenario, entries);
    writeFileSync(file, htmlOf({ scenario, seed, entries, verdicts: verdictsOf(scenario, entries), lesson }));
    browser = await chromium.launch({ executablePath: CHROMIUM as string, args: QUIET });
  }, 60_000);
  afterAll(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true });
  });

  const at = (page: Page) => page.locator('#place').textContent();

  it.each([
    [390, 844, 'light'],
    [1280, 900, 'dark'],
  ] as const)('%i pixels wide, %s', { timeout: 60_000 }, async (width, height, colorScheme) => {
    const page = await browser.newPage({ viewport: { width, height }, colorScheme });
    const complaints: string[] = [];
    const requests: string[] = [];
    page.on('console', (message) => complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(String(error)));
    page.on('request', (request) => requests.push(request.url()));
    await page.goto(pathToFileURL(file).href);
    const frames = Number((await at(page))?.match(/of (\d+)/)?.[1]);
    expect(frames).toBeGreaterThan(50);
    for (const [key, place] of [
      ['ArrowRight', 2],
      ['ArrowRight', 3],
      ['ArrowLeft', 2],
      ['End', frames],
      ['Home', 1],
    ] as const) {
      await page.keyboard.press(key);
      expect(await at(page)).toBe(`Frame ${place} of ${frames}`);
    }
    expect(await page.locator('.frame.on').getAttribute('data-frame')).toBe('0');
    const question = page.locator('form.question').first();
    await question.getByText('in time as always').click();
    await question.getByRole('button', { name: 'Check' }).click();
    expect(await question.locator('.answer').textContent()).toContain('Not so. May TCP hand out octets');
    await question.getByText('when the lost segment has come again').click();
    await question.getByRole('button', { name: 'Check' }).click();
    expect(await question.locator('.answer').textContent()).toContain('Right. 270 ms after the loss');
    // The page's policy lets no script in; the debugger's door is not the page's.
    const found = await page.evaluate(
      `${axe.source}; axe.run().then(({ violations }) => violations.map(({ id, impact }) => [impact, id]))`,
    );
    expect((found as [string, string][]).filter(([impact]) => impact === 'serious' || impact === 'critical')).toEqual(
      [],
    );
    expect(complaints).toEqual([]);
    expect(requests.filter((url) => !url.startsWith('file:') && !url.startsWith('data:'))).toEqual([]);
    await page.close();
  });
});
