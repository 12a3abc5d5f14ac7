/** A line that no writer of this format makes: the rest of such a file is not read. */
const MAX_LINE_BYTES = 64 * 1024;

/** Lines without their ends, not counting empty ones at the end; undefined in place of one that is far too long, and then no more. */
export async function* readLines(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<string | undefined> {
  const decoder = new TextDecoder('utf-8');
  let rest = '';
  for await (const chunk of bytes) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) yield line;
    if (rest.length > MAX_LINE_BYTES) {
      yield undefined;
      return;
    }
  }
  rest += decoder.decode();
  if (rest !== '') yield rest;
}
