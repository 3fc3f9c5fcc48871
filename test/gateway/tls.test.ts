/**
 * TLS with real programs through the gateway, which trust the scenario's authority or have its certificates: openssl, curl
 * and a browser as clients, openssl and Node as servers. What is wrong must be told with the right alert, and be heard.
 */

import { execFile, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { chromium } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { WebSocketServer } from 'ws';
import { freePort, Program } from '../layers/6-presentation/tls/real-peer.ts';
import { tsharkCells, tsharkVersion } from '../referee/tshark.ts';
import { folder, HEAD, has, LAUNCHER, Running, sleep, start, withGateways } from './running.ts';

const run = promisify(execFile);

withGateways();

const SERVERS = `${HEAD}nodes:
  client: {}
  server:
    apps:
      good: { kind: http-server, port: 443, tls: true, pages: { /: hello over TLS, /big: { size: 300KB } } }
      expired: { kind: http-server, port: 444, tls: { expired: true } }
      self-signed: { kind: http-server, port: 445, tls: { self-signed: true } }
      other-name: { kind: http-server, port: 446, tls: { names: [other] } }
links: [{ id: wire, between: [client, server], delay: 5ms }]
`;
const KINDS = ['good', 'expired', 'self-signed', 'other-name'] as const;
type Kind = (typeof KINDS)[number];

const certificates = new Map<string, string>();

/** The file with what `packetwalk certificate` prints; that of the authority when no node is named. */
function certificate(scenario: string, ...words: string[]): string {
  const key = words.join(' ');
  const known = certificates.get(scenario + key);
  if (known) return known;
  const file = join(folder, 'certified.pw.yaml');
  writeFileSync(file, scenario);
  const { stdout, stderr, status } = spawnSync(process.execPath, [LAUNCHER, 'certificate', file, ...words]);
  if (status !== 0) throw new Error(String(stderr));
  const path = join(folder, `${certificates.size}.pem`);
  writeFileSync(path, stdout);
  certificates.set(scenario + key, path);
  return path;
}

/** A gateway with a door to each of the servers, and with its journal. */
async function startServers() {
  const name = Math.random().toString(36).slice(2);
  const [journal, capture] = [join(folder, `${name}.jsonl`), join(folder, `${name}.pcapng`)];
  const doors = KINDS.flatMap((_kind, n) => ['--listen', `127.0.0.1:0=server:${443 + n}`]);
  const { gateway, ports } = await start(SERVERS, ...doors, '-o', journal, '-o', capture);
  const port = (kind: Kind) => ports[KINDS.indexOf(kind)] as number;
  /** What the TLS of each server, and the servers, told. */
  const ends = async () => {
    // What a client said last is on its way through the simulation.
    await sleep(300);
    await gateway.end();
    expect(gateway.hashes[1]).toBe(gateway.hashes[0]);
    const all = told(journal, 'server');
    const of = (name: string) => all.flatMap(({ machine, text }) => (isOf(machine, name) ? [text] : []));
    return { tls: (kind: Kind) => of(`tls.${kind}`), web: (kind: Kind) => of(kind), capture };
  };
  return { port, ends };
}

/** Machines of connections after the first have a number behind their name. */
const isOf = (machine: string, name: string) => machine.replace(/[.#-]\d+$/, '') === name;

/** What a node's programs said, records that went by left out. */
function told(journal: string, node: string): { machine: string; text: string }[] {
  return readFileSync(journal, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { node?: string; kind?: string; machine?: string; text?: string })
    .filter((entry) => entry.kind === 'app' && entry.node === node)
    .map(({ machine = '', text = '' }) => ({ machine, text }))
    .filter(({ text }) => !/^(sends|hears) /.test(text));
}

const AGREED = 'is in TLS 1.3: TLS_AES_128_GCM_SHA256, x25519';
const heard = (alert: string) => `ends: the other side says ${alert}`;

describe('real clients and simulated servers', { timeout: 60_000 }, () => {
  it('curl gets pages from a server whose authority it is told to trust, and nothing from others', async () => {
    const ca = certificate(SERVERS);
    const { port, ends } = await startServers();
    const curl = (kind: Kind, path: string, ...words: readonly string[]) => {
      const place = `server:${port(kind)}`;
      const args = ['-sS', ...words, '--resolve', `${place}:127.0.0.1`, `https://${place}${path}`];
      return run('curl', args, { maxBuffer: 1 << 24, encoding: 'latin1' });
    };
    expect((await curl('good', '/', '--cacert', ca)).stdout).toBe('hello over TLS');
    expect((await curl('good', '/big', '--cacert', ca)).stdout.length).toBe(300_000);
    // 60: the peer's certificate does not do.
    const refused = (why: RegExp) => ({ code: 60, stderr: expect.stringMatching(why) });
    await expect(curl('good', '/')).rejects.toMatchObject(refused(/unable to get local issuer certificate/));
    await expect(curl('expired', '/', '--cacert', ca)).rejects.toMatchObject(refused(/certificate has expired/));
    await expect(curl('self-signed', '/', '--cacert', ca)).rejects.toMatchObject(refused(/self-signed certificate/));
    // curl looks at names when the handshake is over: there is no alert any more.
    await expect(curl('other-name', '/', '--cacert', ca)).rejects.toMatchObject(refused(/subject name/));
    const { tls, web, capture } = await ends();
    const agreed = `${AGREED}, speaking http/1.1`;
    expect(tls('good')).toEqual([agreed, agreed, heard('unknown_ca')]);
    expect(web('good')).toEqual(['GET /: 200 OK, 14 octets', 'GET /big: 200 OK, 300000 octets']);
    expect(tls('expired')).toEqual([heard('certificate_expired')]);
    expect(tls('self-signed')).toEqual([heard('unknown_ca')]);
    expect(web('other-name')).toEqual([]);
    // The capture brings the secrets that the simulated server had in common with the real client.
    if (tsharkVersion() === null) return;
    const texts = tsharkCells(readFileSync(capture), ['http.file_data'], []).flat();
    expect(texts).toContain('hello over TLS');
  });

  it.skipIf(!has('openssl'))('openssl s_client verifies the chain and talks, or says why not', async () => {
    const ca = certificate(SERVERS);
    const { port, ends } = await startServers();
    const client = (kind: Kind, ...trusts: readonly string[]) =>
      new Program('openssl', [
        ...['s_client', '-connect', `127.0.0.1:${port(kind)}`, '-servername', 'server', ...trusts],
        ...['-verify_return_error', '-verify_hostname', 'server', '-crlf', '-ign_eof'],
      ]);
    const good = client('good', '-CAfile', ca);
    await good.until(/Verify return code: 0 \(ok\)/);
    good.say('GET / HTTP/1.1\nHost: server\nConnection: close\n\n');
    await good.until(/hello over TLS/);
    await good.ended;
    const wrong = [
      client('good', '-no-CAfile', '-no-CApath', '-no-CAstore'),
      ...KINDS.slice(1).map((kind) => client(kind, '-CAfile', ca)),
    ];
    expect(await Promise.all(wrong.map((each) => each.ended))).not.toContain(0);
    const { tls, web } = await ends();
    expect(tls('good')).toEqual([AGREED, heard('unknown_ca')]);
    expect(web('good')).toEqual(['GET /: 200 OK, 14 octets']);
    expect(tls('expired')).toEqual([heard('certificate_expired')]);
    expect(tls('self-signed')).toEqual([heard('unknown_ca')]);
    expect(tls('other-name')).toEqual([heard('bad_certificate')]);
  });

  const missing = ['chromium', 'certutil'].filter((program) => !has(program));

  it.skipIf(missing.length > 0)(
    `a browser shows a page of a server whose authority it trusts, and warns of others${missing.map((each) => `, without ${each}`)}`,
    async () => {
      const { port, ends } = await startServers();
      const ca = certificate(SERVERS);
      expect(await browse(port('good'), ca)).toContain('hello over TLS');
      expect(await browse(port('good'), null)).toContain('net::ERR_CERT_AUTHORITY_INVALID');
      expect(await browse(port('expired'), ca)).toContain('net::ERR_CERT_DATE_INVALID');
      expect(await browse(port('self-signed'), ca)).toContain('net::ERR_CERT_AUTHORITY_INVALID');
      expect(await browse(port('other-name'), ca)).toContain('net::ERR_CERT_COMMON_NAME_INVALID');
      const { tls, web } = await ends();
      expect(web('good')).toContain('GET /: 200 OK, 14 octets');
      expect(tls('good')).toContain(`${AGREED}, speaking http/1.1`);
      // Chromium has one alert for all that it finds wrong with certificates.
      for (const kind of KINDS) expect(tls(kind)).toContain(heard('certificate_unknown'));
      for (const kind of KINDS.slice(1)) expect(web(kind)).toEqual([]);
    },
    120_000,
  );

  /** What the browser shows of a page, or its error; with the scenario's authority among those that it trusts, or not. */
  async function browse(port: number, ca: string | null): Promise<string> {
    const home = mkdtempSync(join(folder, 'home-'));
    const database = join(home, '.pki', 'nssdb');
    mkdirSync(database, { recursive: true });
    await run('certutil', ['-N', '-d', `sql:${database}`, '--empty-password']);
    if (ca) await run('certutil', ['-A', '-d', `sql:${database}`, '-n', 'packetwalk', '-t', 'C,,', '-i', ca]);
    const browser = await chromium.launchPersistentContext(join(home, 'profile'), {
      executablePath: spawnSync('sh', ['-c', 'command -v chromium'], { encoding: 'utf8' }).stdout.trim(),
      args: ['--no-sandbox', `--host-resolver-rules=MAP server 127.0.0.1:${port}`],
      env: { ...process.env, HOME: home },
    });
    try {
      const page = await browser.newPage();
      await page.goto('https://server/');
      return `${await page.textContent('body')}`;
    } catch (error) {
      return String(error);
    } finally {
      await browser.close();
      rmSync(home, { recursive: true, force: true, maxRetries: 5 });
    }
  }
});

/** Every action at a time of its own, 300 ms apart. */
const CLIENTS = (...actions: readonly string[]) => `${HEAD}nodes: { phone: {}, origin: {} }
links: [{ between: [phone, origin], delay: 5ms }]
timeline:
${actions.map((action, n) => `  - { at: ${10 + 300 * n}ms, node: phone, do: ${action} }\n`).join('')}`;

/** A simulated client asks a real server on a port; what it told, and all that the gateway wrote. */
async function ask(real: number, ...what: readonly string[]): Promise<string[]> {
  const journal = join(folder, `${Math.random().toString(36).slice(2)}.jsonl`);
  const doors = ['--connect', `origin:443=127.0.0.1:${real}`];
  const gateway = new Running(CLIENTS(...what), [...doors, '--until', '500ms', '-o', journal]);
  const [code] = await once(gateway.child, 'close');
  expect([code, gateway.err]).toEqual([0, expect.stringContaining('inside-1.1: 10.0.0.1:')]);
  expect(gateway.hashes[1]).toBe(gateway.hashes[0]);
  return told(journal, 'phone').map(({ text }) => text);
}

const GET = '{ get: { url: "https://origin/" } }';

describe('simulated clients and real servers', { timeout: 60_000 }, () => {
  describe.skipIf(!has('openssl'))('openssl s_server', () => {
    async function serve(pem: string) {
      const port = await freePort();
      const server = new Program('openssl', [
        's_server',
        '-accept',
        `127.0.0.1:${port}`,
        '-cert',
        pem,
        '-key',
        pem,
        '-www',
      ]);
      await server.until(/ACCEPT/);
      return { server, port };
    }

    it.each(['p256', 'ed25519'])('with a certificate of the scenario and a key of kind %s is trusted', async (key) => {
      const { server, port } = await serve(certificate(CLIENTS(GET), 'origin', '--key', key));
      const said = await ask(port, GET);
      server.child.kill();
      expect(said[0]).toBe(AGREED);
      expect(said.at(-1)).toMatch(/^GET https:\/\/origin\/: 200, \d+ octets after /);
    });

    it.each([
      ['expired', ['--expired'], /^ends with certificate_expired: /, /alert certificate expired/],
      ['self-signed', ['--self-signed'], /^ends with unknown_ca: /, /alert unknown ca/],
      ['for another', ['--for', 'other'], /^ends with bad_certificate: wrong name/, /alert bad certificate/],
    ] as const)('with a certificate that is %s is refused, and told why', async (_what, words, said, alert) => {
      const { server, port } = await serve(certificate(CLIENTS(GET), 'origin', ...words));
      const told = await ask(port, GET);
      await server.until(alert);
      server.child.kill();
      expect(told[0]).toMatch(said);
    });

    it('is refused by whoever trusts nobody', async () => {
      const { server, port } = await serve(certificate(CLIENTS(GET), 'origin'));
      const said = await ask(port, '{ get: { url: "https://origin/", tls: { trust: false } } }');
      await server.until(/alert unknown ca/);
      server.child.kill();
      expect(said[0]).toMatch(/^ends with unknown_ca: /);
    });
  });

  it("Node's server with ws echoes over wss", async () => {
    const pem = readFileSync(certificate(CLIENTS(GET), 'origin'));
    const server = createHttpsServer({ cert: pem, key: pem, minVersion: 'TLSv1.3' });
    const names: unknown[] = [];
    server.on('secureConnection', (socket) => names.push(socket.servername));
    const sockets = new WebSocketServer({ server });
    const heard: string[] = [];
    sockets.on('connection', (socket) => {
      socket.on('message', (text) => {
        heard.push(String(text));
        socket.send(`${text}!`);
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const said = await ask(port, '{ ws-connect: "wss://origin/" }', '{ ws-send: { text: hi } }');
    sockets.close();
    server.close();
    server.closeAllConnections();
    expect(names).toEqual(['origin']);
    expect(heard).toEqual(['hi']);
    expect(said[0]).toMatch(/^is in TLS 1.3: \w+, x25519, speaking http\/1.1$/);
    expect(said.some((text) => text.includes('hi!'))).toBe(true);
  });
});

it.skipIf(!has('openssl'))(
  'curl and openssl s_server meet over a simulated path that cannot read them',
  async () => {
    const scenario = CLIENTS('{ ping: origin }');
    const pem = certificate(scenario, 'origin');
    const ca = certificate(scenario);
    const real = await freePort();
    const server = new Program('openssl', [
      's_server',
      '-accept',
      `127.0.0.1:${real}`,
      '-cert',
      pem,
      '-key',
      pem,
      '-www',
    ]);
    await server.until(/ACCEPT/);
    const doors = ['--listen', '127.0.0.1:0=origin:443', '--connect', `origin:443=127.0.0.1:${real}`];
    const { gateway, ports } = await start(scenario, ...doors);
    const words = ['-sS', '--cacert', ca, '--resolve', `origin:${ports[0]}:127.0.0.1`, `https://origin:${ports[0]}/`];
    const { stdout } = await run('curl', words);
    expect(stdout).toContain('TLSv1.3');
    server.child.kill();
    await gateway.end();
    expect(gateway.hashes[1]).toBe(gateway.hashes[0]);
  },
  60_000,
);
