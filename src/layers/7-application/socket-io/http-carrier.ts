import { CutWatch } from '../../../kernel/cut-watch.ts';
import type { DropReason } from '../../../kernel/journal.ts';
import type { Endpoint } from '../../4-transport/service.ts';
import type {
  CarrierAnswer,
  CarrierWebSocketUser,
  SessionCarrier,
  SessionPeer,
  WebSocketService,
} from '../../5-session/service.ts';
import { WAITED_IN_MEMORY } from '../../drop.ts';
import type { AppServices } from '../app-services.ts';
import { Exchange } from '../http/exchange.ts';
import type { Lookup } from '../names.ts';
import { authorityOf, type ClientTls, securedClient } from '../secure.ts';

export interface ServerPlace {
  readonly host: string;
  readonly port: number;
  /** Left out: plain TCP. */
  readonly tls?: ClientTls | undefined;
  /** `/socket.io/`. */
  readonly path: string;
}

/** Carries a client's session: each request over a connection of its own, as Node's client does without an agent. */
export class HttpCarrier implements SessionCarrier {
  readonly #services: AppServices;
  readonly #webSockets: WebSocketService;
  readonly #lookup: Lookup;
  readonly #place: ServerPlace;
  readonly #name: string;
  #peer: SessionPeer = { local: { address: 0, port: 0 }, remote: { address: 0, port: 0 } };

  /** `name`: its connections are called so. */
  constructor(services: AppServices, webSockets: WebSocketService, lookup: Lookup, place: ServerPlace, name: string) {
    this.#services = securedClient(services, place.tls, ['http/1.1']);
    this.#webSockets = webSockets;
    this.#lookup = lookup;
    this.#place = place;
    this.#name = name;
  }

  get peer(): SessionPeer {
    return this.#peer;
  }

  request(
    method: 'GET' | 'POST',
    query: string,
    content: Uint8Array | null,
    carries: readonly number[],
    done: (answer: CarrierAnswer) => void,
  ): () => void {
    let cancel = () => {};
    const fields: [string, string][] = [['Accept', '*/*']];
    if (content) fields.push(['Content-Type', 'text/plain;charset=UTF-8']);
    fields.push(['Connection', 'close']);
    const { context, ledger } = this.#services;
    // Until the server's address is known nobody else holds what is to be sent.
    const lose = (reason: DropReason, detail: string) => {
      if (content) ledger.dropped('http', this.#name, content, reason, detail, carries);
    };
    const cut = new CutWatch(context, () => lose('crashed', WAITED_IN_MEMORY));
    cut.set(content !== null);
    cancel = this.#whenFound(
      (remote) => {
        cut.set(false);
        const exchange = new Exchange(
          this.#services,
          { ...this.#request(remote, query), method, fields, content, carries },
          {
            onResponse: ({ head }, received) => done({ status: head.line.status, content: received }),
            onFailure: (problem) => done({ problem }),
          },
        );
        cancel = () => exchange.abort();
      },
      (problem) => {
        cut.set(false);
        lose('closed', problem);
        done({ problem });
      },
    );
    return () => cancel();
  }

  webSocket(query: string, user: CarrierWebSocketUser): () => void {
    let cancel = () => {};
    const asking = this.#webSockets.ask({ protocols: [], deflate: false });
    cancel = this.#whenFound(
      (remote) => {
        const request = { ...this.#request(remote, query), method: 'GET', fields: asking.fields };
        const exchange = new Exchange(
          this.#services,
          { ...request, content: null, carries: [] },
          {
            onResponse: ({ head }) => user.onFailure(`the server answers ${head.line.status}`),
            onFailure: (problem) => user.onFailure(problem),
            onUpgrade: ({ head }, stream, early) => {
              const agreement = asking.agreement({ status: head.line.status, fields: head.fields });
              if (typeof agreement === 'string') return null;
              const dialogue = this.#webSockets.open(stream, { role: 'client', deflate: agreement.deflate }, user);
              user.onOpen(dialogue);
              dialogue.begin(early);
              return dialogue;
            },
          },
        );
        cancel = () => exchange.abort();
      },
      (problem) => user.onFailure(problem),
    );
    return () => cancel();
  }

  #request(remote: Endpoint, query: string) {
    const { host, port, tls, path } = this.#place;
    const authority = authorityOf(host, port, tls);
    return { as: this.#name, remote, authority, target: `${path}${query}` };
  }

  /** Never calls back before it has returned. */
  #whenFound(found: (remote: Endpoint) => void, failed: (problem: string) => void): () => void {
    const { context, datagrams } = this.#services;
    let isWanted = true;
    const { host, port } = this.#place;
    this.#lookup.find(host, (answer) => {
      context.after(0, () => {
        if (!isWanted) return;
        if ('problem' in answer) {
          failed(answer.problem);
          return;
        }
        const remote = { address: answer.address, port };
        const local = { address: datagrams.sourceTowards(answer.address) ?? 0, port: 0 };
        this.#peer = { local, remote };
        found(remote);
      });
    });
    return () => {
      isWanted = false;
    };
  }
}
