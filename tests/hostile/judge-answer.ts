import type { Answer, Attempt } from './send-request.js';

const CODE = /^[A-Z]+_[A-Z0-9_]+$/;
// A time of day after "at" is no place in a program: a path that was asked for may be one.
const STACK = /\n\s+at |\.[cm]?[jt]s:\d+|\bnode:\w+|node_modules/;

/** What the operation that was asked promises; null where no operation stands. */
export type Promised = { readonly documents503: boolean; readonly speaksOip: boolean } | null;

/** What is wrong with an answer, or null. */
export function judgeAnswer(attempt: Attempt, answer: Answer, promised: Promised): string | null {
  const { status, headers, body } = answer;
  if (status >= 500 && !(status === 503 && promised?.documents503 === true && headers['retry-after'] !== undefined)) {
    return `${status} ${body.slice(0, 300)}`;
  }
  if (status < 200) return `status ${status}`;
  if (attempt.method === 'HEAD') return body === '' ? null : `${status} to HEAD with a body`;
  const type = String(headers['content-type'] ?? '');
  const parsed = type.includes('application/json') ? parseJson(body) : undefined;
  if (parsed === null) return `${status} with broken JSON: ${body.slice(0, 100)}`;
  if (headers['x-content-type-options'] !== 'nosniff') return `${status} without nosniff`;
  if (status < 400) return null;
  // Below /v2 the server speaks the protocol also where no operation stands.
  const oip =
    promised?.speaksOip ?? (attempt.path.startsWith('/v2') && typeof Object(parsed?.value).error === 'string');
  if (promised === null && MLFLOW_PATH.test(attempt.path)) return judgeMlflowError(status, parsed);
  return judgeError(status, parsed, oip);
}

/** Below these MLflow's protocol is spoken, also where no call stands. */
const MLFLOW_PATH = /^\/(api\/[23]\.0|ajax-api|get-artifact|model-versions|graphql|v1\/traces)(\/|\?|$)/;

function judgeMlflowError(status: number, parsed: { value: unknown } | undefined): string | null {
  const { error_code: code, message } = Object(parsed?.value) as Readonly<Record<string, unknown>>;
  if (typeof code !== 'string' || !/^[A-Z]+(_[A-Z]+)*$/.test(code)) return `${status} without a code of MLflow`;
  if (typeof message !== 'string' || message === '') return `${status} ${code} without message`;
  return STACK.test(message) ? `${status} ${code} shows a stack` : null;
}

function judgeError(status: number, parsed: { value: unknown } | undefined, oip: boolean): string | null {
  if (parsed === undefined) return `${status} is no JSON`;
  const { error } = Object(parsed.value) as { error?: unknown };
  if (oip) {
    return typeof error === 'string' && /^[A-Z]+_[A-Z0-9_]+: ./.test(error) ? null : `${status} is no OIP error`;
  }
  const { code, message, remedy, id, requestId } = Object(error) as Readonly<Record<string, unknown>>;
  if (typeof code !== 'string' || !CODE.test(code)) return `${status} without a code`;
  for (const [name, value] of Object.entries({ message, remedy, id })) {
    if (typeof value !== 'string' || value === '') return `${status} ${code} without ${name}`;
  }
  if (typeof requestId !== 'string' && requestId !== null) return `${status} ${code} without requestId`;
  if (STACK.test(String(message))) return `${status} ${code} shows a stack`;
  return null;
}

function parseJson(text: string): { value: unknown } | null {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return null;
  }
}
