export const SLOTS = 1024;

const float = new Float32Array(1);
const bits = new Int32Array(float.buffer);

/**
 * Distinct numbers of a column, at most half of the slots: open addressing on the bits of the Float32, because a column of
 * few values (hours, codes, flags) is then binned by one look instead of a search.
 */
export class DistinctValues {
  readonly #keys = new Float32Array(SLOTS);
  readonly #used = new Uint8Array(SLOTS);
  size = 0;

  /** Slot of the value, or −1 − slot where it would be put. NaN must not be asked for. */
  slotOf(value: number): number {
    // + 0 turns −0 into 0, which equals it.
    float[0] = value + 0;
    const mixed = Math.imul(bits[0], 0x9e3779b1);
    let slot = (mixed ^ (mixed >>> 15)) & (SLOTS - 1);
    while (this.#used[slot] === 1) {
      if (this.#keys[slot] === value) return slot;
      slot = (slot + 1) & (SLOTS - 1);
    }
    return -1 - slot;
  }

  add(value: number): void {
    const slot = this.slotOf(value);
    if (slot >= 0) return;
    this.#keys[-1 - slot] = value;
    this.#used[-1 - slot] = 1;
    this.size++;
  }

  sorted(): Float32Array {
    return this.#keys.filter((_, slot) => this.#used[slot] === 1).sort();
  }
}
