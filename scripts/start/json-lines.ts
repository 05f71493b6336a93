/**
 * What a process prints, as one JSON object a line, each with its time: a line that is an object
 * already keeps what it says, any other becomes the `message` of one. A chunk may end within a line;
 * the rest of it is waited for, up to a bound.
 *
 * @module
 */

/** What has no end by then is a line, characters. */
const LINE_MAX = 65_536;

export class JsonLines {
  readonly #process: string;
  readonly #now: () => number;
  readonly #decoder = new TextDecoder();
  #rest = "";

  /** @param process how the objects call it */
  constructor(process: string, now: () => number) {
    this.#process = process;
    this.#now = now;
  }

  /** The lines that this chunk ends, each with its line feed. */
  take(chunk: Uint8Array): string {
    const lines = (this.#rest + this.#decoder.decode(chunk, { stream: true })).split("\n");
    this.#rest = lines.pop() ?? "";
    if (this.#rest.length > LINE_MAX) {
      lines.push(this.#rest);
      this.#rest = "";
    }
    return lines.map((line) => this.#object(line)).join("");
  }

  /** The line that was never ended, when the process is gone. */
  end(): string {
    const rest = this.#rest;
    this.#rest = "";
    return this.#object(rest);
  }

  #object(line: string): string {
    const message = plain(line).trim();
    if (message === "") return "";
    const time = new Date(this.#now()).toISOString();
    const said = objectOf(message) ?? {
      level: "info",
      event: "process_output",
      process: this.#process,
      message,
    };
    return `${JSON.stringify({ time, ...said })}\n`;
  }
}

/** Without the colours of a terminal. */
function plain(line: string): string {
  // oxlint-disable-next-line no-control-regex -- they begin with one.
  return line.replaceAll(/\u001b\[[0-9;]*[A-Za-z]/g, "");
}

/** null: it is something else. */
function objectOf(text: string): object | null {
  if (!text.startsWith("{")) return null;
  try {
    return JSON.parse(text) as object;
  } catch {
    return null;
  }
}
