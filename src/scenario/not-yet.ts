/** What the scenario format could say and the simulator does not do is refused where it stands, never ignored. */

export function notYet(what: string): string {
  return `not implemented yet: ${what}`;
}
