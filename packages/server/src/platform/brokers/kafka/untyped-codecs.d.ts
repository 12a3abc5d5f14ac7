declare module 'snappyjs' {
  /** @throws Error when the bytes are no snappy block */
  export function uncompress(compressed: Uint8Array): Uint8Array;
}
declare module 'lz4js' {
  /** @throws Error when the bytes are no LZ4 frame */
  export function decompress(compressed: Uint8Array): Uint8Array;
}
