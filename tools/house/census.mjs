// @ts-check
// Counts what people wrote: non-blank lines per file, default exports, `any`. Small files are how the house stays readable.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import ts from 'typescript';
import { findImpurities } from './purity.mjs';
import { FACES, ROOMS, SERVER, TEST_FILE } from './rooms.mjs';
import { walk } from './walk.mjs';

/** Lines are non-blank; `anyPerKiloLine` is per 1,000 such lines of source without tests. */
const LIMITS = Object.freeze({ medianLines: 100, p90Lines: 250, maxLines: 400, anyPerKiloLine: 0.5 });

/** Tools that read their configuration from a default export; nobody else may have one. */
const DEFAULT_EXPORT_ALLOWED = /^((vitest|vite|playwright)(\.[a-z]+)?\.config|fairlead\.config)\.(ts|mjs)$/;
const FOLDERS = ['packages', 'tools', 'bench', 'examples', 'tests'];

/**
 * @typedef {{path: string, group: string, test: boolean, lines: number, any: number, defaultExport: boolean}} FileCount
 * @typedef {{name: string, files: number, lines: number, median: number, p90: number, max: number}} Row
 */

/** Nearest-rank quantile, `q` in 0..1; 0 of nothing. @param {number[]} values @param {number} q */
export function quantile(values, q) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)] ?? 0;
}

/**
 * @param {string} root
 * @returns {{rows: Row[], testRows: Row[], anyPerKiloLine: number, problems: string[]}}
 */
export function takeCensus(root) {
  /** @type {string[]} */
  const problems = [];
  const counts = FOLDERS.flatMap((folder) => walk(root, folder, ['.ts', '.tsx', '.mjs']))
    .filter((path) => !path.endsWith('.d.ts'))
    .map((path) => countFile(root, path, problems));
  const source = counts.filter((count) => !count.test);
  const lines = source.reduce((sum, count) => sum + count.lines, 0);
  const anyPerKiloLine = lines === 0 ? 0 : (1000 * source.reduce((sum, count) => sum + count.any, 0)) / lines;
  const rows = summarise(source);
  const all = rows.at(-1);
  if (all && all.median > LIMITS.medianLines)
    problems.push(`median file has ${all.median} lines, limit ${LIMITS.medianLines}`);
  if (all && all.p90 > LIMITS.p90Lines) problems.push(`90th percentile is ${all.p90} lines, limit ${LIMITS.p90Lines}`);
  if (anyPerKiloLine > LIMITS.anyPerKiloLine) {
    problems.push(`${anyPerKiloLine.toFixed(2)} any per 1,000 lines, limit ${LIMITS.anyPerKiloLine}`);
  }
  problems.push(...inspectFolders(root, 'rooms', ROOMS), ...inspectFolders(root, 'faces', FACES));
  return { rows, testRows: summarise(counts.filter((count) => count.test)), anyPerKiloLine, problems };
}

/** @param {string} root @param {string} path @param {string[]} problems @returns {FileCount} */
function countFile(root, path, problems) {
  const text = readFileSync(join(root, path), 'utf8');
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.ES2022, false);
  const parts = path.split('/');
  const count = {
    path,
    group: parts[0] === 'packages' ? parts.slice(0, 2).join('/') : (parts[0] ?? ''),
    test: new RegExp(TEST_FILE).test(path) || parts[0] === 'tests',
    lines: text.split('\n').filter((line) => line.trim() !== '').length,
    any: countAny(file),
    defaultExport: hasDefaultExport(file),
  };
  if (count.lines > LIMITS.maxLines) problems.push(`${path} has ${count.lines} lines, limit ${LIMITS.maxLines}`);
  if (count.defaultExport && !DEFAULT_EXPORT_ALLOWED.test(basename(path)))
    problems.push(`${path} has a default export`);
  const rules = path.endsWith('-rules.ts');
  if (!count.test && (rules || path.startsWith('packages/num/src/'))) {
    for (const { line, what } of findImpurities(file, { asyncAllowed: !rules })) {
      problems.push(`${path}:${line} is not pure: ${what}`);
    }
  }
  return count;
}

/** @param {ts.SourceFile} file */
function countAny(file) {
  let any = 0;
  /** @param {ts.Node} node */
  const visit = (node) => {
    if (node.kind === ts.SyntaxKind.AnyKeyword) any += 1;
    ts.forEachChild(node, visit);
  };
  visit(file);
  return any;
}

/** @param {ts.SourceFile} file */
function hasDefaultExport(file) {
  return file.statements.some((statement) => {
    if (ts.isExportAssignment(statement)) return true;
    if (ts.isExportDeclaration(statement) && statement.exportClause && ts.isNamedExports(statement.exportClause)) {
      return statement.exportClause.elements.some((element) => element.name.text === 'default');
    }
    return (
      ts.canHaveModifiers(statement) &&
      (ts.getModifiers(statement) ?? []).some((m) => m.kind === ts.SyntaxKind.DefaultKeyword)
    );
  });
}

/** One row per package or folder, then the whole. @param {FileCount[]} counts @returns {Row[]} */
function summarise(counts) {
  const groups = [...new Set(counts.map((count) => count.group))];
  return [...groups, 'all'].map((name) => {
    const lines = counts.filter((count) => name === 'all' || count.group === name).map((count) => count.lines);
    const total = lines.reduce((sum, n) => sum + n, 0);
    return {
      name,
      files: lines.length,
      lines: total,
      median: quantile(lines, 0.5),
      p90: quantile(lines, 0.9),
      max: quantile(lines, 1),
    };
  });
}

/** Every room and face stands in its list and has its page and its door. @param {string} root @param {string} kind @param {readonly string[]} listed */
function inspectFolders(root, kind, listed) {
  const folder = join(root, SERVER, kind);
  if (!existsSync(folder)) return [];
  const found = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return found.flatMap(({ name }) => [
    ...(listed.includes(name) ? [] : [`${kind}/${name} is not in tools/house/rooms.mjs`]),
    ...['README.md', 'index.ts']
      .filter((f) => !existsSync(join(folder, name, f)))
      .map((f) => `${kind}/${name} has no ${f}`),
  ]);
}

/** The census as a table for people. @param {ReturnType<typeof takeCensus>} census */
export function presentCensus(census) {
  const cells = (/** @type {(string | number)[]} */ row) =>
    row.map((cell, i) => (i === 0 ? String(cell).padEnd(22) : String(cell).padStart(8))).join('');
  const table = (/** @type {string} */ title, /** @type {Row[]} */ rows) => [
    cells([title, 'files', 'lines', 'median', 'p90', 'max']),
    ...rows.map((row) => cells([row.name, row.files, row.lines, row.median, row.p90, row.max])),
  ];
  return [
    ...table('source', census.rows),
    '',
    ...table('tests', census.testRows),
    '',
    `any per 1,000 lines: ${census.anyPerKiloLine.toFixed(2)}`,
  ].join('\n');
}
