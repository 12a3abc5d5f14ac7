import { beatsBaselineGate } from './beats-baseline-gate.js';
import { calibrationGate } from './calibration-gate.js';
import { commandGate } from './command-gate.js';
import { contractGate } from './contract-gate.js';
import type { AnyGateType } from './define-gate.js';
import { documentationGate } from './documentation-gate.js';
import { fairnessGate } from './fairness-gate.js';
import type { GateRoom } from './gate-room.js';
import type { GateResult, GateSpec } from './gate-types.js';
import { liveComparisonGate } from './live-comparison-gate.js';
import { loadTrialGate } from './load-trial/load-trial-gate.js';
import { onnxParityGate } from './onnx-parity-gate.js';
import { reproductionGate } from './reproduction-gate.js';
import { robustnessGate } from './robustness-gate.js';
import { slicesGate } from './slices-gate.js';

/** Every type of gate: a new one is a file and a line here. */
const TYPES: Readonly<Record<GateSpec['kind'], AnyGateType>> = {
  contract: contractGate,
  'beats-baseline': beatsBaselineGate,
  'not-worse-than-live': liveComparisonGate,
  'onnx-parity': onnxParityGate,
  slices: slicesGate,
  calibration: calibrationGate,
  fairness: fairnessGate,
  robustness: robustnessGate,
  reproduction: reproductionGate,
  documentation: documentationGate,
  'load-trial': loadTrialGate,
  command: commandGate,
};

/** Type and version of a gate, as reports and plans name it. */
export const gateTypeOf = ({ kind }: GateSpec): string => `${kind}@${TYPES[kind].version}`;

/** Runs one gate on a deployed version. */
async function runGate(room: GateRoom, spec: GateSpec): Promise<GateResult> {
  const { kind, ...parameters } = spec;
  return { kind, type: gateTypeOf(spec), parameters, ...(await TYPES[kind].run(room, spec)) };
}

/**
 * Runs all gates, those that wait for work elsewhere behind the others; results stand in the order of the policy. They run one after the
 * other: a model that is trained again beside a load trial would be in its latencies.
 *
 * @param before called before each gate with what was decided so far; false: nobody wants the rest
 * @returns undefined: it was not wanted
 */
export async function runGates(
  room: GateRoom,
  specs: readonly GateSpec[],
  before: (spec: GateSpec, decided: readonly GateResult[]) => Promise<boolean>,
): Promise<GateResult[] | undefined> {
  const results = new Map<GateSpec, GateResult>();
  const decided = () => specs.flatMap((spec) => results.get(spec) ?? []);
  for (const spec of [...specs.filter((one) => !isLast(one)), ...specs.filter(isLast)]) {
    if (!(await before(spec, decided()))) return undefined;
    results.set(spec, await runGate(room, spec));
  }
  return decided();
}

/** Whether the others are decided before this one begins. */
export const isLast = ({ kind }: GateSpec): boolean => TYPES[kind].waits === true;

/** Gates pass only when every one of them passes: `insufficient` never counts for a model. */
export function gatesPass(results: readonly Pick<GateResult, 'verdict'>[]): boolean {
  return results.length > 0 && results.every((result) => result.verdict === 'pass');
}
