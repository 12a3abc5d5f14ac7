import { selectRows } from '@fairlead/frame';
import { counted, megabytes, milliseconds } from '../../measure-words.js';
import { defineGate, insufficient } from '../define-gate.js';
import type { GateRoom } from '../gate-room.js';
import type { LoadTrialSpec } from '../gate-types.js';
import { inputRows, spreadRows } from '../input-rows.js';
import { predictUrl, untilAnswering } from '../test-address.js';
import { type LoadTrial, runLoadTrial } from './run-load-trial.js';

const TITLE = 'Load trial in test';
/** Different bodies to send: many more would only take memory. */
const MAX_BODIES = 1_000;

/** Since version 3 the memory of all processes counts that the server has started; before, its own alone. */
export const loadTrialGate = defineGate<LoadTrialSpec, LoadTrial | { readonly problem: string }>({
  kind: 'load-trial',
  version: 3,
  measure: loadTrial,
  judge: (spec, load) => {
    const required = requiredOf(spec);
    if ('problem' in load) return insufficient(TITLE, required, load.problem);
    const growthMb = load.memoryGrowthBytes / 1e6;
    const good =
      load.errors === 0 &&
      load.p99Ms <= spec.maxP99Ms &&
      load.p95Ms <= (spec.maxP95Ms ?? Infinity) &&
      load.p50Ms <= (spec.maxP50Ms ?? Infinity) &&
      load.throughput >= (spec.minThroughput ?? 0) &&
      growthMb <= spec.maxMemoryGrowthMb;
    const way = load.ratePerSecond === null ? `${load.concurrency} at a time` : `due at ${load.ratePerSecond}/s`;
    const failed = load.errors === 0 ? '0 errors' : `${load.errors} errors (${load.failures[0]})`;
    return {
      title: TITLE,
      verdict: good ? 'pass' : 'fail',
      observed: `${load.requests} requests, ${way}: ${Math.round(load.throughput)}/s, p50 ${milliseconds(load.p50Ms)}, p95 ${milliseconds(load.p95Ms)}, p99 ${milliseconds(load.p99Ms)}, ${failed}, ${megabytes(load.memoryGrowthBytes)} more memory in ${counted(load.processes, 'process', 'processes')}`,
      required,
      evidence: { ...load },
    };
  },
});

function requiredOf({ maxP99Ms, maxP95Ms, maxP50Ms, minThroughput, maxMemoryGrowthMb }: LoadTrialSpec): string {
  return [
    `p99 at most ${maxP99Ms} ms`,
    ...(maxP95Ms === undefined ? [] : [`p95 at most ${maxP95Ms} ms`]),
    ...(maxP50Ms === undefined ? [] : [`p50 at most ${maxP50Ms} ms`]),
    ...(minThroughput === undefined ? [] : [`at least ${minThroughput}/s`]),
    'no errors',
    `memory growth at most ${maxMemoryGrowthMb} MB`,
  ].join(', ');
}

async function loadTrial(room: GateRoom, spec: LoadTrialSpec): Promise<LoadTrial | { problem: string }> {
  const found = await room.rows();
  if ('problem' in found) return found;
  const { table } = found;
  const { deps, deployment, version, signal } = room;
  await untilAnswering(deps.address(), signal);
  const memory = await deps.openMemory();
  const lent = deps.lendToken();
  try {
    return await runLoadTrial({
      spec,
      url: predictUrl(deps.address(), deployment),
      headers: {
        authorization: `Bearer ${lent.token}`,
        // This version whatever else is deployed there meanwhile: the gate judges this model and no other.
        'x-fairlead-target-version': String(version.version),
      },
      rows: inputRows(selectRows(table, spreadRows(table.rowCount, MAX_BODIES)), version),
      signal,
      memory,
    });
  } finally {
    memory.stop();
    lent.takeBack();
  }
}
