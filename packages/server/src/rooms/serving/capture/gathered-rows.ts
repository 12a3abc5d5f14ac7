import { BlockBuilder } from './block-builder.js';
import type { CaptureEntry, CaptureSource } from './capture-types.js';

/** What one append writes. */
export interface Blocks {
  readonly bytes: Buffer;
  readonly rows: number;
}

/** Rows of one endpoint until they are appended, by deployment. */
export class GatheredRows {
  readonly #builders = new Map<string, BlockBuilder>();
  #bytes = 0;

  /** What they hold, near enough. */
  get bytes(): number {
    return this.#bytes;
  }

  /** What an entry will take at least. */
  bytesFor({ source, rows }: CaptureEntry): number {
    return this.#builderOf(source).bytesFor(rows);
  }

  add(entry: CaptureEntry): void {
    const builder = this.#builderOf(entry.source);
    const before = builder.bytes;
    builder.add(entry);
    this.#bytes += builder.bytes - before;
  }

  /** Everything added since the last time, behind what an append has left. */
  take(left?: Blocks): Blocks {
    const builders = [...this.#builders.values()].filter(({ rows }) => rows > 0);
    const rows = builders.reduce((sum, builder) => sum + builder.rows, left?.rows ?? 0);
    const blocks = builders.map((builder) => builder.take());
    this.#bytes = 0;
    return { bytes: Buffer.concat(left === undefined ? blocks : [left.bytes, ...blocks]), rows };
  }

  /** Of deployments that are gone nothing is kept. */
  forgetIdle(): void {
    for (const [key, { rows }] of this.#builders) if (rows === 0) this.#builders.delete(key);
  }

  /** Models differ in their columns, and so does what refuses in their place when they are not loaded. */
  #builderOf(source: CaptureSource): BlockBuilder {
    const { deploymentId, model } = source;
    const key = model === '' ? `${deploymentId}?` : deploymentId;
    let builder = this.#builders.get(key);
    if (builder === undefined) {
      builder = new BlockBuilder(source);
      this.#builders.set(key, builder);
    }
    return builder;
  }
}
