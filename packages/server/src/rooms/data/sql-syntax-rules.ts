/** What is wrong with a parsed expression, in words, or the columns it speaks of. */
export type SyntaxVerdict =
  | { readonly ok: true; readonly columns: readonly string[] }
  | { readonly ok: false; readonly message: string };

type Node = Readonly<Record<string, unknown>>;

const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null && !Array.isArray(value);

const REFUSED_CLASS: Readonly<Record<string, string>> = {
  SUBQUERY: 'a sub-select',
  STAR: 'a star',
  PARAMETER: 'a parameter',
  WINDOW: 'a window function',
  DEFAULT: 'DEFAULT',
  LAMBDA: 'a lambda',
};

/** Functions that look outside the row without being marked as volatile. */
const REFUSED_FUNCTIONS = new Set(['current_setting', 'getvariable', 'getenv', 'query', 'query_table', 'error']);

/**
 * Judges the syntax tree of `select (<expression>)` as DuckDB's json_serialize_sql gives it: exactly one expression, no
 * FROM, no sub-select, nothing of `volatileFunctions` (random numbers, clocks, side effects).
 */
export function judgeSyntax(tree: unknown, volatileFunctions: ReadonlySet<string>): SyntaxVerdict {
  if (!isNode(tree) || tree.error === true) {
    const message = isNode(tree) ? String(tree.error_message) : 'it cannot be parsed';
    return { ok: false, message };
  }
  const statements = tree.statements as readonly Node[];
  const node = statements[0]?.node as Node | undefined;
  if (statements.length !== 1 || node?.type !== 'SELECT_NODE')
    return { ok: false, message: 'it is not one expression' };
  const list = node.select_list as readonly unknown[];
  const from = node.from_table as Node | undefined;
  const plain =
    list.length === 1 &&
    from?.type === 'EMPTY' &&
    !node.where_clause &&
    !node.having &&
    !node.qualify &&
    (node.group_expressions as unknown[]).length === 0 &&
    (node.modifiers as unknown[]).length === 0;
  if (!plain) return { ok: false, message: 'it is more than one expression' };
  const columns = new Set<string>();
  const problem = inspect(list[0], { columns, volatileFunctions });
  return problem === undefined ? { ok: true, columns: [...columns] } : { ok: false, message: problem };
}

interface Inspection {
  readonly columns: Set<string>;
  readonly volatileFunctions: ReadonlySet<string>;
}

function inspect(value: unknown, inspection: Inspection): string | undefined {
  if (Array.isArray(value)) return firstProblem(value, inspection);
  if (!isNode(value)) return undefined;
  const refused = REFUSED_CLASS[String(value.class)];
  if (refused !== undefined) return `it holds ${refused}`;
  if (value.class === 'FUNCTION') {
    const name = String(value.function_name).toLowerCase();
    if (inspection.volatileFunctions.has(name) || REFUSED_FUNCTIONS.has(name)) {
      return `it calls ${name}(), whose answer does not depend on the row alone`;
    }
  }
  if (value.class === 'COLUMN_REF') {
    const names = value.column_names as readonly string[];
    const [name = ''] = names;
    if (names.length > 1) return `it speaks of ${names.join('.')}; name columns without a table`;
    inspection.columns.add(name);
    return undefined;
  }
  return firstProblem(Object.values(value), inspection);
}

function firstProblem(values: readonly unknown[], inspection: Inspection): string | undefined {
  for (const value of values) {
    const problem = inspect(value, inspection);
    if (problem !== undefined) return problem;
  }
  return undefined;
}
