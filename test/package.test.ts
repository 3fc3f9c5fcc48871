/** What is published: these files and no others, nothing that runs at installation, and a bill of materials. */

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const MANIFEST = JSON.parse(readFileSync(`${ROOT}/package.json`, 'utf8'));
const LOCK = JSON.parse(readFileSync(`${ROOT}/package-lock.json`, 'utf8'));

interface Locked {
  readonly dev?: boolean;
  readonly optional?: boolean;
  readonly peer?: boolean;
  readonly hasInstallScript?: boolean;
  readonly integrity?: string;
  readonly link?: boolean;
}

function npm(...words: string[]): string {
  const { status, stdout, stderr } = spawnSync('npm', words, { cwd: ROOT, encoding: 'utf8', maxBuffer: 1 << 26 });
  if (status !== 0) throw new Error(stderr);
  return stdout;
}

/** Folders and files of the package; of `dist` what the compiler and the bundler write. */
const ALLOWED: readonly RegExp[] = [
  /^(package\.json|README\.md|CHANGELOG\.md|SECURITY\.md|LICENSE|scenario\.schema\.json)$/,
  /^bin\/[a-z-]+\.cjs$/,
  /^docs\/(engine-io\.lua|packetwalk\.1)$/,
  /^scenarios\/[a-z0-9-]+\.pw\.yaml$/,
  /^dist\/[a-z0-9/-]+\.(js|js\.map|d\.ts)$/,
  /^dist\/(cli|tui)\/[A-Za-z0-9_./-]+\.(c?js|c?js\.map|LEGAL\.txt)$/,
];

describe('the package', { timeout: 60_000 }, () => {
  const packed: readonly { readonly path: string; readonly size: number }[] = JSON.parse(
    npm('pack', '--dry-run', '--json', '--ignore-scripts'),
  )[0].files;

  it('holds what is meant for it and nothing else', () => {
    expect(packed.map(({ path }) => path).filter((path) => !ALLOWED.some((each) => each.test(path)))).toEqual([]);
    for (const path of [
      'SECURITY.md',
      'LICENSE',
      'bin/packetwalk.cjs',
      'scenarios/tcp-handshake.pw.yaml',
      'docs/packetwalk.1',
    ]) {
      expect(packed.map((each) => each.path)).toContain(path);
    }
  });

  it('runs nothing when it is installed, and neither does what it depends on', () => {
    for (const script of ['preinstall', 'install', 'postinstall']) expect(MANIFEST.scripts[script]).toBeUndefined();
    const shipped = Object.entries(LOCK.packages as Record<string, Locked>).filter(
      ([path, { dev, peer, optional }]) => path !== '' && !dev && !peer && !optional,
    );
    expect(shipped.length).toBeGreaterThan(3);
    expect(shipped.filter(([, { hasInstallScript }]) => hasInstallScript).map(([path]) => path)).toEqual([]);
    expect(shipped.filter(([, { integrity, link }]) => !integrity && !link).map(([path]) => path)).toEqual([]);
  });

  it('pins its dependencies exactly', () => {
    for (const version of Object.values({ ...MANIFEST.dependencies, ...MANIFEST.devDependencies })) {
      expect(version).toMatch(/^\d+\.\d+\.\d+$/);
    }
  });

  it('has a bill of materials, with every dependency that it brings (npm run sbom)', () => {
    const bill = JSON.parse(npm('run', '--silent', 'sbom'));
    expect(bill.bomFormat).toBe('CycloneDX');
    const names = bill.components.map((each: { readonly name: string }) => each.name);
    for (const name of Object.keys(MANIFEST.dependencies)) expect(names).toContain(name);
    expect(names).not.toContain('vitest');
  });
});
