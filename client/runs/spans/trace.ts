/**
 * What the spans of a trace tell: its calls of tools. What a span of a tool does not say, those of
 * models do, in the messages that they were given. Pure.
 *
 * @module
 */

import type { ChatCall } from "../../calls/calls.ts";
import { object, wordOf, type Json } from "../../calls/values.ts";
import type { CallEvent, ImportEvent } from "../events.ts";
import type { Notes } from "../notes.ts";
import {
  argumentsIn,
  callIdOf,
  failureOf,
  inputOf,
  kindOf,
  operationOf,
  outputIn,
  toolOf,
  RESOURCE_NAMES,
  toolResult,
} from "./conventions.ts";
import { conversationOf } from "./conversation.ts";
import type { Span } from "./otlp.ts";
import { messagesOf } from "./span-messages.ts";

/** Nothing when there is neither an agent nor a tool in it. @param spans the earliest first */
export function* traceEvents(
  run: string,
  spans: readonly Span[],
  notes: Notes,
): Generator<ImportEvent> {
  const tools = spans.filter((span) => kindOf(span) === "tool");
  const models = spans.filter((span) => kindOf(span) === "model");
  const agents = spans.filter((span) => kindOf(span) === "agent");
  const chat = conversationOf([...models, ...agents].map(messagesOf));
  const root = topOf(spans);
  const hasCalls = tools.length > 0 || chat.calls.length > 0;
  const top = root && (hasCalls || kindOf(root) === "agent") ? root : undefined;
  for (const span of spans) if (span !== top && kindOf(span) !== "tool") noteSpan(span, notes);
  if (!top) return;

  yield aboutTop(run, top, spans, notes);
  yield { type: "about", run, task: taskOf(top, spans, chat.prompt) };
  yield* callEvents(run, top, tools, chat.calls);
}

/** The calls that spans of tools tell of, in their order, and those that only messages do. */
function callEvents(
  run: string,
  top: Span,
  tools: readonly Span[],
  calls: readonly ChatCall[],
): CallEvent[] {
  const { service } = whoOf(top);
  const waiting = new Set(calls);
  const claimed = new Set(tools.map(callIdOf));
  const order = new Map(calls.map((call, i) => [call, i]));
  const told = tools.map((span) => {
    const call = callOf(waiting, claimed, span);
    if (call) waiting.delete(call);
    const place = call ? (order.get(call) ?? -1) : -1;
    const who = whoOf(span);
    // A tool may be in another process than its agent.
    const metadata = who.service === service ? {} : who;
    const event: CallEvent = { ...toolEvent(run, span, call), metadata };
    return { event, place, start: span.start || 0 };
  });
  // Spans of calls that ran side by side may begin in one millisecond.
  told.sort((a, b) => a.start - b.start || a.place - b.place);
  // Without an id, a span may be any of the calls: then they are taken to be those of the spans.
  if (tools.some((span) => callIdOf(span) === null)) return told.map(({ event }) => event);
  for (const call of waiting) {
    const { id: _id, ...made } = call;
    const place = order.get(call) ?? 0;
    const at = told.findIndex((other) => other.place > place);
    const entry = { event: { type: "call", run, id: null, ...made } as const, place, start: 0 };
    told.splice(at < 0 ? told.length : at, 0, entry);
  }
  return told.map(({ event }) => event);
}

/**
 * What messages tell of a span's call: by its id, or else the first of its tool whose id no other
 * span has; some frameworks name a call otherwise than the model does.
 */
function callOf(
  waiting: ReadonlySet<ChatCall>,
  claimed: ReadonlySet<string | null>,
  span: Span,
): ChatCall | undefined {
  const id = callIdOf(span);
  const tool = toolOf(span);
  const calls = [...waiting];
  const same = id === null ? undefined : calls.find((call) => call.id === id);
  const isFree = (call: ChatCall): boolean => call.id === null || !claimed.has(call.id);
  return same ?? calls.find((call) => call.tool === tool && isFree(call));
}

/** The span that the whole trace is of: an agent without an agent above it, else a root. */
function topOf(spans: readonly Span[]): Span | undefined {
  const ids = new Set(spans.map(({ id }) => id));
  const root = spans.find(({ parent }) => parent === "" || !ids.has(parent));
  if (root && kindOf(root) === "agent") return root;
  return spans.find((span) => kindOf(span) === "agent") ?? root ?? spans[0];
}

