/** OpenSSL's client and server as referees of our server and client, over real sockets. */

import { describe, expect, it } from 'vitest';
import { GROUP } from '../../../../src/layers/6-presentation/tls/key-exchange.ts';
import { CIPHER_SUITES } from '../../../../src/layers/6-presentation/tls/record-cipher.ts';
import {
  AUTHORITY,
  connectTo,
  eventually,
  files,
  freePort,
  hasOpenssl,
  listen,
  type Peer,
  Program,
} from './real-peer.ts';

const PATIENCE = { timeout: 60_000 };
const FINE = { names: ['server'], key: 'p256', isExpired: false, isSelfSigned: false } as const;

describe.skipIf(!hasOpenssl)('openssl s_client', PATIENCE, () => {
  const trusting = (port: number, ca: string, more: readonly string[] = []) =>
    new Program('openssl', [
      ...['s_client', '-connect', `127.0.0.1:${port}`, '-servername', 'server', '-CAfile', ca],
      ...['-verify_return_error', '-verify_hostname', 'server', ...more],
    ]);

  it.each([
    [
      'AES and X25519',
      {},
      ['-ciphersuites', 'TLS_AES_128_GCM_SHA256'],
      /TLS_AES_128_GCM_SHA256[\s\S]*Verify return code: 0/,
    ],
    ['ChaCha20', {}, ['-ciphersuites', 'TLS_CHACHA20_POLY1305_SHA256'], /TLS_CHACHA20_POLY1305_SHA256/],
    ['HelloRetryRequest for P-256', { groups: [GROUP.secp256r1] }, [], /ECDH, (P-256|prime256v1)/],
    ['ALPN', { protocols: ['http/1.1'] }, ['-alpn', 'h2,http/1.1'], /ALPN protocol: http\/1.1/],
  ] as const)('with %s, echoes, and new keys at its wish', async (_what, settings, args, pattern) => {
    const certificate = AUTHORITY.issue('openssl', FINE);
    const { ca } = files(certificate);
    const peers: Peer[] = [];
    const server = await listen({ chain: [certificate.bytes], key: certificate.key, ...settings }, (peer) =>
      peers.push(peer),
    );
    const client = trusting(server.port, ca, args);
    await client.until(/Verify return code: 0 \(ok\)/);
    expect(client.output).toMatch(pattern);
    client.say('hello from openssl\n');
    await eventually(
      () => peers[0]?.data === 'hello from openssl\n',
      () => `${peers[0]?.data}`,
    );
    await client.until(/hello from openssl/);
    client.say('K\n');
    await client.until(/KEYUPDATE/);
    client.say('after the update\n');
    await eventually(
      () => peers[0]?.data.endsWith('after the update\n') ?? false,
      () => `${peers[0]?.data}`,
    );
    await client.until(/after the update/);
    expect(peers[0]?.events).toEqual(['agreed', 'theirs keys changed', 'ours keys changed']);
    client.child.stdin?.end('Q\n');
    await client.ended;
    server.close();
  });

  it('reads an Ed25519 certificate', async () => {
    const certificate = AUTHORITY.issue('ed', { ...FINE, key: 'ed25519' });
    const server = await listen({ chain: [certificate.bytes], key: certificate.key }, () => {});
    const client = trusting(server.port, files(certificate).ca);
    await client.until(/Peer signature type: (ed|ED)25519[\s\S]*Verify return code: 0/);
    client.child.stdin?.end('Q\n');
    await client.ended;
    server.close();
  });

  it.each([
    ['an expired certificate', { isExpired: true }, 'their certificate_expired'],
    ['an unknown authority', { isSelfSigned: true }, 'their unknown_ca'],
    ['a wrong name', { names: ['other'] }, 'their bad_certificate'],
  ] as const)('refuses %s', async (_what, wrong, event) => {
    const certificate = AUTHORITY.issue('wrong', { ...FINE, ...wrong });
    const peers: Peer[] = [];
    const server = await listen({ chain: [certificate.bytes], key: certificate.key }, (peer) => peers.push(peer));
    const client = trusting(server.port, files(certificate).ca);
    expect(await client.ended).not.toBe(0);
    await eventually(
      () => (peers[0]?.events.length ?? 0) > 0,
      () => client.output,
    );
    expect(peers[0]?.events).toEqual([event]);
    server.close();
  });
});

