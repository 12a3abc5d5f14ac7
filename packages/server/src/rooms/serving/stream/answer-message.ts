import { isFairleadError, messageOf } from '@fairlead/kernel';
import type { BrokerMessage } from '../../../platform/brokers/index.js';
import { servingErrors } from '../serving-errors.js';
import type { PredictRequest, PredictResult } from '../serving-types.js';
import type { StreamSpec } from './stream-types.js';

/** What becomes of a message. */
export type Outcome =
  | { readonly kind: 'answer'; readonly text: string }
  /** No delivery of it will ever be answered. */
  | { readonly kind: 'dead'; readonly code: string; readonly reason: string }
  /** It is no fault of the message. */
  | { readonly kind: 'retry'; readonly code: string; readonly reason: string };

const MAX_ID = 200;
/** What the content of a message is to blame for, whenever it is delivered. */
const CONTENT = new Set(['SRV_INPUT_INVALID', 'SRV_TENSOR_INVALID', 'SRV_NONFINITE_OUTPUT', 'SRV_STREAM_MESSAGE']);

/** Answers one message: its body is one row as a JSON object. */
export async function answerMessage(
  predict: (request: PredictRequest) => Promise<PredictResult>,
  spec: StreamSpec,
  message: BrokerMessage,
): Promise<Outcome> {
  try {
    const row = rowOf(message);
    const { id } = message;
    const result = await predict({
      endpoint: spec.endpoint,
      environment: spec.environment,
      requestId: id,
      consumer: `stream:${spec.name}`,
      input: { kind: 'rows', rows: [row], ids: [id] },
    });
    const { model, version, digest, predictions, warnings } = result;
    return { kind: 'answer', text: JSON.stringify({ ...predictions[0], id, model, version, digest, warnings }) };
  } catch (error) {
    const code = isFairleadError(error) ? error.code : 'HTTP_INTERNAL';
    const reason = messageOf(error).slice(0, 500);
    const hopeless = CONTENT.has(code) || message.deliveries >= spec.maxDeliveries;
    return { kind: hopeless ? 'dead' : 'retry', code, reason };
  }
}

function rowOf({ id, data }: BrokerMessage): Readonly<Record<string, unknown>> {
  if (id.length > MAX_ID) throw refusal(`its id has ${id.length} characters, at most ${MAX_ID} can be kept`);
  if (data === null) throw refusal('it is a tombstone, a key without a value');
  if (data.length === 0) throw refusal('it is empty');
  let row: unknown;
  try {
    row = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(data));
  } catch {
    throw refusal('it is no JSON');
  }
  if (typeof row !== 'object' || row === null || Array.isArray(row)) throw refusal('it is no JSON object');
  return row as Record<string, unknown>;
}

function refusal(why: string): Error {
  return servingErrors.SRV_STREAM_MESSAGE(`The message is not one row: ${why}.`);
}
