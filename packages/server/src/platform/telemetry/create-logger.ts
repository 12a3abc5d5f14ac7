import { type DestinationStream, destination, type Logger, pino } from 'pino';
import { formatLine } from './pretty-line.js';

export type { Logger } from 'pino';

export interface LoggerOptions {
  readonly logLevel: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent';
  readonly logFormat: 'json' | 'pretty';
}

const SECRET_KEYS = ['authorization', 'cookie', 'token', 'secret', 'password', 'databaseUrl'];
const TOKEN = /fl_[0-9a-f]{16}_[A-Za-z0-9_-]+/g;
const STANDARD_ERROR = 2;

/**
 * A structured logger. Credentials never reach the log: known keys are blanked, up to two objects deep, and anything that
 * looks like one of our tokens is cut from the finished line. Writes to standard error without waiting for it, so that a
 * stalled log sink cannot stall a request.
 */
export function createLogger(options: LoggerOptions, sink?: DestinationStream): Logger {
  const stream = sink ?? destination({ fd: STANDARD_ERROR, sync: false });
  return pino(
    {
      level: options.logLevel,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: SECRET_KEYS.flatMap((key) => [key, `*.${key}`, `*.*.${key}`]), censor: '[redacted]' },
      hooks: {
        streamWrite: (line) => {
          const clean = line.replace(TOKEN, 'fl_[redacted]');
          return options.logFormat === 'pretty' ? formatLine(clean) : clean;
        },
      },
    },
    stream,
  );
}
