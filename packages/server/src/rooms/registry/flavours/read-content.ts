import type { ModelFiles } from '../registry-deps.js';
import { type MlModel, parseMlModel } from './mlmodel-rules.js';
import { planFolder } from './plan-folder.js';

export type ModelContent = { readonly flavours: readonly string[] } & (
  | {
      readonly problem: null;
      /** Null when there is no MLmodel file. */
      readonly mlModel: MlModel | null;
      /** Where the ONNX file is in the tree of files. */
      readonly onnxPath: string;
    }
  /** A folder that only a program can load. */
  | { readonly problem: null; readonly mlModel: MlModel; readonly onnxPath: null }
  /** Why it cannot be served, which is plain already. */
  | { readonly problem: string }
);

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
  if (file === undefined) return bareOnnx(files, folder);
  if (file.sizeBytes > MAX_BYTES) return unread(`its MLmodel file has ${file.sizeBytes} bytes`);
  const mlModel = parseMlModel(await readText(files, path));
  if ('problem' in mlModel) return unread(mlModel.problem);
  const { flavours } = mlModel;
  if (!flavours.includes('onnx')) {
    const plan = planFolder(mlModel);
    if (!('problem' in plan)) return { flavours, mlModel, onnxPath: null, problem: null };
    return {
      flavours,
      problem: `its flavours are ${flavours.join(', ')}, which only a program can load, and ${plan.problem}`,
    };
  }
  if (mlModel.onnxPath === null) {
    return { flavours, problem: 'its MLmodel file does not say where its ONNX file is.' };
  }
  return { flavours, mlModel, onnxPath: `${folder}/${mlModel.onnxPath}`, problem: null };
}

/** A folder with nothing but a model.onnx, or one `.onnx` file of any name, and what stands beside it. */
async function bareOnnx(files: ModelFiles, folder: string): Promise<ModelContent> {
  const here = (await files.filesBelow(folder)).map(({ path }) => path);
  const onnx = here.filter((path) => path.endsWith('.onnx') && !path.slice(folder.length + 1).includes('/'));
  const onnxPath = onnx.find((path) => path === `${folder}/model.onnx`) ?? onnx[0];
  if (onnxPath === undefined) return unread('there is no MLmodel file in its folder, and no ONNX file');
  if (onnx.length > 1 && !onnxPath.endsWith('/model.onnx')) {
    return unread(`there is no MLmodel file in its folder, and ${onnx.length} ONNX files of which none is model.onnx`);
  }
  return { flavours: ['onnx'], mlModel: null, onnxPath, problem: null };
}

const unread = (problem: string): ModelContent => ({ flavours: [], problem: `${problem}.` });

export async function readText(files: ModelFiles, path: string): Promise<string> {
  const { stream } = await files.openFile(path);
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}
