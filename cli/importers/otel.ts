/**
 * OpenTelemetry GenAI spans as OTLP/JSON: a trace is an episode, its spans of the operation
 * execute_tool are the steps.
 *
 * @module
 */

import type { Step } from "../../client/step.ts";
import {
  idOf,
  jsonItems,
  line,
  object,
  objects,
  short,
  textOf,
  timeOf,
  type Importer,
  type Json,
  type Line,
  type Unmapped,
  wordOf,
} from "./importer.ts";
import { omitUndefined } from "../omit-undefined.ts";

interface Span {
  raw: Json;
  attributes: Json;
  operation: string;
}

/** Status codes of a span, as numbers and by name. */
const ERROR = [2, "STATUS_CODE_ERROR"] as const;
const OK = [1, "STATUS_CODE_OK"] as const;

export const otel: Importer = {
  reads: "OpenTelemetry GenAI spans, as OTLP/JSON",
  files: /\.(json|jsonl|ndjson)$/,
  *read(text, _name, unmapped) {
    const spans = jsonItems(text, unmapped).flatMap((item) => spansOf(object(item)));
    const traces = Map.groupBy(spans, ({ raw }) => String(raw["traceId"]));
    for (const [id, trace] of traces) {
      trace.sort((a, b) => startOf(a) - startOf(b));
      const episode = episodeOf(id, trace, unmapped);
      if (episode) yield episode;
    }
  },
};

const startOf = ({ raw }: Span): number => Number(raw["startTimeUnixNano"] ?? 0);

/** null: there is neither an agent nor a tool in it. @param trace its spans, the earliest first */
function episodeOf(id: string, trace: readonly Span[], unmapped: Unmapped): Line | null {
  const agent = trace.find(({ operation }) =>
    ["invoke_agent", "invoke_workflow"].includes(operation),
  );
  const tools = trace.filter(({ operation }) => operation === "execute_tool");
  for (const span of trace) if (span !== agent && !tools.includes(span)) noteSpan(span, unmapped);
  const top = agent ?? (tools.length > 0 ? trace[0] : undefined);
  if (!top) return null;
  const { attributes, raw } = top;
  const metadata = omitUndefined({
    trace: id,
    agent: attributes["gen_ai.agent.name"],
    conversation: attributes["gen_ai.conversation.id"],
    provider: attributes["gen_ai.provider.name"] ?? attributes["gen_ai.system"],
    model: attributes["gen_ai.request.model"],
  });
  const times = {
    started_at: timeOf(raw["startTimeUnixNano"]),
    ended_at: timeOf(raw["endTimeUnixNano"]),
  };
  return line(
    {
      id: idOf("otel", id),
      task: taskOf(top, trace),
      context: { tags: ["otel"] },
      metadata: metadata as Record<string, string>,
      steps: tools.map(stepOf),
      ...omitUndefined({ ...times, outcome: outcomeOf(top, unmapped) }),
    },
    unmapped,
  );
}

function noteSpan({ operation }: Span, unmapped: Unmapped): void {
  unmapped.note(
    operation === "" ? "spans that are not of GenAI" : `spans of the operation ${operation}`,
  );
}

/** undefined: its status does not say. */
function outcomeOf({ raw, attributes }: Span, unmapped: Unmapped): Json | undefined {
  const { code, message } = object(raw["status"]) as { code?: number; message?: unknown };
  if (isIn(ERROR, code)) {
    const reason = wordOf(message ?? attributes["error.type"], "error");
    return { type: "failure", reason: short(reason) };
  }
  if (isIn(OK, code)) return { type: "success", verdict: "" };
  unmapped.note("outcomes of traces whose status is unset (say --outcome)");
  return undefined;
}

const isIn = (codes: readonly (number | string)[], code: unknown): boolean =>
  codes.includes(code as number | string);

function spansOf(item: Json): Span[] {
  return objects(item["resourceSpans"]).flatMap((resource) =>
    objects(resource["scopeSpans"]).flatMap((scope) =>
      objects(scope["spans"]).map((raw) => {
        const attributes = Object.fromEntries(
          objects(raw["attributes"]).map(({ key, value }) => [String(key), valueOf(object(value))]),
        );
        return { raw, attributes, operation: wordOf(attributes["gen_ai.operation.name"], "") };
      }),
    ),
  );
}

/** OTLP's AnyValue. */
function valueOf(value: Json): unknown {
  const { stringValue, intValue, doubleValue, boolValue, arrayValue, kvlistValue } = value;
  if (stringValue !== undefined) return stringValue;
  if (intValue !== undefined) return Number(intValue);
  if (doubleValue !== undefined) return doubleValue;
  if (boolValue !== undefined) return boolValue;
  if (arrayValue !== undefined) return objects(object(arrayValue)["values"]).map(valueOf);
  return Object.fromEntries(
    objects(object(kvlistValue)["values"]).map((one) => [
      String(one["key"]),
      valueOf(object(one["value"])),
    ]),
  );
}

function parsed(value: unknown): unknown {
  if (typeof value !== "string") return value;
  try {
    return JSON.parse(value) as unknown;
  } catch {
    return value;
  }
}

function stepOf({ raw, attributes }: Span): Step {
  const failed =
    attributes["error.type"] !== undefined || isIn(ERROR, object(raw["status"])["code"]);
  const result = parsed(attributes["gen_ai.tool.call.result"]);
  const said = wordOf(object(raw["status"])["message"] ?? attributes["error.type"], "error");
  const timeout = /timeout/i.test(wordOf(attributes["error.type"], ""));
  const [start, end] = [Number(raw["startTimeUnixNano"]), Number(raw["endTimeUnixNano"])];
  return {
    tool: wordOf(attributes["gen_ai.tool.name"], String(raw["name"]).replace(/^execute_tool /, "")),
    action: wordOf(attributes["gen_ai.tool.description"], ""),
    parameters: parsed(attributes["gen_ai.tool.call.arguments"]) ?? {},
    result: failed
      ? timeout
        ? { type: "timeout" }
        : { type: "error", message: said }
      : { type: "success", output: result === undefined ? "" : textOf(result) },
    ...omitUndefined({ at: timeOf(raw["startTimeUnixNano"]) }),
    ...(end >= start ? { latency_ms: (end - start) / 1e6 } : {}),
  };
}

/** What was asked: the first message of a user, of the agent's span or of any other. */
function taskOf(top: Span, trace: readonly Span[]): string {
  for (const { attributes } of [top, ...trace]) {
    const messages = objects(parsed(attributes["gen_ai.input.messages"]));
    const user = messages.find((message) => message["role"] === "user");
    const said = user ? textOf(user["parts"] ?? user["content"]) : "";
    if (said.trim() !== "") return said;
  }
  const { attributes, raw } = top;
  return wordOf(
    attributes["gen_ai.agent.description"] ?? attributes["gen_ai.agent.name"] ?? raw["name"],
    "unknown",
  );
}
