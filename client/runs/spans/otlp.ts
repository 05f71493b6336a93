/**
 * Spans, out of what exporters write: OTLP/JSON, the consoles of the Python and JavaScript SDKs,
 * Jaeger, and exports that name their fields like these. Whatever else stands in a file is told.
 *
 * @module
 */

import { object, objects, parsed, wordOf, type Json } from "../../calls/values.ts";
import { timeOf } from "../values.ts";
import { jaegerSpans } from "./jaeger.ts";

export interface Span {
  trace: string;
  id: string;
  /** Empty: it is a root. */
  parent: string;
  /** Its parent is a span of another process. */
  isRemote: boolean;
  name: string;
  attributes: Json;
  /** Attributes of the process that it is of. */
  resource: Json;
  events: { name: string; attributes: Json }[];
  /** undefined: unset. */
  status: "ok" | "error" | undefined;
  /** What the status says. */
  message: string;
  /** ms since the epoch; NaN: unknown. */
  start: number;
  end: number;
}

/**
 * The spans of an item, null where one cannot be read; or null: it is neither a span nor an
 * envelope of spans.
 */
export function spansOf(item: Json): (Span | null)[] | null {
  const inner = object(item["data"] ?? item["trace"] ?? item["body"]);
  const resources = [item, inner]
    .flatMap((held) => [held["resourceSpans"], held["resource_spans"], held["batches"]])
    .find(Array.isArray);
  if (resources) return objects(resources).flatMap(scopesOf);
  const jaeger = jaegerSpans(item);
  if (jaeger) return jaeger.map(spanOf);
  if (Array.isArray(item["spans"])) {
    // Some name the trace on what its spans stand in only.
    const trace = item["traceId"] ?? item["trace_id"];
    return objects(item["spans"]).map((span) => spanOf({ traceId: trace, ...span }));
  }
  const span = spanOf(item);
  return span ? [span] : null;
}

function scopesOf(resource: Json): (Span | null)[] {
  const scopes = ["scopeSpans", "scope_spans", "instrumentationLibrarySpans"]
    .map((name) => resource[name])
    .find(Array.isArray);
  const of = object(resource["resource"]);
  return objects(scopes).flatMap((scope) =>
    objects(scope["spans"]).map((span) => spanOf({ resource: of, ...span })),
  );
}

/** Flags of a span: whether its parent is of another process is known, and it is. */
const REMOTE = 0x300;

/** null: it is no span. */
function spanOf(raw: Json): Span | null {
  const context = object(raw["context"] ?? raw["spanContext"]);
  const trace = raw["trace_id"] ?? context["trace_id"] ?? context["traceId"] ?? raw["traceId"];
  const id =
    raw["spanId"] ?? raw["span_id"] ?? context["span_id"] ?? context["spanId"] ?? raw["id"];
  if (typeof trace !== "string" || trace === "") return null;
  const parent =
    raw["parentSpanId"] ?? raw["parent_span_id"] ?? raw["parentId"] ?? raw["parent_id"];
  const [start, end] = timesOf(raw);
  return {
    trace: hexOf(trace),
    // Without an id of its own it is the same where all else is.
    id: hexOf(wordOf(id, "")) || JSON.stringify(raw),
    parent: hexOf(wordOf(parent ?? object(raw["parentSpanContext"])["spanId"], "")),
    isRemote: (Number(raw["flags"]) & REMOTE) === REMOTE,
    name: wordOf(raw["name"], ""),
    attributes: attributesOf(raw["attributes"]),
    resource: attributesOf(object(raw["resource"])["attributes"]),
    events: objects(raw["events"]).map((event) => ({
      name: wordOf(event["name"], ""),
      attributes: attributesOf(event["attributes"]),
    })),
    ...statusOf(raw),
    start,
    end,
  };
}

/** Python's console writes `0x` before ids. */
const hexOf = (id: string): string => (id.startsWith("0x") ? id.slice(2) : id);

