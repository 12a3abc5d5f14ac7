/** What a Python file asks for: `from ..a.b import c` is level 2, module `a.b`, names `c`. */
export interface PythonImport {
  readonly level: number;
  readonly module: string;
  readonly names: readonly string[];
}

const JS_IMPORT = /(?:\bfrom\s*|\bimport\s*\(?\s*|\brequire\s*\(\s*)(['"])(\.{1,2}\/[^'"\n]*)\1/g;
const PYTHON_FROM = /^[ \t]*from[ \t]+(\.*)([\w.]*)[ \t]*import[ \t]+(\([^)]*\)|[^\n]+)/gm;
const PYTHON_IMPORT = /^[ \t]*import[ \t]+([^\n]+)/gm;

/**
 * Relative imports of a JavaScript or TypeScript text, static and with a literal argument. Imports in comments count too:
 * one file too many costs a cache miss, one too few would give a stale result.
 */
export function scanJsImports(text: string): string[] {
  return [...new Set([...text.matchAll(JS_IMPORT)].map(([, , path = '']) => path))];
}

/** Paths that an import may mean, best first: the path itself, TypeScript behind a `.js` name, extensions, index files. */
export function jsCandidates(path: string): string[] {
  const swapped = path.replace(/\.([cm]?)js$/, '.$1ts');
  const extensions = ['.ts', '.mts', '.js', '.mjs', '.cjs', '.json'];
  return [
    path,
    ...(swapped === path ? [] : [swapped]),
    ...extensions.map((extension) => path + extension),
    ...extensions.map((extension) => `${path}/index${extension}`),
  ];
}

/** Import statements of a Python text, wherever they stand. */
export function scanPythonImports(text: string): PythonImport[] {
  const code = text
    .replace(/\\\r?\n/g, ' ')
    .replace(/#[^\n]*/g, '')
    .replaceAll(';', '\n');
  const found: PythonImport[] = [];
  for (const [, dots = '', module = '', list = ''] of code.matchAll(PYTHON_FROM)) {
    found.push({ level: dots.length, module, names: namesIn(list.replace(/[()]/g, '')) });
  }
  for (const [, list = ''] of code.matchAll(PYTHON_IMPORT)) {
    for (const module of namesIn(list)) found.push({ level: 0, module, names: [] });
  }
  return found;
}

function namesIn(list: string): string[] {
  return list
    .split(',')
    .map((item) => item.trim().split(/\s+/)[0] ?? '')
    .filter((name) => /^[\w.]+$/.test(name));
}

/** Files, relative to the folder that the import counts from, that may stand behind it; packages included. */
export function pythonCandidates({ module, names }: PythonImport): string[] {
  const parts = module.split('.').filter(Boolean);
  const packages = parts.map((_, index) => `${parts.slice(0, index + 1).join('/')}/__init__.py`);
  const path = parts.join('/');
  const inside = names.flatMap((name) => {
    const base = path === '' ? name : `${path}/${name}`;
    return [`${base}.py`, `${base}/__init__.py`];
  });
  return [...packages, ...(path === '' ? ['__init__.py'] : [`${path}.py`]), ...inside];
}
