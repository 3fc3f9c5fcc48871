/**
 * Writes docs/conformance.md: which requirement of which RFC is held by which test. It reads the titles of the tests in
 * test/conformance: `describe('opening (RFC 9293 section 3.5)')`, `it('6.1.1: a SYN ...')`, `it('... (RFC 6298 2.1)')`.
 *
 *     npm run ledger
 */

import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = join(root, 'test/conformance');

const LINE = /^( *)(describe|it)(?:\.\w+(?:\([^)]*\))?)?\(\s*(['`])((?:\\.|(?!\3).)*)\3/gm;
const REFERENCE = /RFC (\d+)(?: (?:sections? )?(\d+(?:\.\d+)*))?/g;
const LEADING = /^(?:sections? )?(\d+(?:\.\d+)*)((?: \(\w+\)| \w+\d?| step \d)?): /;

/** Every test with the RFC and section that it is about. */
function rows() {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.test.ts') && name !== 'ledger.test.ts')
    .sort()
    .flatMap((name) => {
      let group = '';
      return [...readFileSync(join(folder, name), 'utf8').matchAll(LINE)].flatMap(([, , kind, , text]) => {
        const title = text.replace(/\\(.)/g, '$1');
        if (kind === 'describe') {
          group = title;
          return [];
        }
        return referencesOf(title, group).map(({ rfc, section }) => ({ rfc, section, title, group, name }));
      });
    });
}

function referencesOf(title, group) {
  const all = (text) => [...text.matchAll(REFERENCE)].map(([, rfc, section = '']) => ({ rfc: Number(rfc), section }));
  const [ofGroup] = all(group);
  const own = all(title);
  // A section in front is the group's RFC's.
  const [, leading] = LEADING.exec(title) ?? [];
  if (leading !== undefined && ofGroup) return [{ rfc: ofGroup.rfc, section: leading }, ...own];
  const inline = /\((\d+(?:\.\d+)+)[^)]*\)|, (\d+(?:\.\d+)+)\)/.exec(title);
  if (own.length === 0 && inline && ofGroup) return [{ rfc: ofGroup.rfc, section: inline[1] ?? inline[2] }];
  if (own.length > 0) return own;
  return ofGroup ? [ofGroup] : [];
}

const numbers = (section) => section.split('.').map(Number);
function bySection(one, other) {
  const [a, b] = [numbers(one.section || '0'), numbers(other.section || '0')];
  for (let at = 0; at < Math.max(a.length, b.length); at++) {
    if ((a[at] ?? 0) !== (b[at] ?? 0)) return (a[at] ?? 0) - (b[at] ?? 0);
  }
  return 0;
}

const cell = (text) => text.replaceAll('|', '\\|').replaceAll('<', '&lt;');

export function ledger() {
  const all = rows();
  const rfcs = [...new Set(all.map(({ rfc }) => rfc))].sort((one, other) => one - other);
  const sections = rfcs.flatMap((rfc) => {
    const own = all.filter((row) => row.rfc === rfc).sort(bySection);
    return [
      '',
      `## RFC ${rfc}`,
      '',
      '| section | requirement | test |',
      '|---|---|---|',
      ...own.map(({ section, title, name }) => {
        const requirement = title.replace(LEADING, (_, __, step) => (step.trim() ? `${step.trim()}: ` : ''));
        return `| ${section} | ${cell(requirement)} | ${basename(name, '.test.ts')} |`;
      }),
    ];
  });
  return [
    '# Conformance of TCP',
    '',
    `What \`test/conformance\` holds this stack to: ${all.length} requirements of ${rfcs.length} RFCs. Written by`,
    '`npm run ledger` from the titles of the tests; a test fails when it is out of date. MUST-n and SHLD-n are the numbers',
    'of RFC 9293 appendix B. `linux.test.ts` compares the `linux` profile with the answers of a Linux 6.18 kernel, and prints',
    'the table.',
    ...sections,
    '',
  ].join('\n');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(join(root, 'docs/conformance.md'), ledger());
