/** The house's import rules and bans, checked on the source itself (README, "Import rules"). */

import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../src', import.meta.url));

interface Source {
  /** Relative to src, with forward slashes. */
  readonly path: string;
  readonly text: string;
  /** The code without comments and strings' contents, for bans on words. */
  readonly code: string;
  /** Imports of ours, relative to src. */
  readonly imports: readonly string[];
  readonly packages: readonly string[];
}

const SOURCES: readonly Source[] = readdirSync(ROOT, { recursive: true, encoding: 'utf8' })
  .filter((name) => /\.tsx?$/.test(name))
  .sort()
  .map((name) => readSource(name.replaceAll('\\', '/')));

function readSource(path: string): Source {
  const text = readFileSync(join(ROOT, path), 'utf8');
  const specifiers = [...text.matchAll(/^(?:import|export)[^;]*?from '([^']+)';|import\('([^']+)'\)/gms)].map(
    (match) => (match[1] ?? match[2]) as string,
  );
  const isOurs = (specifier: string) => specifier.startsWith('.');
  const imports = specifiers
    .filter(isOurs)
    .map((each) => relative(ROOT, resolve(ROOT, dirname(path), each)).replaceAll('\\', '/'));
  return { path, text, code: withoutComments(text), imports, packages: specifiers.filter((each) => !isOurs(each)) };
}

