/** What came of one attempt, as far as a retry depends on it. */
export type AttemptOutcome =
  | { readonly kind: 'answer'; readonly status: number; readonly retryAfter: string | null }
  | { readonly kind: 'unreachable'; readonly refused: boolean };

const FIRST_DELAY_MS = 100;
const LONGEST_DELAY_MS = 10_000;

/**
 * How long to wait before the request is sent again, or null: give up.
 *
 * Only requests that may be repeated without harm (RFC 9110 §9.2.2) are, and only when the server cannot have done
 * anything: nobody listened, or it answered 503 and said when to come back.
 */
export function retryDelayMs(
  outcome: AttemptOutcome,
  { method, attempt, maxRetries }: { method: string; attempt: number; maxRetries: number },
): number | null {
  if (attempt >= maxRetries || !['GET', 'PUT', 'DELETE'].includes(method)) return null;
  if (outcome.kind === 'unreachable') return outcome.refused ? FIRST_DELAY_MS * 2 ** attempt : null;
  if (outcome.status !== 503 || outcome.retryAfter === null || !/^[0-9]+$/.test(outcome.retryAfter)) return null;
  const delayMs = Number(outcome.retryAfter) * 1_000;
  return delayMs > LONGEST_DELAY_MS ? null : Math.max(delayMs, FIRST_DELAY_MS);
}
