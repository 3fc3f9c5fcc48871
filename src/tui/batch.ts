/** Plays a tape without a terminal and prints screens: tours, demonstrations and end-to-end tests of one kind. */

import type { InputEvent } from './decoder.ts';
import { exported } from './export.ts';
import { clickMessages } from './hit.ts';
import type { WalkHost } from './host.ts';
import { messageFor } from './keymap.ts';
import { Layout } from './layout.ts';
import type { Effect, Msg } from './message.ts';
import { branchOf, initialModel, type Model } from './model.ts';
import { paint } from './paint.ts';
import { withinReach } from './scrolled.ts';
import type { TapeStep } from './tape.ts';
import type { ThemeName } from './theme.ts';
import { update } from './update/update.ts';

export interface BatchOptions {
  readonly columns: number;
  readonly rows: number;
  readonly theme: ThemeName;
  readonly write: (text: string) => void;
  /** Begins with the lesson. */
  readonly lesson?: boolean;
}

/** Prints the screen wherever the tape says so, and at its end. Throws what cannot be written. */
export async function playBatch(host: WalkHost, tape: readonly TapeStep[], options: BatchOptions): Promise<void> {
  const layout = new Layout();
  await layout.loadInk();
  let model = initialModel(host, options);
  const show = (): void => options.write(`${paint(model, layout.placesOf(model)).rows().join('\n')}\n`);
  const dispatch = async (message: Msg): Promise<boolean> => {
    const [next, effect] = update(model, message);
    model = withinReach(model, next, layout);
    while (model.journey) [model] = update(model, { kind: 'travel' });
    return effect ? perform(effect) : true;
  };
  const perform = async (effect: Effect): Promise<boolean> => {
    if (effect.kind === 'learn') {
      const view = await host.lesson?.(() => true);
      return view ? dispatch({ kind: 'lesson', view }) : true;
    }
    if (effect.kind === 'save') {
      const { faults, seed } = branchOf(model);
      model = told(model, await host.save(faults, seed, effect.path));
    } else if (effect.kind === 'extract' && host.extract) {
      model = told(model, await host.extract(effect.frames, effect.path));
    } else if (effect.kind === 'export') {
      const text = exported(model, layout, effect.path, { depth: 'true', isAscii: false });
      model = told(model, await host.write(effect.path, text));
    }
    return effect.kind !== 'quit';
  };
  const messagesOf = (event: InputEvent): readonly Msg[] => {
    if (event.kind === 'mouse') return clickMessages(model, layout.placesOf(model), event.x, event.y);
    const message = event.kind === 'key' ? messageFor(model, event.key) : null;
    return message ? [message] : [];
  };
  try {
    if (options.lesson) await dispatch({ kind: 'command', name: 'lesson' });
    for (const step of tape) {
      if (step.kind === 'screen') show();
      const messages =
        step.kind === 'message'
          ? Array<Msg>(step.times).fill(step.message)
          : step.kind === 'input'
            ? messagesOf(step.event)
            : [];
      for (const message of messages) if (!(await dispatch(message))) return;
    }
    if (tape.at(-1)?.kind !== 'screen') show();
  } finally {
    layout.close();
  }
}

function told(model: Model, text: string): Model {
  return { ...model, notice: { text, isError: false } };
}
