import { createHash } from 'node:crypto';
import { canonicalJson } from '@fairlead/kernel';
import type { Release } from '../release-types.js';
import type { Waiver } from '../waiver-rules.js';
import type { GateResult } from './gate-types.js';

export interface ReportedGates {
  readonly release: Pick<Release, 'endpoint' | 'environment' | 'model' | 'version' | 'modelDigest' | 'policyDigest'>;
  readonly configurationDigest: string;
  readonly gates: readonly GateResult[];
  readonly waivers: readonly Waiver[];
}

/** The canonical text that signatures bind to: what was tested, each verdict with its evidence, and who waived which. */
export function gateReport({ release, configurationDigest, gates, waivers }: ReportedGates): string {
  const { endpoint, environment, model, version, modelDigest, policyDigest } = release;
  const facts = { endpoint, environment, model, version, modelDigest, configurationDigest, policyDigest, gates };
  return canonicalJson(finite(waivers.length === 0 ? facts : { ...facts, waivers }));
}

// JSON has no NaN: a figure that could not be computed is null in the report.
function finite(value: unknown): unknown {
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  if (Array.isArray(value)) return value.map(finite);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, finite(member)]));
}

export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

export const digestOf = (value: unknown): string => sha256(canonicalJson(value));
