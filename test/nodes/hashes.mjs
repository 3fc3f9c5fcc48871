// The hash of the journal of scenarios, one a line, and that of certificates: `node hashes.mjs NAME…`.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { authorityPem, certificatePem, journalHash, loadScenario, scenarioHash, simulate } from '../../dist/index.js';

for (const name of process.argv.slice(2)) {
  const { scenario } = loadScenario(readFileSync(new URL(`../../scenarios/${name}.pw.yaml`, import.meta.url)), name);
  const { title, seed } = scenario;
  console.log(name, journalHash({ title, seed, scenario: scenarioHash(scenario) }, simulate(scenario).entries));
}

const certificates = createHash('sha256').update(authorityPem('7'));
for (const key of ['p256', 'ed25519']) {
  certificates.update(certificatePem('7', { names: ['a', '10.0.0.1'], key, isExpired: false, isSelfSigned: false }));
}
console.log('certificates', certificates.digest('hex'));
