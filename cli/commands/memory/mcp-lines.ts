/**
 * Reads the messages that an agent writes to stdin, a line each, and answers those that are none: a
 * line that is no JSON, JSON that is no message, and several messages in a list, which the protocol
 * had until 2025-06-18. An agent that waits for an answer gets one.
 *
 * @module
 */

/** JSON-RPC's codes. */
const [PARSE_ERROR, INVALID_REQUEST] = [-32_700, -32_600];
/** Characters of a line; what is longer is no message. */
const LINE_MAX = 33_554_432;

interface Answer {
  jsonrpc: "2.0";
  id: string | number | null;
  error: { code: number; message: string };
}

/** What becomes of a message. */
interface Ports {
  /** Passes a message on, as a line of JSON. */
  forward(line: string): void;
  /** Writes an answer for the agent. */
  answer(message: object): void;
}

/** A list of messages whose answers go back together. */
interface Batch {
  open: Set<string | number>;
  answers: object[];
}

export class MessageLines {
  readonly #ports: Ports;
  readonly #batches: Batch[] = [];
  #rest = "";

  constructor(ports: Ports) {
    this.#ports = ports;
  }

  /** A part of the input, wherever it was cut. */
  read(part: string): void {
    const lines = (this.#rest + part).split("\n");
    this.#rest = lines.pop() ?? "";
    for (const line of lines) this.#line(line.trim());
    if (this.#rest.length <= LINE_MAX) return;
    this.#rest = "";
    this.#ports.answer(refusal(PARSE_ERROR, `A line has more than ${LINE_MAX} characters.`));
  }

  /** The input has ended; what is left of it is a line. */
  end(): void {
    this.#line(this.#rest.trim());
    this.#rest = "";
  }

  /** Whether the answer belongs to a list, and went into it. */
  takesAnswer(answer: object): boolean {
    const { id } = answer as { id?: unknown };
    if ("method" in answer || (typeof id !== "string" && typeof id !== "number")) return false;
    const batch = this.#batches.find(({ open }) => open.has(id));
    if (!batch) return false;
    batch.open.delete(id);
    batch.answers.push(answer);
    this.#finish(batch);
    return true;
  }

  #line(line: string): void {
    if (line === "") return;
    let value: unknown;
    try {
      value = JSON.parse(line);
    } catch {
      this.#ports.answer(refusal(PARSE_ERROR, "The line is not JSON."));
      return;
    }
    if (Array.isArray(value)) this.#batch(value);
    else if (isMessage(value)) this.#ports.forward(line);
    else this.#ports.answer(refusal(INVALID_REQUEST, "This is no JSON-RPC message.", value));
  }

  #batch(values: readonly unknown[]): void {
    if (values.length === 0) {
      this.#ports.answer(refusal(INVALID_REQUEST, "A list of messages must have at least one."));
      return;
    }
    const messages = values.filter(isMessage);
    const batch: Batch = {
      open: new Set(
        messages.flatMap(({ id, method }) =>
          method !== undefined && id !== undefined ? [id] : [],
        ),
      ),
      answers: values
        .filter((value) => !isMessage(value))
        .map((value) => refusal(INVALID_REQUEST, "This is no JSON-RPC message.", value)),
    };
    this.#batches.push(batch);
    for (const message of messages) this.#ports.forward(JSON.stringify(message));
    this.#finish(batch);
  }

  #finish(batch: Batch): void {
    if (batch.open.size > 0) return;
    this.#batches.splice(this.#batches.indexOf(batch), 1);
    if (batch.answers.length > 0) this.#ports.answer(batch.answers);
  }
}

interface Message {
  id?: string | number;
  method?: string;
}

function isMessage(value: unknown): value is Message {
  if (typeof value !== "object" || value === null) return false;
  const { jsonrpc, id, method } = value as Record<string, unknown>;
  const isAnswer = "result" in value || "error" in value;
  const isKnownId = id === undefined || ["string", "number"].includes(typeof id);
  return jsonrpc === "2.0" && isKnownId && (typeof method === "string" || isAnswer);
}

function refusal(code: number, message: string, of?: unknown): Answer {
  const id = (of as { id?: unknown } | null)?.id;
  const known = typeof id === "string" || typeof id === "number" ? id : null;
  return { jsonrpc: "2.0", id: known, error: { code, message } };
}
