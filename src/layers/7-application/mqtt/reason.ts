/** Reason codes (MQTT 5.0 section 2.4) and the return codes of 3.1.1's CONNACK (section 3.2.2.3). */

export const REASON = {
  success: 0x00,
  grantedQos1: 0x01,
  grantedQos2: 0x02,
  disconnectWithWill: 0x04,
  noMatchingSubscribers: 0x10,
  noSubscriptionExisted: 0x11,
  unspecified: 0x80,
  malformed: 0x81,
  protocolError: 0x82,
  implementation: 0x83,
  unsupportedVersion: 0x84,
  clientIdNotValid: 0x85,
  notAuthorized: 0x87,
  serverBusy: 0x89,
  serverShuttingDown: 0x8b,
  badAuthenticationMethod: 0x8c,
  keepAliveTimeout: 0x8d,
  sessionTakenOver: 0x8e,
  topicFilterInvalid: 0x8f,
  topicNameInvalid: 0x90,
  packetIdInUse: 0x91,
  packetIdNotFound: 0x92,
  receiveMaximumExceeded: 0x93,
  topicAliasInvalid: 0x94,
  packetTooLarge: 0x95,
  quotaExceeded: 0x97,
  sharedNotSupported: 0x9e,
  subscriptionIdsNotSupported: 0xa1,
} as const;

const TEXTS: ReadonlyMap<number, string> = new Map<number, string>([
  [REASON.success, 'success'],
  [REASON.disconnectWithWill, 'disconnect with will message'],
  [REASON.noMatchingSubscribers, 'no matching subscribers'],
  [REASON.noSubscriptionExisted, 'no subscription existed'],
  [REASON.unspecified, 'unspecified error'],
  [REASON.malformed, 'malformed packet'],
  [REASON.protocolError, 'protocol error'],
  [REASON.implementation, 'implementation specific error'],
  [REASON.unsupportedVersion, 'unsupported protocol version'],
  [REASON.clientIdNotValid, 'client identifier not valid'],
  [REASON.notAuthorized, 'not authorized'],
  [REASON.serverBusy, 'server busy'],
  [REASON.serverShuttingDown, 'server shutting down'],
  [REASON.badAuthenticationMethod, 'bad authentication method'],
  [REASON.keepAliveTimeout, 'keep alive timeout'],
  [REASON.sessionTakenOver, 'session taken over'],
  [REASON.topicFilterInvalid, 'topic filter invalid'],
  [REASON.topicNameInvalid, 'topic name invalid'],
  [REASON.packetIdInUse, 'packet identifier in use'],
  [REASON.packetIdNotFound, 'packet identifier not found'],
  [REASON.receiveMaximumExceeded, 'receive maximum exceeded'],
  [REASON.topicAliasInvalid, 'topic alias invalid'],
  [REASON.packetTooLarge, 'packet too large'],
  [REASON.quotaExceeded, 'quota exceeded'],
  [REASON.sharedNotSupported, 'shared subscriptions not supported'],
  [REASON.subscriptionIdsNotSupported, 'subscription identifiers not supported'],
]);

/** 3.1.1's CONNACK return codes 1..5. */
const RETURN_CODES = [
  'accepted',
  'unacceptable protocol version',
  'identifier rejected',
  'server unavailable',
  'bad user name or password',
  'not authorized',
] as const;

/** `keep alive timeout (0x8d)`. */
export function reasonText(code: number): string {
  return `${TEXTS.get(code) ?? 'unknown reason'} (0x${code.toString(16).padStart(2, '0')})`;
}

/** What a CONNACK says, in the words of its version. */
export function connackText(version: number, code: number): string {
  return version === 5 ? reasonText(code) : `${RETURN_CODES[code] ?? 'unknown return code'} (${code})`;
}

/** The return code of 3.1.1 that says most of what a reason code says; null: that version closes without a word. */
export function returnCodeOf(code: number): number | null {
  switch (code) {
    case REASON.success:
      return 0;
    case REASON.unsupportedVersion:
      return 1;
    case REASON.clientIdNotValid:
      return 2;
    case REASON.serverBusy:
    case REASON.quotaExceeded:
      return 3;
    case REASON.notAuthorized:
      return 5;
    default:
      return null;
  }
}

/** What is wrong with octets or with a packet, and the reason code that says so. */
export class MqttProblem {
  readonly code: number;
  /** The end of a sentence: `the packet identifier is 0`. */
  readonly why: string;

  constructor(code: number, why: string) {
    this.code = code;
    this.why = why;
  }
}
