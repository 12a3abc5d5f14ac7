// @ts-check
// The binary file that peers/prepare_data.py writes.

import { readFileSync } from 'node:fs';

/** @param {string} file @returns the layout that prepare_data.py writes */
export function readTask(file) {
  const bytes = readFileSync(file);
  const [trainRows = 0, testRows = 0, featureCount = 0] = new Int32Array(bytes.buffer, bytes.byteOffset, 3);
  let at = 12;
  const part = (/** @type {number} */ rowCount) => {
    const size = 4 * rowCount * featureCount;
    const values = new Float32Array(bytes.buffer.slice(bytes.byteOffset + at, bytes.byteOffset + at + size));
    const y = Int32Array.from(bytes.subarray(at + size, at + size + rowCount));
    at += size + rowCount;
    const featureNames = Array.from({ length: featureCount }, (_, f) => `x${f}`);
    return { x: { values, rowCount, featureCount, featureNames }, y };
  };
  return { train: part(trainRows), test: part(testRows) };
}
