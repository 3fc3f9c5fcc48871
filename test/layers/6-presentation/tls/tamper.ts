/** Two connections, and between them somebody who has the keys of both and changes one record, once. */

import { Rng } from '../../../../src/kernel/rng.ts';
import { type ConnectionUser, TlsConnection } from '../../../../src/layers/6-presentation/tls/connection.ts';
import type {
  Agreed,
  ClientSettings,
  SecretLabel,
  ServerSettings,
} from '../../../../src/layers/6-presentation/tls/handshake.ts';
import { CONTENT, HANDSHAKE } from '../../../../src/layers/6-presentation/tls/header.ts';
import { GROUP } from '../../../../src/layers/6-presentation/tls/key-exchange.ts';
import { updatedSecret } from '../../../../src/layers/6-presentation/tls/key-schedule.ts';
import {
  CIPHER_SUITES,
  type CipherSuite,
  RecordCipher,
} from '../../../../src/layers/6-presentation/tls/record-cipher.ts';
import type { OpenedRecord } from '../../../../src/layers/6-presentation/tls/record-layer.ts';
import { RecordLayer } from '../../../../src/layers/6-presentation/tls/record-layer.ts';
import { authorityOf } from './tls-world.ts';

export type Role = 'client' | 'server';
const otherOf = (role: Role): Role => (role === 'client' ? 'server' : 'client');

/** How the two come together. */
export interface Flow {
  readonly how: 'full' | 'resumed' | 'retried';
  readonly suite: CipherSuite;
  readonly key: 'p256' | 'ed25519';
}

export const FLOWS: readonly Flow[] = (['full', 'resumed', 'retried'] as const).flatMap((how) =>
  CIPHER_SUITES.flatMap((suite) => (['p256', 'ed25519'] as const).map((key) => ({ how, suite, key }))),
);

/** A record on its way. */
export interface Passing {
  readonly flow: Flow;
  readonly from: Role;
  readonly record: Uint8Array;
  readonly type: number;
  readonly content: Uint8Array;
  readonly isProtected: boolean;
  /** The receiver's handshake is over. */
  readonly isOpen: boolean;
  /** The first of all. */
  readonly isFirst: boolean;
  /** As the sender would have: with this content and so many zeros behind it; in the clear where the record is. */
  seal(type: number, content: Uint8Array, zeros?: number): Uint8Array;
  /** Two records, one behind the other. */
  sealTwo(...both: readonly (readonly [type: number, content: Uint8Array])[]): readonly Uint8Array[];
}

/** Records that come instead. */
export type Tamper = (passing: Passing) => readonly Uint8Array[];

const AUTHORITY = authorityOf('tampering');
const CERTIFICATES = {
  p256: AUTHORITY.issue('p256', { names: ['server'], key: 'p256', isExpired: false, isSelfSigned: false }),
  ed25519: AUTHORITY.issue('ed25519', { names: ['server'], key: 'ed25519', isExpired: false, isSelfSigned: false }),
};
const PSK = new Uint8Array(32).fill(7);
const TICKET = new Uint8Array(16).fill(9);

function settingsOf({ how, suite, key }: Flow, chance: Rng): { client: ClientSettings; server: ServerSettings } {
  const draw = (length: number) => chance.bytes(length);
  const common = { protocols: ['http/1.1'], suites: [suite], draw };
  const certificate = CERTIFICATES[key];
  const session = { psk: PSK, suite: suite.id, ticket: TICKET, ageAdd: 5, receivedNs: 0, lifetimeNs: 1e12 };
  return {
    client: {
      ...common,
      serverName: 'server',
      groups: [GROUP.x25519, GROUP.secp256r1],
      trust: { roots: [AUTHORITY.root.bytes], serverName: 'server', nowSeconds: 1_790_000_000 },
      session: how === 'resumed' ? session : null,
      nowNs: 1_000_000,
    },
    server: {
      ...common,
      groups: how === 'retried' ? [GROUP.secp256r1] : [GROUP.x25519, GROUP.secp256r1],
      chain: [certificate.bytes],
      key: certificate.key,
      sessionOf: (ticket) => (Buffer.compare(ticket, TICKET) === 0 ? { psk: PSK, suite: suite.id } : null),
    },
  };
}

class End implements ConnectionUser {
  readonly role: Role;
  readonly meeting: Meeting;
  connection: TlsConnection | null = null;
  /** The alert that it sent, and the one that it heard. */
  sent: string | null = null;
  heard: string | null = null;
  agreed = false;
  text = '';
  tickets = 0;
  /** For the one between: what this end seals with. */
  readonly secrets = new Map<SecretLabel, Uint8Array>();

  constructor(role: Role, meeting: Meeting) {
    this.role = role;
    this.meeting = meeting;
  }

  onRecord(record: Uint8Array, type: number, content: Uint8Array): void {
    this.meeting.queue.push({ from: this.role, record, type, content });
  }

  onOpened(_opened: OpenedRecord): void {}

  onAgreed(_agreed: Agreed): void {
    this.agreed = true;
    this.connection?.write(new TextEncoder().encode(`hello from the ${this.role}`), []);
    if (this.role === 'server') {
      const ticket = { lifetimeSeconds: 60, ageAdd: 1, nonce: Uint8Array.of(0), ticket: TICKET };
      this.connection?.sendTicket(ticket);
    }
    this.connection?.renewKeys(this.role === 'client');
    this.connection?.write(new TextEncoder().encode(', and again'), []);
  }

