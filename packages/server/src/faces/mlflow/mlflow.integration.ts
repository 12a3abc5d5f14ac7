// Needs the PostgreSQL server of FAIRLEAD_TEST_POSTGRES_URL.
import { openTestPostgres } from '../../platform/db/testing.js';
import { describeHostileInput } from './hostile-input.contract.js';
import { describeLostAnswers } from './lost-answers.contract.js';
import { describeRunSearch } from './search-runs.contract.js';

describeHostileInput('PostgreSQL', openTestPostgres);
describeRunSearch('PostgreSQL', openTestPostgres);
describeLostAnswers('PostgreSQL', openTestPostgres);
