/**
 * Reads a file of items as batches of lines for an import: a JSON text on each line, or a JSON
 * array, either of them packed by gzip too. Lines are read as they are sent: a file may be of any
 * size, an array only of what memory holds.
 */

/** What is sent at once. */
const BATCH_LINES = 100;
const BATCH_CHARACTERS = 500_000;
/** Bytes of an array, which is read as a whole. */
const ARRAY_MAX = 64 * 1024 * 1024;
const GZIP = [0x1f, 0x8b];

/**
 * @typedef {object} Batch
 * @property {string[]} lines
 * @property {number[]} numbers of the lines in the file
 * @property {number} read bytes of the file so far
 */

/**
 * Throws what is to be said when the file cannot be read.
 *
 * @param {File} file
 * @returns {AsyncGenerator<Batch>}
 */
export async function* batchesOf(file) {
  const head = new Uint8Array(await file.slice(0, 2).arrayBuffer());
  const isPacked = GZIP.every((byte, i) => head[i] === byte);
  let read = 0;
  const counting = new TransformStream({
    transform(chunk, controller) {
      read += chunk.byteLength;
      controller.enqueue(chunk);
    },
  });
  const bytes = file.stream().pipeThrough(counting);
  const open = isPacked ? bytes.pipeThrough(new DecompressionStream("gzip")) : bytes;
  const text = open.pipeThrough(new TextDecoderStream());
  const lines = /^\s*\[/.test(await beginningOf(file, isPacked)) ? itemsOf(text) : linesOf(text);

  /** @type {Batch} */
  let batch = { lines: [], numbers: [], read: 0 };
  let characters = 0;
  let number = 0;
  for await (const line of lines) {
    number += 1;
    if (line.trim() === "") continue;
    const isFull = batch.lines.length >= BATCH_LINES || characters + line.length > BATCH_CHARACTERS;
    if (isFull && batch.lines.length > 0) {
      yield { ...batch, read };
      batch = { lines: [], numbers: [], read: 0 };
      characters = 0;
    }
    batch.lines.push(line);
    batch.numbers.push(number);
    characters += line.length;
  }
  if (batch.lines.length > 0) yield { ...batch, read };
}

/** @param {File} file @param {boolean} isPacked */
async function beginningOf(file, isPacked) {
  const PEEK = 1_024;
  if (!isPacked) return file.slice(0, PEEK).text();
  const reader = file
    .stream()
    .pipeThrough(new DecompressionStream("gzip"))
    .pipeThrough(new TextDecoderStream())
    .getReader();
  const { value = "" } = await reader.read();
  await reader.cancel();
  return value;
}

/** @param {ReadableStream<string>} text */
async function* linesOf(text) {
  let rest = "";
  for await (const chunk of pieces(text)) {
    const parts = (rest + chunk).split("\n");
    rest = parts.pop() ?? "";
    yield* parts;
  }
  if (rest !== "") yield rest;
}

/** @param {ReadableStream<string>} text */
async function* itemsOf(text) {
  let whole = "";
  for await (const chunk of pieces(text)) {
    whole += chunk;
    if (whole.length > ARRAY_MAX)
      throw new Error("The array is too large to be read at once: write an item on each line.");
  }
  const items = JSON.parse(whole);
  for (const item of items) yield JSON.stringify(item);
}

/** Not every browser lets a stream be walked through. @param {ReadableStream<string>} text */
async function* pieces(text) {
  const reader = text.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    yield value;
  }
}
