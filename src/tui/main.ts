/** What the command line loads when somebody walks: a chunk of its own that no other command loads. */

export { playBatch } from './batch.ts';
export { castOfRun } from './cast.ts';
export { diffText } from './diff-text.ts';
export { openGallery } from './gallery/gallery.ts';
export { GalleryProgram } from './gallery/program.ts';
export { walkPlain } from './plain.ts';
export { Program } from './program.ts';
export { readTape, TapeProblem } from './tape.ts';
export { TerminalSession } from './terminal.ts';
