/** What is typed: filters, breakpoints, times, seeds, file names, and commands by name. */

import { type CompiledFilter, isFilterProblem } from '../../filter/filter.ts';
import { COMMAND_NAMES, COMMANDS, type CommandName, isCommandName, keyText } from '../commands.ts';
import { Matches } from '../matches.ts';
import type { Edit, Updated } from '../message.ts';
import { cursorOf, type Model, type PromptKind, storyOf, told } from '../model.ts';
import { THEME_NAMES, type ThemeName } from '../theme.ts';
import { diff, rerun } from './branch.ts';
import { edited } from './line.ts';
import { goTo, setOut } from './time.ts';

export function openPrompt(model: Model, kind: PromptKind): Model {
  const text = kind === 'filter' ? (model.filter?.text ?? '') : kind === 'break' ? (model.filter?.text ?? '') : '';
  return {
    ...model,
    prompt: { kind, line: { text, at: text.length }, choice: kind === 'palette' ? 0 : -1 },
    notice: null,
  };
}

export interface Suggestion {
  readonly text: string;
  readonly note: string;
  readonly key: string;
}

/** Commands with an argument: what the palette takes besides the names of the table. */
const TYPED: readonly Suggestion[] = [
  { text: 'run until <filter>', note: 'stop at the next frame that matches', key: 'c' },
  { text: 'run to <time>', note: '1.5s, 200ms, +20ms, #120', key: 't' },
  { text: 'break <filter>', note: 'stop there every time', key: 'b' },
  { text: 'filter <filter>', note: 'show only frames that match', key: '/' },
  { text: 'export <file>', note: '.svg .cast .txt .pw.yaml', key: 'x' },
  { text: 'save <file.pw.yaml>', note: 'save as scenario: this branch as a file', key: '' },
  { text: 'diff <A B>', note: 'two branches side by side', key: 'D' },
  { text: 'theme <name>', note: THEME_NAMES.join(' '), key: 'T' },
  { text: 'seed <number>', note: 'rerun as a branch', key: 'r' },
];

export function suggestions(model: Model): readonly Suggestion[] {
  const { prompt } = model;
  if (!prompt) return [];
  const { text, at } = prompt.line;
  if (prompt.kind === 'filter' || prompt.kind === 'break') {
    const { candidates } = model.host.completeFilter(text, at);
    return candidates.slice(0, 8).map(({ text: completed, meaning }) => ({ text: completed, note: meaning, key: '' }));
  }
  if (prompt.kind !== 'palette') return [];
  const wanted = text.trim().toLowerCase();
  const commands = COMMAND_NAMES.map((name) => ({
    text: name as string,
    note: COMMANDS[name].title as string,
    key: keyText(COMMANDS[name].keys[0]),
  }));
  const [verb = ''] = wanted.split(/\s+/);
  return [...commands, ...TYPED]
    .filter(
      (one) =>
        one.text.includes(wanted) ||
        one.note.toLowerCase().includes(wanted) ||
        (verb !== '' && one.text.startsWith(`${verb} <`)),
    )
    .sort((one, other) => Number(other.text.startsWith(wanted)) - Number(one.text.startsWith(wanted)));
}

export function editPrompt(model: Model, edit: Edit): Model {
  const { prompt } = model;
  if (!prompt) return model;
  const line = edited(prompt.line, edit);
  const next = { ...model, prompt: { ...prompt, line, choice: prompt.kind === 'palette' ? 0 : -1 } };
  if (prompt.kind === 'keys') return { ...next, scroll: 0 };
  // The filter line is live: what it says so far is what is shown, and what is wrong with it is red.
  return prompt.kind === 'filter' || prompt.kind === 'break' ? judged(next, line.text, prompt.kind === 'filter') : next;
}

function judged(model: Model, text: string, isLive: boolean): Model {
  if (text.trim() === '') {
    return isLive ? { ...model, filter: null, matches: null, filterProblem: null } : { ...model, filterProblem: null };
  }
  const compiled = model.host.compileFilter(text);
  if (isFilterProblem(compiled)) return { ...model, filterProblem: compiled };
  return isLive ? filtered(model, compiled) : { ...model, filterProblem: null };
}

function filtered(model: Model, filter: CompiledFilter): Model {
  const matches = new Matches(filter, storyOf(model).chronicle);
  // Runs of ordinary length are looked through at once; longer ones while the screen answers.
  matches.work(2);
  return { ...model, filter, matches, filterProblem: null };
}

export function chooseSuggestion(model: Model, by: number): Model {
  const { prompt } = model;
  if (!prompt) return model;
  if (prompt.kind === 'keys') return { ...model, scroll: Math.max(0, model.scroll + by) };
  const count = suggestions(model).length;
  if (count === 0) return model;
  const choice = prompt.choice < 0 ? (by > 0 ? 0 : count - 1) : (prompt.choice + by + count) % count;
  return { ...model, prompt: { ...prompt, choice } };
}

export function completePrompt(model: Model): Model {
  const { prompt } = model;
  if (!prompt) return model;
  const chosen = suggestions(model)[Math.max(0, prompt.choice)];
  if (!chosen) return model;
  if (prompt.kind === 'palette') {
    const text = chosen.text.replace(/<.*$/, '');
    return { ...model, prompt: { ...prompt, line: { text, at: text.length }, choice: 0 } };
  }
  const { at: from, length } = model.host.completeFilter(prompt.line.text, prompt.line.at);
  const text = prompt.line.text.slice(0, from) + chosen.text + prompt.line.text.slice(from + length);
  const line = { text, at: from + chosen.text.length };
  return judged({ ...model, prompt: { ...prompt, line, choice: -1 } }, text, prompt.kind === 'filter');
}

