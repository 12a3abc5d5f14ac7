import { createHash } from 'node:crypto';
import type { RunArtifactView } from '@fairlead/contracts';
import type { FileOwner, SourceFile } from '@fairlead/server';
import type { Move } from './move-types.js';

interface FilesRequest {
  readonly owner: FileOwner;
  /** `artifacts:/…`, below which they go. */
  readonly root: string;
  /** What is there already. */
  readonly here: readonly RunArtifactView[];
}

/** Moves the files of one run or model, a few at a time. Gives the digests of all that were read, by path. */
export async function moveFiles(move: Move, { owner, root, here }: FilesRequest): Promise<ReadonlyMap<string, string>> {
  const digests = new Map<string, string>();
  const known = new Map(here.map(({ path, digest }) => [path, digest]));
  const prefix = /^artifacts:\/+(.*)$/.exec(root)?.[1];
  const running = new Set<Promise<void>>();
  let failure: unknown;
  for await (const file of move.source.files(owner)) {
    move.signal.throwIfAborted();
    move.tally.add('files', 'found');
    const place = `${owner.kind} ${owner.id}, ${file.path}`;
    if (prefix === undefined) {
      move.tally.differ('files', place, [`files of this experiment are kept at ${root}, not by this server`]);
      continue;
    }
    const work = moveFile(move, { file, target: `${prefix}/${file.path}`, place, known: known.get(file.path) })
      .then((digest) => {
        if (digest !== undefined) digests.set(file.path, digest);
      })
      .catch((error) => {
        failure ??= error;
      })
      .finally(() => running.delete(work));
    running.add(work);
    if (running.size >= move.concurrency) await Promise.race(running);
    if (failure !== undefined) break;
  }
  await Promise.all(running);
  if (failure !== undefined) throw failure;
  return digests;
}

interface FileRequest {
  readonly file: SourceFile;
  readonly target: string;
  readonly place: string;
  readonly known: string | undefined;
}

/** A file that is here with other bytes is not touched. The digest is made of what was read, and compared with what was kept. */
async function moveFile(move: Move, { file, target, place, known }: FileRequest): Promise<string | undefined> {
  const { client, tally, tools, signal } = move;
  try {
    if (known !== undefined) {
      const digest = await digestOf(file);
      if (digest === known) tally.add('files', 'already');
      else
        tally.differ('files', place, [
          `a file with other bytes is here: ${known.slice(0, 12)}, not ${digest.slice(0, 12)}`,
        ]);
      return digest === known ? digest : undefined;
    }
    const hash = createHash('sha256');
    let sizeBytes = 0;
    const body = (async function* () {
      for await (const chunk of file.open()) {
        hash.update(chunk);
        sizeBytes += chunk.length;
        yield chunk;
      }
    })();
    const kept = await client.files.upload(target, { body, signal, timeoutMs: 3_600_000 });
    const digest = hash.digest('hex');
    tally.fileBytes += sizeBytes;
    if (kept.digest === digest) tally.add('files', 'moved');
    else tally.differ('files', place, [`sha256 ${digest} was read and ${kept.digest} was kept`]);
    return digest;
  } catch (error) {
    tally.differ('files', place, [tools.refusalOf(error)]);
    return undefined;
  }
}

async function digestOf(file: SourceFile): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of file.open()) hash.update(chunk);
  return hash.digest('hex');
}
