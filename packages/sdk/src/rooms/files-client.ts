import type {
  MultipartUploadView,
  StartedUploadView,
  TreeEntryView,
  TreeFileView,
  UploadPartView,
} from '@fairlead/contracts';
import type { ByteSource, CallOptions, Download, List, Transport } from '../call-types.js';

/** Bytes from `start` up to but not including `end`. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

export interface DownloadOptions extends CallOptions {
  /** Only these bytes: how an interrupted download goes on. */
  readonly range?: ByteRange;
}

/** The tree of files of runs and logged models; paths begin below the root of all. */
export function filesClient({ json, download }: Transport) {
  return {
    /** The entries of a folder; of the root without a path. */
    list: (folder = '') => json<List<TreeEntryView>>('listFiles', { query: { folder } }),
    upload: (path: string, { body, ...options }: { body: ByteSource } & CallOptions) =>
      json<TreeFileView>('uploadFile', { ...options, params: { '*': path }, bytes: body }),
    download: (path: string, { range, ...options }: DownloadOptions = {}): Promise<Download> =>
      download('downloadFile', {
        ...options,
        params: { '*': path },
        ...(range !== undefined && { headers: { range: `bytes=${range.start}-${range.end - 1}` } }),
      }),
    /** A file, or a folder with everything in it. */
    remove: (path: string) => json<void>('removeFiles', { params: { '*': path } }),
    uploads: {
      /** For files that take long: parts may come in any order, again, and from several processes. */
      begin: (path: string, parts: number) => json<StartedUploadView>('beginUpload', { body: { path, parts } }),
      part: (uploadId: string, partNumber: number, { body, ...options }: { body: ByteSource } & CallOptions) =>
        json<UploadPartView>('uploadPart', { ...options, params: { uploadId, partNumber }, bytes: body }),
      /** Which parts are there. */
      get: (uploadId: string) => json<MultipartUploadView>('getUpload', { params: { uploadId } }),
      complete: (uploadId: string, parts: readonly { partNumber: number; etag: string }[]) =>
        json<TreeFileView>('completeUpload', {
          params: { uploadId },
          body: { parts: parts.map(({ partNumber, etag }) => ({ partNumber, etag })) },
        }),
      abort: (uploadId: string) => json<void>('abortUpload', { params: { uploadId } }),
    },
  };
}
