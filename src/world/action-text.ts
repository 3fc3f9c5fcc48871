import { isBrokerAction } from '../scenario/broker-spec.ts';
import type { Action, LinkChange, Payload } from '../scenario/scenario.ts';
import { authorityText } from '../wire/address.ts';
import { brokerActionText } from './broker-text.ts';
import { sessionActionText } from './session-text.ts';
import { socketCallText } from './socket-text.ts';

/** An action in a sentence for people. */
export function actionText(action: Action): string {
  switch (action.kind) {
    case 'set-link':
      return `set ${action.link}: ${changeText(action)}`;
    case 'crash':
      return `${action.node} crashes`;
    case 'pause':
      return `${action.node} pauses`;
    case 'skew':
      return `the clock of ${action.node} is ${action.skewNs / 1e6} ms ahead`;
    case 'partition':
      return `${action.node} is cut off from ${action.others.join(', ')}`;
    case 'ping':
      return `ping ${action.target}${action.count > 1 ? `, ${action.count} times` : ''}`;
    case 'traceroute':
    case 'resolve':
      return `${action.kind} ${action.target}`;
    case 'udp-send':
      return `udp-send ${payloadText(action.payload)} to ${authorityText(action.to.host, action.to.port)}${timesText(action.times)}`;
    case 'tcp-connect':
      return `tcp-connect to ${authorityText(action.to.host, action.to.port)}`;
    case 'tcp-send':
      return `tcp-send ${payloadText(action.payload)}${onText(action.on)}${timesText(action.times)}`;
    case 'tcp-close':
    case 'tcp-abort':
      return `${action.kind}${onText(action.on)}`;
    case 'dhcp':
      return `dhcp ${action.what}${action.interface === null ? '' : ` ${action.interface}`}`;
    case 'socket':
      return socketCallText(action.call);
    case 'get':
    case 'post':
      return `${action.kind} http://${authorityText(action.host, action.port, 80)}${action.path}`;
    default:
      return isBrokerAction(action) ? brokerActionText(action) : sessionActionText(action);
  }
}

function onText(on: string | null): string {
  return on === null ? '' : ` on ${on}`;
}

function timesText(times: number): string {
  return times > 1 ? `, ${times} times` : '';
}

function payloadText(payload: Payload): string {
  return payload.kind === 'text' ? JSON.stringify(payload.text) : `${payload.bytes} octets`;
}

function changeText({ aToB, bToA, mtuBytes, mtuBytesOf }: Extract<Action, { readonly kind: 'set-link' }>): string {
  const mtus = [mtuText('', mtuBytes), mtuText('a-to-b ', mtuBytesOf?.aToB), mtuText('b-to-a ', mtuBytesOf?.bToA)];
  const mtu = mtus.filter((text) => text !== '').join(', ');
  const there = keysText(aToB);
  const back = keysText(bToA);
  const keys = there === back ? there : `a-to-b ${there}; b-to-a ${back}`;
  return mtu === '' ? keys : keys === 'nothing' ? mtu : `${keys}, ${mtu}`;
}

function mtuText(direction: string, mtuBytes: number | undefined): string {
  return mtuBytes === undefined ? '' : `${direction}mtu ${mtuBytes}B`;
}

function keysText(change: LinkChange): string {
  const parts = Object.entries(change).flatMap(([key, value]) => (value === undefined ? [] : [valueText(key, value)]));
  return parts.length > 0 ? parts.join(', ') : 'nothing';
}

function valueText(key: string, value: unknown): string {
  if (key.endsWith('Ns')) return `${key.slice(0, -2)} ${Number(value) / 1e6}ms`;
  if (key.endsWith('PerMillion')) return `${key.slice(0, -10)} ${Number(value) / 1e4}%`;
  if (key === 'bitsPerSecond') return value === null ? 'rate unlimited' : `rate ${value}bit/s`;
  if (key === 'down') return value ? 'down' : 'up';
  if (key === 'loss') return lossText(value as LinkChange['loss']);
  if (key === 'aqm') return `aqm ${value}`;
  return `${key} ${JSON.stringify(value)}`;
}

function lossText(loss: LinkChange['loss']): string {
  return loss?.kind === 'uniform' ? `loss ${loss.perMillion / 1e4}%` : 'bursty loss';
}