function noteSpan(span: Span, notes: Notes): void {
  const operation = operationOf(span);
  notes.note(
    operation !== ""
      ? `spans of the operation ${operation}`
      : kindOf(span) === "model"
        ? "spans of models"
        : "spans that are not of an agent",
    1,
    "spans",
  );
}

/** What SDKs say for a service that was given no name. */
const UNNAMED = /^unknown_service(?::|$)/;

/** Who a span is of, as its process says: the names of metadata, and their texts. */
function whoOf({ resource }: Span): Record<string, string> {
  const said = Object.entries(RESOURCE_NAMES).flatMap(([name, attributes]) => {
    const word = attributes.map((one) => wordOf(resource[one], "")).find((one) => one !== "");
    return word === undefined || UNNAMED.test(word) ? [] : [[name, word] as const];
  });
  return Object.fromEntries(said);
}

const isoOf = (ms: number): string | undefined =>
  Number.isFinite(ms) && ms > 0 ? new Date(ms).toISOString() : undefined;

function aboutTop(run: string, top: Span, spans: readonly Span[], notes: Notes): ImportEvent {
  const { attributes, status } = top;
  const held = (...names: string[]): unknown =>
    [top, ...spans]
      .flatMap((span) => names.map((name) => span.attributes[name]))
      .find((value) => value !== undefined);
  const failure = failureOf(top);
  // How one call of a model or a tool ended is not how the whole did.
  const isWhole = kindOf(top) !== "model" && kindOf(top) !== "tool";
  const outcome: Json | undefined = !isWhole
    ? undefined
    : failure !== null
      ? { type: "failure", reason: failure }
      : status === "ok"
        ? { type: "success", verdict: "" }
        : undefined;
  if (!outcome) notes.note("outcomes of traces whose status is unset (say --outcome)", 1, "unsaid");
  return {
    type: "about",
    run,
    metadata: {
      trace: run,
      ...whoOf(top),
      agent: attributes["gen_ai.agent.name"] ?? attributes["ai.telemetry.functionId"],
      conversation: held(
        "gen_ai.conversation.id",
        "session.id",
        "traceloop.association.properties.session_id",
      ),
      provider: held("gen_ai.provider.name", "gen_ai.system", "llm.provider", "ai.model.provider"),
      model: held("gen_ai.request.model", "llm.model_name", "ai.model.id"),
    },
    started_at: isoOf(top.start),
    ended_at: isoOf(Math.max(top.end || top.start, ...spans.map(({ end }) => end || 0))),
    outcome,
  };
}

const isEmpty = (given: unknown): boolean => Object.keys(object(given)).length === 0;

/** @param call what messages say of it; undefined: nothing */
function toolEvent(run: string, span: Span, call: ChatCall | undefined): CallEvent {
  const output = outputIn(span);
  const given = argumentsIn(span);
  // Some say one argument as it is, without its name.
  const isNamed = given !== undefined && object(given) === given;
  const result = toolResult(span, output);
  return {
    type: "call",
    run,
    id: null,
    tool: toolOf(span),
    action: call?.action || wordOf(span.attributes["gen_ai.tool.description"], ""),
    parameters: isNamed && !isEmpty(given) ? given : (call?.parameters ?? given ?? {}),
    result:
      output === undefined && (result === null || result.type === "success")
        ? (call?.result ?? result)
        : result,
    at: isoOf(span.start),
    ...(span.end >= span.start
      ? { latency_ms: Math.round((span.end - span.start) * 1e6) / 1e6 }
      : {}),
  };
}

/** What was asked: in messages, in what the agent or a model was given, or in its description. */
function taskOf(top: Span, spans: readonly Span[], prompt: string | null): string {
  if (prompt !== null) return prompt;
  const agents = spans.filter((one) => kindOf(one) === "agent");
  const models = spans.filter((one) => kindOf(one) === "model");
  for (const span of [top, ...agents, ...models]) {
    const input = kindOf(span) === "tool" ? "" : inputOf(span);
    if (input.trim() !== "") return input;
  }
  const { attributes, name } = top;
  return (
    wordOf(attributes["gen_ai.agent.description"] ?? attributes["gen_ai.agent.name"], name) ||
    "unknown"
  );
}
