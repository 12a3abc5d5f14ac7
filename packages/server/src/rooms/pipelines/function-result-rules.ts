import type { Json } from './pipelines-types.js';

/** What a function step may return. */
export interface FunctionResult {
  /** Output name → file it wrote, relative to `outputDir`. */
  readonly files: Readonly<Record<string, string>>;
  /** Output name → JSON value, stored as `<name>.json`. */
  readonly values: Readonly<Record<string, Json>>;
  /** Logged to the tracking run. */
  readonly metrics: Readonly<Record<string, number>>;
  readonly summary: Json;
}

const EMPTY: FunctionResult = { files: {}, values: {}, metrics: {}, summary: null };
const MEMBERS = Object.keys(EMPTY);
const OUTPUT_NAME = /^[A-Za-z0-9][A-Za-z0-9_-]{0,99}$/;

/** Reads what a function returned; `problem` says in words why it cannot be used. The value has been through JSON. */
export function parseFunctionResult(returned: unknown): { result: FunctionResult; problem: string | null } {
  if (!isMap(returned)) return { result: EMPTY, problem: 'it is no object' };
  const unknown = Object.keys(returned).filter((key) => !MEMBERS.includes(key));
  if (unknown.length > 0) {
    return { result: EMPTY, problem: `it has ${unknown.join(', ')}; known are ${MEMBERS.join(', ')}` };
  }
  const { files = {}, values = {}, metrics = {}, summary = null } = returned;
  if (!isMap(files) || !isMap(values) || !isMap(metrics)) {
    return { result: EMPTY, problem: 'files, values and metrics must be objects' };
  }
  const problem =
    outputProblem([...Object.keys(files), ...Object.keys(values)]) ??
    wrongMember(files, 'files', 'string') ??
    wrongMember(metrics, 'metrics', 'number');
  return { result: { files, values, metrics, summary } as FunctionResult, problem };
}

function outputProblem(names: readonly string[]): string | null {
  const bad = names.find((name) => !OUTPUT_NAME.test(name));
  if (bad !== undefined) return `"${bad}" is no name for an output`;
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  return twice === undefined ? null : `"${twice}" is in files and in values`;
}

function wrongMember(members: Readonly<Record<string, unknown>>, where: string, type: string): string | null {
  const bad = Object.entries(members).find(([, value]) => typeof value !== type);
  return bad === undefined ? null : `${where}.${bad[0]} is no ${type}`;
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
