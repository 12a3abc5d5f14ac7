declare module 'lz4js' {
  /** @throws Error when the bytes are no LZ4 frame */
  export function decompress(compressed: Uint8Array): Uint8Array;
}
