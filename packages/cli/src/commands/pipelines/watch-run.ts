import type { PipelineRunView } from '@fairlead/contracts';
import type { Session } from '../../define-command.js';
import { styleFor } from '../../terminal/style.js';
import { presentStep } from './present-run.js';

const ENDED = ['succeeded', 'cached', 'failed', 'cancelled', 'skipped'];

/** Waits for a run's end and shows each step as it ends, and what is running now. */
export function watchRun(session: Session, started: PipelineRunView): Promise<PipelineRunView> {
  const style = styleFor(session.io, session.io.stderr);
  const told = new Set<string>();
  return session.busy(`${started.pipeline} ${started.state}`, (progress) =>
    session.client.pipelineRuns.wait(started.id, {
      timeoutMs: 7 * 86_400_000,
      onProgress: ({ pipeline, state, steps }) => {
        for (const step of steps) {
          if (!ENDED.includes(step.state) || told.has(step.name)) continue;
          told.add(step.name);
          progress.line(presentStep(step, style));
        }
        const running = steps.filter((step) => step.state === 'running');
        progress.update(
          running.map(({ name, progress: now }) => `${name}${now === null ? '' : ` ${percent(now)}`}`).join(', ') ||
            `${pipeline} ${state}`,
        );
      },
    }),
  );
}

function percent({ ratio, message }: { ratio: number; message: string }): string {
  return `${Math.round(ratio * 100)} % ${message}`.trimEnd();
}
