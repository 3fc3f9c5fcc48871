/** What can happen to the model, and what it asks of the program around it. */

import type { LayerNumber } from '../kernel/journal.ts';
import type { LessonView } from '../projections/lesson.ts';
import type { CommandName } from './commands.ts';
import type { NumberedPane } from './model.ts';

export type Msg =
  | { readonly kind: 'command'; readonly name: CommandName }
  | { readonly kind: 'resize'; readonly columns: number; readonly rows: number }
  /** A journey goes on by one piece. */
  | { readonly kind: 'travel' }
  /** Playing: time for the next step. */
  | { readonly kind: 'tick' }
  | { readonly kind: 'seek'; readonly seq: number }
  | { readonly kind: 'focus'; readonly pane: NumberedPane }
  | { readonly kind: 'field'; readonly name: string }
  | { readonly kind: 'layer'; readonly layer: LayerNumber }
  | { readonly kind: 'scroll'; readonly by: number }
  | { readonly kind: 'edit'; readonly edit: Edit }
  | { readonly kind: 'choose'; readonly by: number }
  | { readonly kind: 'complete' }
  | { readonly kind: 'accept' }
  | { readonly kind: 'cancel' }
  /** A fault of the box by its key. */
  | { readonly kind: 'inject'; readonly key: string }
  /** The lesson is at hand. */
  | { readonly kind: 'lesson'; readonly view: LessonView }
  /** One of the choices of the question, from 0. */
  | { readonly kind: 'answer'; readonly choice: number }
  | { readonly kind: 'hint' | 'skip' }
  /** What an effect came to. */
  | { readonly kind: 'told'; readonly text: string; readonly isError: boolean };

export type Edit =
  | { readonly kind: 'insert'; readonly text: string }
  | { readonly kind: 'backspace' | 'delete' | 'left' | 'right' | 'home' | 'end' | 'clear' | 'word' };

/** Done by the program, since the model does nothing to the world. */
export type Effect =
  | { readonly kind: 'quit' }
  | { readonly kind: 'suspend' }
  | { readonly kind: 'redraw' }
  /** The lesson is wanted. */
  | { readonly kind: 'learn' }
  | { readonly kind: 'copy'; readonly text: string }
  | { readonly kind: 'save'; readonly path: string }
  | { readonly kind: 'export'; readonly path: string }
  | { readonly kind: 'extract'; readonly frames: readonly number[]; readonly path: string };

export type Updated = readonly [import('./model.ts').Model, Effect?];
