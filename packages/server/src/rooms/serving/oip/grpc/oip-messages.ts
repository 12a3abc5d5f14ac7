import { ProtoReader, ProtoWriter } from '../../../../platform/grpc/index.js';
import type { PredictResult } from '../../serving-types.js';
import { tensorBytes } from '../binary-tensors.js';
import type { presentModel } from '../model-place.js';
import { writeContents } from './tensor-contents.js';

/** The texts of a message whose fields are texts; others are passed over. Field 1 is the first of the answer. */
export function readTexts(bytes: Buffer, fields: number): string[] {
  const texts = new Array<string>(fields).fill('');
  const reader = new ProtoReader(bytes);
  while (reader.next()) {
    if (reader.field <= fields && reader.isLength) texts[reader.field - 1] = reader.text();
    else reader.skip();
  }
  return texts;
}

export const truth = (value: boolean): Buffer => new ProtoWriter().bool(1, value).finish();

export const NOTHING = Buffer.alloc(0);

export interface ServerMetadata {
  readonly name: string;
  readonly version: string;
  readonly extensions: readonly string[];
}

/** `ServerMetadataResponse`. */
export function writeServerMetadata({ name, version, extensions }: ServerMetadata): Buffer {
  const writer = new ProtoWriter().text(1, name).text(2, version);
  for (const extension of extensions) writer.textItem(3, extension);
  return writer.finish();
}

/** `ModelMetadataResponse`. */
export function writeModelMetadata(model: ReturnType<typeof presentModel>): Buffer {
  const writer = new ProtoWriter().text(1, model.name);
  for (const version of model.versions) writer.textItem(2, version);
  writer.text(3, model.platform);
  for (const [field, tensors] of [
    [4, model.inputs],
    [5, model.outputs],
  ] as const) {
    for (const { name, datatype, shape } of tensors) {
      writer.message(field, (tensor) => tensor.text(1, name).text(2, datatype).packedIntegers(3, shape));
    }
  }
  return writer.finish();
}

/** `ModelInferResponse`; raw contents, or typed ones for a caller that sent such. FP16 can only be raw. */
export function writeInferAnswer(
  { version, tensors }: Pick<PredictResult, 'version' | 'tensors'>,
  { name, id, raw }: { name: string; id: string; raw: boolean },
): Buffer {
  const writer = new ProtoWriter().text(1, name).text(2, String(version)).text(3, id);
  const asBytes = raw || tensors.some(({ datatype }) => datatype === 'FP16');
  for (const tensor of tensors) {
    writer.message(5, (output) => {
      output.text(1, tensor.name).text(2, tensor.datatype).packedIntegers(3, tensor.shape);
      if (!asBytes) output.message(5, (contents) => writeContents(contents, tensor));
    });
  }
  if (asBytes) for (const tensor of tensors) writer.bytesItem(6, tensorBytes(tensor));
  return writer.finish();
}
