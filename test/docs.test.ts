/**
 * The documentation does what it says. Every fenced block of the README and of docs/ is run: shell line by line in one
 * folder for each page, YAML is checked, JavaScript is run. A block that is something else says so before it:
 * `<!-- picture -->` (no code), `<!-- not run: WHY -->`, `<!-- file: NAME -->` (written for the blocks after it).
 */

import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import xterm from '@xterm/headless';
import { afterAll, describe, expect, it } from 'vitest';
import { commandTable } from '../src/cli/command-table.ts';
import { buildProgram } from '../src/cli/program.ts';
import { fieldsPage, referencePage } from '../src/cli/reference.ts';
import { Session } from '../src/cli/session.ts';
import { EXTRA_FIELDS } from '../src/filter/filter.ts';
import { FIELDS } from '../src/layers/codecs.ts';
import { jsonSchema } from '../src/scenario/schema/json-schema.ts';
import { COMMANDS } from '../src/tui/commands.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

interface Block {
  readonly line: number;
  readonly language: string;
  readonly code: string;
  /** What the comment before it says. */
  readonly mark: string;
}

function blocksOf(page: string): Block[] {
  const lines = page.split('\n');
  const blocks: Block[] = [];
  for (let at = 0; at < lines.length; at++) {
    const [, fence, language = ''] = /^(```+)(\S*)$/.exec(lines[at] ?? '') ?? [];
    if (fence === undefined) continue;
    const end = lines.indexOf(fence, at + 1);
    const mark = /^<!-- (.*) -->$/.exec(lines[at - 1] ?? '')?.[1] ?? '';
    blocks.push({ line: at + 1, language, code: lines.slice(at + 1, end).join('\n'), mark });
    at = end;
  }
  return blocks;
}

/** A line that ends in a backslash goes on; comments behind two blanks are for readers. */
function commandsOf(code: string): string[] {
  return code
    .replaceAll('\\\n', ' ')
    .split('\n')
    .map((line) => line.replace(/(^|\s{2,})#.*$/, '').trim())
    .filter((line) => line !== '');
}

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** A project of a reader: the package stands in its node_modules, and `npx packetwalk` finds it there. */
function project(): string {
  const folder = mkdtempSync(join(tmpdir(), 'packetwalk-docs-'));
  folders.push(folder);
  const modules = join(folder, 'node_modules');
  mkdirSync(join(modules, '.bin'), { recursive: true });
  for (const name of readdirSync(join(ROOT, 'node_modules'))) {
    if (!name.startsWith('.')) symlinkSync(join(ROOT, 'node_modules', name), join(modules, name));
  }
  symlinkSync(ROOT, join(modules, 'packetwalk'));
  symlinkSync(join(ROOT, 'bin/packetwalk.cjs'), join(modules, '.bin/packetwalk'));
  symlinkSync(join(ROOT, 'scenarios'), join(folder, 'scenarios'));
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }\n');
  return folder;
}

function call(folder: string, program: string, args: readonly string[], input = '') {
  const path = `${join(folder, 'node_modules/.bin')}:${process.env.PATH ?? ''}`;
  const env = { PATH: path, HOME: folder, XDG_STATE_HOME: folder, npm_config_offline: 'true' };
  const { status, stdout, stderr } = spawnSync(program, args, {
    cwd: folder,
    env,
    input,
    encoding: 'utf8',
    timeout: 60_000,
  });
  return { status, said: `${stdout.slice(-2000)}\n${stderr.slice(-2000)}` };
}

function ran(folder: string, { language, code, mark }: Block): void {
  const [, file] = /^file: (\S+)$/.exec(mark) ?? [];
  if (file !== undefined) writeFileSync(join(folder, file), `${code}\n`);
  if (language === 'yaml' && (file === undefined || file.endsWith('.pw.yaml'))) {
    const { status, said } = call(folder, 'packetwalk', ['check', '-'], code);
    expect(status, said).toBe(0);
  } else if (language === 'js' && file === undefined) {
    const { status, said } = call(folder, process.execPath, ['--input-type=module'], code);
    expect(status, said).toBe(0);
  } else if (language === 'sh') {
    const [, ends = '0'] = /^exits (\d+)$/.exec(mark) ?? [];
    for (const command of commandsOf(code)) {
      // `npx packetwalk` starts what stands in .bin; half a second for npx itself is spared.
      const { status, said } = call(folder, 'bash', ['-c', command.replaceAll('npx packetwalk', 'packetwalk')]);
      expect(status, `${command}\n${said}`).toBe(Number(ends));
    }
  } else if (file === undefined) throw new Error('nobody can tell what this block is: give it a language or a mark');
}

/** Pages whose blocks other tests run (test/guide, test/interop), and those without any. */
const ELSEWHERE = new Set(['test-socket-io.md', 'attach.md']);
const PAGES = [
  'README.md',
  ...readdirSync(join(ROOT, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];

describe.skipIf(!existsSync(join(ROOT, 'dist/cli/main.cjs')))('the blocks of', { timeout: 180_000 }, () => {
  for (const page of PAGES) {
    const blocks = blocksOf(readFileSync(join(ROOT, page), 'utf8'));
    const isRun = ({ mark }: Block) => !/^(not run: .{10,}|picture\b.*)$/.test(mark) && !/\.test\.js$/.test(mark);
    if (ELSEWHERE.has(page.slice(5))) {
      it(`${page} are marked or run elsewhere`, () => {
        const unmarked = blocks.filter((block) => isRun(block) && block.language !== 'yaml');
        expect(unmarked.map(({ line }) => `${page}:${line}`)).toEqual([]);
      });
    }
    const own = ELSEWHERE.has(page.slice(5))
      ? blocks.filter(({ language }) => language === 'yaml')
      : blocks.filter(isRun);
    if (own.length === 0) continue;
    it(`${page} do what they say`, () => {
      const folder = project();
      for (const block of own) {
        try {
          ran(folder, block);
        } catch (error) {
          throw new Error(`${page}:${block.line}: ${error instanceof Error ? error.message : String(error)}`);
        }
      }
    });
  }
});

describe('the reference', () => {
  it('docs/reference.md is what the program has (npm run reference)', () => {
    const source = { commands: commandTable(buildProgram(new Session([]))), screen: COMMANDS, schema: jsonSchema() };
    expect(readFileSync(join(ROOT, 'docs/reference.md'), 'utf8')).toBe(referencePage(source as never));
  });

  it('docs/fields.md is what filters know (npm run reference)', () => {
    const types = [...FIELDS.values(), ...EXTRA_FIELDS.values()];
    expect(readFileSync(join(ROOT, 'docs/fields.md'), 'utf8')).toBe(fieldsPage(types));
  });
});

it('every page of docs/ that is linked is there', () => {
  for (const page of PAGES) {
    const text = readFileSync(join(ROOT, page), 'utf8');
    for (const [, target = ''] of text.matchAll(/\]\(([^)#:\s]+)(?:#[^)]*)?\)/g)) {
      expect(existsSync(join(ROOT, page, '..', target)), `${page} links to ${target}`).toBe(true);
    }
  }
});

it('docs/first-lesson.cast goes from npm start to a question answered (npm run record:first-lesson)', async () => {
  const [header = '', ...lines] = readFileSync(join(ROOT, 'docs/first-lesson.cast'), 'utf8').trim().split('\n');
  const { version, width, height } = JSON.parse(header) as { version: number; width: number; height: number };
  expect(version).toBe(2);
  const terminal = new xterm.Terminal({ cols: width, rows: height, allowProposedApi: true });
  const awaited = [
    /npm ci && npm start/,
    /Next: npx packetwalk/,
    /Networking 101/,
    /enter begins/,
    /Predict 1/,
    /✓ That is so/,
  ];
  for (const line of lines) {
    const [, kind, text] = JSON.parse(line) as [number, string, string];
    expect(kind).toBe('o');
    await new Promise<void>((resolve) => terminal.write(text, resolve));
    const { active } = terminal.buffer;
    const rows = Array.from({ length: height }, (_, row) =>
      active.getLine(active.viewportY + row)?.translateToString(true),
    );
    while (awaited[0]?.test(rows.join('\n'))) awaited.shift();
  }
  expect(awaited).toEqual([]);
});
