import type { FairnessBounds, GateSpec } from './gate-types.js';

export const FAIRNESS_BOUNDS: readonly (keyof FairnessBounds)[] = [
  'maxSelectionDifference',
  'minSelectionRatio',
  'maxTprDifference',
  'minTprRatio',
  'maxFprDifference',
];

/** Problems of a policy's gates in words: a gate that bounds nothing would pass whatever it sees. Empty when they are sound. */
export function checkGates(gates: readonly GateSpec[]): string[] {
  return gates.flatMap((gate) => {
    const problem = missingOf(gate);
    return problem === null ? [] : [`the gate ${gate.kind} needs ${problem}`];
  });
}

function missingOf(gate: GateSpec): string | null {
  switch (gate.kind) {
    case 'slices':
      return gate.maxExcessBrier === undefined && gate.maxRmseRatio === undefined
        ? 'maxExcessBrier (classes) or maxRmseRatio (numbers)'
        : null;
    case 'calibration':
      return gate.maxEce === undefined && gate.maxBias === undefined ? 'maxEce (classes) or maxBias (numbers)' : null;
    case 'fairness':
      return FAIRNESS_BOUNDS.every((bound) => gate[bound] === undefined)
        ? `one of ${FAIRNESS_BOUNDS.join(', ')}`
        : null;
    case 'robustness':
      return [gate.noise, gate.missing, gate.outOfRange].every((one) => one === undefined)
        ? 'one of noise, missing, outOfRange'
        : null;
    case 'documentation':
      return gate.minCompleteness === undefined && (gate.fields ?? []).length === 0
        ? 'minCompleteness or fields'
        : null;
    default:
      return null;
  }
}
