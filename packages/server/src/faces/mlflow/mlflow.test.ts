import { openTestSqlite } from '../../platform/db/testing.js';
import { describeHostileInput } from './hostile-input.contract.js';
import { describeLostAnswers } from './lost-answers.contract.js';
import { describeRunSearch } from './search-runs.contract.js';

describeHostileInput('SQLite', openTestSqlite);
describeRunSearch('SQLite', openTestSqlite);
describeLostAnswers('SQLite', openTestSqlite);
