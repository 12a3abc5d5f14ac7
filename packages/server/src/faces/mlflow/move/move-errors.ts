import { defineErrors } from '@fairlead/kernel';

/** What can be wrong with a place that is moved from or to. Of a single record it is told and counted, and the rest goes on. */
export const moveErrors = defineErrors('faces/mlflow/move', {
  MOVE_SOURCE_UNKNOWN: {
    status: 400,
    fault: 'user',
    title: 'The place is no source that can be imported from',
    remedy: 'Give the address of a live server (http://…), an mlruns folder, or the SQLite file of a server.',
  },
  MOVE_SOURCE_UNREADABLE: {
    status: 400,
    fault: 'user',
    title: 'The source cannot be read',
    remedy: 'Check the path or address, its permissions, and that it was written by MLflow 1.28 or newer.',
  },
  MOVE_SOURCE_REFUSED: {
    status: 403,
    fault: 'user',
    title: 'The server moved from does not let this caller in',
    remedy: 'Set MLFLOW_TRACKING_TOKEN, or MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD.',
  },
  MOVE_RECORD_BROKEN: {
    status: 400,
    fault: 'user',
    title: 'A record of the source cannot be understood',
    remedy: 'Mend or remove the named record in the source and run the command again.',
  },
  MOVE_PATH_REFUSED: {
    status: 400,
    fault: 'user',
    title: 'A name or link in the source leads out of its folder',
    remedy: 'Remove it from the source; a link is followed only to a file within the folder.',
  },
  MOVE_TOO_LARGE: {
    status: 400,
    fault: 'user',
    title: 'A record of the source is larger than any that MLflow writes',
    remedy: 'Look at the named file: it is not what its name says.',
  },
  MOVE_ARTIFACTS_ELSEWHERE: {
    status: 400,
    fault: 'user',
    title: 'Files lie where this command was not told to read',
    remedy:
      'Give the folder they are in with --artifacts, or import from the live server, which can read its own store.',
  },
  MOVE_UNREADABLE_FILE: {
    status: 400,
    fault: 'user',
    title: 'A file of the source cannot be read',
    remedy: 'Check its permissions and the disk it is on, then run the command again.',
  },
  MOVE_TARGET_TAKEN: {
    status: 409,
    fault: 'user',
    title: 'The folder to export to already holds something else',
    remedy: 'Name a folder that is absent or empty.',
  },
});
