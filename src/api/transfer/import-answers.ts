/**
 * The answers of an import: each is written as soon as it and all those to lines before it are
 * there, several at once where they are. Says when there is room for more lines.
 *
 * @module
 */

import type { ImportLineAnswer } from "../../contract/transfer/answers.ts";

/** A line that has no answer yet, or whose answer is not written. */
export interface OpenLine {
  /** Of the request, from 1. */
  readonly number: number;
  /** Of the line. */
  readonly bytes: number;
  /** Characters of it that were taken as others. */
  readonly replaced: { characters: number };
  /** Its answer as text; null: there is none yet. */
  answer: string | null;
}

export class ImportAnswers {
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #encoder = new TextEncoder();
  /** In the order of the lines. */
  readonly #open: OpenLine[] = [];
  #bytes = 0;
  #isWriting = false;
  #broken: { error: unknown } | null = null;
  /** Called when lines are open no more. */
  #waiting: (() => void)[] = [];

  constructor(writable: WritableStream<Uint8Array>) {
    this.#writer = writable.getWriter();
  }

  /** A line that comes after all others. */
  begin(number: number, bytes: number): OpenLine {
    const line = { number, bytes, replaced: { characters: 0 }, answer: null };
    this.#open.push(line);
    this.#bytes += bytes;
    return line;
  }

  end(line: OpenLine, answer: ImportLineAnswer): void {
    line.answer = `${JSON.stringify(withReplaced(answer, line.replaced.characters))}\n`;
    if (!this.#isWriting) void this.#write();
  }

  /**
   * Resolves when no more lines are open than this, and no more bytes of them. Throws when answers
   * cannot be written any more.
   */
  async until(lines: number, bytes: number): Promise<void> {
    while (this.#open.length > lines || this.#bytes > bytes) {
      if (this.#broken) throw this.#broken.error;
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  close(): Promise<void> {
    return this.#writer.close();
  }

  /** Breaks the answers off. Never throws. */
  async abort(error: unknown): Promise<void> {
    await this.#writer.abort(error).catch(() => undefined);
  }

  /** Never throws. */
  async #write(): Promise<void> {
    this.#isWriting = true;
    try {
      // Those that come together are written together.
      await Promise.resolve();
      for (let text = this.#ready(); text !== ""; text = this.#ready()) {
        await this.#writer.write(this.#encoder.encode(text));
        this.#wake();
      }
    } catch (error) {
      this.#broken = { error };
    }
    this.#isWriting = false;
    this.#wake();
  }

  /** Takes the answers to the first lines, as far as they are there. */
  #ready(): string {
    const end = this.#open.findIndex(({ answer }) => answer === null);
    const ready = this.#open.splice(0, end < 0 ? this.#open.length : end);
    for (const { bytes } of ready) this.#bytes -= bytes;
    return ready.map(({ answer }) => answer).join("");
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}

/** What of a line that was taken in was taken as something else. */
function withReplaced(answer: ImportLineAnswer, replaced: number): ImportLineAnswer {
  return answer.status === "error" || replaced === 0 ? answer : { ...answer, replaced };
}
