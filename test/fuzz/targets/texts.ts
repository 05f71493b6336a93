/**
 * Texts and small values: questions, secrets and patterns of secrets, cursors, settings, what
 * variables of a deployment say, commands that actions are named by.
 *
 * @module
 */

import { decodeListCursor, encodeListCursor } from "../../../src/util/list-cursor.ts";
import { parseSecretPatterns } from "../../../src/contract/redaction.ts";
import { SETTING_NAMES, settingsOf } from "../../../src/contract/settings.ts";
import { parseEnv, type Env } from "../../../src/env.ts";
import { actionKey } from "../../../src/memory/actions/index.ts";
import { redactValue } from "../../../src/memory/redaction/index.ts";
import { readTranscript } from "../../../src/memory/transcript.ts";
import { MemoryIndex } from "../../support/search.ts";
import type { Target } from "../target.ts";

const TASKS = [
  "Mend the failing build of the payments service",
  "Find out why the login page answers 500, and write a test",
  "Übersetze die Dokumentation ins Französische, 文档 翻译",
  "TypeError: Cannot read properties of undefined (reading 'map') at src/a.ts:12:9",
  "rotate keys; deploy --env=production && check https://example.com/health?x=1",
];

let index: MemoryIndex | null = null;
function searched(): MemoryIndex {
  if (index) return index;
  index = new MemoryIndex();
  for (let i = 0; i < 200; i++) {
    const task = `${TASKS[i % TASKS.length] ?? ""} number ${i} of group${i % 7}`;
    index.add(`e${i}`, task, i % 9 === 0 ? "pattern" : "episode");
  }
  return index;
}

export const queries: Target<string> = {
  name: "query text",
  samples: () => TASKS,
  run(text) {
    const found = searched().find(text);
    return found.every(({ score }) => Number.isFinite(score) && score >= 0)
      ? undefined
      : "a score is none";
  },
};

/** Made up: forms of secrets whose letters say so. */
const SECRETS = [
  "Authorization: Bearer abcdefghijklmnopqrstuvwxyz012345",
  "postgres://user:not-a-password@db.example.com:5432/app",
  "export API_TOKEN='abcdef0123456789abcdef0123456789'",
  "<private>nobody keeps this</private> and this is kept",
  'password: "hunter2hunter2", user: "me"',
  "Cookie: session=abcdefabcdefabcdef; theme=dark",
  `-----BEGIN ${"PRIVATE KEY"}-----\nAAAA\n-----END ${"PRIVATE KEY"}-----`,
  "eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.",
];
const own = parseSecretPatterns("acme_[A-Za-z0-9]{10,40} zz-\\d{4,8}");

export const redaction: Target = {
  name: "redaction",
  samples: () => [
    ...SECRETS,
    ...TASKS,
    { parameters: { headers: { Authorization: SECRETS[0] }, command: SECRETS[2] } },
    { steps: [{ tool: "run", result: { type: "error", message: SECRETS[4] } }] },
  ],
  run(value) {
    const { value: kept } = redactValue(value, { mode: "redact", own });
    if (JSON.stringify(kept) === undefined && value !== undefined) return "the value is gone";
    return undefined;
  },
};

/** Errors of the language, which a deployment is told. */
const REFUSED = /^(?:"[^]{0,50}" |at most )/;

export const patterns: Target<string> = {
  name: "redaction patterns",
  samples: () => ["acme_[A-Za-z0-9_-]{10,40}", "zz-\\d{4,8} tok:\\w{20}", "abc[a-f0-9]{32} x-y"],
  run(text) {
    let read;
    try {
      read = parseSecretPatterns(text);
    } catch (error) {
      const { message } = error as Error;
      return REFUSED.test(message) ? undefined : `refuses by ${String(error)}`;
    }
    redactValue(`${text} ${"acme_".repeat(40)} ${"a0".repeat(400)}`, { mode: "redact", own: read });
    return undefined;
  },
};

