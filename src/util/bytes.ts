/**
 * Bytes: how many a text takes as UTF-8, which is what storage, requests and limits are counted in;
 * and parts joined to one array.
 *
 * @module
 */

const encoder = new TextEncoder();
/** Up to here counting by hand is faster than the encoder, characters. */
const SHORT = 60;
/** What the encoder writes to, and nobody reads: a text is counted part by part. */
const scratch = new Uint8Array(16_384);

/** UTF-8 bytes of the text; a lone surrogate counts as U+FFFD, 3. */
export function byteLength(text: string): number {
  if (text.length > SHORT) return encodedLength(text);

  let bytes = text.length;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    // Each half of a pair counts 2, so that a pair has its 4.
    if (code >= 0x80) bytes += code < 0x800 ? 1 : isPaired(text, i) ? 1 : 2;
  }
  return bytes;
}

function encodedLength(text: string): number {
  let bytes = 0;
  for (let rest = text; rest !== "";) {
    const { read, written } = encoder.encodeInto(rest, scratch);
    bytes += written;
    rest = rest.slice(read);
  }
  return bytes;
}

function isPaired(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  if (code >= 0xd800 && code < 0xdc00) {
    const next = text.charCodeAt(at + 1);
    return next >= 0xdc00 && next < 0xe000;
  }
  if (code < 0xdc00 || code >= 0xe000) return false;
  const before = text.charCodeAt(at - 1);
  return before >= 0xd800 && before < 0xdc00;
}

/** The parts as one array, in their order. */
export function joinBytes(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const size = parts.reduce((sum, part) => sum + part.length, 0);
  const joined = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}
