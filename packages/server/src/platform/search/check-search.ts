import { searchErrors } from './search-errors.js';
import { searchProblem } from './search-rules.js';
import type { SearchRequest } from './search-types.js';

/** Refuses what no room could search for. Throws SEARCH_INVALID, SEARCH_TOO_LARGE. */
export function checkSearch(request: SearchRequest<string>, { maxLimit }: { maxLimit: number }): void {
  const problem = searchProblem(request, maxLimit);
  if (problem === null) return;
  const code = problem.kind === 'invalid' ? 'SEARCH_INVALID' : 'SEARCH_TOO_LARGE';
  throw searchErrors[code](`The search has a mistake: ${problem.what}.`, { data: { problem: problem.what } });
}

/** Throws SEARCH_INVALID. */
export function refuseSearch(what: string): never {
  throw searchErrors.SEARCH_INVALID(`The search has a mistake: ${what}.`, { data: { problem: what } });
}
