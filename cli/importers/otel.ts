/**
 * OpenTelemetry GenAI spans as OTLP/JSON: a trace is an episode, its spans of the operation
 * execute_tool are the steps.
 *
 * @module
 */

import type { Step } from "../../client/step.ts";
import {
  given,
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
  wordOf,
} from "./importer.ts";

interface Span {
  raw: Json;
  attributes: Json;
  operation: string;
}

/** Status codes of a span. */
const ERROR = [2, "STATUS_CODE_ERROR"];
const OK = [1, "STATUS_CODE_OK"];

export const otel: Importer = {
  reads: "OpenTelemetry GenAI spans, as OTLP/JSON",
  files: /\.(json|jsonl|ndjson)$/,
  *read(text, _name, unmapped) {
    const spans = jsonItems(text, unmapped).flatMap((item) => spansOf(object(item)));
    for (const [trace, known] of Map.groupBy(spans, ({ raw }) => String(raw["traceId"]))) {
      const start = ({ raw }: Span): number => Number(raw["startTimeUnixNano"] ?? 0);
      known.sort((a, b) => start(a) - start(b));
      const agent = known.find(
        ({ operation }) => operation === "invoke_agent" || operation === "invoke_workflow",
      );
      const tools = known.filter(({ operation }) => operation === "execute_tool");
      for (const span of known) {
        if (span !== agent && !tools.includes(span))
          unmapped.note(
            span.operation === ""
              ? "spans that are not of GenAI"
              : `spans of the operation ${span.operation}`,
          );
      }
      if (!agent && tools.length === 0) continue;
      const top = agent ?? known[0];
      if (!top) continue;
      const { attributes, raw } = top;
      const status = object(raw["status"]);
      const failed = ERROR.includes(status["code"] as number);
      const reason = wordOf(status["message"] ?? attributes["error.type"], "error");
      if (!failed && !OK.includes(status["code"] as number))
        unmapped.note("outcomes of traces whose status is unset (say --outcome)");
      const metadata = given({
        trace,
        agent: attributes["gen_ai.agent.name"],
        conversation: attributes["gen_ai.conversation.id"],
        provider: attributes["gen_ai.provider.name"] ?? attributes["gen_ai.system"],
        model: attributes["gen_ai.request.model"],
      }) as Record<string, string>;
      yield line(
        {
          id: idOf("otel", trace),
          task: taskOf(top, known),
          context: { tags: ["otel"] },
          metadata,
          steps: tools.map(stepOf),
          ...given({
            started_at: timeOf(raw["startTimeUnixNano"]),
            ended_at: timeOf(raw["endTimeUnixNano"]),
          }),
          ...(failed
            ? { outcome: { type: "failure", reason: short(reason) } }
            : OK.includes(status["code"] as number)
              ? { outcome: { type: "success", verdict: "" } }
              : {}),
        },
        unmapped,
      );
    }
  },
};

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
    attributes["error.type"] !== undefined ||
    ERROR.includes(object(raw["status"])["code"] as number);
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
    ...given({ at: timeOf(raw["startTimeUnixNano"]) }),
    ...(end >= start ? { latency_ms: (end - start) / 1e6 } : {}),
  };
}

/** What was asked: the first message of a user, of the agent's span or of any other. */
function taskOf(top: Span, known: readonly Span[]): string {
  for (const { attributes } of [top, ...known]) {
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
