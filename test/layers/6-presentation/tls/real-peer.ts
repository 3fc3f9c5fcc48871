/** A connection of ours on a real socket, so that real programs can talk to it. */

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Rng } from '../../../../src/kernel/rng.ts';
import { type Certificate, pem } from '../../../../src/layers/6-presentation/tls/authority.ts';
import { type ConnectionUser, TlsConnection } from '../../../../src/layers/6-presentation/tls/connection.ts';
import type {
  Agreed,
  ClientSettings,
  ServerSettings,
  StoredSession,
} from '../../../../src/layers/6-presentation/tls/handshake.ts';
import { GROUP } from '../../../../src/layers/6-presentation/tls/key-exchange.ts';
import { resumptionPsk } from '../../../../src/layers/6-presentation/tls/key-schedule.ts';
import { CIPHER_SUITES } from '../../../../src/layers/6-presentation/tls/record-cipher.ts';
import { authorityOf } from './tls-world.ts';

export const AUTHORITY = authorityOf('referees');
export const hasOpenssl = spawnSync('openssl', ['version']).status === 0;

const random = new Rng('referees', 'tls');
const draw = (length: number) => random.bytes(length);

const SERVER: ServerSettings = {
  chain: [],
  key: AUTHORITY.root.key,
  protocols: [],
  suites: CIPHER_SUITES,
  groups: [GROUP.x25519, GROUP.secp256r1],
  sessionOf: () => null,
  draw,
};

const CLIENT: ClientSettings = {
  serverName: 'server',
  protocols: [],
  suites: CIPHER_SUITES,
  groups: [GROUP.x25519, GROUP.secp256r1],
  trust: { roots: [AUTHORITY.root.bytes], serverName: 'server', nowSeconds: 1_790_000_000 },
  session: null,
  nowNs: 0,
  draw,
};

/** What a connection of ours met with. */
export class Peer implements ConnectionUser {
  readonly events: string[] = [];
  agreed: Agreed | null = null;
  session: StoredSession | null = null;
  data = '';
  connection: TlsConnection | null = null;
  readonly #socket: Socket;
  /** A server says back what it hears. */
  readonly #echoes: boolean;

  constructor(socket: Socket, echoes: boolean) {
    this.#socket = socket;
    this.#echoes = echoes;
    socket.on('data', (bytes) => this.connection?.push(new Uint8Array(bytes)));
    socket.on('error', () => {});
  }

  onRecord(record: Uint8Array): void {
    this.#socket.write(record);
  }

  onOpened(): void {}

  onAgreed(agreed: Agreed): void {
    this.agreed = agreed;
    this.events.push('agreed');
  }

  onData(content: Uint8Array): void {
    this.data += Buffer.from(content).toString();
    if (this.#echoes) this.connection?.write(content, []);
  }

  onCloseNotify(): void {
    this.events.push('close_notify');
    this.connection?.end();
    this.#socket.end();
  }

  onTicket({ nonce, ticket, ageAdd, lifetimeSeconds }: Parameters<ConnectionUser['onTicket']>[0]): void {
    const { resumptionSecret, suite } = this.agreed as Agreed;
    const psk = resumptionPsk(resumptionSecret, nonce);
    this.session = { psk, suite: suite.id, ticket, ageAdd, receivedNs: 0, lifetimeNs: lifetimeSeconds * 1e9 };
    this.events.push('ticket');
  }

  onSecret(): void {}

  onKeysChanged(whose: string): void {
    this.events.push(`${whose} keys changed`);
  }

  onProblem(problem: { alert: string }, isTheirs: boolean): void {
    this.events.push(`${isTheirs ? 'their' : 'our'} ${problem.alert}`);
    this.#socket.end();
  }
}

/** Listens on a real port; every connection gets an echoing server of ours. */
export async function listen(settings: Partial<ServerSettings>, onPeer: (peer: Peer) => void) {
  const server = createServer((socket) => {
    const peer = new Peer(socket, true);
    peer.connection = TlsConnection.server(peer, { ...SERVER, ...settings });
    onPeer(peer);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { port: (server.address() as AddressInfo).port, close: () => server.close() };
}

/** A client of ours on a real port. */
export async function connectTo(port: number, settings: Partial<ClientSettings>): Promise<Peer> {
  const socket = connect(port, '127.0.0.1');
  await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('error', reject));
  const peer = new Peer(socket, false);
  peer.connection = TlsConnection.client(peer, { ...CLIENT, ...settings });
  peer.connection.start();
  return peer;
}

/** A port on which nobody listens. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address ? address.port : 0;
}

/** Certificates and keys in files, as programs want them. */
export function files(certificate: Certificate): { ca: string; certificate: string; key: string; folder: string } {
  const folder = mkdtempSync(join(tmpdir(), 'packetwalk-tls-'));
  const write = (name: string, text: string) => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  return {
    folder,
    ca: write('ca.pem', pem('CERTIFICATE', AUTHORITY.root.bytes)),
    certificate: write('server.pem', pem('CERTIFICATE', certificate.bytes)),
    key: write('server.key', pem('PRIVATE KEY', certificate.key.pkcs8)),
  };
}

/** A program and all that it wrote. */
export class Program {
  output = '';
  readonly child: ChildProcess;
  readonly ended: Promise<number | null>;

  constructor(command: string, args: readonly string[]) {
    this.child = spawn(command, args);
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream?.on('data', (bytes) => {
        this.output += bytes;
      });
    }
    this.ended = new Promise((resolve) => this.child.on('close', resolve));
  }

  say(text: string): void {
    this.child.stdin?.write(text);
  }

  async until(pattern: RegExp, what = () => this.output): Promise<void> {
    for (let turns = 0; turns < 600; turns++) {
      if (pattern.test(what())) return;
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
    throw new Error(`${pattern} never came: ${what()}`);
  }
}

/** Waits until something is so. */
export async function eventually(isSo: () => boolean, what: () => string): Promise<void> {
  for (let turns = 0; turns < 600; turns++) {
    if (isSo()) return;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error(what());
}
