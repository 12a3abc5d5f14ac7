import { isFairleadError } from '@fairlead/kernel';
import type { SourceProblem } from './import-source.js';

export interface ExportCounts {
  experiments: number;
  runs: number;
  points: number;
  files: number;
  fileBytes: number;
  loggedModels: number;
  models: number;
  versions: number;
}

export interface ExportSummary {
  readonly folder: string;
  readonly format: 'mlruns' | 'parquet';
  readonly counts: Readonly<ExportCounts>;
  /** What could not be written. */
  readonly problems: readonly SourceProblem[];
}

export interface ExportOptions {
  readonly onProgress?: (counts: Readonly<ExportCounts>) => void;
  readonly signal?: AbortSignal;
}

export const noCounts = (): ExportCounts => ({
  experiments: 0,
  runs: 0,
  points: 0,
  files: 0,
  fileBytes: 0,
  loggedModels: 0,
  models: 0,
  versions: 0,
});

/** Runs `work` on one thing; a coded problem of its name or content is kept, and the rest goes on. */
export async function attemptEach(problems: SourceProblem[], work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!isFairleadError(error) || !/^MOVE_(PATH_REFUSED|UNREADABLE_FILE|RECORD_BROKEN)$/.test(error.code)) throw error;
    problems.push({ code: error.code, place: String(error.data.place ?? ''), message: error.message });
  }
}
