import type { ModelSignature } from '../../training/index.js';
import type { Deployment, PredictResult } from '../serving-types.js';

type Answered = Pick<PredictResult, 'requestId' | 'routeReason' | 'predictions' | 'warnings'>;

/** Writes an answer as JSON text, in the shape of PredictAnswerSchema. */
export type AnswerWriter = (answer: Answered) => string;

/**
 * Compiles how the answers of one deployment are written: what never changes (names of members, labels, the model) is quoted
 * once, and a row costs its numbers. The text is what `JSON.stringify` gives of the same answer.
 */
export function compileAnswerWriter(
  { model, version, digest }: Pick<Deployment, 'model' | 'version' | 'digest'>,
  { labels }: Pick<ModelSignature, 'labels'>,
): AnswerWriter {
  const known = `,${JSON.stringify({ model, version, digest }).slice(1, -1)},"routeReason":`;
  const quoted = new Map(labels.map((label) => [label, JSON.stringify(label)]));
  // Labels of another server or of a regressor are not known before.
  const quote = (label: string): string => quoted.get(label) ?? JSON.stringify(label);
  return ({ requestId, routeReason, predictions, warnings }) => {
    let text = `{"requestId":${JSON.stringify(requestId)}${known}${JSON.stringify(routeReason)},"predictions":[`;
    for (let row = 0; row < predictions.length; row += 1) {
      const { id, label, probabilities, value, outputs } = predictions[row] as (typeof predictions)[number];
      text += `${row === 0 ? '' : ','}{"id":${JSON.stringify(id)},"label":${quote(label)},"probabilities":{`;
      let comma = '';
      for (const name in probabilities) {
        text += `${comma}${quote(name)}:${numberText(probabilities[name])}`;
        comma = ',';
      }
      text += '}';
      if (value !== undefined) text += `,"value":${numberText(value)}`;
      if (outputs !== undefined) text += `,"outputs":${JSON.stringify(outputs)}`;
      text += '}';
    }
    return `${text}],"warnings":${warnings.length === 0 ? '[]' : JSON.stringify(warnings)}}`;
  };
}

/** JSON has neither NaN nor infinities. */
const numberText = (value: number | undefined): string => (Number.isFinite(value) ? String(value) : 'null');
