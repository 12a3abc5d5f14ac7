import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import Database from 'libsql';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { workerEntry } from '../../compute/index.js';
import { type LongReads, type LongReadsOptions, openLongReads } from './open-long-reads.js';

let folder = '';
let path = '';
let writer: Database.Database;
const opened: LongReads[] = [];

const open = (options: Partial<LongReadsOptions> = {}) => {
  const reads = openLongReads({ path, copyLog: async () => undefined, ...options });
  opened.push(reads);
  return { ...reads, run: reads.reader.run };
};
const insert = (name: string, content: unknown) =>
  writer.prepare('insert into box (name, content) values (?, ?)').run(name, content);

/** Counts to ten for the short ones and to millions for the long ones, over a table, so that it holds on to a moment. */
const COUNT = `with recursive n (i) as (select 1 union all select i + 1 from n where i < ?)
  select count(*) as counted from n cross join (select 1 from box limit 1)`;
const LONG = 3_000_000;

describe('long reads', () => {
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'fairlead-long-reads-'));
    path = join(folder, 'a.db');
    writer = new Database(path);
    writer.exec('pragma journal_mode = wal');
    writer.exec('create table box (name text primary key, content)');
    insert('first', 1);
  });
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((reads) => reads.close()));
    writer.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('give values of every kind exactly, in results of any length', async () => {
    const { run } = open();
    const values = [null, 'ü❄\u0000', '', 0, -0, 0.1, 2 ** 53 - 1, -1, Number.POSITIVE_INFINITY, Buffer.from([0, 255])];
    values.forEach((value, i) => {
      insert(`value${i}`, value);
    });
    const all = 'select name, content from box order by name';
    expect(await run(all, [])).toEqual(writer.prepare(all).all());
    writer.exec('begin');
    for (let i = 0; i < 7000; i += 1) insert(`many${i}`, i / 3);
    for (let i = 0; i < 10; i += 1) insert(`text${i}`, `${i}`.repeat(300_000));
    writer.exec('commit');
    expect(await run(all, [])).toEqual(writer.prepare(all).all());
    expect(await run(`${all} limit 0`, [])).toEqual([]);
    const bytes = Buffer.from([0, 255]);
    expect(await run('select name from box where content = ?', [bytes])).toEqual([{ name: 'value9' }]);
  });

  it('leave the loop free: what is asked and written meanwhile is done first', async () => {
    const { run } = open();
    const order: string[] = [];
    const long = run(COUNT, [LONG]).then(() => order.push('long'));
    insert('meanwhile', 1);
    order.push('written');
    // The second thread has time for it.
    const short = run(COUNT, [10]).then(() => order.push('short'));
    await Promise.all([long, short]);
    expect(order).toEqual(['written', 'short', 'long']);
  });

  it('cannot write, and fail with the code that SQLite gives', async () => {
    const { run } = open();
    await expect(run(`insert into box (name) values ('x')`, [])).rejects.toMatchObject({ code: 'SQLITE_READONLY' });
    await expect(run(`insert into box (name) values ('x') returning name`, [])).rejects.toMatchObject({
      code: 'SQLITE_READONLY',
    });
    const unknown = { code: 'SQLITE_ERROR', message: expect.stringContaining('no such column') };
    await expect(run('select x from box', [])).rejects.toMatchObject(unknown);
    await expect(run('select ?', [() => 1])).rejects.toMatchObject({ name: 'DataCloneError' });
    expect(await run('select name from box', [])).toEqual([{ name: 'first' }]);
  });

  it('go on in a new thread when one dies, which costs the read that it had', async () => {
    const entry = join(folder, 'mortal-thread.mjs');
    const real = workerEntry(import.meta.url.replace('.test.ts', '.ts'), 'reading-thread.js').href;
    writeFileSync(
      entry,
      `import { parentPort } from 'node:worker_threads';
       const on = parentPort.on.bind(parentPort);
       parentPort.on = (name, listen) => on(name, (message) => {
         if (message.text === 'die') process.exit(9);
         listen(message);
       });
       await import(${JSON.stringify(real)});`,
    );
    const { run } = open({ entry: pathToFileURL(entry), threads: 1 });
    const told = await Promise.allSettled([run(COUNT, [10]), run('die', []), run(COUNT, [20]), run('die', [])]);
    const lost = {
      status: 'rejected',
      reason: { code: 'DB_READER_LOST', status: 503, data: { retryAfterSeconds: 1 } },
    };
    expect(told).toMatchObject([{ value: [{ counted: 10 }] }, lost, { value: [{ counted: 20 }] }, lost]);
    expect(await run(COUNT, [30])).toEqual([{ counted: 30 }]);
  });

  it('are refused when too many wait, and those that wait are answered', async () => {
    const { run } = open({ threads: 1, maxWaiting: 2 });
    const told = await Promise.allSettled([1, 2, 3, 4, 5].map((count) => run(COUNT, [count])));
    const refused = { reason: { code: 'DB_OVERLOADED', status: 503, data: { waiting: 2, retryAfterSeconds: 1 } } };
    const answered = [1, 2, 3].map((counted) => ({ value: [{ counted }] }));
    expect(told).toMatchObject([...answered, refused, refused]);
  });

  it('that have begun end when the database is closed; others are refused', async () => {
    const { run, close } = open({ threads: 1 });
    const told = Promise.allSettled([run(COUNT, [LONG]), run(COUNT, [1])]);
    await close();
    const refused = { status: 'rejected', reason: { code: 'DB_READER_LOST' } };
    expect(await told).toMatchObject([{ value: [{ counted: LONG }] }, refused]);
    await expect(run(COUNT, [1])).rejects.toMatchObject(refused.reason);
  });

  it('do not keep the log from being begun anew, though there is always one', async () => {
    writer.exec('pragma wal_autocheckpoint = 10');
    const maxLogBytes = 1 << 20;
    const { run } = open({
      maxLogBytes,
      copyLog: async () => void writer.exec('pragma wal_checkpoint(truncate)'),
    });
    let isWriting = true;
    const keepReading = async (count: number) => {
      while (isWriting) await run(COUNT, [count]);
    };
    const readers = [keepReading(100_000), keepReading(230_000)];
    let logBytes = 0;
    for (let i = 0; i < 40; i += 1) {
      insert(`part${i}`, Buffer.alloc(1 << 17));
      await new Promise((resolve) => setTimeout(resolve, 30));
      logBytes = Math.max(logBytes, statSync(`${path}-wal`).size);
    }
    isWriting = false;
    await Promise.all(readers);
    // What is written while the last reads end comes on top.
    expect(logBytes).toBeLessThan(2 * maxLogBytes);
  });
});
