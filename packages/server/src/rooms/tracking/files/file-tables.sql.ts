interface FileRow {
  path: string;
  digest: string;
  size_bytes: number;
  created_at_ms: number;
}

interface UploadRow {
  id: string;
  path: string;
  parts: number;
  created_at_ms: number;
  expires_at_ms: number;
  digest: string | null;
  size_bytes: number | null;
  finished_at_ms: number | null;
}

interface UploadPartRow {
  upload_id: string;
  part_number: number;
  digest: string;
  size_bytes: number;
}

export interface FileTables {
  tracking_file: FileRow;
  tracking_upload: UploadRow;
  tracking_upload_part: UploadPartRow;
}
