import type { Context } from '../../kernel/context.ts';
import type { DatagramService, StreamService } from '../4-transport/service.ts';
import type { ContentCodings, TlsService } from '../6-presentation/service.ts';
import type { Ledger } from './ledger.ts';

/** What every application of a host is handed. */
export interface AppServices {
  readonly context: Context;
  readonly ledger: Ledger;
  readonly streams: StreamService;
  readonly datagrams: DatagramService;
  /** Left out where nobody speaks TLS. */
  readonly tls?: TlsService;
  /** Left out where nobody codes content. */
  readonly codings?: ContentCodings;
}

/** Where a server listens. */
export interface ServerOptions {
  /** Its name on the node; connections to it are called so too. */
  readonly name: string;
  readonly port: number;
}

export type Transport = 'tcp' | 'udp' | 'both';
