/**
 * Requests of every route, as the document shows them, given to the API before a memory that has
 * nothing and refuses politely. Whatever is sent: an answer, and none that says there is a bug.
 *
 * @module
 */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { ApiOptions, Backend } from "../../../src/api/backend.ts";
import { Api, KeyHashes } from "../../../src/api/index.ts";
import { Problem } from "../../../src/api/problem.ts";
import type { Failure } from "../../../src/contract/call.ts";
import { INPUT_BYTES_MAX, mutated, mutatedText, type JsonValue } from "../mutate.ts";
import type { Random } from "../random.ts";
import type { Target } from "../target.ts";

const ADMIN_TOKEN = "an-admin-token-for-tests-only";
const ABSENT: Failure = { code: "not_found", detail: "There is none." };
const absent = async () => ({ ok: false, error: ABSENT }) as const;
const notReady = async (): Promise<never> => {
  throw new Problem("not_ready", "It is not there.");
};

/** Lets everybody in, and has nothing. */
const backend = {
  execute: async (_instance: number, name: string) => ({
    result:
      name === "authorize"
        ? {
            ok: true,
            value: { namespace: "default" },
            namespace: "default",
            durability: "stored",
            replayed: false,
          }
        : { ok: false, error: ABSENT },
    cache: null,
    rate: null,
    topology: { version: 1, count: 4 },
  }),
  instanceCount: async () => 4,
  command: absent,
  overview: {
    readiness: notReady,
    metrics: notReady,
    timeline: notReady,
    logs: notReady,
    capacity: notReady,
    jobRuns: notReady,
    settings: async () => null,
  },
  backups: { list: absent, get: absent },
  archive: { day: absent },
  schemaVersion: 1,
} as unknown as Backend;

/** What an answer of the last request calls a bug; null: nothing. */
let bug: unknown = null;
const options: ApiOptions = {
  admins: [{ name: "root", token: ADMIN_TOKEN }],
  keyHashes: new KeyHashes(),
  version: { name: "memory-service", version: "0", commit: null, id: null, deployed_at: null },
  corsOrigins: new Set(),
  metricsOpen: false,
  oauth: null,
  reporter: { bug: (error) => (bug = error), incident: () => undefined },
  answered: () => undefined,
  asset: async () => new Response("a file"),
  runJob: async () => ({ status: "skipped", id: null, detail: null }),
  now: () => 0,
  wait: async () => undefined,
  randomUUID: () => "0197a1b2-c3d4-7e5f-8a6b-000000000001",
  log: () => undefined,
};
const api = new Api(backend, options);

export interface RequestInput {
  method: string;
  path: string;
  headers: Record<string, string>;
  /** null: none. */
  body: string | Uint8Array<ArrayBuffer> | null;
}

type Example = { value: unknown };
interface Described {
  parameters?: { $ref?: string; name?: string; in?: string; example?: string | number }[];
  requestBody?: {
    content: Record<string, { examples?: Record<string, Example>; example?: unknown }>;
  };
}

/** A request for each example of each operation of the document. */
function documented(): RequestInput[] {
  const file = join(import.meta.dirname, "../../../docs/openapi.json");
  const { paths } = JSON.parse(readFileSync(file, "utf8")) as {
    paths: Record<string, Record<string, Described>>;
  };
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).flatMap(([method, about]) => requestsOf(method, path, about)),
  );
}

function requestsOf(method: string, path: string, about: Described): RequestInput[] {
  const query = (about.parameters ?? []).filter((one) => one.in === "query");
  const asked = new URLSearchParams(
    query.map((one) => [one.name ?? "", String(one.example ?? "1")] as [string, string]),
  );
  const address =
    path.replaceAll(/\{\w+\}/g, "some-id") + (query.length > 0 ? `?${asked.toString()}` : "");
  const headers = { "Content-Type": "application/json", "Idempotency-Key": "k", "If-Match": '"1"' };
  const base = { method: method.toUpperCase(), path: address, headers };
  const [content] = Object.entries(about.requestBody?.content ?? {});
  if (!content) return [{ ...base, body: null }];
  const [type, { examples = {}, example }] = content;
  const bodies = [...Object.values(examples).map(({ value }) => value), example];
  return bodies
    .filter((body) => body !== undefined)
    .map((body) => ({
      ...base,
      headers: { ...headers, "Content-Type": type },
      body: typeof body === "string" ? body : JSON.stringify(body),
    }));
}

