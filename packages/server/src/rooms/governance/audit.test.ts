import { systemActor } from '@fairlead/kernel';
import Database from 'libsql';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { entryHash, type LedgerRow } from '../../platform/db/index.js';
import { openTestSqlite, type TestDb } from '../../platform/db/testing.js';
import { describeAudit } from './audit.contract.js';
import { verifyAuditAt } from './audit-service.js';
import type { AuditCheckpoint } from './governance-types.js';

describeAudit('SQLite', openTestSqlite);

describe('a ledger edited behind the server’s back', () => {
  let test: TestDb;
  let head: AuditCheckpoint;
  beforeEach(async () => {
    test = await openTestSqlite([]);
    for (let i = 1; i <= 9; i += 1) {
      await test.db.transact({ actor: systemActor }, async (tx) =>
        tx.record({ type: 'box.stored', subject: { kind: 'box', id: `b${i}` }, payload: { value: i } }),
      );
    }
    const verdict = await verifyAuditAt(test.url);
    if (verdict.verdict !== 'intact') throw new Error('the fresh ledger is not intact');
    head = verdict;
    tamper('DROP TRIGGER ledger_no_update; DROP TRIGGER ledger_no_delete');
  });
  afterEach(() => test.dispose());

  function tamper(sql: string): void {
    const raw = new Database(test.url);
    raw.exec(sql);
    raw.close();
  }

  /** Computes all hashes from `fromSeq` on anew, as an intruder with the source code would. */
  function rechain(fromSeq: number): void {
    const raw = new Database(test.url);
    const rows = raw.prepare('SELECT * FROM ledger ORDER BY seq').all() as LedgerRow[];
    let previous = rows.find((row) => row.seq === fromSeq - 1)?.hash ?? '0'.repeat(64);
    for (const row of rows.filter((candidate) => candidate.seq >= fromSeq)) {
      const hash = entryHash(previous, row);
      raw.prepare('UPDATE ledger SET previous_hash = ?, hash = ? WHERE seq = ?').run(previous, hash, row.seq);
      previous = hash;
    }
    raw.close();
  }

  it('shows a changed entry', async () => {
    tamper(`UPDATE ledger SET body = replace(body, '"value":4', '"value":5') WHERE seq = 4`);
    expect(await verifyAuditAt(test.url)).toEqual({ verdict: 'tampered', seq: 4, problem: 'hash-mismatch' });
  });

  it('shows a changed actor, time, outcome or subject', async () => {
    for (const change of [`actor_id = 'eve'`, 'at_ms = at_ms + 1', `outcome = 'denied'`, `subject_id = 'b9'`]) {
      const column = change.split(' ')[0];
      tamper(`CREATE TABLE kept AS SELECT ${column} AS value FROM ledger WHERE seq = 6`);
      tamper(`UPDATE ledger SET ${change} WHERE seq = 6`);
      expect(await verifyAuditAt(test.url)).toEqual({ verdict: 'tampered', seq: 6, problem: 'hash-mismatch' });
      tamper(`UPDATE ledger SET ${column} = (SELECT value FROM kept) WHERE seq = 6; DROP TABLE kept`);
    }
    expect(await verifyAuditAt(test.url)).toMatchObject({ verdict: 'intact' });
  });

  it('shows an entry changed together with its own hash', async () => {
    tamper(`UPDATE ledger SET actor_id = 'eve' WHERE seq = 4`);
    const raw = new Database(test.url);
    const row = raw.prepare('SELECT * FROM ledger WHERE seq = 4').get() as LedgerRow;
    raw.prepare('UPDATE ledger SET hash = ? WHERE seq = 4').run(entryHash(row.previous_hash, row));
    raw.close();
    expect(await verifyAuditAt(test.url)).toEqual({ verdict: 'tampered', seq: 5, problem: 'broken-chain' });
  });

  it('shows a removed entry', async () => {
    tamper('DELETE FROM ledger WHERE seq = 5');
    expect(await verifyAuditAt(test.url)).toEqual({ verdict: 'tampered', seq: 5, problem: 'gap' });
    tamper('DELETE FROM ledger WHERE seq = 1');
    expect(await verifyAuditAt(test.url)).toEqual({ verdict: 'tampered', seq: 1, problem: 'gap' });
  });

  it('shows two entries that changed places', async () => {
    tamper('UPDATE ledger SET seq = -seq WHERE seq IN (3, 4); UPDATE ledger SET seq = 7 + seq WHERE seq < 0');
    expect(await verifyAuditAt(test.url)).toEqual({ verdict: 'tampered', seq: 3, problem: 'broken-chain' });
  });

  it('shows a cut tail and a ledger written anew only against a checkpoint', async () => {
    tamper(`UPDATE ledger SET actor_id = 'eve' WHERE seq = 2`);
    rechain(2);
    expect(await verifyAuditAt(test.url)).toMatchObject({ verdict: 'intact', entries: 9 });
    const against = { checkpoint: head };
    expect(await verifyAuditAt(test.url, against)).toEqual({ verdict: 'tampered', seq: 9, problem: 'rewritten' });
    tamper('DELETE FROM ledger WHERE seq > 6');
    expect(await verifyAuditAt(test.url)).toMatchObject({ verdict: 'intact', entries: 6 });
    expect(await verifyAuditAt(test.url, against)).toEqual({ verdict: 'tampered', seq: 7, problem: 'truncated' });
  });

  it('is not made by looking for it', async () => {
    await expect(verifyAuditAt(`${test.url}.missing`)).rejects.toMatchObject({ code: 'DB_UNAVAILABLE' });
    await expect(verifyAuditAt('mysql://localhost/x')).rejects.toMatchObject({ code: 'DB_URL_UNSUPPORTED' });
  });
});
