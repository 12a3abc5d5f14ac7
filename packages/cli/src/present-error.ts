import { isFairleadError, messageOf } from '@fairlead/kernel';
import { type FairleadApiError, isFairleadApiError } from '@fairlead/sdk';
import type { Io } from './io.js';
import { styleFor } from './terminal/style.js';

/** An error as programs get it. */
export interface ErrorReport {
  readonly code: string;
  readonly message: string;
  readonly remedy: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly id?: string;
  readonly status?: number;
  readonly requestId?: string | null;
}

function reportOf(error: unknown): ErrorReport {
  if (isFairleadApiError(error) || isFairleadError(error)) {
    const { code, message, remedy, data, id, status } = error;
    const requestId = (error as FairleadApiError).requestId;
    return { code, message, remedy, data, id, ...(requestId !== undefined && { status, requestId }) };
  }
  return {
    code: 'CLI_INTERNAL',
    message: messageOf(error),
    remedy: 'This is a fault of the program: run it again with FAIRLEAD_DEBUG=1 and report what it prints.',
    data: {},
  };
}

/** 130 or 143 when a signal ended it, 2 for what the caller wrote wrong, 1 for everything else: a refusal of the server is not wrong usage. */
export function exitCodeOf(error: unknown): number {
  if (isFairleadError(error) && error.code === 'CLI_INTERRUPTED') return Number(error.data.exitCode);
  return !isFairleadApiError(error) && isFairleadError(error) && error.fault === 'user' ? 2 : 1;
}

/** `error CODE: message`, the problems one by one and the remedy on standard error; with --json also on standard output. */
export function presentError(io: Io, error: unknown, { json }: { json: boolean }): void {
  const report = reportOf(error);
  const style = styleFor(io, io.stderr);
  const lines = [`${style.red('error')} ${style.bold(report.code)}: ${report.message}`];
  for (const problem of problemsOf(report.data)) lines.push(`  - ${problem}`);
  if (report.remedy !== '') lines.push(`remedy: ${report.remedy}`);
  if (report.id !== undefined && report.id !== '' && (report.status ?? 0) >= 500) lines.push(`id: ${report.id}`);
  io.stderr.write(`${lines.join('\n')}\n`);
  if ((io.env.FAIRLEAD_DEBUG ?? '') !== '' && error instanceof Error) io.stderr.write(`${error.stack}\n`);
  if (json) io.stdout.write(`${JSON.stringify({ error: report }, null, 2)}\n`);
}

/** Lists of `{path, problem}` as the project file's errors carry them; a single one stands in the message already. */
function problemsOf(data: Readonly<Record<string, unknown>>): string[] {
  if (!Array.isArray(data.problems) || data.problems.length < 2) return [];
  return data.problems
    .slice(0, 20)
    .map((problem: { at?: string; path?: string; problem?: string }) =>
      [problem.at, problem.path, problem.problem].filter((part) => (part ?? '') !== '').join(' '),
    );
}
