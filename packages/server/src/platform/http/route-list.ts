import type { RouteOptions } from 'fastify';
import { httpErrors } from './http-errors.js';
import type { App } from './http-types.js';

/** What routes exist: for 405 answers and for the law that every /api route is described. */
export interface RouteList {
  /** The methods of the routes that match a path, sorted; empty when none does. */
  methodsAt(path: string): readonly string[];
}

interface Route {
  readonly methods: readonly string[];
  readonly url: string;
  readonly pattern: RegExp;
}

/**
 * Watches the routes that are added. When the server gets ready, throws HTTP_ROUTE_UNDESCRIBED unless every route under
 * /api has an operationId of its own, a summary and tags.
 */
export function watchRoutes(app: App): RouteList {
  const routes: Route[] = [];
  const gaps: string[] = [];
  const operations = new Map<string, string>();
  app.addHook('onRoute', (route) => {
    const methods = [route.method].flat();
    routes.push({ methods, url: route.url, pattern: patternOf(route.url) });
    if (methods.some((method) => method !== 'HEAD')) gaps.push(...gapsOf(route, operations));
  });
  app.addHook('onReady', async () => {
    if (gaps.length === 0) return;
    throw httpErrors.HTTP_ROUTE_UNDESCRIBED(`${gaps.join('; ')}.`, { data: { gaps } });
  });
  return {
    methodsAt: (path) => {
      const matching = routes.filter(({ url, pattern }) => url !== '/*' && url !== '*' && pattern.test(path));
      return [...new Set(matching.flatMap(({ methods }) => methods))].sort();
    },
  };
}

function gapsOf(route: RouteOptions, operations: Map<string, string>): string[] {
  const { schema, url } = route;
  if (!url.startsWith('/api/') || schema?.hide === true) return [];
  const name = `${[route.method].flat().join(',')} ${url}`;
  const missing = [
    ...(schema?.operationId ? [] : ['operationId']),
    ...(schema?.summary ? [] : ['summary']),
    ...(schema?.tags?.length ? [] : ['tags']),
  ];
  const other = operations.get(schema?.operationId ?? '');
  if (schema?.operationId) operations.set(schema.operationId, name);
  return [
    ...(missing.length === 0 ? [] : [`${name} lacks ${missing.join(', ')}`]),
    ...(other === undefined ? [] : [`${name} has the operationId of ${other}`]),
  ];
}

/** Fastify's route pattern as a regular expression over undecoded paths. */
function patternOf(url: string): RegExp {
  const source = url.replace(/::|:\w+(\([^)]*\))?\??|\*|[\\^$.|+()[\]{}?]/g, (token) => {
    if (token === '::') return ':';
    if (token === '*') return '.*';
    return token.startsWith(':') ? '[^/]+' : `\\${token}`;
  });
  return new RegExp(`^${source}$`);
}
