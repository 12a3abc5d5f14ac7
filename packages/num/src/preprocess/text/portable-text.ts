/**
 * A text as a model file and ONNX Runtime see it: up to the first U+0000, where its strings end, and with U+FFFD for
 * lone surrogates, which UTF-8 cannot carry.
 */
export function portableText(text: string): string {
  if (!UNPORTABLE.test(text)) return text;
  const end = text.indexOf('\0');
  return (end < 0 ? text : text.slice(0, end)).replace(LONE_SURROGATE, '\ufffd');
}

const LONE_SURROGATE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;
const UNPORTABLE = /[\0\ud800-\udfff]/;