  onData(content: Uint8Array): void {
    this.text += new TextDecoder().decode(content);
  }

  onCloseNotify(): void {}

  onTicket(): void {
    this.tickets++;
  }

  onSecret(label: SecretLabel, _random: Uint8Array, secret: Uint8Array): void {
    this.secrets.set(label, secret);
  }

  onKeysChanged(): void {}

  onProblem(problem: { readonly alert: string }, isTheirs: boolean): void {
    if (isTheirs) this.heard ??= problem.alert;
    else {
      this.sent ??= problem.alert;
      this.meeting.first ??= { role: this.role, alert: problem.alert };
    }
  }
}

/** In the words of `mutations.ts`. */
export type Outcome = string;

export class Meeting {
  readonly queue: { from: Role; record: Uint8Array; type: number; content: Uint8Array }[] = [];
  /** What went by where nobody changed anything. */
  readonly passed: Passing[] = [];
  /** Who was the first to send an alert. */
  first: { readonly role: Role; readonly alert: string } | null = null;
  readonly #flow: Flow;
  readonly #ends: { readonly [role in Role]: End };
  /** Under which secret each end sends, and how many records it has sent under it. */
  readonly #sealing: { readonly [role in Role]: { secret: Uint8Array | null; count: number } } = {
    client: { secret: null, count: 0 },
    server: { secret: null, count: 0 },
  };

  constructor(flow: Flow, seed: string) {
    this.#flow = flow;
    const { client, server } = settingsOf(flow, new Rng(seed, 'tampering'));
    this.#ends = { client: new End('client', this), server: new End('server', this) };
    this.#ends.client.connection = TlsConnection.client(this.#ends.client, client);
    this.#ends.server.connection = TlsConnection.server(this.#ends.server, server);
  }

  /** Lets them talk until nobody says any more. `at`: the number of the record that is tampered with. */
  run(at: number, tamper: Tamper | null): Outcome {
    let victim: Role | null = null;
    this.#ends.client.connection?.start();
    for (let number = 0; ; number++) {
      const next = this.queue.shift();
      if (!next) break;
      const { from, record } = next;
      const passing = this.#passing(next, number === 0);
      if (tamper === null) this.passed.push(passing);
      const to = this.#ends[otherOf(from)].connection;
      if (number === at) victim = otherOf(from);
      for (const each of number === at && tamper ? tamper(passing) : [record]) to?.push(each);
      this.#follow(passing);
    }
    return this.#outcome(victim);
  }

  #outcome(victim: Role | null): Outcome {
    const { client, server } = this.#ends;
    if (this.first) return `${this.first.role === victim ? 'receiver' : 'sender'} ${this.first.alert}`;
    if (client.heard ?? server.heard) return 'heard';
    const isWhole =
      client.text === 'hello from the server, and again' &&
      server.text === 'hello from the client, and again' &&
      client.tickets === 1;
    return isWhole ? 'whole' : 'stuck';
  }

  #passing(next: { from: Role; record: Uint8Array; type: number; content: Uint8Array }, isFirst: boolean): Passing {
    const { from, record } = next;
    const flow = this.#flow;
    const isProtected = record[0] === CONTENT.applicationData;
    const { secret, count } = this.#keysOf(from, isProtected);
    return {
      ...next,
      flow,
      isProtected,
      isFirst,
      isOpen: this.#ends[otherOf(from)].agreed,
      seal: (type, content, zeros = 0) => {
        if (!secret) return new RecordLayer().seal(type, content)[0] as Uint8Array;
        // What stands before the padding is sealed as content; the last octet of it all as a type, which may be zero.
        const inner = new Uint8Array(content.length + 1 + zeros);
        inner.set(content);
        inner[content.length] = type;
        return this.#cipher(secret, count).seal(inner.at(-1) as number, inner.subarray(0, -1));
      },
      sealTwo: (...both) => {
        const cipher = this.#cipher(secret as Uint8Array, count);
        return both.map(([type, content]) => cipher.seal(type, content));
      },
    };
  }

  /** As the sender's after so many records. */
  #cipher(secret: Uint8Array, count: number): RecordCipher {
    const cipher = new RecordCipher(this.#flow.suite, secret);
    for (let burnt = 0; burnt < count; burnt++) cipher.seal(0, new Uint8Array(0));
    return cipher;
  }

  #keysOf(from: Role, isProtected: boolean): { secret: Uint8Array | null; count: number } {
    const sealing = this.#sealing[from];
    if (!isProtected) return { secret: null, count: 0 };
    const label = from === 'client' ? 'CLIENT_HANDSHAKE_TRAFFIC_SECRET' : 'SERVER_HANDSHAKE_TRAFFIC_SECRET';
    sealing.secret ??= this.#ends[from].secrets.get(label) ?? null;
    return { ...sealing };
  }

  /** Keys change behind Finished and behind KeyUpdate. */
  #follow({ from, type, content, isProtected }: Passing): void {
    if (!isProtected) return;
    const sealing = this.#sealing[from];
    sealing.count++;
    const message = type === CONTENT.handshake ? content[0] : null;
    if (message === HANDSHAKE.finished) {
      const label = from === 'client' ? 'CLIENT_TRAFFIC_SECRET_0' : 'SERVER_TRAFFIC_SECRET_0';
      sealing.secret = this.#ends[from].secrets.get(label) ?? null;
      sealing.count = 0;
    } else if (message === HANDSHAKE.keyUpdate && sealing.secret) {
      sealing.secret = updatedSecret(sealing.secret);
      sealing.count = 0;
    }
  }
}
