/** Statements that are named: the hot paths have some dozens. Each connection keeps every one of them prepared for good. */
const NAMED = 256;

/** How PostgreSQL is told a statement; under a name it is parsed and planned once per connection. */
export interface NamedStatement {
  readonly text: string;
  readonly name?: string;
}

/** Turns texts with `?` into PostgreSQL's `$1`, `$2` …, and names the first ones that come. */
export function nameStatements(): (text: string) => NamedStatement {
  const known = new Map<string, NamedStatement>();
  return (text) => {
    const found = known.get(text);
    if (found !== undefined) return found;
    let count = 0;
    const numbered = text.replace(/\?/g, () => {
      count += 1;
      return `$${count}`;
    });
    if (known.size >= NAMED) return { text: numbered };
    const statement = { text: numbered, name: `fairlead-${known.size}` };
    known.set(text, statement);
    return statement;
  };
}