function timesOf(raw: Json): [start: number, end: number] {
  const began = nanosOf(raw["startTimeUnixNano"] ?? raw["start_time_unix_nano"]);
  const ended = nanosOf(raw["endTimeUnixNano"] ?? raw["end_time_unix_nano"]);
  // JavaScript's console writes microseconds, and how long it took; its objects [s, ns].
  const start = began ?? msOf(raw["start_time"] ?? raw["startTime"] ?? raw["timestamp"]);
  const took = Number(raw["duration"]) / 1_000;
  const end = raw["end_time"] ?? (took >= 0 ? undefined : raw["endTime"]);
  return [start, ended ?? (end === undefined && took >= 0 ? start + took : msOf(end))];
}

/** However few digits they have; undefined: it is no number. */
function nanosOf(value: unknown): number | undefined {
  return /^\d{1,20}$/.test(String(value)) ? Number(value) / 1e6 : undefined;
}

function msOf(value: unknown): number {
  if (Array.isArray(value)) return Number(value[0]) * 1_000 + Number(value[1]) / 1e6;
  const isNano = /^\d{17,20}$/.test(String(value));
  return isNano ? Number(value) / 1e6 : Date.parse(timeOf(value) ?? "");
}

const ERRORS = new Set(["2", "ERROR", "STATUS_CODE_ERROR"]);
const OKS = new Set(["1", "OK", "STATUS_CODE_OK"]);

function statusOf(raw: Json): Pick<Span, "status" | "message"> {
  const held = raw["status"];
  const { code, status_code, message, description } = object(held);
  const said = String(code ?? status_code ?? raw["status_code"] ?? held).toUpperCase();
  const status = ERRORS.has(said) ? "error" : OKS.has(said) ? "ok" : undefined;
  return { status, message: wordOf(message ?? description ?? raw["status_message"], "") };
}

/** OTLP's list of pairs, or an object; what is nested gets the names that it has flat. */
function attributesOf(held: unknown): Json {
  const given = typeof held === "string" ? parsed(held) : held;
  if (Array.isArray(given))
    return Object.fromEntries(
      objects(given)
        .filter(({ key }) => key !== "__proto__")
        .map(({ key, value }) => [String(key), valueOf(object(value))]),
    );
  const flat: Json = {};
  flatten(flat, "", object(given), 0);
  return flat;
}

const DEPTH_MAX = 8;
/** Attributes whose value is an object: it is no part of their names. */
const WHOLE = /(?:^|\.)(?:arguments|result|args|parameters|messages|value|input|output|metadata)$/;

function flatten(flat: Json, prefix: string, held: Json, depth: number): void {
  for (const [name, value] of Object.entries(held)) {
    const key = prefix === "" ? name : `${prefix}.${name}`;
    const isInner = object(value) === value && Object.keys(value as Json).length > 0;
    if (isInner && depth < DEPTH_MAX && !WHOLE.test(key))
      flatten(flat, key, value as Json, depth + 1);
    else flat[key] = value;
  }
}

/** OTLP's AnyValue. */
function valueOf(value: Json): unknown {
  const { stringValue, intValue, doubleValue, boolValue, bytesValue, arrayValue, kvlistValue } =
    value;
  if (stringValue !== undefined) return stringValue;
  if (intValue !== undefined) return integerOf(intValue);
  if (doubleValue !== undefined) return doubleValue;
  if (boolValue !== undefined) return boolValue;
  if (bytesValue !== undefined) return bytesValue;
  if (arrayValue !== undefined)
    return objects(object(arrayValue)["values"]).map((one) => valueOf(one));
  if (kvlistValue === undefined) return null;
  return Object.fromEntries(
    objects(object(kvlistValue)["values"]).map((one) => [
      String(one["key"]),
      valueOf(object(one["value"])),
    ]),
  );
}

/** A number that a double does not hold stays the text that it is. */
function integerOf(value: unknown): unknown {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}
