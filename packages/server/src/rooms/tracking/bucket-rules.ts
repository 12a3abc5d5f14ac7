/** Where points lie: (step, time). Chunks and buckets begin and end between moments. */
export interface Moment {
  readonly step: number;
  readonly timestampMs: number;
}

/** Moments, [from, to), of one bucket of a chart. */
export interface Stretch {
  readonly bucket: number;
  readonly from: Moment;
  readonly to: Moment;
}

/** Steps of a range cut into `buckets` of equal width: where a point belongs, by its step or, when all have one, its time. */
interface Buckets {
  readonly byTime: boolean;
  readonly from: number;
  readonly width: number;
}

/** `first` and `last` are the least and the greatest moment of the range. */
export function bucketsOf(first: Moment, last: Moment, buckets: number): Buckets {
  const byTime = first.step === last.step;
  const [from, to] = byTime ? [first.timestampMs, last.timestampMs] : [first.step, last.step];
  return { byTime, from, width: (to - from + 1) / buckets };
}

export function bucketAt({ byTime, from, width }: Buckets, { step, timestampMs }: Moment): number {
  return Math.floor(((byTime ? timestampMs : step) - from) / width);
}

/** The buckets as stretches from the first moment to the last; a bucket too narrow for one step is left out. */
export function stretchesOf(first: Moment, last: Moment, buckets: number): Stretch[] {
  const cut = bucketsOf(first, last, buckets);
  const moment = (at: number): Moment =>
    cut.byTime ? { step: first.step, timestampMs: at } : { step: at, timestampMs: -1 };
  const at = (bucket: number) => {
    // Where rounding of the width would put a step on the wrong side, the rule for points decides.
    let position = Math.ceil(cut.from + bucket * cut.width);
    while (bucketAt(cut, moment(position - 1)) >= bucket) position -= 1;
    while (bucketAt(cut, moment(position)) < bucket) position += 1;
    return position;
  };
  const stretches: Stretch[] = [];
  for (let bucket = 0, from = cut.from; bucket < buckets; bucket += 1) {
    if (bucketAt(cut, last) === bucket) {
      stretches.push({ bucket, from: moment(from), to: { step: last.step, timestampMs: last.timestampMs + 1 } });
      break;
    }
    const next = at(bucket + 1);
    if (next > from) stretches.push({ bucket, from: moment(from), to: moment(next) });
    from = next;
  }
  return stretches;
}
