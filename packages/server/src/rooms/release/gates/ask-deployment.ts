import { randomUUID } from 'node:crypto';
import { isFairleadError, messageOf, throwIfAborted } from '@fairlead/kernel';
import type { Deployment, ServingService } from '../../serving/index.js';

/** What became of one row: an answer, a clean refusal of the input, or a failure. */
export type Answer =
  | {
      readonly kind: 'answered';
      readonly label: string;
      readonly value: number | undefined;
      /** By label; empty where only labels are given. */
      readonly probabilities: Readonly<Record<string, number>>;
    }
  | { readonly kind: 'refused'; readonly code: string }
  | { readonly kind: 'failed'; readonly code: string };

export interface Asking {
  readonly deployment: Deployment;
  readonly rows: readonly Readonly<Record<string, unknown>>[];
  readonly signal?: AbortSignal;
}

const BATCH = 256;

/**
 * Sends rows to a deployment through the serving path, whatever computes behind it. A row that is refused or fails takes
 * down its batch, so such a batch is halved until the rows at fault stand alone.
 */
export async function askDeployment(
  serving: Pick<ServingService, 'predict'>,
  { deployment, rows, signal }: Asking,
): Promise<Answer[]> {
  const { endpoint, environment, version } = deployment;
  const ask = async (from: number, until: number): Promise<Answer[]> => {
    throwIfAborted(signal);
    try {
      const { predictions } = await serving.predict({
        ...{ endpoint, environment, targetVersion: version, consumer: 'gates' },
        requestId: randomUUID(),
        input: { kind: 'rows', rows: rows.slice(from, until) },
      });
      return predictions.map(({ label, value, probabilities }) => ({ kind: 'answered', label, value, probabilities }));
    } catch (error) {
      if (until - from > 1) {
        const middle = (from + until) >> 1;
        return [...(await ask(from, middle)), ...(await ask(middle, until))];
      }
      const { code, status } = isFairleadError(error) ? error : { code: messageOf(error), status: 500 };
      return [{ kind: status < 500 ? 'refused' : 'failed', code }];
    }
  };
  const answers: Answer[] = [];
  for (let from = 0; from < rows.length; from += BATCH) {
    answers.push(...(await ask(from, Math.min(from + BATCH, rows.length))));
  }
  return answers;
}
