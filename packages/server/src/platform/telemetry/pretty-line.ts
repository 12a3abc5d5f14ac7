const SHOWN_FIRST = new Set(['time', 'level', 'msg']);

/** A JSON log line as one line for people: time of day, level, message, then the other members as `key=value`. */
export function formatLine(line: string): string {
  let entry: Record<string, unknown>;
  try {
    entry = JSON.parse(line) as Record<string, unknown>;
  } catch {
    return line;
  }
  const { time, level, msg, err } = entry;
  const rest = Object.entries(entry)
    .filter(([key]) => !SHOWN_FIRST.has(key) && key !== 'err')
    .map(([key, value]) => `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`);
  const head = [String(time).slice(11, 23), String(level).toUpperCase().padEnd(5), String(msg ?? ''), ...rest];
  const stack = (err as { stack?: string } | undefined)?.stack;
  return `${head.join(' ')}${stack === undefined ? '' : `\n${stack}`}\n`;
}
