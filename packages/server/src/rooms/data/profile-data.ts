import type { Table } from '@fairlead/frame';
import { canonicalJson, systemActor } from '@fairlead/kernel';
import { profileTable, type TableProfile } from '@fairlead/num';
import { runInThread, transferableBuffers, workerEntry } from '../../platform/compute/index.js';
import type { DataDeps } from './data-deps.js';
import { getVersionById } from './find-data.js';
import { readPart, readRows } from './read-rows.js';

export type ProfileSubject = { readonly versionId: string } | { readonly splitId: string; readonly part: string };

/** The profile of a version or of one part of a split. Computed at the first question and kept as an object. */
export async function profileData(deps: DataDeps, of: ProfileSubject): Promise<TableProfile> {
  const { store, db, objects } = deps;
  const subject = 'versionId' in of ? `version/${of.versionId}` : `split/${of.splitId}/${of.part}`;
  const known = await store.profileDigest(db, subject);
  if (known !== undefined) return JSON.parse(Buffer.from(await objects.readBytes(known)).toString('utf8'));
  const table =
    'versionId' in of
      ? await readRows(deps, await getVersionById(deps, of.versionId), {})
      : await readPart(deps, of.splitId, of.part);
  const profile = await profileAside(table);
  const { digest } = await objects.putBytes(Buffer.from(canonicalJson(profile)));
  // What is kept follows from the version alone, so there is nothing to tell the ledger.
  await db.transact({ actor: systemActor }, (tx) => store.saveProfile(tx, subject, digest));
  return profile;
}

/** About 30 ms of work; starting a thread costs as much. */
const MAX_CELLS_HERE = 100_000;

/** A profile of 3 million rows takes 8 s, in which nothing else would be answered. Takes the table's buffers away. */
function profileAside(table: Table): Promise<TableProfile> {
  if (table.rowCount * table.columns.size <= MAX_CELLS_HERE) return Promise.resolve(profileTable(table));
  const entry = workerEntry(import.meta.url, 'profile-worker.js');
  return runInThread({ entry, input: table, transfer: transferableBuffers(table) });
}
