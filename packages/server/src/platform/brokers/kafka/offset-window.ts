/**
 * Turns acknowledgements, which come in any order, into the one number that Kafka remembers of a partition: the offset below which
 * everything is acknowledged. Offsets may have gaps (compaction, records of transactions).
 */
export class OffsetWindow {
  /** Delivered and not yet below the mark, ascending. */
  readonly #open: { offset: bigint; acked: boolean }[] = [];
  readonly #places = new Map<bigint, { offset: bigint; acked: boolean }>();
  #head = 0;
  #last = -1n;
  #mark: bigint | null = null;

  /** False when this offset, or a later one, was delivered before. */
  deliver(offset: bigint): boolean {
    if (offset <= this.#last) return false;
    this.#last = offset;
    const place = { offset, acked: false };
    this.#open.push(place);
    this.#places.set(offset, place);
    return true;
  }

  /** False when it is not open: never delivered, or acknowledged before. */
  ack(offset: bigint): boolean {
    const place = this.#places.get(offset);
    if (place === undefined || place.acked) return false;
    place.acked = true;
    for (let first = this.#open[this.#head]; first?.acked; first = this.#open[this.#head]) {
      this.#places.delete(first.offset);
      this.#mark = first.offset + 1n;
      this.#head += 1;
    }
    if (this.#head > 1024 && this.#head * 2 > this.#open.length) {
      this.#open.splice(0, this.#head);
      this.#head = 0;
    }
    return true;
  }

  /** The offset to commit, that of the first message that is not acknowledged; null when there is nothing to commit. */
  get mark(): bigint | null {
    return this.#mark;
  }
}
