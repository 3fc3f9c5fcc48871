/** Ink as it is used here: it keeps components and works out where they stand, and what it would print goes nowhere. */

import { Box, type DOMElement, type Instance, render } from 'ink';
import type { ReactNode } from 'react';
import type { Rect } from './canvas.ts';
import { type Arrangement, type Kit, type PlaceId, type PlaceProps, type Places, Screen } from './screen.tsx';

/** Enough of a stream for Ink to write to. */
function nowhere(): NodeJS.WriteStream {
  const stream = { columns: 80, rows: 24, isTTY: false, write: () => true, on: () => stream, off: () => stream };
  return stream as unknown as NodeJS.WriteStream;
}

function silence(): NodeJS.ReadStream {
  const stream = { isTTY: false, on: () => stream, off: () => stream, setEncoding: () => stream, ref() {}, unref() {} };
  return stream as unknown as NodeJS.ReadStream;
}

export class InkLayout {
  readonly #stdout = nowhere();
  readonly #elements = new Map<PlaceId, DOMElement>();
  #instance: Instance | null = null;
  readonly #kit: Kit = {
    Box,
    Place: ({ id, ...box }: PlaceProps): ReactNode => (
      <Box {...box} ref={(element: DOMElement | null) => this.#register(id, element)} />
    ),
  };

  placesOf(arrangement: Arrangement): Places {
    this.#stdout.columns = arrangement.columns;
    this.#stdout.rows = arrangement.rows;
    const screen = <Screen arrangement={arrangement} kit={this.#kit} />;
    if (this.#instance) this.#instance.rerender(screen);
    else {
      this.#instance = render(screen, {
        stdout: this.#stdout,
        stderr: this.#stdout,
        stdin: silence(),
        debug: true,
        patchConsole: false,
        exitOnCtrlC: false,
      });
    }
    return new Map([...this.#elements].map(([id, element]) => [id, rectOf(element)]));
  }

  close(): void {
    this.#instance?.unmount();
    this.#instance = null;
  }

  #register(id: PlaceId, element: DOMElement | null): void {
    if (element) this.#elements.set(id, element);
    else this.#elements.delete(id);
  }
}

/** Yoga's places are relative to the parent's. */
function rectOf(element: DOMElement): Rect {
  let x = 0;
  let y = 0;
  for (let at: DOMElement | undefined = element; at?.yogaNode; at = at.parentNode) {
    x += at.yogaNode.getComputedLeft();
    y += at.yogaNode.getComputedTop();
  }
  const width = element.yogaNode?.getComputedWidth() ?? 0;
  const height = element.yogaNode?.getComputedHeight() ?? 0;
  return { x: Math.round(x), y: Math.round(y), width: Math.round(width), height: Math.round(height) };
}
