import type { Stream } from '../../4-transport/service.ts';
import type { SessionPeer, SessionResponse, SessionServer, WebSocketService } from '../../5-session/service.ts';
import { contentOf } from '../http/content.ts';
import type { RequestLine } from '../http/head.ts';
import type { HttpProgram, ProgramResponse, Takeover } from '../http/program.ts';
import type { HttpMessage } from '../http/reader.ts';

/** Brings the requests and upgrades that an HTTP server gets for one path to the server of sessions. */
export class EngineProgram implements HttpProgram {
  readonly #path: string;
  readonly #sessions: SessionServer;
  readonly #webSockets: WebSocketService;

  constructor(path: string, sessions: SessionServer, webSockets: WebSocketService) {
    this.#path = path;
    this.#sessions = sessions;
    this.#webSockets = webSockets;
  }

  isFor(path: string): boolean {
    return path === this.#path;
  }

  answer(
    request: HttpMessage<RequestLine>,
    connection: Stream,
    respond: (response: ProgramResponse) => void,
  ): () => void {
    const { method, target } = request.head.line;
    const asked = { method, query: queryOf(target), content: contentOf(request), peer: peerOf(connection) };
    return this.#sessions.request(asked, respond);
  }

  upgrade({ head }: HttpMessage<RequestLine>, connection: Stream): Takeover | ProgramResponse | null {
    const { method, target, version } = head.line;
    const answer = this.#webSockets.answer({ method, version, fields: head.fields }, { protocols: [], deflate: false });
    if (answer.kind === 'refused') {
      const content = new TextEncoder().encode(`${answer.why}\n`);
      const { status, fields } = answer;
      return { status, contentType: 'text/plain; charset=utf-8', content, fields, closes: true };
    }
    const upgrade = this.#sessions.upgrade(queryOf(target), peerOf(connection));
    if (isResponse(upgrade)) return { ...upgrade, closes: true };
    const { fields, agreement } = answer;
    return {
      fields,
      take: (stream, early) => {
        const options = { role: 'server', deflate: agreement.deflate } as const;
        const dialogue = this.#webSockets.open(stream, options, upgrade.user);
        upgrade.start(dialogue);
        dialogue.begin(early);
        return dialogue;
      },
    };
  }
}

function isResponse(upgrade: object): upgrade is SessionResponse {
  return 'status' in upgrade;
}

/** Names and values of a target's query; a name that stands there twice has both values, which no name is known by. */
function queryOf(target: string): ReadonlyMap<string, string> {
  const query = new Map<string, string>();
  const mark = target.indexOf('?');
  if (mark < 0) return query;
  for (const part of target.slice(mark + 1).split('&')) {
    const equals = part.indexOf('=');
    const name = equals < 0 ? part : part.slice(0, equals);
    const value = equals < 0 ? '' : part.slice(equals + 1);
    const before = query.get(name);
    query.set(name, before === undefined ? value : `${before},${value}`);
  }
  return query;
}

function peerOf({ local, remote }: Stream): SessionPeer {
  return { local, remote: { address: remote.address, port: 0 } };
}
