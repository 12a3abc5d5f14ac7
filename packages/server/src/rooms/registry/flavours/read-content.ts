import type { ModelFiles } from '../registry-deps.js';
import { type MlModel, parseMlModel } from './mlmodel-rules.js';

export interface ModelContent {
  readonly flavours: readonly string[];
  /** Null when there is no MLmodel file that can be read. */
  readonly mlModel: MlModel | null;
  /** Where the ONNX file is in the tree of files. */
  readonly onnxPath: string | null;
  /** Why it cannot be served, when that is plain already. */
  readonly problem: string | null;
}

const MAX_BYTES = 4 * 1024 * 1024;

/** The folder of `artifacts:/…`, null for addresses outside of this server. */
export function pathOf(filesRoot: string): string | null {
  return filesRoot.startsWith('artifacts:/') ? filesRoot.slice('artifacts:/'.length) : null;
}

/** What kind of model the files of a version are. Never fails for what the files contain. */
export async function readContent(files: ModelFiles, filesRoot: string): Promise<ModelContent> {
  const folder = pathOf(filesRoot);
  if (filesRoot === '') return unread('it has no files');
  if (folder === null) return unread('its files are not on this server');
  const path = `${folder}/MLmodel`;
  const file = await files.file(path);
  if (file === undefined) return unread('there is no MLmodel file in its folder');
  if (file.sizeBytes > MAX_BYTES) return unread(`its MLmodel file has ${file.sizeBytes} bytes`);
  const mlModel = parseMlModel(await readText(files, path));
  if ('problem' in mlModel) return unread(mlModel.problem);
  const { flavours } = mlModel;
  if (!flavours.includes('onnx')) {
    const problem = `its flavours are ${flavours.join(', ')}, and this server computes ONNX only.`;
    return { flavours, mlModel, onnxPath: null, problem };
  }
  if (mlModel.onnxPath === null) {
    return { flavours, mlModel, onnxPath: null, problem: 'its MLmodel file does not say where its ONNX file is.' };
  }
  return { flavours, mlModel, onnxPath: `${folder}/${mlModel.onnxPath}`, problem: null };
}

const unread = (problem: string): ModelContent => {
  return { flavours: [], mlModel: null, onnxPath: null, problem: `${problem}.` };
};

async function readText(files: ModelFiles, path: string): Promise<string> {
  const { stream } = await files.openFile(path);
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}
