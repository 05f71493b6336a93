/**
 * Batches of requests to OpenAI and Anthropic, and what was answered: a request and its answer,
 * found by the `custom_id` that both have, are one conversation. Files of conversations, as for
 * fine-tuning, and logs of a request with its answer are read too.
 *
 * @module
 */

import { readChat } from "../../../client/calls/calls.ts";
import { Pairing } from "../../../client/calls/pairing.ts";
import { object, objects, textOf, wordOf, type Json } from "../../../client/calls/values.ts";
import type { ImportEvent } from "../../../client/runs/events.ts";
import type { FormatReader, Importer } from "../importer.ts";
import { eachOf, type Notes } from "../../../client/runs/notes.ts";
import { fileItems, type SourceFile } from "../reading/json.ts";
import { timeOf } from "../../../client/runs/values.ts";
import { idOf } from "../reading/ids.ts";
import { chatEvents } from "./langgraph.ts";

const batchImporter = (reads: string): Importer => ({
  reads,
  files: /\.(jsonl?|ndjson)$/,
  isSpread: true,
  open: (notes) => new Batches(notes),
});
export const openaiBatch = batchImporter(
  "requests and answers of OpenAI's batches, and files of conversations",
);
export const anthropicBatch = batchImporter("requests and results of Anthropic's message batches");

interface Exchange {
  /** null: a conversation that no batch has. */
  id: string | null;
  messages: Json[];
  answers: Json[];
  metadata: Json;
  /** null: nothing went wrong. */
  error: string | null;
  at: string | undefined;
}

class Batches implements FormatReader {
  readonly #notes: Notes;
  /** In the order in which they were first named. */
  readonly #exchanges: Exchange[] = [];
  /** By `custom_id`, which recurs from batch to batch: what waits for its other half. */
  readonly #requests = new Pairing<Exchange>();
  readonly #answers = new Pairing<Exchange>();

  constructor(notes: Notes) {
    this.#notes = notes;
  }

  *read(file: SourceFile): Generator<ImportEvent> {
    const items = fileItems(file, this.#notes);
    yield* eachOf(items, file.name, this.#notes, ({ value, place }) => {
      if (!this.#take(value)) this.#notes.odd(file.name, place, "no conversation");
      return [];
    });
  }

  *end(): Generator<ImportEvent> {
    const seen = new Set<string>();
    for (const exchange of this.#exchanges) {
      const { id, messages, answers, metadata, error, at } = exchange;
      const run = `${id ?? ""} ${idOf(JSON.stringify(messages))}`;
      if (messages.length === 0) this.#notes.note("answers whose request is in no file");
      else if (id !== null && answers.length === 0 && error === null)
        this.#notes.note("requests whose answer is in no file");
      if (messages.length === 0 || seen.has(run)) continue;
      seen.add(run);
      const outcome = error === null ? {} : { outcome: { type: "failure", reason: error } };
      yield { type: "about", run, metadata, ...outcome };
      yield { type: "seen", run, at };
      yield* chatEvents(run, readChat([...messages, ...answers]), this.#notes);
    }
  }

  /** false: it is of no kind that is known. */
  #take(value: Json): boolean {
    const { custom_id: given } = value;
    const id = given === undefined ? null : wordOf(given, "");
    const asked = value["body"] ?? value["params"] ?? value["request"];
    const request = object(id === null ? (asked ?? value) : asked);
    const messages = messagesOf(request);
    const isAnswer = "response" in value || "result" in value || "error" in value;
    if (messages.length === 0 && (id === null || !isAnswer)) return false;
    if (messages.length > 0) {
      const exchange = this.#half(id, this.#answers, this.#requests);
      exchange.messages = messages;
      exchange.metadata = { ...exchange.metadata, ...modelOf(request) };
      if (isAnswer && id === null) logged(exchange, value);
    }
    if (isAnswer && id !== null) {
      const exchange = this.#half(id, this.#requests, this.#answers);
      if ("result" in value) resulted(exchange, object(value["result"]));
      else answered(exchange, value);
    }
    return true;
  }

  /** The exchange whose other half is there, or a new one that waits for it. */
  #half(id: string | null, there: Pairing<Exchange>, waiting: Pairing<Exchange>): Exchange {
    const present = id === null ? undefined : there.use(id);
    if (present) return present;
    const metadata = id === null ? {} : { custom_id: id };
    const exchange = { id, messages: [], answers: [], metadata, error: null, at: undefined };
    this.#exchanges.push(exchange);
    if (id !== null) waiting.arm(id, exchange);
    return exchange;
  }
}

/** Chat completions and Anthropic's messages have `messages`, responses have `input`. */
function messagesOf(body: Json): Json[] {
  const { messages, input } = body;
  if (Array.isArray(messages)) return objects(messages);
  if (typeof input === "string") return [{ role: "user", content: input }];
  return objects(input);
}

const modelOf = ({ model }: Json): Json => (model === undefined ? {} : { model });

/** The answer in a log: as it came, without what a batch adds. */
function logged(exchange: Exchange, { response, error }: Json): void {
  const body = object(response);
  answered(exchange, { response: { body }, error });
  if (body["role"] === "assistant") exchange.answers = [body];
}

/** OpenAI's answer. */
function answered(exchange: Exchange, { response, error }: Json): void {
  const { status_code: status, body } = object(response);
  const { choices, output, created, created_at, error: refused, model } = object(body);
  exchange.metadata = { ...exchange.metadata, ...modelOf({ model }) };
  exchange.at = timeOf(created ?? created_at);
  exchange.answers = [
    ...objects(choices)
      .slice(0, 1)
      .map(({ message }) => object(message)),
    ...objects(output),
  ];
  const failed = error ?? refused;
  const hasFailed = typeof status === "number" && status >= 400;
  if ((failed !== undefined && failed !== null) || hasFailed)
    exchange.error = reasonOf(failed) || `status ${String(status)}`;
}

/** Anthropic's result. */
function resulted(exchange: Exchange, { type, message, error }: Json): void {
  const answer = object(message);
  exchange.metadata = { ...exchange.metadata, ...modelOf(answer) };
  if (type === "succeeded") exchange.answers = [answer];
  else exchange.error = reasonOf(object(error)["error"] ?? error) || wordOf(type, "error");
}

function reasonOf(error: unknown): string {
  const { message, code, type } = object(error);
  return textOf(message ?? code ?? type ?? error);
}
