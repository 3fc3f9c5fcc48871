import type { Context } from '../../../kernel/context.ts';
import type {
  Session,
  SessionCarrier,
  SessionPeer,
  SessionServer,
  SessionServerOptions,
  SessionService,
  SessionUser,
  TransportName,
} from '../service.ts';
import { ClientSession } from './client-session.ts';
import { EngineServer } from './engine-server.ts';
import { PacketLog } from './transport.ts';

/** Engine.IO 4 on one host. */
export class EngineIo implements SessionService {
  readonly #context: Context;

  constructor(context: Context) {
    this.#context = context;
  }

  serve(options: SessionServerOptions, accept: (session: Session, peer: SessionPeer) => SessionUser): SessionServer {
    return new EngineServer(this.#context, options, accept);
  }

  connect(name: string, carrier: SessionCarrier, transports: readonly TransportName[], user: SessionUser): Session {
    const session = new ClientSession(new PacketLog(this.#context, `engine.${name}`), carrier, transports, user);
    session.open();
    return session;
  }
}
