/** Why a WebSocket closes, in numbers: RFC 6455 section 7.4, and the IANA registry that it founded. */

export const CLOSE_CODE = {
  normal: 1000,
  goingAway: 1001,
  protocolError: 1002,
  /** Never on the wire: the Close frame had no code. */
  noStatus: 1005,
  /** Never on the wire: the connection went without a Close frame. */
  abnormal: 1006,
  invalidPayload: 1007,
  policyViolation: 1008,
  tooBig: 1009,
  mandatoryExtension: 1010,
} as const;

/** Codes that may stand in a Close frame: those defined for it, and 3000 to 4999 for frameworks and applications. */
export function mayBeSent(code: number): boolean {
  if (code >= 3000 && code <= 4999) return true;
  return code >= 1000 && code <= 1014 && code !== 1004 && code !== 1005 && code !== 1006;
}
