// The bill of materials of what users install, as CycloneDX: `npm run --silent sbom`. npm's own --omit dev leaves out what
// developers' tools need as well, so the whole bill is taken and what the lock calls development goes.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const { packages } = JSON.parse(readFileSync(`${root}/package-lock.json`, 'utf8'));
const all = execFileSync('npm', ['sbom', '--sbom-format', 'cyclonedx', '--package-lock-only'], {
  cwd: root,
  encoding: 'utf8',
  maxBuffer: 1 << 28,
});
const bill = JSON.parse(all);
const shipped = new Set(
  Object.entries(packages).flatMap(([path, { version, dev, devOptional, peer }]) =>
    dev || devOptional || peer ? [] : [`${path.replace(/^.*node_modules\//, '')}@${version}`],
  ),
);
bill.components = bill.components.filter(({ name, group, version }) =>
  shipped.has(`${group ? `${group}/` : ''}${name}@${version}`),
);
const kept = new Set([bill.metadata.component['bom-ref'], ...bill.components.map((each) => each['bom-ref'])]);
bill.dependencies = bill.dependencies
  .filter(({ ref }) => kept.has(ref))
  .map(({ ref, dependsOn }) => ({ ref, dependsOn: dependsOn.filter((each) => kept.has(each)) }));
process.stdout.write(`${JSON.stringify(bill, null, 2)}\n`);
