import { type TSchema, Type } from 'typebox';

export const tags = ['data'];
const closed = { additionalProperties: false } as const;

export const NameParams = Type.Object({ name: Type.String({ maxLength: 100 }) });
export const IdParams = Type.Object({ id: Type.String({ maxLength: 100 }) });
export const VersionParams = Type.Object({
  name: Type.String({ maxLength: 100 }),
  version: Type.String({ maxLength: 100, description: 'A version id, a number, or `latest`.' }),
});
export const NoQuery = Type.Object({}, closed);

/** A list that fits on one page. */
export const listOf = <T extends TSchema>(item: T) =>
  Type.Object({ items: Type.Array(item), nextPageToken: Type.Union([Type.String(), Type.Null()]) });

export const all = <T>(items: readonly T[]) => ({ items: [...items], nextPageToken: null });
