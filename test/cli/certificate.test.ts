/** `packetwalk certificate`, read by Node's X.509. */

import { createPrivateKey, X509Certificate } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BuiltPackage } from './built.ts';

const SCENARIO = `packetwalk: 1
title: certificates
seed: 5
nodes:
  client: { ip: 10.0.0.1/24 }
  origin: { ip: 10.0.0.2/24 }
  names: { apps: { dns-server: { zone: { www.example: origin, elsewhere: client, both.example: [10.0.0.2, client] } } } }
  lan: { kind: switch }
links: [{ between: [client, lan] }, { between: [origin, lan] }, { between: [names, lan] }]
`;

let built: BuiltPackage;
let authority: X509Certificate;
beforeAll(() => {
  built = new BuiltPackage();
  authority = new X509Certificate(print().stdout);
}, 120_000);
afterAll(() => built.remove());

const print = (...words: string[]) => built.call(['certificate', '-', ...words], { input: SCENARIO });
const pemOf = (text: string) => /-----BEGIN PRIVATE KEY-----[\s\S]*/.exec(text)?.[0] ?? '';

describe('packetwalk certificate', () => {
  it('prints the authority of the scenario and its seed, the same each time', () => {
    expect(authority.ca).toBe(true);
    expect(print().stdout).toBe(authority.toString());
    expect(print('--seed', '6').stdout).not.toBe(authority.toString());
  });

  it('prints a certificate and its key for a node, under all its names', () => {
    const { stdout } = print('origin');
    const made = new X509Certificate(stdout);
    expect(made.verify(authority.publicKey)).toBe(true);
    expect(made.checkPrivateKey(createPrivateKey(pemOf(stdout)))).toBe(true);
    expect(made.subjectAltName).toBe('DNS:origin, DNS:www.example, DNS:both.example, IP Address:10.0.0.2');
    expect(print('origin').stdout).toBe(stdout);
  });

  it('prints wrong ones on demand, no two with one serial number', () => {
    const [good, expired, own, other] = [
      [],
      ['--expired'],
      ['--self-signed'],
      ['--for', 'x.example', '--key', 'ed25519'],
    ].map((words) => new X509Certificate(print('origin', ...words).stdout));
    expect(expired?.validTo).toBe('Dec 31 23:59:59 1999 GMT');
    expect(own?.verify(authority.publicKey)).toBe(false);
    expect(own?.verify(own.publicKey)).toBe(true);
    expect([other?.subjectAltName, other?.publicKey.asymmetricKeyType]).toEqual(['DNS:x.example', 'ed25519']);
    expect(new Set([good, expired, own, other].map((each) => each?.serialNumber)).size).toBe(4);
  });

  it.each([
    [['orgin'], "there is no node 'orgin' in the scenario\n  did you mean 'origin'?"],
    [['--expired'], '--expired is about the certificate of a node, and none is given'],
    [['--self-signed'], '--self-signed is about the certificate of a node, and none is given'],
    [['origin', '--for', 'a b'], "--for 'a b': it is no DNS name and no IPv4 address"],
  ])('refuses %j', (words, complaint) => {
    expect(print(...words)).toMatchObject({ code: 2, stdout: '', stderr: `packetwalk: ${complaint}\n` });
  });
});
