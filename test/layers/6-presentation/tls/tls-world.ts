/** Two hosts with TLS on streams in memory, and what they say to each other. */

import { Rng } from '../../../../src/kernel/rng.ts';
import type { CloseReason, Stream, StreamUser } from '../../../../src/layers/4-transport/service.ts';
import type { TlsClientOptions, TlsServerOptions } from '../../../../src/layers/6-presentation/service.ts';
import { Authority } from '../../../../src/layers/6-presentation/tls/authority.ts';
import { Tls } from '../../../../src/layers/6-presentation/tls/tls.ts';
import { FakeWorld } from '../../7-application/fake-transport.ts';

const EPOCH_SECONDS = 946_684_800;
const MS = 1_000_000;
const CLIENT: TlsClientOptions = {
  serverName: 'server',
  protocols: [],
  suites: [],
  groups: [],
  renewAfter: null,
  trusts: 'the authority',
};
const SERVER: TlsServerOptions = {
  names: ['server', '10.0.0.2'],
  protocols: [],
  suites: [],
  groups: [],
  renewAfter: null,
  key: 'p256',
  isExpired: false,
  isSelfSigned: false,
};

export function authorityOf(seed: string): Authority {
  return new Authority('packetwalk test CA', (purpose) => {
    const random = new Rng(seed, `tls/ca/${purpose}`);
    return (length) => random.bytes(length);
  });
}

/** One end: what it heard, and how it ended. */
export class End implements StreamUser {
  heard: Uint8Array = new Uint8Array(0);
  readonly events: string[] = [];
  stream: Stream | null = null;
  echoes = false;

  onOpen(): void {
    this.events.push('open');
  }

  onReadable(): void {
    const bytes = this.stream?.read() ?? new Uint8Array(0);
    this.heard = Buffer.concat([this.heard, bytes]);
    if (this.echoes) this.stream?.write(bytes);
  }

  onEnd(): void {
    this.events.push('end');
    if (this.echoes) this.stream?.close();
  }

  onDrain(): void {
    this.events.push('drain');
  }

  onClose(reason: CloseReason): void {
    this.events.push(reason);
  }

  get text(): string {
    return Buffer.from(this.heard).toString();
  }
}

export class TlsWorld {
  readonly world: FakeWorld;
  readonly client: Tls;
  readonly server: Tls;
  readonly accepted: End[] = [];

  constructor(server: Partial<TlsServerOptions> = {}, seed = '1') {
    this.world = new FakeWorld({ delayNs: 5 * MS, seed });
    const [client, host] = [this.world.host('client', 1), this.world.host('server', 2)];
    const world = { authority: authorityOf(seed), epochSeconds: EPOCH_SECONDS };
    this.client = new Tls(client.context, client, world);
    this.server = new Tls(host.context, host, world);
    this.server.server({ ...SERVER, ...server }).listen('echo', 443, (stream) => {
      const end = new End();
      end.stream = stream;
      end.echoes = true;
      this.accepted.push(end);
      return end;
    });
  }

  connect(options: Partial<TlsClientOptions> = {}): End {
    const end = new End();
    end.stream = this.client.client({ ...CLIENT, ...options }).connect('talk', { address: 2, port: 443 }, end);
    return end;
  }

  run(ms: number): void {
    this.world.runUntil(this.world.kernel.nowNs + ms * MS);
  }

  told(node: string): string[] {
    return this.world.told(node).filter((text) => !/^(sends|hears) /.test(text));
  }

  /** What was sent, as the handshake names it. */
  said(node: string): string[] {
    return this.world.told(node).flatMap((text) => /^sends (.*)/.exec(text)?.[1] ?? []);
  }
}
