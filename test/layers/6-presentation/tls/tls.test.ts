/** TLS 1.3 between our own ends: what is agreed on, what is refused with which alert, and what an application sees. */

import { describe, expect, it } from 'vitest';
import { TlsWorld } from './tls-world.ts';

const FULL = ['ServerHello', 'ChangeCipherSpec', 'EncryptedExtensions', 'Certificate', 'CertificateVerify', 'Finished'];
const text = (words: string) => new TextEncoder().encode(words);

describe('a handshake', () => {
  it('takes one round trip, and what is said then arrives', () => {
    const world = new TlsWorld();
    const end = world.connect();
    world.run(19);
    expect(end.events).toEqual([]);
    world.run(20);
    expect(end.events).toEqual(['open']);
    expect(world.said('client')).toEqual(['ClientHello', 'ChangeCipherSpec', 'Finished']);
    expect(world.said('server')).toEqual([...FULL, 'NewSessionTicket']);
    expect(world.told('client')).toEqual(['is in TLS 1.3: TLS_AES_128_GCM_SHA256, x25519']);
    end.stream?.write(text('hello'));
    world.run(20);
    expect(end.text).toBe('hello');
  });

  it.each([
    ['TLS_CHACHA20_POLY1305_SHA256', 'x25519', 'p256'],
    ['TLS_AES_128_GCM_SHA256', 'secp256r1', 'ed25519'],
  ] as const)('with %s, %s and a certificate of %s', (suite, group, key) => {
    const world = new TlsWorld({ key });
    const end = world.connect({ suites: [suite], groups: [group] });
    world.run(40);
    end.stream?.write(text('x'));
    world.run(40);
    expect(world.told('client')).toEqual([`is in TLS 1.3: ${suite}, ${group}`]);
    expect(end.text).toBe('x');
  });

  it('asks again for a share of another group (HelloRetryRequest)', () => {
    const world = new TlsWorld({ groups: ['secp256r1'] });
    const end = world.connect();
    world.run(60);
    expect(world.said('client')).toEqual(['ClientHello', 'ChangeCipherSpec', 'ClientHello', 'Finished']);
    expect(world.said('server').slice(0, 3)).toEqual(['ServerHello', 'ChangeCipherSpec', 'ServerHello']);
    expect(world.told('client')).toEqual(['is in TLS 1.3: TLS_AES_128_GCM_SHA256, secp256r1, at the second attempt']);
    expect(end.events).toEqual(['open']);
  });

  it('agrees on what the application speaks (RFC 7301)', () => {
    const world = new TlsWorld({ protocols: ['http/1.1'] });
    world.connect({ protocols: ['mqtt', 'http/1.1'] });
    world.run(40);
    expect(world.told('server')).toEqual(['is in TLS 1.3: TLS_AES_128_GCM_SHA256, x25519, speaking http/1.1']);
  });

  it('resumes a session with its ticket, without certificates, and uses a ticket once', () => {
    const world = new TlsWorld();
    for (let turn = 0; turn < 3; turn++) {
      const end = world.connect();
      world.run(100);
      end.stream?.write(text(`turn ${turn}`));
      world.run(100);
      expect(end.text).toBe(`turn ${turn}`);
      end.stream?.close();
      world.run(1000);
    }
    expect(world.told('client')).toEqual([
      'is in TLS 1.3: TLS_AES_128_GCM_SHA256, x25519',
      'resumes a session: TLS_AES_128_GCM_SHA256, x25519',
      'resumes a session: TLS_AES_128_GCM_SHA256, x25519',
    ]);
    expect(world.said('server').filter((name) => name === 'Certificate').length).toBe(1);
  });

  it('has the same octets for the same seed, and others for another', () => {
    const octets = (seed: string) => {
      const world = new TlsWorld({}, seed);
      world.connect();
      world.run(100);
      return world.world.journal.entries
        .flatMap(({ event }) => (event.kind === 'encoded' ? [Buffer.from(event.bytes).toString('hex')] : []))
        .join();
    };
    expect(octets('7')).toBe(octets('7'));
    expect(octets('8')).not.toBe(octets('7'));
  });
});

