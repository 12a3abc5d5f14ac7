import type { ModelInput, ModelSignature } from '../../training/index.js';

type Value = string | number | boolean;

/**
 * Three valid rows, of the model's own examples or else at the bottom, the middle and the top of what training saw: for the
 * warm-up of a deployment and as examples that work.
 */
export function exampleRows({ inputs }: ModelSignature): Record<string, Value>[] {
  return [0, 0.5, 1].map((place, row) =>
    Object.fromEntries(inputs.map((input) => [input.name, ownExample(input, row) ?? exampleValue(input, place)])),
  );
}

function ownExample({ examples = [] }: ModelInput, row: number): Value | undefined {
  return examples[row % Math.max(1, examples.length)];
}

function exampleValue({ type, min, max, categories = [] }: ModelInput, place: number): Value {
  switch (type) {
    case 'string':
      // The empty string stands for missing; a caller's example should show a real category.
      return (
        categories.filter((category) => category !== '')[Math.round(place * (categories.length - 1))] ??
        categories.at(-1) ??
        ''
      );
    case 'timestamp':
      return new Date(Date.UTC(2024, 12 * place, 1)).toISOString();
    case 'boolean':
      return place > 0.5;
    default: {
      const low = min ?? Math.min(0, max ?? 0);
      const high = max ?? Math.max(low, 0);
      if (place === 0 || place === 1) return place === 0 ? low : high;
      const value = low + place * (high - low);
      return type === 'integer' ? Math.round(value) : Number(value.toPrecision(6));
    }
  }
}
