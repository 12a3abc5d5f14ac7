import { defineErrors } from '@fairlead/kernel';

/** Faults the command line finds itself; `fault: 'user'` ends with exit code 2. */
export const cliErrors = defineErrors('cli', {
  CLI_USAGE: {
    status: 400,
    fault: 'user',
    title: 'The command was not understood',
    remedy: 'Add --help to the command to see what it takes, with examples.',
  },
  CLI_PROJECT_NOT_FOUND: {
    status: 400,
    fault: 'user',
    title: 'There is no project file',
    remedy: 'Run the command in the folder of fairlead.yaml, or name the file with -f.',
  },
  CLI_PROJECT_AMBIGUOUS: {
    status: 400,
    fault: 'user',
    title: 'There is more than one project file',
    remedy: 'Keep one, or name the one you mean with -f.',
  },
  CLI_PROJECT_UNREADABLE: {
    status: 400,
    fault: 'user',
    title: 'The project file cannot be read',
    remedy: 'Correct the named place; docs/reference/project.schema.json describes the file to editors.',
  },
  CLI_FILE_UNREADABLE: {
    status: 400,
    fault: 'user',
    title: 'A file cannot be read or written',
    remedy: 'Check the path, its permissions and its content.',
  },
  CLI_INTERRUPTED: {
    status: 499,
    fault: 'user',
    title: 'The command was stopped before it ended',
    remedy: 'Nothing was written; run it again.',
  },
  CLI_JOB_FAILED: {
    status: 500,
    fault: 'system',
    title: 'Work on the server ended without a result',
    remedy: 'Read the message; the log of the server has more under the id of the job.',
  },
});
