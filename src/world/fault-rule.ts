import type { Verdict } from '../layers/1-physical/cable/channel.ts';
import type { Depth } from '../layers/codecs.ts';
import type { ScriptedFault } from '../scenario/scenario.ts';
import type { FrameTest } from './frame-matcher.ts';
import type { SeenFrame } from './link.ts';

/** A scripted fault (`drop: [{ match, nth }]`): counts the frames that match, and strikes those it selects. */
export class FaultRule {
  readonly #fault: ScriptedFault;
  readonly #match: FrameTest;
  #count = 0;

  constructor(fault: ScriptedFault, match: FrameTest) {
    this.#fault = fault;
    this.#match = match;
  }

  get depth(): Depth {
    return this.#match.depth;
  }

  /** It has struck as often as it may. */
  get isOver(): boolean {
    const { select } = this.#fault;
    if (select === 'all' || 'every' in select) return false;
    return this.#count >= ('nth' in select ? select.nth : select.count);
  }

  judge(seen: SeenFrame): Verdict {
    if (!this.#match.test(seen)) return 'pass';
    this.#count++;
    if (!this.#isSelected()) return 'pass';
    const { fault, delayNs } = this.#fault;
    if (fault === 'delay') return { delayNs };
    if (fault !== 'drop') return fault;
    return {
      drop: `scripted: ${selectionText(this.#fault)} that matches ${this.#fault.match.text}`,
      reason: 'scripted',
    };
  }

  #isSelected(): boolean {
    const { select } = this.#fault;
    if (select === 'all') return true;
    if ('nth' in select) return this.#count === select.nth;
    if ('count' in select) return this.#count <= select.count;
    return this.#count % select.every === 0;
  }
}

function selectionText({ select }: ScriptedFault): string {
  if (select === 'all') return 'every frame';
  if ('nth' in select) return `frame ${select.nth}`;
  if ('count' in select) return `each of the first ${select.count} frames`;
  return `each ${select.every}th frame`;
}
