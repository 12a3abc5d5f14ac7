import { defineErrors } from '@fairlead/kernel';

export const dbErrors = defineErrors('platform/db', {
  DB_UNAVAILABLE: {
    status: 503,
    fault: 'system',
    title: 'The metadata database cannot be opened',
    remedy: 'Check the path or the --database-url, that the server is running and that the user may create tables.',
  },
  DB_URL_UNSUPPORTED: {
    status: 400,
    fault: 'user',
    title: 'The database address is of no supported kind',
    remedy: 'Use a file path for SQLite or postgres://user:password@host:port/name for PostgreSQL.',
  },
  DB_OVERLOADED: {
    status: 503,
    fault: 'system',
    title: 'Too many long reads wait for the database',
    remedy: 'Retry after a moment, or ask for less at a time: fewer rows per page, a narrower filter.',
  },
  DB_READER_LOST: {
    status: 503,
    fault: 'system',
    title: 'A thread that reads the database died',
    remedy: 'Retry; the next read starts another one. The log of the server says what it died of.',
  },
  DB_FULL: {
    status: 507,
    fault: 'system',
    title: 'There is no room for the change on the disk of the database',
    remedy: 'Free disk space and send it again: nothing of the change was kept.',
  },
  DB_NEWER_SCHEMA: {
    status: 503,
    fault: 'system',
    title: 'The database was written by a newer Fairlead',
    remedy: 'Install the newer version again, or restore a backup made before the upgrade.',
  },
});
