/** A dialogue of Engine.IO packets as one who listens to the network writes it down: `client polling 40`. */

/** Session ids and the like differ from run to run: they become `SID` and `PID`. */
export function withoutIds(line: string): string {
  return line.replace(/"sid":"[^"]*"/g, '"sid":"SID"').replace(/"pid":"[^"]*"/g, '"pid":"PID"');
}
