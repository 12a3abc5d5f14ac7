import type { OnnxGraph } from '../../onnx/onnx-graph.js';
import { integers } from '../onnx-pieces.js';
import type { TextSpec } from '../preprocess-spec.js';
import { portableText } from './portable-text.js';

export type Tokens = Required<Pick<TextSpec, 'tokens' | 'lowercase'>>;

/**
 * The tokens of a text in order. Only A–Z are lower-cased here: what a runtime does to other letters depends on its
 * platform, so vocabularies know their variants instead (see case-variants.ts).
 */
export function tokensOf(text: string, { tokens, lowercase }: Tokens): string[] {
  const portable = portableText(text);
  const plain = lowercase ? asciiLower(portable) : portable;
  return tokens === 'characters' ? [...plain] : (plain.match(WORD) ?? []);
}

const WORD = /[\p{L}\p{N}_]{2,}/gu;

export function asciiLower(text: string): string {
  return text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

/** Tokens of the raw text column as strings [N, T], padded with ''. */
export function writeTokens(graph: OnnxGraph, input: string, { tokens, lowercase }: Tokens): string {
  let texts = graph.node({ op: 'Reshape', inputs: [input, integers(graph, [-1])] });
  if (lowercase) {
    // The locale must exist where the model runs: containers often have no other than C.
    const attributes = { case_change_action: { string: 'LOWER' }, locale: { string: 'C' } };
    texts = graph.node({ op: 'StringNormalizer', inputs: [texts], attributes });
  }
  const common = { mark: { int: 0 }, pad_value: { string: '' } };
  const attributes =
    tokens === 'characters'
      ? { ...common, mincharnum: { int: 1 }, separators: { strings: [''] } }
      : { ...common, mincharnum: { int: 2 }, tokenexp: { string: '[\\p{L}\\p{N}_]+' } };
  return graph.node({ op: 'Tokenizer', microsoft: true, inputs: [texts], attributes });
}
