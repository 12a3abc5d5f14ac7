/** A name as SQL text: `a "b"` becomes `"a ""b"""`. */
export function quoteIdentifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** A string as SQL text: `it's` becomes `'it''s'`. For places where SQL takes no parameter, such as COPY … TO. */
export function quoteLiteral(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
