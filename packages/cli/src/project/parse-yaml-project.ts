import { basename } from 'node:path';
import { isMap, isNode, isPair, isSeq, LineCounter, type Node, parseDocument } from 'yaml';
import { cliErrors } from '../cli-errors.js';

export type PlaceOf = (dottedPath: string) => string | undefined;

/** The content of a YAML or JSON project file. Throws CLI_PROJECT_UNREADABLE with the line and column of each fault. */
export function parseYamlProject(text: string, path: string): { content: unknown; placeOf: PlaceOf } {
  const lines = new LineCounter();
  // A file without anchors needs no aliases; the limit keeps a hostile one from growing without end.
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true });
  const at = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return `${basename(path)}:${line}:${col}`;
  };
  const problems = document.errors.map(({ message, pos }) => ({ at: at(pos[0]), problem: message }));
  const [first] = problems;
  if (first !== undefined) {
    throw cliErrors.CLI_PROJECT_UNREADABLE(`${first.at}: ${first.problem}`, { data: { path, problems } });
  }
  const content: unknown = document.toJS({ maxAliasCount: 100 });
  return {
    content,
    placeOf: (dottedPath) => {
      const offset = offsetOf(document.contents, dottedPath);
      return offset === undefined ? undefined : at(offset);
    },
  };
}

/** The offset of the deepest member of the path that stands in the file. Names may hold dots: the longest key wins. */
function offsetOf(root: Node | null, dottedPath: string): number | undefined {
  let node: unknown = root;
  let offset: number | undefined;
  let rest = dottedPath;
  while (rest !== '') {
    const step = stepInto(node, rest);
    if (step === undefined) break;
    ({ node, rest } = step);
    offset = step.offset ?? offset;
  }
  return offset;
}

function stepInto(
  node: unknown,
  rest: string,
): { node: unknown; rest: string; offset: number | undefined } | undefined {
  if (isSeq(node)) {
    const [index = '', ...tail] = rest.split('.');
    const item = node.items[Number(index)];
    return isNode(item) ? { node: item, rest: tail.join('.'), offset: item.range?.[0] } : undefined;
  }
  if (!isMap(node)) return undefined;
  const matches = node.items.filter((pair) => {
    const key = String(pair.key);
    return rest === key || rest.startsWith(`${key}.`);
  });
  const pair = matches.sort((a, b) => String(b.key).length - String(a.key).length)[0];
  if (!isPair(pair)) return undefined;
  const offset = isNode(pair.key) ? pair.key.range?.[0] : undefined;
  return { node: pair.value, rest: rest.slice(String(pair.key).length + 1), offset };
}
