// @ts-check
// The model as a function: AWS Lambda behind API Gateway or a function URL, and any service with the same event.
// Event: {"rows": [{…}]}, or an HTTP event whose body is that JSON. The model is loaded once per instance.

import { readFileSync } from 'node:fs';
import * as ort from 'onnxruntime-node';
import { createPredictor, InputError } from './predictor.mjs';

// The runtime would report its sessions to its vendor.
process.env.ORT_DISABLE_TELEMETRY ??= '1';
const read = (/** @type {string} */ name) => readFileSync(new URL(name, import.meta.url));
const signature = JSON.parse(read('./signature.json').toString('utf8'));
/** @type {ReturnType<typeof createPredictor> | undefined} */
let loading;

/** @param {{rows?: object[], body?: string, isBase64Encoded?: boolean}} event */
export async function handler(event) {
  const overHttp = typeof event.body === 'string';
  try {
    const { rows } = overHttp ? parse(event) : event;
    loading ??= createPredictor(ort, { model: read('./model.onnx'), signature });
    const { predict } = await loading;
    const { model, digest } = signature;
    const result = { model, digest, answers: await predict(/** @type {any} */ (rows)) };
    return overHttp ? reply(200, result) : result;
  } catch (error) {
    if (!(overHttp && error instanceof InputError)) throw error;
    return reply(400, { code: error.code, message: error.message, ...error.where });
  }
}

/** @param {{body?: string, isBase64Encoded?: boolean}} event */
function parse({ body = '', isBase64Encoded = false }) {
  try {
    return JSON.parse(isBase64Encoded ? Buffer.from(body, 'base64').toString('utf8') : body) ?? {};
  } catch {
    throw new InputError('the body is no JSON', { row: 0 });
  }
}

/** @param {number} statusCode @param {object} body */
function reply(statusCode, body) {
  return { statusCode, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
}
