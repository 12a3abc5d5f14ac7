import type { PredictAnswerView } from '@fairlead/contracts';
import type { PredictRequest } from '@fairlead/sdk';
import { type Command, Option } from 'commander';
import { cliErrors } from '../../cli-errors.js';
import { defineCommand, type Session } from '../../define-command.js';
import type { Io } from '../../io.js';
import { collect, parseJson, parseWhole } from '../../parse-values.js';
import { type Row, readRows } from '../../read-rows.js';
import { formatNumber } from '../../terminal/format.js';
import { printTable } from '../../terminal/print-table.js';

interface Options {
  readonly row?: readonly string[];
  readonly example?: boolean;
  readonly id?: string;
  readonly environment?: string;
  readonly version?: string;
  readonly batch?: string;
}

export function predictCommand(io: Io): Command {
  return defineCommand<Options>(io, {
    name: 'predict',
    summary: 'Ask an endpoint: rows from the command line or from a CSV, JSON or JSON-lines file',
    arguments: { '<endpoint>': 'name of the endpoint', '[file]': 'rows in .csv, .jsonl or .json' },
    options: {
      '--row <json>': new Option('--row <json>', 'one row as a JSON object; may be repeated').argParser(collect),
      '--example': 'send the example row of the endpoint’s own description',
      '--id <column>': 'column of the file whose value is the id that ground truth is posted under',
      '--environment <name>': 'test or production (default)',
      '--version <n>': 'answer with this version; in test, or for the role ml-engineer',
      '--batch <n>': 'rows per request (default 500)',
    },
    examples: [
      `fairlead endpoint predict rain --row '{"precipitation":0,"temp_max":9.4,"temp_min":3.1,"wind":4.2,"weather":"fog"}'`,
      'fairlead endpoint predict rain days.csv --id date --json',
      'fairlead endpoint predict rain --example',
    ],
    run: async (session, options, endpoint = '', file) => {
      const rows = await rowsOf(session, options, { endpoint, file });
      const { environment, version, id, batch = '500' } = options;
      const sent = id === undefined ? rows : await withoutForeignId(session, { endpoint, id, rows });
      const size = parseWhole(batch, '--batch');
      const answers = await session.busy(`predicting ${rows.length} rows`, async (progress) => {
        const done: PredictAnswerView[] = [];
        for (let start = 0; start < rows.length; start += size) {
          const part = rows.slice(start, start + size);
          const request: PredictRequest = {
            rows: sent.slice(start, start + size),
            ...(id !== undefined && { ids: part.map((row) => String(row[id])) }),
            ...(environment !== undefined && { environment }),
            ...(version !== undefined && { targetVersion: parseWhole(version, '--version') }),
          };
          done.push(await session.client.endpoints.predict(endpoint, request));
          progress.update(`${Math.min(start + size, rows.length)} of ${rows.length} rows`);
        }
        return done;
      });
      session.show(answers.length === 1 ? answers[0] : { items: answers }, () => presentAnswers(answers));
    },
  });
}

async function rowsOf(
  session: Session,
  { row = [], example, id, environment }: Options,
  { endpoint, file }: { endpoint: string; file: string | undefined },
): Promise<readonly Row[]> {
  if ([row.length > 0, example === true, file !== undefined].filter(Boolean).length !== 1) {
    throw cliErrors.CLI_USAGE('Rows are needed once: give a file, --row or --example.');
  }
  if (file !== undefined) {
    const rows = await readRows(file, session.io.cwd);
    if (id !== undefined && rows.some((entry) => entry[id] == null)) {
      throw cliErrors.CLI_USAGE(`Some rows of ${file} have no '${id}', which --id names.`);
    }
    return rows;
  }
  if (row.length > 0) return row.map((text) => parseJson(text, '--row') as Row);
  const example1 = exampleRow(
    await session.client.endpoints.openApi(endpoint, environment === undefined ? {} : { environment }),
  );
  if (example1 === undefined) throw cliErrors.CLI_USAGE(`${endpoint} describes no example; give --row.`);
  return [example1];
}

/** The rows without the id, unless the model reads that column or keeps it: any other column would be refused. */
async function withoutForeignId(
  session: Session,
  { endpoint, id, rows }: { endpoint: string; id: string; rows: readonly Row[] },
): Promise<readonly Row[]> {
  const known = rowProperties(await session.client.endpoints.openApi(endpoint));
  if (known === undefined || Object.hasOwn(known, id)) return rows;
  return rows.map(({ [id]: _, ...row }) => row);
}

/** The columns that the endpoint's own description allows in a row. */
function rowProperties(document: unknown): object | undefined {
  if (typeof document !== 'object' || document === null) return undefined;
  const { rows } = document as { rows?: { items?: { properties?: object } } };
  if (rows?.items?.properties !== undefined) return rows.items.properties;
  for (const member of Object.values(document)) {
    const found = rowProperties(member);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The first `example` with rows, wherever the document keeps it. */
function exampleRow(document: unknown): Row | undefined {
  if (typeof document !== 'object' || document === null) return undefined;
  const { rows } = document as { rows?: unknown };
  const [first] = Array.isArray(rows) ? rows : [];
  if (typeof first === 'object' && first !== null) return first as Row;
  for (const member of Object.values(document)) {
    const found = exampleRow(member);
    if (found !== undefined) return found;
  }
  return undefined;
}

function presentAnswers(answers: readonly PredictAnswerView[]): string[] {
  const labels = [...new Set(answers.flatMap((a) => a.predictions.flatMap((p) => Object.keys(p.probabilities))))];
  const versions = [...new Set(answers.map(({ model, version }) => `${model}/${version}`))];
  const warnings = answers.flatMap((answer) => answer.warnings);
  return [
    printTable(
      ['id', 'label', ...labels.map((label) => `p(${label})>`)],
      answers.flatMap(({ predictions }) =>
        predictions.map(({ id, label, probabilities }) => [
          id,
          label,
          ...labels.map((name) => formatNumber(probabilities[name])),
        ]),
      ),
    ),
    ...warnings.slice(0, 10).map(({ column, kind, value }) => `warning: ${column} ${kind}: ${value}`),
    warnings.length > 10 ? `and ${warnings.length - 10} more warnings` : '',
    `answered by ${versions.join(' and ')}`,
  ];
}
