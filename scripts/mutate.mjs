/**
 * Breaks single places of a few modules and asks the tests whether they notice; says where they do not. Mutants that are
 * no faults, each with its reason, stand in `equivalent-mutants.mjs` and are not counted.
 *
 *     npm run mutate                      # checksum, sequence, window, rto, sack, reassembly
 *     npm run mutate -- src/x.ts src/y.ts:17 -- test/x.test.ts     # of y.ts line 17 alone
 *
 * A mutant never touches a file: the bundler gets another text. Mutants whose tests do not end are killed too. The tests
 * that import the module itself are asked first; what survives them is held against all.
 * `--least 90` makes it fail where of any module fewer per cent are killed.
 */

import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { context } from 'esbuild';
import { EQUIVALENT } from './equivalent-mutants.mjs';

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const TCP = 'src/layers/4-transport/tcp';
const MODULES = [
  'src/wire/checksum.ts',
  ...['sequence', 'send-window', 'rto', 'sack', 'scoreboard', 'ranges', 'receive-buffer'].map(
    (name) => `${TCP}/${name}.ts`,
  ),
  'src/layers/3-network/reassembly.ts',
];
/** Those that know a module by itself first: they are fast, and most mutants die there. */
const TESTS = [
  ...['test/wire/checksum.test.ts', 'test/layers/3-network/fragment.test.ts'],
  ...['sequence', 'send-window', 'ranges', 'receive-buffer', 'scoreboard', 'rto', 'sack-blocks']
    .map((name) => `test/layers/4-transport/tcp/${name}.test.ts`)
    .filter((test) => existsSync(join(ROOT, test))),
  ...readdirSync(join(ROOT, 'test/conformance'))
    .filter((name) => name.endsWith('.test.ts') && !/^(linux|ledger)/.test(name))
    .map((name) => `test/conformance/${name}`),
];
/** So many times as long as without a mutant, and no less than this, may tests take before they are said not to end. */
const STALL = { times: 5, leastMs: 5000 };

