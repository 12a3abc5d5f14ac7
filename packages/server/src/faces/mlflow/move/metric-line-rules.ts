import type { SourcePoint } from './import-source.js';
import { readPythonNumber } from './read-record.js';

/** What a line of a model's metric file has beside the point. */
export interface ModelLine extends SourcePoint {
  readonly runId: string;
  readonly datasetName: string | null;
  readonly datasetDigest: string | null;
}

const wholeOf = (text: string | undefined) =>
  text !== undefined && /^[+-]?\d+$/.test(text) && Number.isSafeInteger(Number(text)) ? Number(text) : undefined;

/**
 * `timestamp value [step [dataset digest]]`. The step counts in lines with a dataset too; MLflow itself reads them as step 0,
 * although it wrote the step. Undefined when it is none.
 */
export function readMetricLine(line: string): SourcePoint | undefined {
  const [timestamp, value, step = '0'] = line.split(' ');
  return pointOf(timestamp, value, step);
}

/** `timestamp value step run [dataset digest]`; the name of a dataset may have spaces. */
export function readModelMetricLine(line: string): ModelLine | undefined {
  const [timestamp, value, step, runId, ...dataset] = line.split(' ');
  const point = pointOf(timestamp, value, step);
  if (point === undefined || runId === undefined || dataset.length === 1) return undefined;
  return {
    ...point,
    runId,
    datasetName: dataset.length === 0 ? null : dataset.slice(0, -1).join(' '),
    datasetDigest: dataset.at(-1) ?? null,
  };
}

function pointOf(timestamp: string | undefined, value: string | undefined, step: string | undefined) {
  const timestampMs = wholeOf(timestamp);
  const number = readPythonNumber(value ?? '');
  const whole = wholeOf(step);
  if (timestampMs === undefined || timestampMs < 0 || number === undefined || whole === undefined) return undefined;
  return { value: number, timestampMs, step: whole };
}
