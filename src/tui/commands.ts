/** Every key is a named command; this table is what the palette and the help list, and what tours are written in. */

export interface CommandInfo {
  /** As the decoder names them; the first one is shown. */
  readonly keys: readonly string[];
  readonly title: string;
  readonly group: 'time' | 'look' | 'find' | 'change' | 'program';
}

export const COMMANDS = {
  'step forward': { keys: ['right', 'l', 's'], title: 'one layer crossing or event on', group: 'time' },
  'step back': { keys: ['left', 'h', 'S'], title: 'one layer crossing or event back', group: 'time' },
  'next packet': { keys: ['n'], title: 'to the next packet, the next match when filtered', group: 'time' },
  'previous packet': { keys: ['N'], title: 'to the packet before, the match before when filtered', group: 'time' },
  'until its fate': { keys: ['f'], title: 'until this PDU is delivered or dropped', group: 'time' },
  'back to its origin': { keys: ['F'], title: 'back to where this PDU was made', group: 'time' },
  'next stop': { keys: ['c'], title: 'on to the next stop: a breakpoint, a loss, a step of the lesson', group: 'time' },
  'previous stop': { keys: ['C'], title: 'back to the stop before', group: 'time' },
  'next mark': { keys: [']'], title: 'to the next mark', group: 'time' },
  'previous mark': { keys: ['['], title: 'to the mark before', group: 'time' },
  start: { keys: ['g', 'home'], title: 'to the start', group: 'time' },
  end: { keys: ['G', 'end'], title: 'to the end of the run', group: 'time' },
  play: { keys: ['space'], title: 'play and pause', group: 'time' },
  faster: { keys: ['+', '='], title: 'play faster: ¼, 1, 4, fast, express', group: 'time' },
  slower: { keys: ['-'], title: 'play slower', group: 'time' },
  'go to time': { keys: ['t'], title: 'to a time (1.5s, +20ms) or an event (#120)', group: 'time' },
  mark: { keys: ['m'], title: 'set or remove a mark here', group: 'time' },
  refutation: { keys: ['E'], title: 'lesson: to the packet that refutes what is often believed', group: 'time' },
  jump: { keys: ["'"], title: 'back to where the last jump began', group: 'time' },
  up: { keys: ['up', 'k'], title: 'row or field above', group: 'look' },
  down: { keys: ['down', 'j'], title: 'row or field below', group: 'look' },
  'page up': { keys: ['pageup'], title: 'a page up', group: 'look' },
  'page down': { keys: ['pagedown'], title: 'a page down', group: 'look' },
  'layer up': { keys: ['K', 'shift+up'], title: 'the layer above', group: 'look' },
  'layer down': { keys: ['J', 'shift+down'], title: 'the layer below', group: 'look' },
  fold: { keys: ['enter'], title: 'fold or unfold the protocol that the chosen field belongs to', group: 'look' },
  'pane 1': { keys: ['1'], title: 'the ladder', group: 'look' },
  'pane 2': { keys: ['2'], title: 'the seven layers', group: 'look' },
  'pane 3': { keys: ['3'], title: 'fields and bytes', group: 'look' },
  'pane 4': { keys: ['4'], title: 'events', group: 'look' },
  'pane 5': { keys: ['5'], title: 'TCP', group: 'look' },
  'pane 6': { keys: ['6'], title: 'truth beside belief', group: 'look' },
  'pane 7': { keys: ['7'], title: 'topology', group: 'look' },
  'pane 8': { keys: ['8'], title: 'tables', group: 'look' },
  'pane 9': { keys: ['9'], title: 'bits on the line', group: 'look' },
  'pane 10': { keys: ['0'], title: 'brokers and buffers of applications', group: 'look' },
  'pane 12': { keys: ['o'], title: 'TLS: what is sealed, and what an observer learns', group: 'look' },
  lesson: { keys: ['e'], title: 'the lesson, on and off', group: 'look' },
  'next pane': { keys: ['tab'], title: 'focus the next pane', group: 'look' },
  'previous pane': { keys: ['shift+tab'], title: 'focus the pane before', group: 'look' },
  zoom: { keys: ['z'], title: 'the focused pane alone, and back', group: 'look' },
  layout: { keys: ['|'], title: 'another arrangement of panes', group: 'look' },
  model: { keys: ['v'], title: 'seven layers, TCP/IP’s four, or as it is', group: 'look' },
  header: { keys: ['H'], title: 'the chosen header as its RFC draws it', group: 'look' },
  readings: { keys: ['B'], title: 'the chosen octets as numbers, text, JSON, Base64, compressed', group: 'look' },
  'log time': { keys: ['L'], title: 'the timeline in logarithmic time, and back', group: 'look' },
  theme: { keys: ['T'], title: 'dark, light, high contrast, mono', group: 'look' },
  filter: { keys: ['/'], title: 'show only frames that match a display filter', group: 'find' },
  breakpoint: { keys: ['b'], title: 'stop at frames that match; the same again removes it', group: 'find' },
  where: { keys: ['w'], title: 'where is this message now?', group: 'find' },
  inject: { keys: ['i'], title: 'inject a fault here: a branch', group: 'change' },
  'next branch': { keys: ['}'], title: 'the next branch', group: 'change' },
  'previous branch': { keys: ['{'], title: 'the branch before', group: 'change' },
  diff: { keys: ['D'], title: 'compare this branch with the one it came from', group: 'change' },
  seed: { keys: ['r'], title: 'rerun with another seed, as a branch', group: 'change' },
  palette: { keys: [':'], title: 'every command by name', group: 'program' },
  help: { keys: ['?', 'f1'], title: 'keys', group: 'program' },
  copy: { keys: ['y'], title: 'copy the chosen field as a filter', group: 'program' },
  export: { keys: ['x'], title: 'write .svg, .cast, .txt or the branch as .pw.yaml', group: 'program' },
  escape: { keys: ['esc'], title: 'close, stop, forget', group: 'program' },
  suspend: { keys: ['ctrl+z'], title: 'to the shell; fg comes back', group: 'program' },
  redraw: { keys: ['ctrl+l'], title: 'draw the screen again', group: 'program' },
  quit: { keys: ['q'], title: 'leave', group: 'program' },
} as const satisfies Readonly<Record<string, CommandInfo>>;

export type CommandName = keyof typeof COMMANDS;

export const COMMAND_NAMES = Object.keys(COMMANDS) as readonly CommandName[];

export function isCommandName(text: string): text is CommandName {
  return Object.hasOwn(COMMANDS, text);
}

/** A key as people read it. */
export function keyText(key: string): string {
  const NAMES: Readonly<Record<string, string>> = { left: '←', right: '→', up: '↑', down: '↓' };
  return NAMES[key] ?? key;
}
