import type { SearchRequest } from '../../platform/search/index.js';
import type { Fields } from './read-fields.js';
import { parseFilter } from './search/parse-filter.js';
import { parseOrder } from './search/parse-order.js';
import type { Vocabulary } from './search/vocabulary.js';

const VIEWS = { ACTIVE_ONLY: 'active', DELETED_ONLY: 'deleted', ALL: 'all' } as const;

export interface SearchForm<Field extends string> {
  readonly vocabulary: Vocabulary<Field>;
  /** The parameter that says whether deleted things are meant; absent where there is none. */
  readonly view?: string;
  readonly limit: { readonly standard: number; readonly max: number };
}

/** The parameters that every search of MLflow has. */
export function readSearch<Field extends string>(
  fields: Fields,
  { vocabulary, view, limit }: SearchForm<Field>,
): SearchRequest<Field> {
  return {
    where: parseFilter(fields.text('filter'), vocabulary),
    orderBy: parseOrder(fields.texts('order_by'), vocabulary),
    ...(view !== undefined && { lifecycle: fields.choice(view, VIEWS) ?? 'active' }),
    ...readPage(fields, limit),
  };
}

/** The size of a page and where it begins; an empty token is none. */
export function readPage(
  fields: Fields,
  { standard, max }: { readonly standard: number; readonly max: number },
): { limit: number; pageToken?: string } {
  const pageToken = fields.text('page_token');
  return {
    limit: fields.whole('max_results', { min: 1, max }) ?? standard,
    ...(pageToken && { pageToken }),
  };
}
