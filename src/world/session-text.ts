import type { SessionAction } from '../scenario/session-spec.ts';
import { authorityText } from '../wire/address.ts';

/** An action on WebSockets and Socket.IO clients, in a sentence for people. */
export function sessionActionText(action: SessionAction): string {
  switch (action.kind) {
    case 'ws-connect':
      return `ws-connect to ${place(action, 80)}${action.path}`;
    case 'ws-send': {
      const { payload } = action;
      const what = payload.kind === 'text' ? JSON.stringify(payload.text) : `${payload.bytes} octets`;
      return `ws-send ${what}${onText(action.on)}${timesText(action.times)}`;
    }
    case 'ws-close':
      return `ws-close${onText(action.on)}${action.code === null ? '' : ` with ${action.code}`}`;
    case 'io-connect':
      return `io-connect to ${place(action, 80)}${action.namespace}`;
    case 'emit': {
      const { content, room, app } = action;
      const what =
        content.kind === 'json'
          ? ` ${JSON.stringify(content.value)}`
          : content.kind === 'size'
            ? ` ${content.bytes} octets`
            : '';
      const whom = room === null ? '' : ` to the room ${room}`;
      return `emit ${action.event}${what}${whom}${onText(app ?? action.on)}${timesText(action.times)}`;
    }
    default:
      return `${action.kind}${onText(action.on)}`;
  }
}

function place({ host, port }: { readonly host: string; readonly port: number }, usual: number): string {
  return authorityText(host, port, usual);
}

function onText(on: string | null): string {
  return on === null ? '' : ` on ${on}`;
}

function timesText(times: number): string {
  return times > 1 ? `, ${times} times` : '';
}
