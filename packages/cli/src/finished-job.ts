import { cliErrors } from './cli-errors.js';
import type { Session } from './define-command.js';

/** What came out of a job, once it has; how far it is shows meanwhile. Throws CLI_JOB_FAILED. */
export async function finishedJob<Result>(
  session: Session,
  text: string,
  start: () => Promise<{ readonly jobId: string }>,
): Promise<Result> {
  const job = await session.busy(text, async (progress) => {
    const { jobId } = await start();
    return session.client.jobs.wait(jobId, {
      onProgress: (view) => progress.update(view.progress.message || 'waiting'),
    });
  });
  if (job.state === 'succeeded') return job.result as unknown as Result;
  const { code = '', message = job.state, remedy = '' } = job.error ?? {};
  throw cliErrors.CLI_JOB_FAILED(`${code === '' ? '' : `${code}: `}${message} ${remedy}`.trim(), {
    data: { jobId: job.id, code },
  });
}
