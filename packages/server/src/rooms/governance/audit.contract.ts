import { fixedClock, type NewEvent, systemActor } from '@fairlead/kernel';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Db, openDb, type RoomMigrations } from '../../platform/db/index.js';
import type { TestDb } from '../../platform/db/testing.js';
import { type AuditService, createAuditService, verifyAuditAt } from './audit-service.js';
import { sqlAuditStore } from './audit-store.sql.js';

const noted = (kind: string, id: string, outcome: NewEvent['outcome'] = 'ok'): NewEvent => ({
  type: `${kind}.noted`,
  subject: { kind, id },
  payload: { text: 'Ünï “quoted”' },
  outcome,
});

/** What reading and verifying the ledger must do, whichever database it stands in. */
export function describeAudit(engine: string, open: (rooms: readonly RoomMigrations[]) => Promise<TestDb>): void {
  describe(`the audit log on ${engine}`, () => {
    let test: TestDb;
    let db: Db;
    let audit: AuditService;
    const clock = fixedClock(1_000);
    beforeAll(async () => {
      test = await open([]);
      db = await openDb({ url: test.url, rooms: [], clock });
      audit = createAuditService({ db, store: sqlAuditStore });
      for (let i = 1; i <= 25; i += 1) {
        const actor = i % 5 === 0 ? { ...systemActor, id: 'ann' } : systemActor;
        await db.transact({ actor, requestId: `r${i}` }, async (tx) =>
          tx.record(noted(i % 2 === 0 ? 'box' : 'bag', `b${i % 3}`, i === 7 ? 'denied' : 'ok')),
        );
        clock.advance(10);
      }
    });
    afterAll(async () => {
      await db.close();
      await test.dispose();
    });

    it('pages from the newest to the oldest without a gap or a repetition', async () => {
      const seen: number[] = [];
      let beforeSeq: number | undefined;
      for (;;) {
        const page = await audit.audit({ limit: 10, ...(beforeSeq !== undefined && { beforeSeq }) });
        seen.push(...page.events.map((event) => event.seq));
        if (page.nextBeforeSeq === null) break;
        beforeSeq = page.nextBeforeSeq;
      }
      expect(seen).toEqual(Array.from({ length: 25 }, (_, i) => 25 - i));
    });

    it('finds entries by subject, actor, type, outcome and time', async () => {
      const seqs = async (filter: Parameters<AuditService['exportAudit']>[0]) =>
        (await audit.audit({ ...filter, limit: 100 })).events.map((event) => event.seq);
      expect(await seqs({ subjectKind: 'box', subjectId: 'b0' })).toEqual([24, 18, 12, 6]);
      expect(await seqs({ actor: 'ann' })).toEqual([25, 20, 15, 10, 5]);
      expect(await seqs({ type: 'bag.noted', actor: 'ann' })).toEqual([25, 15, 5]);
      expect(await seqs({ outcome: 'denied' })).toEqual([7]);
      expect(await seqs({ fromMs: 1_010, untilMs: 1_040 })).toEqual([4, 3, 2]);
    });

    it('gathers what concerns several things, with the count of all', async () => {
      const { events, total } = await audit.auditOf(
        [
          { kind: 'box', id: 'b0' },
          { kind: 'bag', id: 'b1' },
        ],
        3,
      );
      expect(events.map((event) => event.seq)).toEqual([25, 24, 19]);
      expect(total).toBe(9);
      expect(await audit.auditOf([], 3)).toEqual({ events: [], total: 0 });
    });

    it('exports everything in order', async () => {
      const seqs: number[] = [];
      for await (const event of audit.exportAudit({ subjectKind: 'bag' })) seqs.push(event.seq);
      expect(seqs).toEqual([1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25]);
    });

    it('is found intact, by the server and without it', async () => {
      const verdict = await audit.verifyAudit();
      expect(verdict).toMatchObject({ verdict: 'intact', entries: 25 });
      expect(await verifyAuditAt(test.url)).toEqual(verdict);
    });
  });
}
