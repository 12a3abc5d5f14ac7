import type { FileOwner, SourceFile } from './import-source.js';
import { isPlainName } from './local-folder.js';
import type { ServerCalls } from './server-calls.js';
import { listOf } from './server-records.js';
import type { Tell } from './tell-problem.js';

const MAX_DEPTH = 64;

/** The files of a run or model as the server lists them. Names are judged: they become paths elsewhere. */
export async function* readServerFiles(calls: ServerCalls, tell: Tell, owner: FileOwner): AsyncGenerator<SourceFile> {
  const pending = [''];
  for (let folder = pending.pop(); folder !== undefined; folder = pending.pop()) {
    const here = folder;
    const entries = (await tell.around(() => listFolder(calls, owner, here))) ?? [];
    const below: string[] = [];
    for (const { path, isFolder, sizeBytes } of entries) {
      const place = `${calls.url}: ${owner.kind} ${owner.id}, file ${JSON.stringify(path.slice(0, 200))}`;
      const parts = path.split('/');
      // A listing gives the entries of the folder that was asked for: anything else would lead out or round in circles.
      const isWithin =
        here === '' ? parts.length === 1 : path.startsWith(`${here}/`) && parts.length === here.split('/').length + 1;
      if (!isWithin || !parts.every(isPlainName)) tell.refused(place, 'leads out of its folder');
      else if (!isFolder) yield { path, sizeBytes, open: () => openFile(calls, owner, path) };
      else if (parts.length > MAX_DEPTH) tell.refused(place, 'is nested too deep');
      else below.push(path);
    }
    pending.push(...below.reverse());
  }
}

async function listFolder(calls: ServerCalls, owner: FileOwner, folder: string) {
  const path =
    owner.kind === 'run'
      ? '/api/2.0/mlflow/artifacts/list'
      : `/api/2.0/mlflow/logged-models/${owner.id}/artifacts/directories`;
  const name = owner.kind === 'run' ? 'path' : 'artifact_directory_path';
  const entries = [];
  let token = '';
  do {
    const answer = await calls.get(path, {
      ...(owner.kind === 'run' && { run_id: owner.id, run_uuid: owner.id }),
      ...(folder !== '' && { [name]: folder }),
      ...(token !== '' && { page_token: token }),
    });
    for (const file of listOf(answer.files)) {
      const sizeBytes = Number(file.file_size ?? Number.NaN);
      entries.push({
        path: String(file.path ?? ''),
        isFolder: file.is_dir === true,
        sizeBytes: Number.isSafeInteger(sizeBytes) ? sizeBytes : null,
      });
    }
    const next = answer.next_page_token;
    token = typeof next === 'string' && next !== token ? next : '';
  } while (token !== '');
  return entries;
}

function openFile(calls: ServerCalls, { kind, id }: FileOwner, path: string): AsyncIterable<Uint8Array> {
  if (kind === 'run') return calls.download('/get-artifact', { run_id: id, run_uuid: id, path });
  return calls.download(`/ajax-api/2.0/mlflow/logged-models/${id}/artifacts/files`, { artifact_file_path: path });
}
