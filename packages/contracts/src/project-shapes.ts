import { Type } from 'typebox';

// What the declarations of a project file are made of.

export const closed = { additionalProperties: false } as const;
/** How things are named in a project. */
export const Name = Type.String({
  pattern: '^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$',
  description: 'Letters, digits, dot, dash and underscore; begins with a letter or digit; at most 100 characters.',
});
/** A length of time such as `90s`, `15m`, `4h`, `1d`, or a number of milliseconds. */
export const DurationSchema = Type.Union(
  [Type.String({ pattern: '^[0-9]+(\\.[0-9]+)?(ms|s|m|h|d)$' }), Type.Integer({ minimum: 0 })],
  { description: 'A length of time: 500ms, 90s, 15m, 4h, 1d, or milliseconds.' },
);

/** One of several shapes, told apart by `kind`. With a `title` it stands once in the API's description. */
export const byKind = (description: string, variants: object[], title?: string) =>
  Type.Unsafe<Record<string, unknown> & { kind: string }>({
    ...(title !== undefined && { title }),
    type: 'object',
    required: ['kind'],
    discriminator: { propertyName: 'kind' },
    oneOf: variants,
    description,
  });

/** One of those shapes. */
export const ofKind = (kind: string, properties: object = {}) =>
  Type.Object({ kind: Type.Literal(kind), ...properties }, closed);
export const positive = Type.Number({ exclusiveMinimum: 0 });
export const natural = Type.Integer({ minimum: 1 });
/** A ratio, 0 to 1. */
export const share = Type.Number({ minimum: 0, maximum: 1 });
