import { type Command, Option } from 'commander';
import type { NodeSpec, Scenario } from '../../scenario/scenario.ts';
import { quoted, UsageError } from '../failure.ts';
import { many, type ScenarioOptions, withScenarioOptions } from '../options.ts';
import { loadScenarioInput } from '../scenario-input.ts';
import type { Session } from '../session.ts';
import { terminalOf } from '../terminal.ts';

interface CertificateCommandOptions extends ScenarioOptions {
  readonly for?: readonly string[];
  readonly key?: 'p256' | 'ed25519';
  readonly expired?: boolean;
  readonly selfSigned?: boolean;
}

const EXAMPLES = `Examples:
  packetwalk certificate my.pw.yaml > ca.pem              what curl --cacert, openssl -CAfile and browsers may trust
  packetwalk certificate my.pw.yaml origin > origin.pem   for a real server behind gateway --connect origin:443=…
  openssl s_server -accept 8443 -cert origin.pem -key origin.pem -www
`;

export function addCertificate(program: Command, _session: Session): void {
  const command = program
    .command('certificate')
    .summary("print the certificate of a scenario's authority, or one for a real server")
    .description(
      "Prints the certificate of a scenario's own authority, which real clients have to trust; or, for a node, a " +
        'certificate and its private key for a real server in its place, which simulated clients trust. PEM.',
    )
    .argument('<scenario>', 'a file, - for standard input, or the name of a bundled scenario')
    .argument('[node]', 'the node that a real server stands for')
    .addOption(many('--for <name>', 'what it is for instead: a DNS name or an IPv4 address (repeatable)'))
    .addOption(new Option('--key <kind>', 'the kind of its key (p256)').choices(['p256', 'ed25519']))
    .option('--expired', 'one whose time is over')
    .option('--self-signed', 'one that no authority has signed')
    .addHelpText('before', EXAMPLES);
  withScenarioOptions(command).action(certificate);
}

async function certificate(word: string, node: string | undefined, options: CertificateCommandOptions): Promise<void> {
  const { out, err } = terminalOf(false);
  const names = (options.for ?? []).map(readName);
  if (node === undefined) {
    const given = Object.entries({ for: options.for, key: options.key, expired: options.expired });
    const [wrong] = [...given, ['self-signed', options.selfSigned] as const].find(([, value]) => value) ?? [];
    if (wrong !== undefined) throw new UsageError(`--${wrong} is about the certificate of a node, and none is given`);
  }
  const { scenario } = await loadScenarioInput(word, options, err);
  const [{ authorityPem, certificatePem }, { namesOfNode }] = await Promise.all([
    import('../../index.ts'),
    import('../../scenario/tls-spec.ts'),
  ]);
  if (node === undefined) return out.write(authorityPem(scenario.seed));
  const known = await nodeOf(node, scenario);
  const about = {
    names: names.length > 0 ? names : namesOfNode(known, scenario.nodes),
    key: options.key ?? 'p256',
    isExpired: options.expired ?? false,
    isSelfSigned: options.selfSigned ?? false,
  };
  await out.write(certificatePem(scenario.seed, about));
}

async function nodeOf(name: string, { nodes }: Scenario): Promise<NodeSpec> {
  const found = nodes.find((each) => each.name === name);
  if (found) return found;
  const { nearest } = await import('../../filter/nearest.ts');
  const names = nodes.map((each) => each.name);
  const likely = nearest(name, names);
  const hint = likely === null ? `there are: ${names.join(', ')}` : `did you mean ${quoted(likely)}?`;
  throw new UsageError(`there is no node ${quoted(name)} in the scenario`, hint);
}

/** As `names` in a scenario has them. */
function readName(text: string): string {
  if (/^[A-Za-z0-9.*_-]{1,253}$/.test(text)) return text;
  throw new UsageError(`--for ${quoted(text)}: it is no DNS name and no IPv4 address`);
}
