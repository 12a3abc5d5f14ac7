import type { SeriesPart, SourcePoint } from './import-source.js';
import type { LocalFile, LocalFolder } from './local-folder.js';
import { readMetricLine } from './metric-line-rules.js';
import { readLines } from './read-lines.js';
import type { Tell } from './tell-problem.js';

const PART_POINTS = 10_000;
/** A file of another kind has as many broken lines as lines: after so many it is left alone. */
const MAX_BROKEN_LINES = 20;

/** The points of one metric file, in parts. Lines that are none are told and left out. */
export async function* readSeries(folder: LocalFolder, file: LocalFile, tell: Tell): AsyncGenerator<SeriesPart> {
  let points: SourcePoint[] = [];
  let number = 0;
  let broken = 0;
  for await (const line of readLines(folder.read(file))) {
    number += 1;
    const point = line === undefined ? undefined : readMetricLine(line.trimEnd());
    if (point === undefined) {
      tell.broken(`${file.absolute}:${number}`, 'the line is no point of a metric');
      broken += 1;
      if (broken === MAX_BROKEN_LINES) {
        tell.broken(file.absolute, `${broken} lines are no points, and the rest was not read`);
        break;
      }
      continue;
    }
    points.push(point);
    if (points.length < PART_POINTS) continue;
    yield { key: file.path, points };
    points = [];
  }
  if (points.length > 0) yield { key: file.path, points };
}
