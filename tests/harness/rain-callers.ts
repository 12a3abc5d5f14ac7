import { exampleRow } from './port-weather.js';

export interface RainAnswer {
  /** 0: the connection broke. */
  readonly status: number;
  readonly code: string | undefined;
  readonly retryAfter: string | null;
  /** Of the rows that were asked for. */
  readonly ids: readonly string[];
  readonly version: string | null;
  readonly ms: number;
}

let asked = 0;

/** Asks the endpoint `rain` about `rows` days, each with an id of its own; never rejects. */
export async function askRain(url: string, { rows = 1, key = '' } = {}): Promise<RainAnswer> {
  asked += 1;
  const ids = Array.from({ length: rows }, (_, row) => `asked-${process.pid}-${asked}-${row}`);
  const startedMs = performance.now();
  const end = () => ({ ids, ms: performance.now() - startedMs });
  try {
    const answer = await fetch(`${url}/api/v1/endpoints/rain/predict`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(key !== '' && { 'x-fairlead-route-key': key }) },
      body: JSON.stringify({ rows: ids.map(() => exampleRow), ids }),
    });
    const body = (await answer.json()) as { error?: { code: string } };
    const { status, headers } = answer;
    const version = headers.get('x-fairlead-model-version');
    return { status, code: body.error?.code, retryAfter: headers.get('retry-after'), version, ...end() };
  } catch {
    return { status: 0, code: undefined, retryAfter: null, version: null, ...end() };
  }
}

/** Callers who ask one request after the other until `done`. Every request that was sent is in the result. */
export async function callRain(
  ask: () => Promise<RainAnswer>,
  { callers = 8, done }: { callers?: number; done: (answers: readonly RainAnswer[]) => boolean | Promise<boolean> },
): Promise<RainAnswer[]> {
  const answers: RainAnswer[] = [];
  let over = false;
  const caller = async () => {
    while (!over) {
      answers.push(await ask());
      over ||= await done(answers);
    }
  };
  await Promise.all(Array.from({ length: callers }, caller));
  return answers;
}

/** The time that a share of the answers took at most. */
export function quantileMs(answers: readonly RainAnswer[], share: number): number {
  const sorted = answers.map(({ ms }) => ms).sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
}
