// @ts-check
// The model for browsers, edge functions and Node, on ONNX Runtime Web (WebAssembly).

import * as ort from 'onnxruntime-web';
import { createPredictor } from './predictor.mjs';
import signature from './signature.mjs';

export { InputError } from './predictor.mjs';
export { signature };

/**
 * Loads the model once; then `predict([{…}])` answers one object per row.
 * @param {{model?: Uint8Array | ArrayBuffer | string}} [options] where the model's bytes are, when they are not beside this
 *   file: bytes, or an address
 */
export async function load(options = {}) {
  // One thread needs no cross-origin isolation of the page.
  ort.env.wasm.numThreads = 1;
  const model = options.model ?? (await modelBytes(new URL('./model.onnx', import.meta.url)));
  return createPredictor(ort, { model, signature });
}

/** @param {URL} url */
async function modelBytes(url) {
  if (url.protocol === 'file:') {
    const { readFile } = await import('node:fs/promises');
    return new Uint8Array(await readFile(url));
  }
  const response = await fetch(url);
  if (!response.ok) throw new Error(`the model did not load: ${response.status} of ${url}`);
  return new Uint8Array(await response.arrayBuffer());
}
