import { idsOf } from './block-rows.js';
import type { SegmentFile } from './capture-types.js';
import { readPart } from './read-part.js';
import { readBlocks } from './segment-block.js';

/** Two generations of ids: a Set that is emptied from its front costs more with every id that has left it. */
interface Generations {
  young: Set<string>;
  old: Set<string>;
}

/**
 * The ids of the predictions captured last, per endpoint: most truths come soon after their prediction, and answering
 * "did we predict this?" from memory spares a read of the log. Read from the segments when somebody asks, so that answering
 * costs nothing for endpoints without truth. Forgets the oldest first; forgotten is not unknown.
 */
export class RecentIds {
  readonly #limit: number;
  readonly #ids = new Map<string, Generations>();
  /** How far segments were read, by their id. */
  readonly #readTo = new Map<string, number>();

  /** The last `limit` ids per endpoint and at most as many again, about 100 bytes each. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Whether anybody has asked for ids of the endpoint. */
  isAsked(endpoint: string): boolean {
    return this.#ids.has(endpoint);
  }

  /** Those of `wanted` that are known. */
  among(endpoint: string, wanted: readonly string[]): Set<string> {
    const { young, old } = this.#generations(endpoint);
    return new Set(wanted.filter((id) => young.has(id) || old.has(id)));
  }

  /** Learns what segments have got since they were read last; one that is gone says nothing. */
  async learn(segments: readonly SegmentFile[]): Promise<void> {
    for (const segment of segments) {
      const from = this.#readTo.get(segment.id) ?? 0;
      const bytes = await readPart(segment.path, from);
      if (bytes === undefined) continue;
      const { blocks, endBytes } = readBlocks(bytes);
      this.#readTo.set(segment.id, Math.max(this.#readTo.get(segment.id) ?? 0, from + endBytes));
      for (const block of blocks) for (const id of idsOf(block)) this.add(segment.endpoint, id);
    }
  }

  /** The segment is no file any more. */
  forget(segment: SegmentFile): void {
    this.#readTo.delete(segment.id);
  }

  add(endpoint: string, id: string): void {
    const ids = this.#generations(endpoint);
    if (ids.young.size >= this.#limit) {
      ids.old = ids.young;
      ids.young = new Set();
    }
    ids.young.add(id);
  }

  #generations(endpoint: string): Generations {
    let ids = this.#ids.get(endpoint);
    if (ids === undefined) {
      ids = { young: new Set(), old: new Set() };
      this.#ids.set(endpoint, ids);
    }
    return ids;
  }
}
