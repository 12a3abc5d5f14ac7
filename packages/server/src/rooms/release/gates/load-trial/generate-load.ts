import { Agent, request as send } from 'node:http';

export interface LoadPlan {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Bodies to send, in turn. */
  readonly bodies: readonly string[];
  readonly requests: number;
  /** Connections at most. */
  readonly concurrency: number;
  /** Absent: every connection sends its next request when it has the answer to the last. */
  readonly ratePerSecond?: number;
  /** Sent before anything is measured. */
  readonly warmUp: number;
  readonly timeoutMs: number;
}

export interface LoadSeen {
  /** Milliseconds per request, in the order they were due; from when it was due, so that a server that stalls is not let off. */
  readonly latenciesMs: Float64Array;
  readonly errors: number;
  /** The first few, in words. */
  readonly failures: readonly string[];
  readonly durationMs: number;
}

/** Sends HTTP requests over connections that are kept open. `isStopped` is asked between requests. */
export async function generateLoad(plan: LoadPlan, isStopped: () => boolean = () => false): Promise<LoadSeen> {
  const agent = new Agent({ keepAlive: true, maxSockets: plan.concurrency });
  try {
    for (let i = 0; i < plan.warmUp && !isStopped(); i += 1) await post(plan, i, agent).catch(() => undefined);
    return await (plan.ratePerSecond === undefined ? closedLoop : openLoop)(plan, agent, isStopped);
  } finally {
    agent.destroy();
  }
}

async function closedLoop(plan: LoadPlan, agent: Agent, isStopped: () => boolean): Promise<LoadSeen> {
  const seen = startRecord(plan);
  let next = 0;
  const caller = async () => {
    while (next < plan.requests && !isStopped()) {
      const number = next;
      next += 1;
      await seen.measure(number, performance.now(), post(plan, number, agent));
    }
  };
  await Promise.all(Array.from({ length: plan.concurrency }, caller));
  return seen.end();
}

/** Requests leave on time or wait for a connection; both counts towards their latency. */
async function openLoop(plan: LoadPlan, agent: Agent, isStopped: () => boolean): Promise<LoadSeen> {
  const seen = startRecord(plan);
  const gapMs = 1_000 / (plan.ratePerSecond ?? 1);
  const startMs = performance.now();
  const sent: Promise<void>[] = [];
  for (let next = 0; next < plan.requests && !isStopped(); ) {
    const dueMs = startMs + next * gapMs;
    const waitMs = dueMs - performance.now();
    if (waitMs > 0) {
      await new Promise((resolve) => setTimeout(resolve, waitMs));
      continue;
    }
    sent.push(seen.measure(next, dueMs, post(plan, next, agent)));
    next += 1;
  }
  await Promise.all(sent);
  return seen.end();
}

const MAX_FAILURES = 5;

function startRecord({ requests }: LoadPlan) {
  const latenciesMs = new Float64Array(requests).fill(Number.NaN);
  const failures: string[] = [];
  let errors = 0;
  const startMs = performance.now();
  return {
    measure: async (number: number, fromMs: number, answer: Promise<void>): Promise<void> => {
      try {
        await answer;
      } catch (error) {
        errors += 1;
        if (failures.length < MAX_FAILURES) failures.push(error instanceof Error ? error.message : String(error));
      }
      latenciesMs[number] = performance.now() - fromMs;
    },
    end: (): LoadSeen => ({ latenciesMs, errors, failures, durationMs: performance.now() - startMs }),
  };
}

/** Resolves when the whole answer is there and says 200. */
function post({ url, headers, bodies, timeoutMs }: LoadPlan, number: number, agent: Agent): Promise<void> {
  const body = Buffer.from(bodies[number % bodies.length] ?? '{}');
  return new Promise((resolve, reject) => {
    const call = send(url, { method: 'POST', agent, headers: { ...headers, 'content-length': body.length } });
    call.setTimeout(timeoutMs, () => call.destroy(new Error(`no answer within ${timeoutMs} ms`)));
    call.once('error', reject);
    call.once('response', (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.once('error', reject);
      answer.once('end', () => {
        if (answer.statusCode === 200) resolve();
        else reject(new Error(`${answer.statusCode}: ${Buffer.concat(chunks).toString('utf8').slice(0, 200)}`));
      });
    });
    call.end(body);
  });
}
