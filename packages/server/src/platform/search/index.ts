export { checkSearch, refuseSearch } from './check-search.js';
export { compareNull, compareNumber, compareText, isOneOf, numberValue } from './compare.sql.js';
export { isBeyond, orderTerms, type SortColumn } from './keyset.sql.js';
export {
  type PageParts,
  type Position,
  type PositionKinds,
  readPageToken,
  toPage,
  writePageToken,
} from './page-token.js';
export { searchErrors } from './search-errors.js';
export { SEARCH_LIMITS } from './search-rules.js';
export type * from './search-types.js';
