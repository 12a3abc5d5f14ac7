/** Ends of names whose files are shown as text, whatever they are. */
const TEXT = new Set(
  'txt log err out cfg conf cnf cf ini toml properties prop hocon yaml yml xml json jsonnet jsonl js mjs ts tsx jsx py py3 r R java scala sql sh csv tsv md rst MLmodel MLproject'.split(
    ' ',
  ),
);

const OTHERS: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  htm: 'text/html; charset=utf-8',
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  gif: 'image/gif',
  webp: 'image/webp',
  svg: 'image/svg+xml',
  pdf: 'application/pdf',
  gz: 'application/gzip',
  zip: 'application/zip',
  mp3: 'audio/mpeg',
  wav: 'audio/wav',
  mp4: 'video/mp4',
  webm: 'video/webm',
};

/** The content type of a file by its name. Whatever it says, the file is sent as an attachment in a sandbox. */
export function guessContentType(fileName: string): string {
  const end = fileName.slice(fileName.lastIndexOf('.') + 1);
  if (TEXT.has(end) || TEXT.has(end.toLowerCase())) return 'text/plain; charset=utf-8';
  const lower = end.toLowerCase();
  return Object.hasOwn(OTHERS, lower) ? (OTHERS[lower] as string) : 'application/octet-stream';
}