describe('what is refused', () => {
  it.each([
    ['another name', {}, { serverName: 'other' }, 'bad_certificate', /wrong name: .*DNS:server.* not for other$/],
    ['another address', {}, { serverName: '10.0.0.3' }, 'bad_certificate', /wrong name/],
    ['an expired certificate', { isExpired: true }, {}, 'certificate_expired', /expired: .*Dec 31 23:59:59 1999 GMT$/],
    ['nobody we trust', {}, { trusts: 'nobody' }, 'unknown_ca', /unknown authority/],
    ['its own certificate', { isSelfSigned: true }, {}, 'unknown_ca', /unknown authority/],
  ] as const)('%s', (_what, server, client, alert, why) => {
    const world = new TlsWorld(server);
    const end = world.connect(client);
    world.run(100);
    expect(end.events).toEqual(['aborted']);
    const [told] = world.told('client');
    expect(told).toMatch(new RegExp(`^ends with ${alert}: `));
    expect(told).toMatch(why);
    expect(world.told('server')).toEqual([`ends: the other side says ${alert}`]);
    expect(world.accepted).toEqual([]);
  });

  it.each([
    [
      'no suite',
      { suites: ['TLS_AES_128_GCM_SHA256'] },
      { suites: ['TLS_CHACHA20_POLY1305_SHA256'] },
      'handshake_failure',
    ],
    ['no group', { groups: ['secp256r1'] }, { groups: ['x25519'] }, 'handshake_failure'],
    ['no protocol', { protocols: ['mqtt'] }, { protocols: ['http/1.1'] }, 'no_application_protocol'],
  ] as const)('%s in common', (_what, server, client, alert) => {
    const world = new TlsWorld(server as never);
    const end = world.connect(client as never);
    world.run(100);
    expect(end.events).toEqual(['aborted']);
    expect(world.told('client')).toEqual([`ends: the other side says ${alert}`]);
  });
});

describe('data', () => {
  it('of a megabyte goes there and back, with back-pressure', () => {
    const world = new TlsWorld({ renewAfter: 7 });
    const end = world.connect({ renewAfter: 5 });
    world.run(50);
    const all = Uint8Array.from({ length: 1_000_000 }, (_, at) => (at * 31 + (at >> 8)) & 255);
    let sent = 0;
    const more = () => {
      sent += end.stream?.write(all.subarray(sent)) ?? 0;
    };
    end.onDrain = more;
    more();
    for (let rounds = 0; rounds < 2000 && end.heard.length < all.length; rounds++) world.run(10);
    expect(sent).toBe(all.length);
    expect(Buffer.compare(end.heard, Buffer.from(all))).toBe(0);
    expect(world.world.told('client')).toContain('has new keys for what it sends');
    expect(world.world.told('client')).toContain('has new keys for what it hears');
  });

  it('ends with close_notify both ways, and in peace', () => {
    const world = new TlsWorld();
    const end = world.connect();
    world.run(50);
    end.stream?.write(text('last words'));
    end.stream?.close();
    world.run(1000);
    expect(world.accepted[0]?.text).toBe('last words');
    expect(world.accepted[0]?.events).toEqual(['end', 'finished']);
    expect(end.events).toEqual(['open', 'finished']);
    expect(world.said('client').at(-1)).toBe('the alert close_notify');
    expect(world.said('server').at(-1)).toBe('the alert close_notify');
  });

  it('that is cut off is told from data that ended', () => {
    const world = new TlsWorld();
    world.connect();
    world.run(50);
    const [, below] = [...world.world.hosts.values()];
    expect(below).toBeDefined();
    // The stream below ends without a word of TLS.
    const stream = (world.accepted[0]?.stream ?? null) as unknown as { onEnd(): void };
    stream.onEnd();
    expect(world.told('server').at(-1)).toMatch(/without close_notify/);
  });

  it('keeps the secrets for whoever decrypts, in the journal', () => {
    const world = new TlsWorld();
    world.connect();
    world.run(50);
    const lines = world.world.journal.entries.flatMap(({ event }) =>
      event.kind === 'table' && event.change.table === 'tls.secrets' ? [event.change.key.split(' ')[0]] : [],
    );
    const all = [
      'CLIENT_HANDSHAKE_TRAFFIC_SECRET',
      'SERVER_HANDSHAKE_TRAFFIC_SECRET',
      'CLIENT_TRAFFIC_SECRET_0',
      'SERVER_TRAFFIC_SECRET_0',
      'EXPORTER_SECRET',
    ];
    // The server is the first to know them.
    expect(lines).toEqual([...all, ...all]);
  });
});
