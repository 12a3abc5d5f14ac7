import type { Lake } from '../../../platform/lake/index.js';
import { servingErrors } from '../serving-errors.js';
import { AnswerColumns } from './answer-columns.js';
import type { AnswerLayout } from './answer-layout.js';
import type { BatchFolder } from './batch-folder.js';
import type { RowIssue } from './batch-types.js';
import { dropNonFinite } from './drop-non-finite.js';
import type { OpenedInput } from './open-input.js';
import type { RowWindow } from './row-window.js';
import type { RunPiece } from './run-rows.js';

export interface PartWriter {
  /** Takes the answers to the rows of a window that begins at `rowStart`; windows may come in any order. */
  put(rowStart: number, window: RowWindow, pieces: readonly RunPiece[]): void;
  /** Resolves when there is room for more: at most one part is written while another is filled. */
  room(): Promise<void>;
  /** Resolves when nothing is written any more, however that went. */
  settle(): Promise<void>;
  /** Resolves when every row up to `rowEnd` is on disk. */
  finish(rowEnd: number): Promise<{ errorRows: number }>;
}

export interface PartWriterOptions {
  readonly folder: BatchFolder;
  readonly lake: Lake;
  readonly input: OpenedInput;
  readonly layout: AnswerLayout;
  readonly partRows: number;
  readonly firstPart: number;
  /** Of the parts before the first. */
  readonly errorRows: number;
  readonly maxErrors: number;
  readonly progress: (rows: number) => void;
}

interface Part {
  readonly index: number;
  readonly answers: AnswerColumns;
  readonly issues: RowIssue[];
  waiting: number;
}

/** Gathers answers to parts and writes each when its last answer is there, in order. */
export function createPartWriter(options: PartWriterOptions): PartWriter {
  const { folder, lake, input, layout, partRows, maxErrors } = options;
  const parts = new Map<number, Part>();
  let errorRows = options.errorRows;
  let answered = options.firstPart * partRows;
  let writing = Promise.resolve();
  let queued = 0;
  let nextPart = options.firstPart;
  let failure: unknown = null;

  const partAt = (index: number): Part => {
    let part = parts.get(index);
    if (part === undefined) {
      const rows = Math.max(0, Math.min(partRows, input.rows - index * partRows));
      part = { index, answers: new AnswerColumns(layout, rows), issues: [], waiting: rows };
      parts.set(index, part);
    }
    return part;
  };

  const write = async ({ index, answers, issues }: Part): Promise<void> => {
    const rowStart = index * partRows;
    const draft = folder.draft(`part-${index}`);
    await lake.exportBeside({
      sql: input.keptSql(rowStart, rowStart + answers.rows),
      columns: answers.columns(),
      rowCount: answers.rows,
      path: draft,
    });
    issues.sort((a, b) => a.row - b.row);
    await folder.keepPart(index, draft, issues);
  };

  const flush = (): void => {
    for (let part = parts.get(nextPart); part?.waiting === 0; part = parts.get(nextPart)) {
      const whole = part;
      parts.delete(nextPart);
      nextPart += 1;
      queued += 1;
      writing = writing
        .then(() => (failure === null ? write(whole) : undefined))
        .catch((error) => {
          failure ??= error;
        })
        .finally(() => {
          queued -= 1;
        });
    }
  };

  const refuse = (part: Part, issue: RowIssue): void => {
    part.answers.drop(issue.row - part.index * partRows);
    part.issues.push(issue);
    errorRows += 1;
    if (errorRows <= maxErrors) return;
    const { row, column, code, reason } = issue;
    const place = column === '' ? `row ${row}` : `row ${row}, column ${column}`;
    throw servingErrors.SRV_BATCH_TOO_MANY_ERRORS(
      `More than ${maxErrors} rows have no answer; the last one: ${place}: ${code}: ${reason}.`,
      { data: { maxErrors, row, column, code, reason } },
    );
  };

  return {
    put: (rowStart, window, pieces) => {
      const part = partAt(Math.floor(rowStart / partRows));
      const base = rowStart - part.index * partRows;
      for (const { start, count, tensors, failure: why } of pieces) {
        if (why === null) part.answers.put(tensors, base + start, count);
        else if (!window.refused.has(start)) refuse(part, { row: rowStart + start, ...why });
        if (why === null) {
          dropNonFinite(tensors, count, (at, reason) => {
            if (window.refused.has(start + at)) return;
            refuse(part, { row: rowStart + start + at, column: '', code: 'SRV_NONFINITE_OUTPUT', reason });
          });
        }
      }
      for (const [at, issue] of window.refused) refuse(part, { row: rowStart + at, ...issue });
      part.waiting -= window.rows;
      answered += window.rows;
      options.progress(answered);
      flush();
    },
    room: async () => {
      while (queued > 1) await writing;
      if (failure !== null) throw failure;
    },
    settle: () => writing,
    finish: async (rowEnd) => {
      // A file without rows still has columns.
      if (input.rows === 0 && nextPart === 0) partAt(0);
      flush();
      await writing;
      if (failure !== null) throw failure;
      const expected = Math.max(1, Math.ceil(input.rows / partRows));
      if (rowEnd !== input.rows || nextPart !== expected) {
        throw servingErrors.SRV_BATCH_INPUT(`The input gave ${rowEnd} rows where its footer says ${input.rows}.`, {
          data: { got: rowEnd, expected: input.rows },
        });
      }
      return { errorRows };
    },
  };
}
