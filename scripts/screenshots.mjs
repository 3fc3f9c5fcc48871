// docs/report.png and docs/report-phone.png: a report as Chromium shows it, at a desk and on a phone. `npm run screenshots`
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';

const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const VIEWS = [
  { file: 'report.png', viewport: { width: 1280, height: 800 }, colorScheme: 'dark' },
  { file: 'report-phone.png', viewport: { width: 390, height: 700 }, colorScheme: 'light' },
];

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'packetwalk-screenshots-'));
const report = join(folder, 'report.html');
const executablePath = CHROMIUM.find((path) => existsSync(path));
if (!executablePath) throw new Error('there is no Chromium');
execFileSync(process.execPath, ['bin/packetwalk.cjs', 'run', 'ws-hol-blocking', '--quiet', '-o', report], {
  cwd: root,
});
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });
try {
  for (const { file, ...view } of VIEWS) {
    const page = await browser.newPage(view);
    await page.goto(pathToFileURL(report).href);
    for (let step = 0; step < 30; step++) await page.keyboard.press('ArrowRight');
    await page.screenshot({ path: join(root, 'docs', file) });
    await page.close();
  }
} finally {
  await browser.close();
  rmSync(folder, { recursive: true, force: true });
}
