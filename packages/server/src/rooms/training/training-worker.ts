import { serveThread } from '../../platform/compute/index.js';
import { runSearch } from './run-search.js';
import type { SearchInput, SearchNews, SearchOutput } from './search-messages.js';

// Entry of the training thread: pure JavaScript, so it may be ended at any time.
serveThread<SearchInput, SearchOutput, SearchNews>((input, { stop, tell }) =>
  runSearch(input, { stop, tell, nowMs: () => performance.now() }),
);
