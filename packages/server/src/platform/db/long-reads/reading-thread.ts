import { parentPort, workerData } from 'node:worker_threads';
import Database from 'libsql';
import { keepRecent } from '../keep-recent.js';
import { buffersOf, packRows } from './packed-rows.js';
import type { ReadingCommand, ReadingReply, ReadingStart } from './reading-messages.js';

/** Fewer than on the loop: every thread keeps its own, and long reads have few texts. */
const KEPT = 64;
/** So much goes into one message: the loop takes it in within a millisecond or two and serves others before the next. */
const ROWS_PER_REPLY = 2000;
const CHARACTERS_PER_REPLY = 1 << 20;

const { path, cacheKib } = workerData as ReadingStart;
const database = new Database(path);
for (const pragma of ['busy_timeout = 10000', 'query_only = ON', `cache_size = -${cacheKib}`]) {
  database.exec(`PRAGMA ${pragma}`);
}
const statements = keepRecent(KEPT, (text) => database.prepare(text));

const send = (reply: ReadingReply) => parentPort?.postMessage(reply, 'rows' in reply ? buffersOf(reply.rows) : []);

parentPort?.on('message', (command: ReadingCommand) => {
  if (command.type === 'stop') {
    statements.clear();
    database.close();
    parentPort?.close();
    return;
  }
  try {
    read(command.text, command.parameters.map(asBytes));
  } catch (error) {
    const { message, code, rawCode } = error as Error & { code?: string; rawCode?: number };
    send({ failure: { message, ...(code !== undefined && { code }), ...(rawCode !== undefined && { rawCode }) } });
  }
});

/** Reads to the end: a statement left in the middle would go on seeing its moment and keep the log from being shortened. */
function read(text: string, parameters: readonly unknown[]): void {
  const statement = statements.get(text);
  // What gives no rows would change something, which SQLite refuses here.
  if (!statement.reader) {
    statement.run(parameters);
    send({ rows: packRows([], []), isLast: true });
    return;
  }
  const names = statement.columns().map(({ name }) => name);
  let rows: unknown[][] = [];
  let characters = 0;
  for (const row of statement.raw().iterate(parameters) as Iterable<unknown[]>) {
    rows.push(row);
    for (let i = 0; i < row.length; i += 1) {
      const value = row[i];
      if (typeof value === 'string') characters += value.length;
      else if (value instanceof Uint8Array) row[i] = asOnTheLoop(value);
    }
    if (rows.length < ROWS_PER_REPLY && characters < CHARACTERS_PER_REPLY) continue;
    send({ rows: packRows(names, rows), isLast: false });
    rows = [];
    characters = 0;
  }
  send({ rows: packRows(names, rows), isLast: true });
}

/** The driver gives bytes as a buffer in rows without names, and as what follows in others. */
function asOnTheLoop({ buffer, byteOffset, byteLength }: Uint8Array): ArrayBufferLike {
  return buffer.slice(byteOffset, byteOffset + byteLength);
}

/** A buffer arrives here as the array of bytes it is. */
function asBytes(value: unknown): unknown {
  return value instanceof Uint8Array ? Buffer.from(value.buffer, value.byteOffset, value.byteLength) : value;
}
