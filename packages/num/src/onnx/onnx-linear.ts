import type { OnnxGraph } from './onnx-graph.js';

interface AffineToWrite {
  readonly inputs: number;
  readonly outputs: number;
  /** Row-major inputs × outputs. */
  readonly weights: Float64Array;
  readonly bias: Float64Array;
  /** Subtracted from the features first. */
  readonly offset?: Float64Array;
}

/** Adds a cast to double (11) or float (1) and returns its name. */
export function castTo(graph: OnnxGraph, type: 'double' | 'float', input: string): string {
  return graph.node({ op: 'Cast', inputs: [input], attributes: { to: { int: type === 'double' ? 11 : 1 } } });
}

/**
 * (x − offset)·W + b in double, so that large weights of unscaled features lose nothing, rounded to Float32 once at
 * the end. `features` is Float32 [N, inputs]; returns the name of Float32 [N, outputs].
 */
export function writeAffine(graph: OnnxGraph, affine: AffineToWrite, features: string): string {
  return castTo(graph, 'float', writeAffineDouble(graph, affine, castTo(graph, 'double', features)));
}

/** The same from double features to double outputs. */
export function writeAffineDouble(graph: OnnxGraph, affine: AffineToWrite, features: string): string {
  const { inputs, outputs, weights, bias, offset } = affine;
  let x = features;
  if (offset) x = graph.node({ op: 'Sub', inputs: [x, graph.constant(offset, [1, inputs])] });
  const product = graph.node({ op: 'MatMul', inputs: [x, graph.constant(weights, [inputs, outputs])] });
  return graph.node({ op: 'Add', inputs: [product, graph.constant(bias, [1, outputs])] });
}
