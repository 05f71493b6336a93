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
  "cli/importers/claude-code.ts": {
    foreign: [
      String.raw`/^\s*(<(command-name|command-message|local-command|system-reminder|bash-)|Caveat: The messages below|This session is being continued|\[Request interrupted)/`,
      String.raw`/\.jsonl$/`,
    ],
    units: ["<command-name", "Caveat: The messages below"],
  },
  "cli/importers/codex.ts": {
    foreign: [
      String.raw`/^\s*<(environment_context|user_instructions|turn_aborted|permissions|skills)|^# AGENTS\.md/`,
      String.raw`/^rollout-.*\.jsonl$/`,
      String.raw`/^(?:Process exited with code|Exit code:) (-?\d+)/m`,
    ],
    units: ["Exit code: ", "\nExit code: ", "rollout-"],
  },
  "cli/importers/importer.ts": {
    foreign: [String.raw`/^\d{9,20}(\.\d+)?$/`, String.raw`/([zZ]|[+-]\d\d:?\d\d)$/`],
    units: ["1.", "+00:0"],
  },
  "cli/importers/langsmith.ts": {
    foreign: [String.raw`/\.jsonl?$/`],
  },
  "cli/importers/mcp-memory.ts": {
    foreign: [String.raw`/\.jsonl?$/`],
  },
  "cli/importers/mem0.ts": {
    foreign: [String.raw`/\.json$/`],
  },
  "cli/importers/otel.ts": {
    foreign: [
      String.raw`/\.(json|jsonl|ndjson)$/`,
      String.raw`/timeout/i`,
      String.raw`/^execute_tool /`,
    ],
    units: ["timeou", ".json"],
  },
  "cli/importers/predecessor.ts": {
    foreign: [String.raw`/\.jsonl?$/`, String.raw`/([a-z])([A-Z])/g`],
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
  "client/adapters.ts": {
    foreign: [String.raw`/^\s*error\b/i`, String.raw`/^\s*\{\s*"error"\s*:\s*(?!null|false)/`],
    units: ["{ ", '{"error":', " error"],
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
  "src/api/edge/conditions.ts": {
    foreign: [
      String.raw`/^(?:W\/)?"([^"]{0,200})"$/`,
      String.raw`/^\d{1,15}$/`,
      String.raw`/^W\//`,
    ],
    units: ['"1', "W/"],
  },
  "src/api/edge/exact-numbers.ts": {
    foreign: [String.raw`/\d{16}|\d[eE]\+?\d{3}/`, String.raw`/^-?\d{1,400}$/`],
    units: ["1e", "1e+22", "123456789012345a"],
  },
  "src/api/request-context.ts": {
    foreign: [
      String.raw`/^[\x21-\x7e]{1,200}$/`,
      String.raw`/^\d{1,6}$/`,
      String.raw`/(^|[,;\s])wait=stored($|[,;\s])/`,
    ],
    units: [",wait=store"],
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
  "src/durable/instance/knowledge/loading/reindexing.ts": {
    foreign: [String.raw`/^[\0-\x7f]*$/`],
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
        String.raw`/[\s,]+/`,
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
  "src/memory/redaction/addresses.ts": {
    foreign: [String.raw`/(?:identified by|password) $/i`, String.raw`/^[\x20-\x7e]*$/`],
    units: ["password ", "identified by "],
  },
  "src/memory/redaction/blocks.ts": {
    foreign: [String.raw`/<(\/?)private\s{0,8}>/gi`],
    units: ["<private", "<private        ", "</private "],
  },
  "src/memory/redaction/find.ts": {
    foreign: [String.raw`/(?:=["' \\]*|:[ \\]*["'])$/`],
    units: ["=", '="', ": "],
    never: { "text that the code itself made": [String.raw`/[A-Za-z0-9]/`] },
  },
  "src/memory/redaction/named/assignments.ts": {
    foreign: [String.raw`/["']([\w.-]{2,64})\\{0,3}["'][\s,;\\"']{1,16}$/`],
    units: ['"a', '"a"', "'aaaaaaaa"],
  },
  "src/memory/redaction/named/names.ts": {
    foreign: [
      String.raw`/[A-Za-z]{2}/`,
      String.raw`/([a-z0-9])([A-Z])/g`,
      String.raw`/[a-z]+|\d+/g`,
      String.raw`/^\d/`,
    ],
    units: ["aB", "a1"],
  },
  "src/memory/redaction/named/values.ts": {
    foreign: [
      String.raw`/^[A-Za-z_$][A-Za-z_$]{0,199}$/`,
      String.raw`/^[A-Za-z_$][\w$]{0,63}(?:\??\.[A-Za-z_$][\w$]{0,63}){1,8}$/`,
      String.raw`/^(.)\1*$/su`,
      String.raw`/\d/`,
      String.raw`/[()]/`,
    ],
    units: ["a.", "a?.b"],
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
  "src/memory/text/scripts.ts": {
    foreign: [
      String.raw`/[\p{M}&&[\p{Script=Inherited}\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}\p{Script=Cyrillic}]]+/gv`,
      String.raw`/[ßæœøłđðþħŧŋı]/g`,
      String.raw`/[\p{L}\p{N}\p{M}]+|\p{Regional_Indicator}{2}|[\p{Extended_Pictographic}--[\xa9\xae]]/gv`,
      String.raw`/[\p{Script=Han}\p{scx=Hiragana}\p{scx=Katakana}\p{Script=Hangul}\p{Script=Bopomofo}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]+/gv`,
    ],
    units: ["漢", "漢a", "ก", "e\u0301", "\u0301", "\u{1f1e6}", "\u{1f1e6}a", "ß"],
  },
  "src/memory/text/tokens.ts": {
    foreign: [
      String.raw`/^[\0-\x7f]*$/`,
      String.raw`/[a-z0-9]+/g`,
      String.raw`/([a-z0-9])([A-Z])/g`,
      String.raw`/([\p{Ll}\p{N}])(\p{Lu})/gu`,
      String.raw`/^[a-z]+$/`,
      String.raw`/^[a-z0-9]*$/`,
      String.raw`/[a-z0-9]/`,
    ],
    units: ["aB", "éÉ", "e\u0301", "\u0301", "漢", "Ａ"],
  },
  "src/memory/transcript.ts": {
    foreign: [String.raw`/^\s*error\b/i`, String.raw`/^\s*\{\s*"error"\s*:\s*(?!null|false)/`],
    units: ["{ ", '{"error":', " error"],
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
