import type { PackedRows } from './packed-rows.js';

/** What a reading thread is started with. */
export interface ReadingStart {
  readonly path: string;
  readonly cacheKib: number;
}

export type ReadingCommand =
  | { readonly type: 'read'; readonly text: string; readonly parameters: readonly unknown[] }
  | { readonly type: 'stop' };

/** A read is answered by some replies with rows, of which the last is told, or by one failure. */
export type ReadingReply =
  | { readonly rows: PackedRows; readonly isLast: boolean }
  | { readonly failure: { readonly message: string; readonly code?: string; readonly rawCode?: number } };