const HEADERS: Readonly<Record<string, readonly string[]>> = {
  "X-Memory-Namespace": ["default", "a".repeat(200), "../x"],
  "Request-Timeout": ["1000", "-1", "1e3", "9".repeat(7)],
  Prefer: ["wait=stored", "wait=stored;".repeat(500)],
  traceparent: ["00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "00-".repeat(1_000)],
  "Content-Encoding": ["gzip", "br"],
  Accept: ["application/json", "text/event-stream", "text/plain"],
  "If-None-Match": ["*", '"1", '.repeat(1_000)],
};
const latin = (text: string): string => text.replaceAll(/[^\x20-\x7e]/g, "?").trim();

function changedRequest(
  random: Random,
  request: RequestInput,
  samples: readonly RequestInput[],
): RequestInput {
  const others = [random.of(samples).body ?? "", random.of(samples).body ?? ""];
  const { body, headers, path } = request;
  if (body !== null && random.chance(0.75)) {
    return { ...request, body: mutated(random, body, others) };
  }
  if (random.chance(0.5)) {
    // A part of the address as text, percent signs of no meaning and all.
    const [before = "", ...parts] = path.split(/(?=[/?=&])/);
    const at = random.below(parts.length + 1);
    const changed = parts.map((part, i) => (i === at ? mutatedText(random, part, others) : part));
    return { ...request, path: (before + changed.join("")).slice(0, INPUT_BYTES_MAX) };
  }
  const [name, values] = random.of(Object.entries(HEADERS));
  const value = mutatedText(random, random.of(values), others);
  return { ...request, headers: { ...headers, [name]: latin(value) } };
}

async function answered(input: RequestInput): Promise<string | void> {
  let request: Request;
  try {
    request = new Request(`http://memory.test${input.path}`, {
      method: input.method,
      headers: { ...input.headers, Authorization: `Bearer ${ADMIN_TOKEN}` },
      ...(input.body === null || input.method === "GET" ? {} : { body: input.body }),
    });
  } catch {
    // No client could send it.
    return undefined;
  }
  bug = null;
  const response = await api.fetch(request);
  await response.text();
  if (bug === null && response.status !== 500) return undefined;
  return `answers ${response.status}: ${bug instanceof Error ? bug.stack : String(bug)}`;
}

const isOf = (prefix: string) => (request: RequestInput) => request.path.startsWith(prefix);

function requestTarget(name: string, samples: () => RequestInput[]): Target<RequestInput> {
  return { name, samples, mutate: changedRequest, run: answered };
}

const mcp = (method: string, params: JsonValue, id: JsonValue = 1): RequestInput => ({
  method: "POST",
  path: "/mcp",
  headers: { "Content-Type": "application/json", Accept: "application/json" },
  body: JSON.stringify({ jsonrpc: "2.0", id, method, params }),
});
const mcpCall = (name: string, given: JsonValue) => mcp("tools/call", { name, arguments: given });
const STARTED = { protocolVersion: "2025-06-18", capabilities: {}, clientInfo: { name: "t" } };
const STEP = { tool: "read", parameters: { path: "a" }, result: { type: "success", output: "o" } };

/** The routes, without those that have a target of their own. */
export const routes = requestTarget("requests and cursors", () =>
  documented().filter((one) => !isOf("/mcp")(one) && !isOf("/v1/traces")(one)),
);

export const curated = requestTarget("curated edits and settings", () => [
  ...documented().filter(isOf("/v1/curation")),
  ...documented().filter(isOf("/v1/lessons")),
  ...documented().filter(isOf("/admin/config")),
  ...documented().filter((one) => one.path.includes("/settings")),
]);

export const imports = requestTarget("import lines", () =>
  documented().filter((one) => isOf("/v1/import")(one) && one.method === "POST"),
);

export const messages = requestTarget("MCP messages", () => [
  mcp("initialize", { ...STARTED, clientInfo: { name: "t", version: "1" } }),
  mcp("tools/list", {}),
  mcp("resources/read", { uri: "memory://episodes/some-id" }),
  mcp("prompts/get", { name: "recall", arguments: { task: "t" } }),
  mcpCall("memory_recall", { task: "mend the build", limit: 3 }),
  mcpCall("memory_start", { task: "mend the build", context: { domain: "d", tags: ["a"] } }),
  mcpCall("memory_log", { episode_id: "e", steps: [STEP] }),
  mcpCall("memory_advise", { episode_id: "e", task: "t", recent_steps: [STEP] }),
  mcpCall("memory_complete", { episode_id: "e", outcome: { type: "success" }, recall_id: "r" }),
  mcpCall("memory_manage", { action: "list", query: "x" }),
]);

export const traces = requestTarget("OTLP in JSON", () =>
  documented().filter((one) => isOf("/v1/traces")(one)),
);
