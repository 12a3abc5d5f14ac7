import { readFile } from 'node:fs/promises';
import type { LoadHook, ResolveHook } from 'node:module';
import { fileURLToPath } from 'node:url';

/** Finds `./x.ts` behind `./x.js` and `./x`, as TypeScript does. */
export const resolve: ResolveHook = async (specifier, context, next) => {
  try {
    return await next(specifier, context);
  } catch (error) {
    for (const candidate of alternatives(specifier)) {
      try {
        return await next(candidate, context);
      } catch {
        // The error about the name that was written is the one that helps.
      }
    }
    throw error;
  }
};

/** Strips types, file by file; nothing is checked, that is the editor's work. */
export const load: LoadHook = async (url, context, next) => {
  if (!/^file:.*\.m?ts$/.test(url)) return next(url, context);
  const { default: ts } = await import('typescript');
  const { outputText } = ts.transpileModule(await readFile(fileURLToPath(url), 'utf8'), {
    fileName: fileURLToPath(url),
    compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022, inlineSourceMap: true },
  });
  return { format: 'module', source: outputText, shortCircuit: true };
};

function alternatives(specifier: string): string[] {
  if (!/^(\.{1,2}\/|file:)/.test(specifier)) return [];
  const swapped = specifier.replace(/\.(m?)js$/, '.$1ts');
  return swapped === specifier ? [`${specifier}.ts`, `${specifier}.mts`] : [swapped];
}