export const cursors: Target<string> = {
  name: "cursors",
  samples: () => [
    encodeListCursor({ order: 1_767_225_600_000, id: "episode-1" }),
    encodeListCursor({ order: 0, id: "é".repeat(60) }),
  ],
  run(text) {
    const read = decodeListCursor(text);
    if (read === null) return undefined;
    const isBounded = read.order >= 0 && read.id.length <= 128;
    return isBounded ? undefined : "reads a position that is none";
  },
};

export const settings: Target = {
  name: "settings",
  samples: () => [
    settingsOf({}),
    Object.fromEntries(SETTING_NAMES.map((name) => [name, String(settingsOf({})[name])])),
  ],
  run(value) {
    const given = typeof value === "object" && value !== null ? value : { redaction: value };
    const read = settingsOf(given as Record<string, unknown>);
    return SETTING_NAMES.every((name) => read[name] !== undefined) ? undefined : "one is missing";
  },
};

const ENV: Record<string, string> = {
  TURSO_DATABASE_URL: "libsql://memory.example.com",
  ADMIN_TOKEN: "a".repeat(20),
  BACKUP_KEY: `${"0f".repeat(32)},${"07".repeat(32)}`,
  INSTANCE_COUNT: "4",
  CORS_ORIGINS: "https://a.example.com https://b.example.com:8443",
  REDACTION_PATTERNS: "acme_[A-Za-z0-9]{10,40}",
  CACHE_MAX_SIZE: "10",
  EMBEDDINGS_URL: "https://example.com/v1/embeddings",
  EMBEDDING_MODEL: "m",
  METRICS_OPEN: "false",
};

export const variables: Target = {
  name: "variables",
  samples: () => [ENV],
  run(value) {
    // What is no text no variable can be.
    const texts = Object.entries(typeof value === "object" && value !== null ? value : {});
    const env = Object.fromEntries(
      texts.map(([name, said]) => [name, typeof said === "string" ? said : JSON.stringify(said)]),
    );
    try {
      parseEnv(env as unknown as Env);
    } catch (error) {
      const { message } = error as Error;
      if (!message.startsWith("Settings at fault: ")) return `refuses by ${String(error)}`;
    }
    return undefined;
  },
};

const COMMANDS = [
  "cd /app && sudo env A=1 timeout -s KILL 30 npx prisma migrate deploy",
  'bash -lc "cd web && npm ci && npm run build"',
  "SELECT a, b FROM orders o JOIN items i ON i.id = o.id WHERE x = 'y'",
  "cat <<EOF > notes.txt\nrm -rf /\nEOF",
  "GET https://api.example.com/v1/users/42?full=true",
];

export const actions: Target = {
  name: "actions",
  samples: () => [
    ...COMMANDS.map((command) => ({ tool: "run", parameters: { command } })),
    ...COMMANDS.map((query) => ({ tool: "query", parameters: { query, limit: 10 } })),
  ],
  run(value) {
    const { tool, parameters } = (value ?? {}) as { tool?: unknown; parameters?: unknown };
    const isObject =
      typeof parameters === "object" && parameters !== null && !Array.isArray(parameters);
    const given = isObject ? (parameters as Record<string, unknown>) : { command: parameters };
    actionKey(typeof tool === "string" ? tool : "run", given);
  },
};

export const transcripts: Target = {
  name: "transcripts",
  samples: () => [
    [
      { role: "user", content: "mend the build" },
      { role: "assistant", tool_calls: [{ id: "c", function: { name: "r", arguments: "{}" } }] },
      { role: "tool", tool_call_id: "c", content: "Error: no" },
    ],
    [
      { role: "assistant", content: [{ type: "tool_use", id: "d", name: "l", input: { a: 1 } }] },
      { role: "user", content: [{ type: "tool_result", tool_use_id: "d", content: "a" }] },
    ],
  ],
  run(value) {
    const list = Array.isArray(value) ? (value as unknown[]) : [value];
    const objects = list.filter((one) => typeof one === "object" && one !== null);
    readTranscript(objects as Record<string, unknown>[]);
  },
};
