/**
 * Every regular expression of the code and what it meets: foreign text, which it must read in a
 * time in proportion to the text, or text that no client can write. `test/expressions.test.ts`
 * holds the list complete and times it.
 *
 * @module
 */

const TICK = "`";

interface Met {
  /** As they are in the code. They meet text that was sent or stored. */
  foreign?: readonly string[];
  /** What texts that could take long are made of, beside what every expression is tried with. */
  units?: readonly string[];
  /** Why → those that no client's text reaches. */
  never?: Readonly<Record<string, readonly string[]>>;
}

/** By file. */
export const EXPRESSIONS: Readonly<Record<string, Met>> = {
  "cli/commands/operations/profiles.ts": {
    never: { "an operator's own setting or file": [String.raw`/^\S{1,500}$/`] },
  },
  "cli/commands/checks/doctor.ts": {
    never: {
      "an operator's own setting or file": [
        String.raw`/^\s*([A-Z][A-Z0-9_]*)\s*=\s*(.*?)\s*$/`,
        String.raw`/^(["'])(.*)\1$/`,
        String.raw`/^(https?|libsql):\/\/\S+$/`,
        String.raw`/^libsql:/`,
        String.raw`/\/+$/`,
        String.raw`/bucket_name\s*=\s*"([^"]+)"/`,
        String.raw`/^http:\/\/(127\.|localhost|\[::1\])/`,
        String.raw`/^INSTANCE_COUNT\s*=\s*"(\d+)"/m`,
        String.raw`/^\d+$/`,
      ],
    },
  },
  "cli/commands/memory/knowledge.ts": {
    foreign: [String.raw`/^(.*):(success|error|timeout|unknown)$/`],
    units: [":success", ":"],
  },
  "cli/commands/memory/imports.ts": {
    foreign: [String.raw`/\.gz$/`],
  },
  "cli/importers/chats/batches.ts": {
    foreign: [String.raw`/\.(jsonl?|ndjson)$/`],
  },
  "cli/importers/chats/langgraph.ts": {
    foreign: [String.raw`/\.(jsonl?|ndjson)$/`],
  },
  "cli/importers/coding/claude-code.ts": {
    foreign: [String.raw`/\.jsonl$/`, String.raw`/(?:^|\/)agent-[^/]*\.jsonl$/`],
    units: ["agent-", "/agent-"],
  },
  "cli/importers/coding/claude-prompts.ts": {
    foreign: [
      String.raw`/^[A-Za-z]{1,40}(?::[\w*|-]{1,80})? (?:hook|operation) (?:feedback|error|blocking error|stopped|blocked)/`,
    ],
    units: ["Stop hook ", "a:a", "PreToolUse:"],
  },
  "cli/importers/coding/codex-results.ts": {
    foreign: [
      String.raw`/^apply_patch verification failed\b/`,
      String.raw`/^failed in sandbox\b/`,
      String.raw`/^execution error\b/`,
      String.raw`/^unsupported (?:custom tool )?call\b/`,
      String.raw`/^failed to (?:parse|read|write|spawn|create|apply|execute|resolve)\b/i`,
      String.raw`/^(?:exec_command|write_stdin|apply_patch|view_image|tool call) failed\b/`,
      String.raw`/^aborted(?: by user\b|\s*$)/`,
      String.raw`/^(?:exec command|patch|command|tool call) (?:rejected|denied|declined) by (?:the )?user\b/i`,
      String.raw`/^user (?:rejected|denied|cancelled) /i`,
      String.raw`/^Script failed\b/`,
      String.raw`/^(?:command|tool call|script) timed out\b/i`,
      String.raw`/^(?:Chunk ID|Wall time|Exit code|Process exited with code|Process running with session ID|Original token count|Total output lines|Error)\b/`,
      String.raw`/^(?:Exit code:?|Process exited with code) (-?\d{1,10})/`,
    ],
    units: ["Exit code: ", "aborted ", "Wall time: "],
  },
  "cli/importers/coding/codex.ts": {
    foreign: [String.raw`/^rollout-.*\.jsonl$/`],
    units: ["rollout-"],
  },
  "cli/importers/coding/cursor-text.ts": {
    foreign: [
      String.raw`/^(?:(user|assistant):|\[(Tool call|Tool result|Thinking)\] ?(.{0,200}))$/`,
      String.raw`/^ {2,8}([\w.-]{1,100}): (.*)$/`,
    ],
    units: ["[Tool call] ", "user:", "  a: "],
  },
  "cli/importers/coding/cursor.ts": {
    foreign: [
      String.raw`/\.(jsonl|ndjson|txt)$|^state\.vscdb$/`,
      String.raw`/\.[a-z]{3,6}$/`,
      String.raw`/^\{/m`,
      String.raw`/ToolCall$/`,
    ],
  },
  "cli/importers/coding/opencode.ts": {
    foreign: [String.raw`/\.jsonl?$/`],
  },
  "cli/importers/memories/mcp-memory.ts": {
    foreign: [String.raw`/\.jsonl?$/`],
  },
  "cli/importers/memories/mem0.ts": {
    foreign: [String.raw`/\.jsonl?$/`],
  },
  "cli/importers/memories/predecessor.ts": {
    foreign: [String.raw`/\.jsonl?$/`, String.raw`/([a-z])([A-Z])/g`],
  },
  "cli/importers/reading/json.ts": {
    foreign: [String.raw`/^\s*\{[ \t]*\n/`],
    units: ["{ ", "{\n"],
  },
  "cli/importers/reading/tags.ts": {
    foreign: [String.raw`/^<([A-Za-z]{1,40}(?:[-_][A-Za-z]{1,40}){1,6})(?:\s[^<>]{0,200})?>/`],
    units: ["<a-", "<a-b ", "a-"],
  },
  "cli/importers/reading/values.ts": {
    foreign: [String.raw`/^\d{9,20}(\.\d+)?$/`, String.raw`/([zZ]|[+-]\d\d:?\d\d)$/`],
    units: ["1.", "+00:0"],
  },
  "cli/importers/traces/conventions.ts": {
    foreign: [String.raw`/^execute_tool /`, String.raw`/timeout/i`],
    units: ["timeou", "execute_tool "],
  },
  "cli/importers/traces/langsmith.ts": {
    foreign: [String.raw`/\.(jsonl?|ndjson)$/`],
  },
  "cli/importers/traces/openai-agents.ts": {
    foreign: [String.raw`/\.(jsonl?|ndjson)$/`],
  },
  "cli/importers/traces/otel.ts": {
    foreign: [String.raw`/\.(json|jsonl|ndjson)$/`],
  },
  "cli/importers/traces/otlp.ts": {
    foreign: [
      String.raw`/^\d{17,20}$/`,
      String.raw`/(?:^|\.)(?:arguments|result|args|parameters|messages|value|input|output|metadata)$/`,
    ],
    units: [".value", "input."],
  },
  "client/calls/results.ts": {
    foreign: [
      String.raw`/^\s*error(?:\s*[:!(]|\s+(?:executing|calling|invoking|running|during|while|when|code|occurred|\d))/i`,
      String.raw`/^\s*(?:[A-Za-z_][\w.]{0,99})?(?:Error|Exception)\s*:/`,
      String.raw`/^\s*Traceback \(most recent call last\):/`,
      String.raw`/^\s*An error occurred while running the tool\b/`,
      String.raw`/^\s*\{\s*"error"\s*:\s*(?!null|false|""|\{\}|\[\])/`,
      String.raw`/^\s*\{[^{}[\]]{0,500}"(?:isError|is_error)"\s*:\s*true\b/`,
      String.raw`/^\s*Exit code:? (?!0\b)-?\d+/i`,
      String.raw`/^\s*(?:error:?\s+)?(?:the |a |your )?(?:command|tool|tool call|request|operation|process|execution|call)\s+(?:has\s+)?timed out\b/i`,
      String.raw`/^\s*(?:timed out|timeout)\s+(?:after|waiting)\b/i`,
      String.raw`/^\s*(?:[A-Za-z_][\w.]{0,99})?Timeout(?:Error|Exception|Expired)\b/`,
    ],
    units: ["error ", "{ ", '{"error":', "Error: ", "command timed ", "timeout ", "Exit code "],
  },
  "cli/terminal/output.ts": {
    foreign: [String.raw`/[\u0000-\u001f\u007f-\u009f]+/g`],
  },
  "cli/parse.ts": {
    foreign: [String.raw`/^-?\d+$/`, String.raw`/^(\d+(?:\.\d+)?)(ms|s|m|min|h|d)?$/`],
    units: ["1.", "1m"],
  },
  "cli/profile.ts": {
    never: { "an operator's own setting or file": [String.raw`/^https?:\/\/\S+$/`] },
  },
  "client/client.ts": {
    foreign: [String.raw`/\bjson\b/`],
    units: ["jso", "json"],
    never: { "the paths of the document": [String.raw`/\{(\w+)\}/g`] },
  },
  "client/errors.ts": {
    foreign: [String.raw`/^\d{1,9}$/`],
  },
  "client/http.ts": {
    never: { "an operator's own setting or file": [String.raw`/\/+$/`] },
  },
  "src/api/routes/route.ts": {
    foreign: [String.raw`/[^\x20-\x7e]/g`],
  },
  "src/api/body.ts": {
    foreign: [String.raw`/^\d{1,15}$/`],
  },
  "src/api/caller.ts": {
    foreign: [String.raw`/^Bearer +(\S{1,500})$/i`],
    units: ["Bearer "],
  },
  "src/api/request-context.ts": {
    foreign: [
      String.raw`/^"(\d{1,15})"$/`,
      String.raw`/^W\//`,
      String.raw`/^[\x21-\x7e]{1,200}$/`,
      String.raw`/^\d{1,6}$/`,
      String.raw`/(^|[,;\s])wait=stored($|[,;\s])/`,
    ],
    units: [",wait=store", '"1', "W/"],
  },
  "src/api/index.ts": {
    foreign: [String.raw`/^[A-Za-z0-9._-]{1,100}$/`],
  },
  "src/contract/fields.ts": {
    foreign: [String.raw`/^[A-Za-z0-9+/_-]{1,500}$/`],
  },
  "src/contract/backups/requests.ts": {
    foreign: [String.raw`/^[0-9a-f]{1,64}$/`],
    units: ["0123456789abcdef", "f"],
  },
  "src/contract/watching/requests.ts": {
    foreign: [
      String.raw`/^([1-9]\d{0,3}m|([1-9]\d{0,2}|1\d{3}|20\d{2}|21[0-5]\d|2160)h|([1-9]|[1-8]\d|90)d)$/`,
    ],
    units: ["1", "9d"],
  },
  "src/backup/format/chunks.ts": {
    foreign: [String.raw`/-[0-9a-f]{16}\.ndjson\.gz\.aes$/`],
    units: ["-0123456789abcdef.ndjson.gz", "-0123456789abcdef"],
  },
  "src/backup/format/keys.ts": {
    foreign: [String.raw`/^[0-9a-f]{64}$/`],
    units: ["0123456789abcdef", "f"],
  },
  "src/backup/format/local-rows.ts": {
    foreign: [String.raw`/^[a-z_][a-z0-9_]{0,63}$/`],
    units: ["a", "_0"],
  },
  "src/backup/format/shape.ts": {
    foreign: [
      String.raw`/^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/`,
      String.raw`/^[0-9a-f]{64}$/`,
      String.raw`/^[a-z0-9][a-z0-9_-]{0,150}-([0-9a-f]{16})\.ndjson\.gz(\.aes)?$/`,
    ],
    units: ["a-", "-0123456789abcdef", "-0123456789abcdef.ndjson.gz"],
  },
  "src/backup/sweep.ts": {
    foreign: [String.raw`/\/(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z-/`],
    units: ["/20260101T000000", "/2026"],
  },
  "src/durable/instance/placement/rebalance.ts": {
    never: { "SQL that the code itself made": [String.raw`/\bunit\b/`] },
  },
  "src/durable/coordinator/jobs/ledger.ts": {
    foreign: [String.raw`/^(cron|migrations|again) /`],
  },
  "src/durable/coordinator/monitoring/coordinator-metrics.ts": {
    never: { "a metric's own name": [String.raw`/^memory_(storage|circuit_breaker)_/`] },
  },
  "src/durable/outbox/outbox-rows.ts": {
    never: { "SQL that the code itself made": [String.raw`/\bsteps_after\b/`] },
  },
  "src/durable/shared/tables/without-rowid.ts": {
    never: { "SQL that the code itself made": [String.raw`/\bWITHOUT ROWID\b/`] },
  },
  "src/durable/shared/r2.ts": {
    never: { "what R2 says of a fault": [String.raw`/\((\d+)\)\s*$/`] },
  },
  "src/contract/access/requests.ts": {
    foreign: [String.raw`/^[0-9a-f]{1,64}$/`, String.raw`/^[0-9a-f]{64}$/`],
    units: ["0123456789abcdef", "f"],
  },
  "src/durable/instance/knowledge/questions/browse.ts": {
    foreign: [String.raw`/^[0-9a-f]{1,64}$/`],
    units: ["f"],
  },
  "src/durable/instance/database/local-damage.ts": {
    never: { "messages of the platform": [String.raw`/\bSQLITE_(?:CORRUPT|NOTADB)\b/`] },
  },
  "src/durable/shared/context.ts": {
    never: { "SQL that the code itself made": [String.raw`/^\s*SELECT\b/`] },
  },
  "src/durable/instance/episodes/store/memory-copies.ts": {
    never: { "SQL that the code itself made": [String.raw`/\b(?:episodes|steps)\b/`] },
  },
  "src/env.ts": {
    never: {
      "an operator's own setting or file": [
        String.raw`/^(https?|libsql):\/\/\S+$/`,
        String.raw`/^[0-9a-f]{64}$/i`,
        String.raw`/^https?:\/\/[^\s@/]+@[^\s/]+\/\S+$/`,
      ],
    },
  },
  "src/memory/learning/texts/task-terms.ts": {
    foreign: [
      String.raw`/[\w.+-]@[\w-]{1,64}\.\w/`,
      String.raw`/https?:\/\//`,
      String.raw`/(?:^|\s)\d{1,64}(?:[.,]\d{1,64})*\b/`,
    ],
    units: [
      "a@",
      "a@bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb",
      "http:/",
      " 1",
      "1.",
      "1,2222222222222222222222222222222222222222222222222222222222222222",
    ],
  },
  "src/memory/learning/texts/mask.ts": {
    foreign: [
      String.raw`/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/gi`,
      String.raw`/https?:\/\/[^\s"'<>]+/gi`,
      String.raw`/"[^"\n]{0,500}"/g`,
      String.raw`/'[^'\n]{0,500}'/g`,
      String.raw`/${TICK}[^${TICK}\n]{0,500}${TICK}/g`,
      String.raw`/(?:[A-Za-z]:)?(?:[/\\][\w.@-]+){2,}/g`,
      String.raw`/\b0x[0-9a-f]+\b/gi`,
      String.raw`/#?\d+(?:[.,:]\d+)*/g`,
      String.raw`/\s+/g`,
    ],
    units: [
      "http://",
      "https:/",
      "00000000-0000-0000-0000-",
      "deadbeef-",
      '"a',
      "'\n",
      "`a\n",
      "/a/",
      "a:/a",
      "\\a",
      "0x0",
      "#1",
      "1:",
    ],
  },
  "src/memory/learning/texts/unvisited-ids.ts": {
    foreign: [String.raw`/[A-Z]+/g`, String.raw`/[a-z]+/g`, String.raw`/\d+/g`],
  },
  "src/contract/limits.ts": {
    foreign: [
      String.raw`/^[A-Za-z0-9][A-Za-z0-9._:-]{0,127}$/`,
      String.raw`/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/`,
    ],
  },
  "src/memory/learning/stored/pattern.ts": {
    foreign: [String.raw`/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/`],
    units: ["00000000-", "-0000", "0123456789abcdef"],
  },
  "src/memory/search/document.ts": {
    foreign: [String.raw`/\n(.*)/s`],
    units: ["\na"],
  },
  "src/memory/search/proximity.ts": {
    foreign: [String.raw`/^[a-z]{4}/`],
  },
  "src/memory/search/search.ts": {
    foreign: [String.raw`/^[a-z]{4}/`],
  },
  "src/memory/text/tokens.ts": {
    foreign: [
      String.raw`/[\p{L}\p{N}]+/gu`,
      String.raw`/^[\0-\x7f]*$/`,
      String.raw`/[a-z0-9]+/g`,
      String.raw`/[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/u`,
      String.raw`/([a-z0-9])([A-Z])/g`,
      String.raw`/([\p{Ll}\p{N}])(\p{Lu})/gu`,
      String.raw`/\p{M}+/gu`,
      String.raw`/^[a-z]+$/`,
      String.raw`/^[a-z0-9]*$/`,
      String.raw`/[a-z0-9]/`,
    ],
    units: ["aB", "éÉ", "e\u0301", "\u0301", "漢", "Ａ"],
  },
  "src/observability/metrics/exposition.ts": {
    foreign: [String.raw`/^(text|\*)\/(plain|\*)$/`],
    units: ["text/", "text/plain"],
    never: { "text that the code itself made": [String.raw`/_(seconds|bytes)$/`] },
  },
  "src/observability/logger.ts": {
    foreign: [
      String.raw`/^[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}(-.*)?$/`,
      String.raw`/^0+$/`,
    ],
    units: ["00-", "0123456789abcdef", "-a"],
  },
  "src/observability/postmortem.ts": {
    foreign: [String.raw`/[\r\n]+/g`, String.raw`/[|<>${TICK}\\]/g`],
    units: ["\r\n"],
  },
  "src/observability/sentry.ts": {
    foreign: [
      String.raw`/\bmk_[0-9a-f]+_[0-9a-f]+|\bBearer\s+\S+|(?<=\/\/)[^\s/@]+(?=@)/gi`,
      String.raw`/[\w.-]+/g`,
      String.raw`/\beyJ/i`,
    ],
    units: ["eyJ-", "eyJ-.", "mk_0_", "mk_0-", "Bearer ", "//a", "//a@"],
  },
  "src/storage/database/cursor.ts": {
    never: { "an operator's own setting or file": [String.raw`/^libsql:/`, String.raw`/\/+$/`] },
  },
  "src/storage/database/errors.ts": {
    foreign: [String.raw`/no such (table|column)|has no column|no such module/`],
    units: ["no such tabl", "has no colum"],
  },
  "src/storage/migrations/ledger.ts": {
    never: { "SQL that the code itself made": [String.raw`/\s+/g`] },
  },
  "src/storage/migrations/migrations.ts": {
    never: {
      "SQL that the code itself made": [
        String.raw`/^CREATE (VIRTUAL )?TABLE IF NOT EXISTS /i`,
        String.raw`/^CREATE INDEX IF NOT EXISTS /i`,
        String.raw`/^CREATE TRIGGER IF NOT EXISTS /i`,
        String.raw`/^INSERT OR IGNORE INTO _feed /i`,
        String.raw`/^ALTER TABLE \w+ ADD COLUMN (?!.*\b(UNIQUE|PRIMARY KEY|REFERENCES)\b).*\bDEFAULT\b/i`,
        String.raw`/\s+/g`,
      ],
    },
  },
  "src/util/list-cursor.ts": {
    foreign: [String.raw`/^(\d{1,16}):(.{1,128})$/`],
    units: ["1:", "1:a"],
  },
  "src/workflows/backup.ts": {
    never: { "a time that the code itself made": [String.raw`/[-:]|\.\d+/g`] },
  },
};

/**
 * SQL that looks for text inside text, by file: each such operator or function, and why it is
 * bounded.
 */
export const SQL_SEARCHES: Readonly<Record<string, readonly { found: string; because: string }[]>> =
  {
    "src/durable/instance/requests/kept-answers.ts": [
      { found: "instr", because: "A mark of 500 characters at most, for one sign." },
    ],
    "src/durable/instance/placement/shard-rows.ts": [
      {
        found: "GLOB",
        because:
          "The pattern is fixed and has its only star at the end: a comparison of beginnings.",
      },
    ],
    "src/durable/instance/episodes/store/list-query.ts": [
      {
        found: "instr",
        because:
          "A task has at most 10,000 characters, and what is looked for 1,500: it is in an address.",
      },
    ],
  };
