/** Where a model computes: in the worker threads that all models share, or in processes of its own. */
export type Placement = 'thread' | 'process';

export interface PlacementFacts {
  /** Every operator of the graph and of the graphs inside it; `domain.Operator` for those that are not standard. */
  readonly operators: readonly string[];
  /** Time of one run of the golden sample, warm; undefined: not measured. */
  readonly costMs: number | undefined;
  readonly sizeBytes: number;
  /** What the operator of the server wants; undefined: decide. */
  readonly configured: Placement | undefined;
}

/** A run above this keeps a shared thread from everybody else's models for too long. */
const SLOW_MS = 25;
const LARGE_BYTES = 256 * 1024 ** 2;

/** Their time and memory depend on values, so that no sample bounds them. */
const UNBOUNDED = new Set(['Loop', 'Scan', 'If', 'SequenceMap']);
/** Domains whose operators the runtime brings with it. */
const KNOWN_DOMAINS = /^(ai\.onnx(\.ml)?|com\.microsoft)\./;

/** See the table in README.md. */
export function choosePlacement({ operators, costMs, sizeBytes, configured }: PlacementFacts): Placement {
  if (configured !== undefined) return configured;
  if (operators.some(isUnbounded)) return 'process';
  if (costMs !== undefined && costMs > SLOW_MS) return 'process';
  return sizeBytes > LARGE_BYTES ? 'process' : 'thread';
}

function isUnbounded(operator: string): boolean {
  return UNBOUNDED.has(operator) || (operator.includes('.') && !KNOWN_DOMAINS.test(operator));
}
