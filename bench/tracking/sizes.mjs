// @ts-check
import { execFileSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** How large each server's database is, in MiB: the files with their logs, or what PostgreSQL says. @param {readonly import('./servers.mjs').Server[]} servers */
export async function databaseMiB(servers) {
  return servers.map(({ folder, database }) => (database === '' ? filesMiB(folder) : postgresMiB(database)));
}

/** @param {string} folder */
function filesMiB(folder) {
  const sizes = readdirSync(folder, { recursive: true })
    .map(String)
    .filter((name) => /\.db(-wal)?$/.test(name))
    .map((name) => statSync(join(folder, name)).size);
  if (sizes.length === 0) throw new Error(`there is no database below ${folder}`);
  return sizes.reduce((sum, size) => sum + size, 0) / 2 ** 20;
}

/** After a VACUUM, as rows that were overwritten meanwhile are not its content. @param {string} address */
function postgresMiB(address) {
  execFileSync('psql', ['-q', '-d', address, '-c', 'VACUUM'], { stdio: 'pipe' });
  const said = execFileSync('psql', ['-At', '-d', address, '-c', 'SELECT pg_database_size(current_database())']);
  return Number(String(said)) / 2 ** 20;
}