/** What is replaced by what, one place at a time. */
const OPERATORS = [
  [/ < /g, ' <= '],
  [/ <= /g, ' < '],
  [/ > /g, ' >= '],
  [/ >= /g, ' > '],
  [/ === /g, ' !== '],
  [/ !== /g, ' === '],
  [/ \+ /g, ' - '],
  [/ - /g, ' + '],
  [/ \* /g, ' / '],
  [/ \/ /g, ' * '],
  [/ && /g, ' || '],
  [/ \|\| /g, ' && '],
  [/\+= /g, '-= '],
  [/-= /g, '+= '],
  [/\+\+/g, '--'],
  [/ >>> 0\b/g, ' >>> 1'],
  [/ \| 0\b/g, ' | 1'],
  [/\bmin\(/g, 'max('],
  [/\bmax\(/g, 'min('],
  [/\btrue\b/g, 'false'],
  [/\bfalse\b/g, 'true'],
  [/(?<=[ ([])\d+(?=[ ,;)\]])/g, (text) => String(Number(text) + 1)],
  [/(?<=\bif \()(?=[^;]*\))/g, '!'],
  [
    /^\s+(?!return|if|for|while|break|continue|else|const|let|case|throw|import|export|readonly|private)(?:this\.|[a-z])[^{}:?;]*;$/gm,
    (text) => text.replace(/\S.*/s, ';'),
  ],
  [/^\s+(?:break|continue);$/gm, ''],
  [/\breturn (?!;)(?=[^;]*;)/g, 'return void 0 as never; return '],
];

function mutantsOf(file) {
  const source = readFileSync(resolve(ROOT, file), 'utf8');
  // Comments, imports and fields' types are no code.
  const code = source.replace(/\/\*[\s\S]*?\*\/|\/\/.*$|^import .*$/gm, (text) => text.replace(/[^\n]/g, '\0'));
  return OPERATORS.flatMap(([pattern, replacement]) =>
    [...code.matchAll(pattern)].flatMap((match) => {
      if (match[0].includes('\0')) return [];
      const text = typeof replacement === 'string' ? replacement : replacement(match[0]);
      // `if (!` negates the whole condition only where it is put in parentheses.
      const at = match.index;
      const mutated =
        text === '!' ? negated(source, at) : source.slice(0, at) + text + source.slice(at + match[0].length);
      if (mutated === null) return [];
      const line = source.slice(0, at).split('\n').length;
      const was = source.split('\n')[line - 1].trim();
      return [{ file, line, was, now: mutated.split('\n')[line - 1].trim(), source: mutated }];
    }),
  );
}

function negated(source, at) {
  let depth = 1;
  for (let end = at; end < source.length; end++) {
    if (source[end] === '(') depth++;
    if (source[end] === ')' && --depth === 0)
      return `${source.slice(0, at)}!(${source.slice(at, end)})${source.slice(end)}`;
  }
  return null;
}

/** Bundles the tests with one module's text replaced, and runs them in processes that may be killed. */
class Harness {
  #context = null;
  #mutant = { file: '', source: '' };
  #outfile;
  #entry;
  #stallMs = Number.POSITIVE_INFINITY;

  constructor(tests, outfile) {
    this.#outfile = outfile;
    const imports = tests.map((test) => `import ${JSON.stringify(resolve(ROOT, test))};`);
    const plain = JSON.stringify(resolve(ROOT, 'scripts/plain-test.mjs'));
    this.#entry = `${imports.join('\n')}\nimport { runTests } from ${plain};\nprocess.exitCode = (await runTests()) ? 0 : 1;`;
  }

  /** Fails where the tests do without any mutant; how long they take says when those of a mutant do not end. */
  async start() {
    const mutate = {
      name: 'mutant',
      setup: (build) => {
        build.onResolve({ filter: /^vitest$/ }, () => ({ path: resolve(ROOT, 'scripts/plain-test.mjs') }));
        build.onLoad({ filter: /\.ts$/ }, ({ path }) =>
          path === this.#mutant.file ? { contents: this.#mutant.source, loader: 'ts' } : undefined,
        );
      },
    };
    this.#context = await context({
      stdin: { contents: this.#entry, resolveDir: ROOT },
      outfile: this.#outfile,
      bundle: true,
      platform: 'node',
      format: 'esm',
      logLevel: 'silent',
      plugins: [mutate],
      banner: {
        js: "import{createRequire as nodeRequire}from'node:module';const require=nodeRequire(import.meta.url);",
      },
    });
    await this.#context.rebuild();
    const begunMs = performance.now();
    if (!this.#run()) throw new Error('the tests fail without any mutant');
    this.#stallMs = Math.ceil(Math.max(STALL.leastMs, STALL.times * (performance.now() - begunMs)));
  }

  /** Whether the tests end, and pass. */
  async passes({ file, source }) {
    this.#mutant = { file: resolve(ROOT, file), source };
    try {
      await this.#context.rebuild();
    } catch {
      return false;
    }
    return this.#run();
  }

  #run() {
    const timeout = Number.isFinite(this.#stallMs) ? this.#stallMs : undefined;
    return spawnSync(process.execPath, [this.#outfile], { stdio: 'ignore', timeout }).status === 0;
  }

  end() {
    return this.#context.dispose();
  }
}

/** Those of the tests that import a module themselves, by itself: conformance asks whole hosts. */
function testsOf(file, tests) {
  const name = `/${file.slice(file.lastIndexOf('/') + 1)}'`;
  return tests.filter(
    (test) => !test.startsWith('test/conformance/') && readFileSync(resolve(ROOT, test), 'utf8').includes(name),
  );
}

const isMeant = (equivalent, { file, was, now }) =>
  equivalent.file === file && equivalent.was === was && equivalent.now.includes(now);

async function main(words) {
  const cut = words.indexOf('--');
  const own = (cut < 0 ? words : words.slice(0, cut)).filter((word) => /\.ts(?::\d+)?$/.test(word));
  const least = words.includes('--least') ? Number(words[words.indexOf('--least') + 1]) : 0;
  const asked = (own.length > 0 ? own : MODULES).map((word) => word.split(':'));
  const files = [...new Set(asked.map(([file]) => file))];
  const found = files.flatMap(mutantsOf);
  const faults = found.filter((mutant) => !EQUIVALENT.some((equivalent) => isMeant(equivalent, mutant)));
  const left = found.length - faults.length;
  const mutants = faults.filter((mutant) =>
    asked.some(([file, line]) => file === mutant.file && (line === undefined || Number(line) === mutant.line)),
  );
  console.log(`${mutants.length} mutants of ${files.length} modules, without ${left} that are no faults`);
  for (const { file, was, now } of EQUIVALENT.filter(({ file }) => files.includes(file))) {
    for (const text of now) {
      if (found.some((mutant) => isMeant({ file, was, now: [text] }, mutant))) continue;
      console.log(`there is no such mutant any more: ${file}: ${was} => ${text}`);
      process.exitCode = 1;
    }
  }
  const tests = cut < 0 ? TESTS : words.slice(cut + 1);
  const folder = mkdtempSync(join(ROOT, 'node_modules', '.mutants-'));
  let killed = 0;
  const harnesses = [];
  const started = async (those) => {
    const harness = new Harness(those, join(folder, `${harnesses.length}.mjs`));
    harnesses.push(harness);
    await harness.start();
    return harness;
  };
  try {
    const all = await started(tests);
    for (const file of files) {
      const first = testsOf(file, tests);
      const stages = first.length > 0 ? [await started(first), all] : [all];
      const own = mutants.filter((mutant) => mutant.file === file);
      const survivors = await survivorsOf(own, stages);
      killed += own.length - survivors;
      console.log(`${file}: ${rate(own.length - survivors, own.length)}`);
      if (percent(own.length - survivors, own.length) < least) process.exitCode = 1;
    }
  } finally {
    for (const harness of harnesses) await harness.end();
    rmSync(folder, { recursive: true, force: true });
  }
  console.log(rate(killed, mutants.length));
}

/** How many pass every stage's tests; says which. */
async function survivorsOf(mutants, stages) {
  let survivors = 0;
  for (const mutant of mutants) {
    let survives = true;
    for (const stage of stages) survives &&= await stage.passes(mutant);
    if (!survives) continue;
    survivors++;
    console.log(`survives: ${mutant.file}:${mutant.line}: ${mutant.was}\n${' '.repeat(10)}${mutant.now}`);
  }
  return survivors;
}

const percent = (killed, all) => (100 * killed) / all;
const rate = (killed, all) => `${killed} of ${all} killed: ${percent(killed, all).toFixed(1)} %`;

await main(process.argv.slice(2));