function withoutComments(text: string): string {
  return text
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/(^|[^:'"`])\/\/.*$/gm, '$1')
    .replace(/'(?:[^'\\\n]|\\.)*'/g, "''");
}

function inFolder(source: Source, ...folders: string[]): boolean {
  return folders.some((folder) => source.path.startsWith(`${folder}/`));
}

/** Every import that a rule forbids, as `file → file`. */
function offences(applies: (source: Source) => boolean, allows: (source: Source, to: string) => boolean): string[] {
  return SOURCES.filter(applies).flatMap((source) =>
    source.imports.filter((to) => !allows(source, to)).map((to) => `${source.path} → ${to}`),
  );
}

/** The line that opens the block in which a line stands. */
function blockAround(lines: readonly string[], at: number): string {
  const indent = (line: string) => line.search(/\S/);
  const inside = indent(lines[at] as string);
  return lines.slice(0, at).findLast((line) => indent(line) >= 0 && indent(line) < inside) ?? '';
}

const layerOf = (path: string) => /^layers\/(\d)-/.exec(path)?.[1] ?? null;
/** What reads all headers at once and is no machine of any layer. */
const isDissection = (path: string) => /^layers\/(dissect\/|codecs\.ts)/.test(path) || /fields\.ts$/.test(path);

describe('imports', () => {
  it('finds the sources', () => expect(SOURCES.length).toBeGreaterThan(50));

  it('1. wire imports nothing but wire, kernel nothing but kernel', () => {
    expect(
      offences(
        (source) => inFolder(source, 'wire'),
        (_, to) => to.startsWith('wire/'),
      ),
    ).toEqual([]);
    expect(
      offences(
        (source) => inFolder(source, 'kernel'),
        (_, to) => to.startsWith('kernel/'),
      ),
    ).toEqual([]);
  });

  it('2. a header imports only wire and headers', () => {
    const isHeader = (source: Source) => source.path.endsWith('/header.ts');
    const allowed = (to: string) => to.startsWith('wire/') || /\/(header|options)\.ts$/.test(to);
    expect(offences(isHeader, (_, to) => allowed(to))).toEqual([]);
  });

  it('3. a layer imports service.ts and header.ts of lower layers, and nothing from above', () => {
    const isMachine = (source: Source) => layerOf(source.path) !== null && !isDissection(source.path);
    const allows = (source: Source, to: string) => {
      const [own, other] = [Number(layerOf(source.path)), layerOf(to)];
      if (other === null) return /^(wire|kernel)\/|^layers\/[a-z]+\.ts$/.test(to);
      if (Number(other) > own) return false;
      return Number(other) === own || /\/(service|header)\.ts$/.test(to);
    };
    expect(offences(isMachine, allows)).toEqual([]);
  });

  it('4. only world/host.ts and world/link.ts put machines of layers together', () => {
    const isOutside = (source: Source) => !inFolder(source, 'layers', 'world');
    const isMachine = (to: string) => layerOf(to) !== null && !/\/(service|header|options|fields|state)\.ts$/.test(to);
    expect(offences(isOutside, (_, to) => !isMachine(to))).toEqual([]);
  });

  it('5. projections, filter and capture never import world', () => {
    const reads = (source: Source) => inFolder(source, 'projections', 'filter', 'capture');
    expect(offences(reads, (_, to) => !/^(world|cli|tui|gateway|realnet)\//.test(to))).toEqual([]);
  });

  it('6. the screen imports projections, filter, reading and kernel types, and is handed a run', () => {
    const allowed =
      /^(tui|projections|filter|kernel|wire|capture|scenario)\/|^layers\/[a-z]+\.ts$|fields\.ts$|header\.ts$/;
    expect(
      offences(
        (source) => inFolder(source, 'tui'),
        (_, to) => allowed.test(to),
      ),
    ).toEqual([]);
  });

  it('9. has no cycles', () => {
    const graph = new Map(SOURCES.map(({ path, imports }) => [path, imports]));
    const done = new Set<string>();
    const cycles: string[] = [];
    const visit = (path: string, trail: readonly string[]): void => {
      if (trail.includes(path)) cycles.push([...trail.slice(trail.indexOf(path)), path].join(' → '));
      if (done.has(path) || trail.includes(path)) return;
      for (const to of runtimeImports(path)) visit(to, [...trail, path]);
      done.add(path);
    };
    const runtimeImports = (path: string) => (graph.get(path) ?? []).filter((to) => !isTypeOnly(path, to));
    for (const { path } of SOURCES) visit(path, []);
    expect(cycles).toEqual([]);
  });
});

/** `import type` vanishes in the build: two files may name each other's types. */
function isTypeOnly(from: string, to: string): boolean {
  const { text } = SOURCES.find(({ path }) => path === from) as Source;
  const clauses = [...text.matchAll(/^(import|export)( type)?([^;]*?)from '([^']+)';/gms)].filter(
    (match) => relative(ROOT, resolve(ROOT, dirname(from), match[4] as string)).replaceAll('\\', '/') === to,
  );
  return clauses.length > 0 && clauses.every((match) => match[2] !== undefined || allTypes(match[3] as string));
}

function allTypes(clause: string): boolean {
  const names =
    /\{([^}]*)\}/
      .exec(clause)?.[1]
      ?.split(',')
      .map((name) => name.trim())
      .filter(Boolean) ?? [];
  return names.length > 0 && names.every((name) => name.startsWith('type '));
}

describe('bans', () => {
  const OUTSIDE_WORLD = ['cli', 'tui', 'realnet', 'gateway'];
  const pure = SOURCES.filter((source) => !inFolder(source, ...OUTSIDE_WORLD));

  it('8. no clock, no chance and no timers of the real world', () => {
    const banned =
      /\b(Date\b|Math\.random|performance\.|setTimeout|setInterval|setImmediate|process\.(hrtime|env)|crypto\.(random|getRandom))/;
    expect(pure.filter(({ code }) => banned.test(code)).map(({ path }) => path)).toEqual([]);
    expect(
      pure
        .filter(({ packages }) => packages.some((name) => /^(node:)?(timers|perf_hooks|worker_threads)/.test(name)))
        .map(({ path }) => path),
    ).toEqual([]);
  });

  it('10. no Math function that differs between engines and processors, and no **', () => {
    const allowed = new Set('abs ceil clz32 floor fround imul max min round sign sqrt trunc'.split(' '));
    const offenders = pure.flatMap(({ path, code }) => [
      ...[...code.matchAll(/Math\.(\w+)/g)]
        .filter(([, name]) => !allowed.has(name as string))
        .map(([use]) => `${path}: ${use}`),
      // 2 ** integer is exact everywhere; any other power is not.
      ...[...code.matchAll(/(\S+) \*\* /g)].filter(([, base]) => base !== '2').map(([use]) => `${path}: ${use}`),
    ]);
    expect(offenders).toEqual([]);
  });

  it('no function of the locale (bad-input H5)', () => {
    const banned = /\b(localeCompare|toLocale\w+|Intl\.)/;
    expect(pure.filter(({ code }) => banned.test(code)).map(({ path }) => path)).toEqual([]);
  });

  it('no process.exit: output must drain (bad-input B6)', () => {
    expect(SOURCES.filter(({ code }) => /process\.exit\(/.test(code)).map(({ path }) => path)).toEqual([]);
  });

  it('no accessors in object literals of what a run makes: each makes a hidden class that keeps the run in memory', () => {
    const runs = SOURCES.filter((source) => inFolder(source, 'wire', 'kernel', 'layers', 'world', 'projections'));
    const found = runs.flatMap(({ path, code }) => {
      const lines = code.split('\n');
      return [...lines.entries()]
        .filter(
          ([at, line]) => /^\s+[gs]et [#\w]+\(/.test(line) && !/^\s*(export )?class /.test(blockAround(lines, at)),
        )
        .map(([, line]) => `${path}: ${line.trim()}`);
    });
    expect(found).toEqual([]);
  });

  it('no default exports, enums or namespaces', () => {
    expect(
      SOURCES.filter(({ code }) => /^export default|^\s*(export )?(enum|namespace) /m.test(code)).map(
        ({ path }) => path,
      ),
    ).toEqual([]);
  });

  it('no uninitialised memory (bad-input E11)', () => {
    expect(SOURCES.filter(({ code }) => /allocUnsafe|new Buffer\(/.test(code)).map(({ path }) => path)).toEqual([]);
  });
});

describe('names', () => {
  it('files are called after one noun, in kebab-case', () => {
    const vague = /(^|\/)(utils?|helpers?|common|types|constants|manager|base|misc)\.tsx?$/;
    const odd = SOURCES.filter(({ path }) => vague.test(path) || !/^[a-z0-9/-]+\.tsx?$/.test(path));
    expect(odd.map(({ path }) => path)).toEqual([]);
  });

  it('files stay small', () => {
    const long = SOURCES.filter(({ text }) => text.split('\n').length > 500);
    expect(long.map(({ path, text }) => `${path}: ${text.split('\n').length} lines`)).toEqual([]);
  });

  it('every header cites where its format is defined', () => {
    const silent = SOURCES.filter(
      ({ path, text }) =>
        path.endsWith('/header.ts') && !/RFC \d+|IEEE 802|AMQP|MQTT|Engine\.IO|Socket\.IO/.test(text.slice(0, 600)),
    );
    expect(silent.map(({ path }) => path)).toEqual([]);
  });
});
