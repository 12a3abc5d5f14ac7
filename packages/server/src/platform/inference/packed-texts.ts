import type { Answer } from './inference-messages.js';
import type { NamedTensor } from './inference-types.js';

/** Below it a tensor travels as fast as it is. */
const MIN_TEXTS = 64;
/** A place in the list is a byte. */
const MAX_DIFFERENT = 256;

interface PackedTensor extends NamedTensor {
  /** Of BYTES: `data` holds places in this list. */
  readonly texts?: readonly string[];
}

/**
 * Texts of which there are few kinds, as labels are, with each kind once and a byte per text: a message copies every text by
 * itself, which takes longer than a small model computes. Other tensors stay as they are.
 */
export function packTexts(tensor: NamedTensor): PackedTensor {
  const { datatype, data } = tensor;
  if (datatype !== 'BYTES' || data.length < MIN_TEXTS) return tensor;
  const places = new Uint8Array(data.length);
  const placeOf = new Map<string, number>();
  for (let i = 0; i < data.length; i += 1) {
    const text = data[i] as string;
    let place = placeOf.get(text);
    if (place === undefined) {
      place = placeOf.size;
      if (place === MAX_DIFFERENT) return tensor;
      placeOf.set(text, place);
    }
    places[i] = place;
  }
  return { ...tensor, data: places, texts: [...placeOf.keys()] };
}

/** The answer with the texts of its packed tensors. */
export function withTexts(answer: Answer): Answer {
  if (answer === null || !('outputs' in answer)) return answer;
  return { ...answer, outputs: answer.outputs.map(unpackTexts) };
}

function unpackTexts(tensor: PackedTensor): NamedTensor {
  const { texts, ...rest } = tensor;
  if (texts === undefined) return tensor;
  const places = rest.data as Uint8Array;
  const data = new Array<string>(places.length);
  for (let i = 0; i < places.length; i += 1) data[i] = texts[places[i] as number] as string;
  return { ...rest, data };
}
