/** What a broker of 5.0 says in the words of 3.1.1, which has few (section 3.2.2.3). */

import { expect, it } from 'vitest';
import { connackText, REASON, reasonText, returnCodeOf } from '../../../../src/layers/7-application/mqtt/reason.ts';

it.each([
  [REASON.success, 0],
  [REASON.unsupportedVersion, 1],
  [REASON.clientIdNotValid, 2],
  [REASON.serverBusy, 3],
  [REASON.quotaExceeded, 3],
  [REASON.notAuthorized, 5],
  [REASON.malformed, null],
])('reason code %i is return code %s', (code, returnCode) => {
  expect(returnCodeOf(code)).toBe(returnCode);
});

it('says both in words', () => {
  expect(connackText(4, 2)).toBe('identifier rejected (2)');
  expect(connackText(5, REASON.clientIdNotValid)).toBe(reasonText(REASON.clientIdNotValid));
  expect(reasonText(0xff)).toBe('unknown reason (0xff)');
});
