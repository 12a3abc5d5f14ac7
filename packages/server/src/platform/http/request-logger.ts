import type { FastifyBaseLogger, FastifyServerOptions } from 'fastify';

const METHODS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent', 'child'] as const;

/**
 * The logger of a request, made when it is given its first line: most requests have none, and making one costs a thirtieth of the
 * time of a prediction.
 */
export const logWhenAsked: NonNullable<FastifyServerOptions['childLoggerFactory']> = (logger, bindings, options) =>
  new RequestLogger(() => logger.child(bindings, options)) as unknown as FastifyBaseLogger;

class RequestLogger {
  readonly #make: () => FastifyBaseLogger;
  #made: FastifyBaseLogger | undefined;

  constructor(make: () => FastifyBaseLogger) {
    this.#make = make;
  }

  get made(): FastifyBaseLogger {
    this.#made ??= this.#make();
    return this.#made;
  }

  get level(): FastifyBaseLogger['level'] {
    return this.made.level;
  }

  set level(level: FastifyBaseLogger['level']) {
    this.made.level = level;
  }
}

for (const method of METHODS) {
  Object.defineProperty(RequestLogger.prototype, method, {
    value(this: RequestLogger, ...args: unknown[]) {
      return (this.made[method] as (...args: unknown[]) => unknown)(...args);
    },
  });
}
