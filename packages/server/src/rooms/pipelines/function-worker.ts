import { readFileSync, writeFileSync } from 'node:fs';
import { register } from 'node:module';
import { pathToFileURL } from 'node:url';

/** The order that stands in the first argument's file. */
export interface FunctionOrder {
  readonly module: string;
  readonly exportName: string;
  readonly argument: unknown;
}

/** The answer that is written to the second argument's file. */
export type FunctionReport = { readonly returned: unknown } | { readonly threw: string } | { readonly missing: string };

/*
 * Runs one function of the project in a process of its own, so that whatever it does (block, exit, use up the memory)
 * ends itself and not the server. TypeScript is compiled by hooks, the same way on every version of Node.
 */
const [orderPath = '', reportPath = ''] = process.argv.slice(2);
const { module, exportName, argument } = JSON.parse(readFileSync(orderPath, 'utf8')) as FunctionOrder;
register('./typescript-hooks-worker.js', import.meta.url);
writeFileSync(reportPath, toJson(await call()));
// Handles that the function left open must not keep the step running.
process.exit(0);

async function call(): Promise<FunctionReport> {
  try {
    const loaded = (await import(pathToFileURL(module).href)) as Record<string, unknown>;
    const found = loaded[exportName];
    if (typeof found !== 'function') return { missing: Object.keys(loaded).sort().join(', ') || 'nothing' };
    return { returned: (await found(argument)) ?? {} };
  } catch (error) {
    return { threw: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}

function toJson(report: FunctionReport): string {
  try {
    return JSON.stringify(report);
  } catch (error) {
    return JSON.stringify({ threw: `the result has no JSON form: ${String(error)}` } satisfies FunctionReport);
  }
}
