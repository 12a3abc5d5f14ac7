const DELIMITERS = [',', ';', '\t', '|'] as const;

export interface CsvDialect {
  readonly delimiter: string;
  /** Column names of the header line, in order. */
  readonly header: readonly string[];
  /** Lines of the sample that hold another delimiter although only one column was seen; 0..1. */
  readonly suspicion: number;
}

/** The fields of one well-formed CSV record (RFC 4180): quotes are removed, doubled quotes are single again. */
export function splitRecord(record: string, delimiter: string): string[] {
  const fields: string[] = [];
  let at = 0;
  while (at <= record.length) {
    if (record[at] === '"') {
      let field = '';
      let from = at + 1;
      let close = record.indexOf('"', from);
      while (close >= 0 && record[close + 1] === '"') {
        field += record.slice(from, close + 1);
        from = close + 2;
        close = record.indexOf('"', from);
      }
      const end = close < 0 ? record.length : close;
      fields.push(field + record.slice(from, end));
      const next = record.indexOf(delimiter, end);
      at = next < 0 ? record.length + 1 : next + 1;
    } else {
      const next = record.indexOf(delimiter, at);
      fields.push(record.slice(at, next < 0 ? record.length : next));
      at = next < 0 ? record.length + 1 : next + 1;
    }
  }
  return fields;
}

/**
 * The records of a sample whose delimiter is not known yet: a line break between quotes parts nothing. Where a quote is
 * opened that the sample does not close, its lines are as good a guess as any.
 */
export function sampleRecords(sample: string): string[] {
  const records: string[] = [];
  let from = 0;
  let quoted = false;
  for (let at = 0; at < sample.length; at += 1) {
    const char = sample[at];
    if (char === '"') {
      const opens = at === from || (DELIMITERS as readonly string[]).includes(sample[at - 1] as string);
      if (quoted && sample[at + 1] === '"') at += 1;
      else quoted = !quoted && opens;
    } else if (char === '\n' && !quoted) {
      records.push(sample.slice(from, sample[at - 1] === '\r' ? at - 1 : at));
      from = at + 1;
    }
  }
  if (quoted) return sample.split(/\r?\n/);
  return [...records, sample.slice(from)];
}

/**
 * Reads the delimiter and the header from the first lines of a file. With `wanted` column names the delimiter under
 * which the header holds most of them wins; else the one that gives most lines the same number (> 1) of fields.
 */
export function sniffDialect(sample: readonly string[], wanted: readonly string[] = []): CsvDialect {
  const first = sample[0] ?? '';
  const body = sample.slice(1, 200);
  const scored = DELIMITERS.map((delimiter) => {
    const header = splitRecord(first, delimiter).map((name) => name.trim());
    const known = wanted.filter((name) => header.includes(name)).length;
    const same = body.filter((line) => splitRecord(line, delimiter).length === header.length).length;
    const fit = header.length > 1 ? (same + 1) / (body.length + 1) : 0;
    return { delimiter, header, known, fit };
  });
  scored.sort((a, b) => b.known - a.known || b.fit - a.fit || b.header.length - a.header.length);
  const best = scored[0];
  if (best === undefined || (best.fit < 0.5 && best.known < 2)) {
    const delimited = sample.filter((line) => DELIMITERS.some((delimiter) => line.includes(delimiter))).length;
    return { delimiter: ',', header: [first.trim()], suspicion: sample.length === 0 ? 0 : delimited / sample.length };
  }
  return { delimiter: best.delimiter, header: best.header, suspicion: 0 };
}
