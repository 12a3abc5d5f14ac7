import { AnyEvaluationReportSchema } from '@fairlead/contracts';
import { canonicalJson } from '@fairlead/kernel';
import { Check } from 'typebox/value';
import type { EvaluationReport } from './evaluation-types.js';

/** Canonical JSON with null for what is not a number. */
export function encodeReport(report: EvaluationReport): Uint8Array {
  return new TextEncoder().encode(canonicalJson(JSON.parse(JSON.stringify(report))));
}

/** The report in these bytes, or undefined when they hold something else. */
export function decodeReport(bytes: Uint8Array): EvaluationReport | undefined {
  let value: unknown;
  try {
    // A report has no other null than the numbers that are not defined.
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    return undefined;
  }
  return Check(AnyEvaluationReportSchema, value) ? (withNaN(value) as EvaluationReport) : undefined;
}

function withNaN(value: unknown): unknown {
  if (value === null) return Number.NaN;
  if (Array.isArray(value)) return value.map(withNaN);
  if (typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, withNaN(member)]));
}
