/** `update(model, message)`: the next model, and what the program is asked to do. Pure but for runs that grow. */

import type { CommandName } from '../commands.ts';
import { boxOf } from '../lesson.ts';
import type { Msg, Updated } from '../message.ts';
import { type Model, SPEEDS, told } from '../model.ts';
import { acceptFault, chooseFault, diff, injectByKey, openInject, switchBranch } from './branch.ts';
import * as lesson from './lesson.ts';
import * as look from './look.ts';
import { acceptPrompt, cancelPrompt, chooseSuggestion, completePrompt, editPrompt, openPrompt } from './prompt.ts';
import * as time from './time.ts';

const PAGE = 10;

export function update(model: Model, message: Msg): Updated {
  const [next, effect] = changed(model, message);
  const told = lesson.settled(model, next);
  return effect ? [told, effect] : [told];
}

function changed(model: Model, message: Msg): Updated {
  switch (message.kind) {
    case 'command':
      return perform({ ...model, notice: null }, message.name);
    case 'resize':
      return [{ ...model, size: { columns: message.columns, rows: message.rows } }];
    case 'travel':
      return [time.travel(model)];
    case 'tick':
      return [time.play(model)];
    case 'seek':
      return [time.seek({ ...model, isPlaying: false, journey: null }, message.seq)];
    case 'focus':
      return [look.focusOn(model, message.pane)];
    case 'field':
      return [look.chooseField(model, message.name)];
    case 'layer':
      return [look.chooseLayer(model, message.layer)];
    case 'scroll':
      return [look.moveRow(model, message.by)];
    case 'edit':
      return [model.prompt ? editPrompt(model, message.edit) : lesson.editAnswer(model, message.edit)];
    case 'choose':
      if (model.inject) return [chooseFault(model, message.by)];
      return [model.prompt ? chooseSuggestion(model, message.by) : lesson.chooseAnswer(model, message.by)];
    case 'complete':
      return [completePrompt(model)];
    case 'accept':
      return accepted(model);
    case 'cancel':
      return [model.prompt || model.inject ? cancelPrompt(model) : lesson.putAside({ ...model, notice: null })];
    case 'lesson':
      return [lesson.beginLesson(model, message.view)];
    case 'answer':
      return [lesson.answerChoice(model, message.choice)];
    case 'hint':
      return [lesson.askHint(model)];
    case 'skip':
      return [lesson.skipQuestion(model)];
    case 'inject':
      return [injectByKey(model, message.key)];
    case 'told':
      return [told(model, message.text, message.isError)];
  }
}

function accepted(model: Model): Updated {
  if (model.inject) return [acceptFault(model)];
  const box = model.prompt ? null : boxOf(model);
  return box ? [lesson.acceptBox({ ...model, notice: null }, box)] : acceptPrompt(model, perform);
}

/** A command ends what went on by itself, but for those that only look. */
function perform(before: Model, name: CommandName): Updated {
  const model = isLooking(name) ? before : { ...before, journey: null, isPlaying: name === 'play' && before.isPlaying };
  const done = timeCommand(model, name) ?? lookCommand(model, name);
  if (done) return [done];
  switch (name) {
    case 'suspend':
    case 'redraw':
    case 'quit':
      return [model, { kind: name }];
    case 'lesson':
      return lesson.toggleLesson(model);
    case 'copy': {
      const filter = look.rowsOfTree(model).find((row) => row.name === model.field)?.filter;
      if (!filter) return [told(model, 'no field is chosen: 3, then ↑ ↓')];
      return [told(model, `copied: ${filter}`), { kind: 'copy', text: filter }];
    }
    default:
      return [model];
  }
}

const TIMELESS: ReadonlySet<CommandName> = new Set<CommandName>([
  'faster',
  'slower',
  'theme',
  'log time',
  'redraw',
  'suspend',
]);

function isLooking(name: CommandName): boolean {
  return name.startsWith('pane ') || TIMELESS.has(name);
}

function timeCommand(model: Model, name: CommandName): Model | null {
  switch (name) {
    case 'step forward':
      return time.step(model, 1);
    case 'step back':
      return time.step(model, -1);
    case 'next packet':
      return time.setOut(model, { kind: 'packet' }, 'to the next packet');
    case 'previous packet':
      return time.previousPacket(model);
    case 'until its fate':
      return time.untilFate(model);
    case 'back to its origin':
      return time.backToOrigin(model);
    case 'next stop':
      return time.setOut(model, { kind: 'stop' }, 'to the next stop');
    case 'previous stop':
      return time.previousStop(model);
    case 'next mark':
      return time.toMark(model, 1);
    case 'previous mark':
      return time.toMark(model, -1);
    case 'start':
      return time.seek(model, 0);
    case 'end':
      return time.setOut(model, { kind: 'end' }, 'to the end');
    case 'mark':
      return time.toggleMark(model);
    case 'jump':
      return time.jumpBack(model);
    case 'play':
      return { ...model, isPlaying: !model.isPlaying };
    case 'faster':
    case 'slower': {
      const speed = Math.max(0, Math.min(SPEEDS.length - 1, model.speed + (name === 'faster' ? 1 : -1)));
      return { ...model, speed };
    }
    case 'go to time':
      return openPrompt(model, 'time');
    case 'refutation':
      return lesson.toRefutation(model);
    default:
      return null;
  }
}

function lookCommand(model: Model, name: CommandName): Model | null {
  if (name.startsWith('pane ')) return look.focusNumber(model, Number(name.slice(5)));
  switch (name) {
    case 'up':
      return look.moveRow(model, -1);
    case 'down':
      return look.moveRow(model, 1);
    case 'page up':
      return look.moveRow(model, -PAGE);
    case 'page down':
      return look.moveRow(model, PAGE);
    case 'layer up':
      return look.moveLayer(model, 1);
    case 'layer down':
      return look.moveLayer(model, -1);
    case 'fold':
      return look.foldProtocol(model);
    case 'next pane':
      return look.focusNext(model, 1);
    case 'previous pane':
      return look.focusNext(model, -1);
    case 'zoom':
      return { ...model, isZoomed: !model.isZoomed, leaf: null, scroll: 0 };
    case 'layout':
      return look.nextLayout(model);
    case 'model':
      return look.nextStackMode(model);
    case 'log time':
      return { ...model, isLogTime: !model.isLogTime };
    case 'theme':
      return look.nextTheme(model);
    case 'header':
      return look.openLeaf(model, 'bits');
    case 'readings':
      return look.openLeaf(model, 'readings');
    case 'help':
      return openPrompt(look.openLeaf(model, 'help'), 'keys');
    case 'where':
      return look.openLeaf(model, 'lineage');
    case 'diff':
      return model.leaf === 'diff' ? look.openLeaf(model, 'diff') : diff(model);
    case 'inject':
      return openInject(model);
    case 'next branch':
      return switchBranch(model, 1);
    case 'previous branch':
      return switchBranch(model, -1);
    case 'seed':
      return openPrompt(model, 'seed');
    case 'filter':
      return openPrompt(model, 'filter');
    case 'breakpoint':
      return openPrompt(model, 'break');
    case 'palette':
      return openPrompt(model, 'palette');
    case 'export':
      return openPrompt(model, 'export');
    case 'escape':
      return escaped(model);
    default:
      return null;
  }
}

/** One thing at a time: a leaf, zoom, the filter. */
function escaped(model: Model): Model {
  if (model.leaf) return { ...model, leaf: null };
  if (model.isZoomed) return { ...model, isZoomed: false };
  if (model.filter) return { ...model, filter: null, matches: null };
  return { ...model, field: null, connection: null, node: null };
}
