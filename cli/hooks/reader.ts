/**
 * Reads the spool of a session as the importers read files: its events become those of the
 * normaliser, the same each time, so that a session that is sent again is the same episode.
 *
 * @module
 */

import { object, wordOf } from "../../client/calls/values.ts";
import type { ImportEvent, Line } from "../../client/runs/events.ts";
import { eachOf, Notes } from "../../client/runs/notes.ts";
import type { FormatReader, Importer } from "../importers/importer.ts";
import { Normaliser } from "../importers/normaliser/normaliser.ts";
import { lineItems, type Item, type SourceFile } from "../importers/reading/json.ts";
import type { Agent, Spooled } from "./event.ts";
import { judge } from "./outcome.ts";

/** Two hooks that report the same event are at most this far apart, ms. */
const TWICE_MS = 2_000;

const spooled: Importer = {
  reads: "the spool of hooks",
  files: /\.jsonl$/,
  isSpread: false,
  open: (notes) => new SpoolReader(notes),
};

/** The episodes of a session's spool: its own, and one of each sub-agent. */
export function spoolLines(agent: Agent, file: SourceFile): Line[] {
  const normaliser = new Normaliser(agent, spooled, new Notes());
  return [...normaliser.read(file), ...normaliser.end()].map((line) => {
    if (line.type !== "episode" || line.status !== "in_progress") return line;
    const { ended_at: _at, ...running } = line;
    return running;
  });
}

class SpoolReader implements FormatReader {
  readonly #notes: Notes;

  constructor(notes: Notes) {
    this.#notes = notes;
  }

  *read(file: SourceFile): Generator<ImportEvent> {
    const items = unrepeated([...lineItems(file, this.#notes)]);
    const first = items[0]?.value as unknown as Spooled | undefined;
    if (!first) return;
    const session = new SpooledSession(first);
    yield* eachOf(items, file.name, this.#notes, ({ value }) =>
      session.read(value as unknown as Spooled),
    );
    yield* session.end();
  }
}

/** Without events that came twice: hooks may be installed twice. */
function unrepeated(items: readonly Item[]): Item[] {
  const seen = new Map<string, number>();
  return items.filter(({ value }) => {
    const { at, ...event } = value;
    const key = JSON.stringify(event);
    const time = Date.parse(String(at));
    const before = seen.get(key);
    seen.set(key, time);
    const hasId = typeof value["id"] === "string" && value["id"] !== "";
    return before === undefined || (!hasId && time - before > TWICE_MS);
  });
}

/** A session and its sub-agents. */
class SpooledSession {
  /** A session that was resumed when nothing was left of it here is an episode of its own. */
  readonly #name: string;
  readonly #resumed: string | null;
  readonly #armed = new Set<string>();
  /** What was said to sub-agents that have not begun. */
  readonly #delegated: { kind: string; task: string }[] = [];
  readonly #runs = new Map<string, Spooled[]>();

  constructor({ session, at, ...first }: Spooled) {
    const isResumed = first.type === "start" && first.source === "resume";
    this.#resumed = isResumed ? session : null;
    this.#name = isResumed ? `${session}@${at}` : session;
  }

  *read(event: Spooled): Generator<ImportEvent> {
    const { at } = event;
    const run = this.#runOf(event);
    const before = this.#runs.get(run);
    if (before) before.push(event);
    else {
      this.#runs.set(run, [event]);
      yield* this.#begun(run, event);
    }
    yield { type: "seen", run, at };
    if (event.type === "start") yield { type: "about", run, metadata: event.about };
    else if (event.type === "prompt") yield { type: "prompt", run, text: event.text };
    else if (event.type === "subagent") yield* this.#delegatedPrompt(run, event.kind);
    else if (event.type === "call") yield* this.#call(run, event);
    else if (event.type === "result") yield* this.#result(run, event);
  }

  /** How each run went. */
  *end(): Generator<ImportEvent> {
    for (const [run, events] of this.#runs) {
      const isEnded = ["stop", "end", "verdict"].includes(events.at(-1)?.type ?? "");
      const judged = judge(events);
      if (!judged || !isEnded) {
        const status = events.some(({ type }) => type === "end") ? "abandoned" : "in_progress";
        yield { type: "about", run, status };
        continue;
      }
      const { rule, confidence, isGood, reason } = judged;
      yield {
        type: "about",
        run,
        metadata: { outcome_rule: rule, outcome_confidence: String(confidence) },
        outcome: isGood ? { type: "success", verdict: reason } : { type: "failure", reason },
      };
    }
  }

  #runOf({ subagent }: Spooled): string {
    return subagent === undefined ? this.#name : `${this.#name}/${subagent}`;
  }

  *#begun(run: string, { session, subagent }: Spooled): Generator<ImportEvent> {
    const metadata = { session, recorded_by: "hooks", agent: subagent };
    const reason = subagent === undefined ? "goes on from" : "sub-agent of";
    const other = subagent === undefined ? this.#resumed : this.#name;
    yield {
      type: "about",
      run,
      metadata,
      ...(other === null ? {} : { related: { run: other, reason } }),
    };
  }

  /** A sub-agent was given the oldest task of its kind that no other has taken. */
  *#delegatedPrompt(run: string, kind: string): Generator<ImportEvent> {
    const at = this.#delegated.findIndex((one) => one.kind === kind || one.kind === "");
    const [delegated] = at < 0 ? [] : this.#delegated.splice(at, 1);
    yield { type: "about", run, metadata: { agent_type: kind } };
    if (delegated) yield { type: "prompt", run, text: delegated.task };
    else yield { type: "about", run, instead: `${kind || "sub-agent"} of a session` };
  }

  *#call(run: string, event: Spooled & { type: "call" }): Generator<ImportEvent> {
    const { id, tool, parameters, at } = event;
    const { prompt, subagent_type: kind } = object(parameters);
    if ((tool === "Task" || tool === "Agent") && typeof prompt === "string")
      this.#delegated.push({ kind: wordOf(kind, ""), task: prompt });
    if (id === "") return;
    this.#armed.add(`${run} ${id}`);
    yield { type: "call", run, id, tool, parameters, at };
  }

  *#result(run: string, event: Spooled & { type: "result" }): Generator<ImportEvent> {
    const { id, tool, parameters, result, at } = event;
    if (!this.#armed.delete(`${run} ${id}`))
      yield { type: "call", run, id: null, tool, parameters, at, result };
    else if (result !== null) yield { type: "result", run, id, result, at };
  }
}
