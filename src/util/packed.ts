/**
 * Writes and reads values one behind the other as bytes, as tightly as they are small: for what is
 * kept by the hundred thousand. Whole numbers take a byte for each seven bits (LEB128), texts are
 * UTF-8 behind their length. What is read must be what was written: nothing names the fields.
 *
 * @module
 */

const encoder = new TextEncoder();
// A byte order mark is a character of a text like any other.
const decoder = new TextDecoder("utf-8", { fatal: false, ignoreBOM: true });

/** Bytes of the first buffer: most of what is packed is smaller. */
const FIRST_BYTES = 1_024;
/** A whole number takes at most this many bytes: 53 bits in groups of seven. */
const UINT_BYTES_MAX = 8;
/** A text of up to so many code units is written without an encoder when it is ASCII. */
const SHORT_TEXT = 64;

/** Whether numbers of an array lie in memory as `uint32` writes them: on every usual processor. */
const IS_LITTLE_ENDIAN = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1;

export class PackedWriter {
  #bytes = new Uint8Array(FIRST_BYTES);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** @param value a whole number, 0…2⁵³−1 */
  uint(value: number): this {
    this.#reserve(UINT_BYTES_MAX);
    let rest = value;
    while (rest >= 0x80) {
      this.#bytes[this.#length++] = (rest & 0x7f) | 0x80;
      // Not >>: it would cut to 32 bits.
      rest = rest < 0x80000000 ? rest >>> 7 : Math.floor(rest / 0x80);
    }
    this.#bytes[this.#length++] = rest;
    return this;
  }

  /** @param value a whole number, |value| < 2⁵² */
  int(value: number): this {
    return this.uint(value < 0 ? -2 * value - 1 : 2 * value);
  }

  /** Four bytes. @param value a whole number, 0…2³²−1 */
  uint32(value: number): this {
    this.#reserve(4);
    const bytes = this.#bytes;
    bytes[this.#length++] = value & 0xff;
    bytes[this.#length++] = (value >>> 8) & 0xff;
    bytes[this.#length++] = (value >>> 16) & 0xff;
    bytes[this.#length++] = value >>> 24;
    return this;
  }

  /** A lone surrogate becomes U+FFFD. */
  text(text: string): this {
    if (text.length <= SHORT_TEXT && this.#ascii(text)) return this;
    const bytes = encoder.encode(text);
    return this.uint(bytes.length).bytes(bytes);
  }

  /** Bytes as they are, without their length. */
  bytes(bytes: Uint8Array): this {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
    return this;
  }

  /** What was written, in a buffer of its own. The writer is empty then, and may be used again. */
  done(): Uint8Array<ArrayBuffer> {
    const bytes = this.#bytes.slice(0, this.#length);
    this.#length = 0;
    return bytes;
  }

  /** Whether the text was written: it is ASCII. */
  #ascii(text: string): boolean {
    const { length } = text;
    this.#reserve(length + 1);
    const begin = this.#length + 1;
    for (let i = 0; i < length; i++) {
      const code = text.charCodeAt(i);
      if (code >= 0x80) return false;
      this.#bytes[begin + i] = code;
    }
    this.#bytes[this.#length] = length;
    this.#length = begin + length;
    return true;
  }

  #reserve(more: number): void {
    const needed = this.#length + more;
    if (needed <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(needed, 2 * this.#bytes.length));
    larger.set(this.#bytes);
    this.#bytes = larger;
  }
}

export class PackedReader {
  readonly #bytes: Uint8Array;
  #at: number;

  /** @param at where to begin */
  constructor(bytes: Uint8Array, at = 0) {
    this.#bytes = bytes;
    this.#at = at;
  }

  /** Where the next value begins. */
  get at(): number {
    return this.#at;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#bytes.length;
  }

  uint(): number {
    const bytes = this.#bytes;
    let byte = bytes[this.#at++] ?? 0;
    if (byte < 0x80) return byte;
    let value = byte & 0x7f;
    for (let scale = 0x80; byte >= 0x80; scale *= 0x80) {
      byte = bytes[this.#at++] ?? 0;
      value += (byte & 0x7f) * scale;
    }
    return value;
  }

  int(): number {
    const value = this.uint();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }

  uint32(): number {
    const bytes = this.#bytes;
    const low =
      (bytes[this.#at] ?? 0) |
      ((bytes[this.#at + 1] ?? 0) << 8) |
      ((bytes[this.#at + 2] ?? 0) << 16);
    const value = (low | ((bytes[this.#at + 3] ?? 0) << 24)) >>> 0;
    this.#at += 4;
    return value;
  }

  text(): string {
    const length = this.uint();
    const begin = this.#at;
    this.#at += length;
    return textAt(this.#bytes, begin, this.#at);
  }

  /** Passes over a text. */
  skipText(): void {
    const length = this.uint();
    this.#at += length;
  }

  /** Fills an array with numbers of four bytes each. */
  uint32s(numbers: Uint32Array): void {
    const { buffer, byteOffset, byteLength } = numbers;
    const end = this.#at + byteLength;
    if (IS_LITTLE_ENDIAN && end <= this.#bytes.length) {
      new Uint8Array(buffer, byteOffset, byteLength).set(this.#bytes.subarray(this.#at, end));
      this.#at = end;
      return;
    }
    for (let i = 0; i < numbers.length; i++) numbers[i] = this.uint32();
  }

  /** A view of the next bytes, not a copy. */
  bytes(length: number): Uint8Array {
    const view = this.#bytes.subarray(this.#at, this.#at + length);
    this.#at += length;
    return view;
  }

  skip(length: number): void {
    this.#at += length;
  }
}

/** Short ASCII is most of it, and faster without a decoder. */
function textAt(bytes: Uint8Array, begin: number, end: number): string {
  if (end - begin > SHORT_TEXT) return decoder.decode(bytes.subarray(begin, end));
  let text = "";
  for (let i = begin; i < end; i++) {
    const code = bytes[i] ?? 0;
    if (code >= 0x80) return decoder.decode(bytes.subarray(begin, end));
    text += String.fromCharCode(code);
  }
  return text;
}