export function cancelPrompt(model: Model): Model {
  const { prompt } = model;
  if (!prompt) return { ...model, inject: null };
  if (prompt.kind === 'keys') return { ...model, prompt: null, leaf: null };
  const isBroken = prompt.kind === 'filter' && model.filterProblem !== null;
  const closed = { ...model, prompt: null, filterProblem: null };
  return isBroken ? { ...closed, filter: null, matches: null } : closed;
}

export type Perform = (model: Model, name: CommandName) => Updated;

export function acceptPrompt(model: Model, perform: Perform): Updated {
  const { prompt } = model;
  if (!prompt) return [model];
  const { text } = prompt.line;
  const closed: Model = { ...model, prompt: null };
  switch (prompt.kind) {
    case 'keys':
      return [cancelPrompt(model)];
    case 'filter':
      if (model.filterProblem) return [told(model, model.filterProblem.message, true)];
      return [closed];
    case 'break':
      return [addBreakpoint(closed, text)];
    case 'time':
      return [goTo(closed, text)];
    case 'seed':
      return [rerun(closed, text)];
    case 'export':
      return exportTo(closed, text);
    case 'palette':
      return runPalette(model, closed, perform);
  }
}

function addBreakpoint(model: Model, text: string): Model {
  const trimmed = text.trim();
  if (trimmed === '') return { ...model, filterProblem: null };
  if (model.breakpoints.some(({ filter }) => filter.text === trimmed)) {
    const breakpoints = model.breakpoints.filter(({ filter }) => filter.text !== trimmed);
    return told({ ...model, breakpoints }, `no longer stops at ${trimmed}`);
  }
  const compiled = model.host.compileFilter(trimmed);
  if (isFilterProblem(compiled)) return told({ ...model, filterProblem: null }, compiled.message, true);
  const breakpoint = { filter: compiled, matches: new Matches(compiled, storyOf(model).chronicle) };
  return told({ ...model, breakpoints: [...model.breakpoints, breakpoint] }, `stops at ${trimmed}; c goes there`);
}

function exportTo(model: Model, text: string): Updated {
  const path = text.trim();
  if (path === '') return [model];
  if (path.endsWith('.pw.yaml')) return [model, { kind: 'save', path }];
  if (path.endsWith('.pcapng')) return extracted(model, path);
  if (/\.(svg|cast|txt)$/.test(path)) return [model, { kind: 'export', path }];
  return [told(model, 'the ending chooses: .svg, .cast, .txt or .pw.yaml', true)];
}

/** The frames so far that the filter shows, of a capture. */
function extracted(model: Model, path: string): Updated {
  if (!model.host.extract) return [told(model, 'packetwalk run -o writes the capture of a run', true)];
  const { chronicle } = storyOf(model);
  const count = chronicle.crossings.countAt(cursorOf(model));
  const frames = model.matches ? model.matches.until(cursorOf(model)) : Array.from({ length: count }, (_, at) => at);
  return [model, { kind: 'extract', frames, path }];
}

function runPalette(model: Model, closed: Model, perform: Perform): Updated {
  const typed = (model.prompt?.line.text ?? '').trim();
  if (isCommandName(typed)) return perform(closed, typed);
  const argument = runTyped(closed, typed);
  if (argument) return argument;
  const chosen = suggestions(model)[Math.max(0, model.prompt?.choice ?? 0)];
  if (!chosen) return [told(closed, `there is no command '${typed}'`, true)];
  if (isCommandName(chosen.text)) return perform(closed, chosen.text);
  return [completePrompt(model)];
}

/** `run until FILTER`, `theme NAME` and the like; null: it is none of them. */
function runTyped(model: Model, typed: string): Updated | null {
  const [, verb = '', rest = ''] =
    /^(run until|run to|break|filter|export|save|theme|seed|diff)\s+(.+)$/.exec(typed) ?? [];
  switch (verb) {
    case 'run until':
      return [runUntil(model, rest)];
    case 'run to':
      return [goTo(model, rest)];
    case 'break':
      return [addBreakpoint(model, rest)];
    case 'filter': {
      const compiled = model.host.compileFilter(rest);
      return [isFilterProblem(compiled) ? told(model, compiled.message, true) : filtered(model, compiled)];
    }
    case 'export':
    case 'save':
      return exportTo(model, rest);
    case 'theme':
      return [
        (THEME_NAMES as readonly string[]).includes(rest)
          ? { ...model, theme: rest as ThemeName }
          : told(model, `themes are ${THEME_NAMES.join(', ')}`, true),
      ];
    case 'seed':
      return [rerun(model, rest)];
    case 'diff':
      return [diff(model, rest)];
    default:
      return null;
  }
}

function runUntil(model: Model, text: string): Model {
  const compiled = model.host.compileFilter(text);
  if (isFilterProblem(compiled)) return told(model, compiled.message, true);
  const breakpoint = { filter: compiled, matches: new Matches(compiled, storyOf(model).chronicle) };
  const armed = { ...model, breakpoints: [...model.breakpoints, breakpoint] };
  const arrived = setOut(armed, { kind: 'match', filter: compiled }, `until ${text}`);
  const isThere = cursorOf(arrived) !== cursorOf(model);
  return arrived.journey ? arrived : { ...(isThere ? arrived : arrived), breakpoints: model.breakpoints };
}