describe.skipIf(!hasOpenssl)('openssl s_server', PATIENCE, () => {
  async function serve(certificate: Parameters<typeof files>[0], more: readonly string[] = []) {
    const { certificate: file, key } = files(certificate);
    const port = await freePort();
    const args = ['s_server', '-accept', `127.0.0.1:${port}`, '-cert', file, '-key', key, '-rev', ...more];
    const server = new Program('openssl', args);
    await server.until(/ACCEPT/);
    return { server, port };
  }

  it.each([
    ['AES', [], 0x1301, GROUP.x25519],
    ['ChaCha20', ['-ciphersuites', 'TLS_CHACHA20_POLY1305_SHA256'], 0x1303, GROUP.x25519],
    ['HelloRetryRequest for P-256', ['-groups', 'P-256'], 0x1301, GROUP.secp256r1],
  ] as const)('with %s, and resumes its session', async (_what, args, suite, group) => {
    const certificate = AUTHORITY.issue('openssl', FINE);
    const { server, port } = await serve(certificate, args);
    const first = await connectTo(port, {});
    await eventually(
      () => first.session !== null,
      () => `${first.events} ${server.output}`,
    );
    first.connection?.write(new TextEncoder().encode('hello\n'), []);
    await eventually(
      () => first.data === 'olleh\n',
      () => first.data,
    );
    first.connection?.renewKeys(true);
    first.connection?.write(new TextEncoder().encode('again\n'), []);
    await eventually(
      () => first.data === 'olleh\nniaga\n',
      () => first.data,
    );
    expect(first.agreed).toMatchObject({ suite: { id: suite }, group, isResumed: false });
    expect(first.events.slice(-2)).toEqual(['ours keys changed', 'theirs keys changed']);
    first.connection?.end();
    const second = await connectTo(port, { session: first.session, nowNs: 1e9 });
    await eventually(
      () => second.agreed !== null,
      () => `${second.events} ${server.output}`,
    );
    expect(second.agreed?.isResumed).toBe(true);
    second.connection?.write(new TextEncoder().encode('more\n'), []);
    await eventually(
      () => second.data === 'erom\n',
      () => second.data,
    );
    second.connection?.end();
    server.child.kill();
    await server.ended;
  });

  it.each([
    ['expired', { isExpired: true }, 'our certificate_expired', /alert certificate expired/],
    ['of an unknown authority', { isSelfSigned: true }, 'our unknown_ca', /alert unknown ca/],
    ['for another name', { names: ['other'] }, 'our bad_certificate', /alert bad certificate/],
  ] as const)('is told that its certificate is %s', async (_what, wrong, event, alert) => {
    const certificate = AUTHORITY.issue('wrong', { ...FINE, ...wrong });
    const { server, port } = await serve(certificate);
    const peer = await connectTo(port, {});
    await eventually(
      () => peer.events.length > 0,
      () => server.output,
    );
    expect(peer.events).toEqual([event]);
    await server.until(alert);
    server.child.kill();
    await server.ended;
  });

  it('that has no suite of ours says so', async () => {
    const { server, port } = await serve(AUTHORITY.issue('openssl', FINE), ['-ciphersuites', 'TLS_AES_256_GCM_SHA384']);
    const peer = await connectTo(port, { suites: CIPHER_SUITES });
    await eventually(
      () => peer.events.length > 0,
      () => server.output,
    );
    expect(peer.events).toEqual(['their handshake_failure']);
    server.child.kill();
    await server.ended;
  });
});
