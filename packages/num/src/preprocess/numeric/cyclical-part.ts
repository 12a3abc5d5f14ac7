import type { OnnxGraph } from '../../onnx/onnx-graph.js';
import { cast, concatFeatures } from '../onnx-pieces.js';
import type { NumericSpec } from '../preprocess-spec.js';
import type { FittedPart } from '../preprocess-types.js';
import type { TableView } from '../table-view.js';
import { cleanInto, learnNumber } from './learn-number.js';
import { inputOf } from './numbers-part.js';
import { writeClean } from './onnx-numbers.js';

/** Sine and cosine are multiples of this. */
const GRID = 2 ** -20;

/**
 * Sine and cosine of 2πx / period in double, rounded to multiples of 2⁻²⁰. Without the rounding a tree could split between
 * the sines of 0 and of half a period, which one library gives as 0 and another as 1e-16.
 */
export function fitCyclicalPart(table: TableView, spec: NumericSpec & { readonly period: number }): FittedPart {
  const clean = learnNumber(table, spec);
  return Object.freeze({
    inputs: [inputOf(clean)],
    features: [`${spec.name}_sin`, `${spec.name}_cos`].map((name) => ({ name, categoryCount: 0 })),
    transform: (rows: TableView, out: Float32Array) => {
      const n = rows.rowCount;
      const sines = out.subarray(0, n);
      cleanInto(rows, clean, sines);
      for (let row = 0; row < n; row++) {
        const turns = sines[row] / spec.period;
        const angle = (turns - Math.floor(turns)) * TURN;
        sines[row] = onGrid(Math.sin(angle));
        out[n + row] = onGrid(Math.cos(angle));
      }
    },
    writeOnnx: (graph: OnnxGraph) => {
      const wide = cast(graph, writeClean(graph, [clean]), 'double');
      const double = (value: number) => graph.constant(Float64Array.of(value), [1]);
      const turns = graph.node({ op: 'Div', inputs: [wide, double(spec.period)] });
      const whole = graph.node({ op: 'Floor', inputs: [turns] });
      const rest = graph.node({ op: 'Sub', inputs: [turns, whole] });
      const angle = graph.node({ op: 'Mul', inputs: [rest, double(TURN)] });
      const both = concatFeatures(
        graph,
        ['Sin', 'Cos'].map((op) => graph.node({ op, inputs: [angle] })),
      );
      const steps = graph.node({ op: 'Round', inputs: [graph.node({ op: 'Div', inputs: [both, double(GRID)] })] });
      return cast(graph, graph.node({ op: 'Mul', inputs: [steps, double(GRID)] }), 'float');
    },
  });
}

const TURN = 2 * Math.PI;

function onGrid(value: number): number {
  return Math.round(value / GRID) * GRID;
}
