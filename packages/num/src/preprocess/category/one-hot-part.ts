import { numErrors } from '../../num-errors.js';
import type { OnnxGraph } from '../../onnx/onnx-graph.js';
import { flattenRows, integers } from '../onnx-pieces.js';
import type { CategorySpec } from '../preprocess-spec.js';
import type { FittedPart } from '../preprocess-types.js';
import type { TableView } from '../table-view.js';
import { type CategoryLevels, codesOf, levelsInput, writeCodes } from './category-levels.js';

/** More one-hot features than this of one column must be asked for in words. */
const MAX_ONE_HOT = 256;

/** One feature per category. @throws NUM_RANGE when there are more than 256 and the specification sets no limit */
export function oneHotPart(levels: CategoryLevels, spec: CategorySpec): FittedPart {
  if (levels.count > MAX_ONE_HOT && spec.maxCategories === undefined) {
    throw numErrors.NUM_RANGE(
      `Column ${spec.name} has ${levels.count} categories, more than the ${MAX_ONE_HOT} that become one feature each. Set maxCategories or minFrequency, take another encoding (target, frequency, codes), or leave out the column.`,
      { data: { column: spec.name, observed: levels.count, max: MAX_ONE_HOT } },
    );
  }
  const first = spec.drop === 'first' ? 1 : 0;
  const width = levels.count - first;
  const unknown = spec.unknown !== 'zeros' && levels.infrequent >= 0 ? levels.infrequent : levels.count;
  /** Feature of a code; `width` when all are zero. */
  const featureOf = (code: number) => {
    const known = code === levels.count ? unknown : code;
    return known === levels.count || known < first ? width : known - first;
  };
  return Object.freeze({
    inputs: [levelsInput(levels)],
    features: levels.names.slice(first).map((name) => ({ name: `${spec.name}=${name}`, categoryCount: 0 })),
    transform: (table: TableView, out: Float32Array) => {
      const n = table.rowCount;
      const codes = codesOf(table, levels);
      const features = Int32Array.from({ length: levels.count + 1 }, (_, code) => featureOf(code));
      for (let row = 0; row < n; row++) {
        const feature = features[codes[row]];
        if (feature < width) out[feature * n + row] = 1;
      }
    },
    writeOnnx: (graph: OnnxGraph) => {
      // An index outside the depth gives zeros.
      const indices = writeCodes(graph, levels, featureOf);
      const offOn = graph.constant(Float32Array.of(0, 1), [2]);
      const hot = graph.node({ op: 'OneHot', inputs: [indices, integers(graph, [width], []), offOn] });
      return flattenRows(graph, hot, width);
    },
  });
}
