import type { Context } from '../../../kernel/context.ts';
import type { NetworkService } from '../../3-network/service.ts';
import type { Connection } from './connection.ts';
import type { TcpProfile } from './profile.ts';

/** What a connection needs of the host's TCP. */
export interface ConnectionHost {
  readonly context: Context;
  readonly network: NetworkService;
  readonly profile: TcpProfile;
  /** The connection is over: its port pair is free. */
  onGone(connection: Connection): void;
}
