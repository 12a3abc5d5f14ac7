import type { ModelVersion } from '../../registry/index.js';
import { defineGate, insufficient } from './define-gate.js';
import type { GateSpecOf } from './gate-types.js';

export const onnxParityGate = defineGate<GateSpecOf<'onnx-parity'>, ModelVersion['parity']>({
  kind: 'onnx-parity',
  version: 1,
  measure: ({ version }) => version.parity,
  judge: ({ maxAbsDifference }, parity) => {
    const title = 'ONNX parity';
    const required = `at most ${maxAbsDifference}, labels equal`;
    if (parity === null) return insufficient(title, required, 'what the ONNX file was converted from is not here');
    return {
      title,
      verdict: parity.labelsEqual && parity.maxAbsDifference <= maxAbsDifference ? 'pass' : 'fail',
      observed: `largest difference ${parity.maxAbsDifference.toExponential(1)} over ${parity.rows} rows, labels ${parity.labelsEqual ? 'equal' : 'differ'}`,
      required,
      evidence: { ...parity },
    };
  },
});
