/**
 * Traces as Jaeger's JSON has them, in the words of OpenTelemetry. Pure.
 *
 * @module
 */

import { object, objects, wordOf, type Json } from "../../calls/values.ts";

/** null: it is no trace of Jaeger's. */
export function jaegerSpans(item: Json): Json[] | null {
  const spans = objects(item["spans"]);
  if (!spans.some((span) => "operationName" in span)) return null;
  const processes = object(item["processes"]);
  return spans.map((span) => spanIn(span, object(processes[wordOf(span["processID"], "")])));
}

/** Times are microseconds. */
function spanIn(span: Json, process: Json): Json {
  const { traceID, spanID, operationName, references, startTime, duration, tags, logs } = span;
  const attributes = tagsIn(tags);
  const parent = objects(references).find(({ refType }) => refType === "CHILD_OF");
  const said = attributes["otel.status_code"] ?? (attributes["error"] === true ? "ERROR" : "");
  return {
    trace_id: traceID,
    span_id: spanID,
    parent_id: parent?.["spanID"],
    name: operationName,
    timestamp: startTime,
    duration,
    attributes,
    events: objects(logs).map(({ fields }) => {
      const { event, ...about } = tagsIn(fields);
      return { name: event, attributes: about };
    }),
    status: { code: said, message: attributes["otel.status_description"] },
    resource: {
      attributes: { "service.name": process["serviceName"], ...tagsIn(process["tags"]) },
    },
  };
}

const tagsIn = (tags: unknown): Json =>
  Object.fromEntries(
    objects(tags)
      .filter(({ key }) => key !== "__proto__")
      .map(({ key, value }) => [String(key), value]),
  );
