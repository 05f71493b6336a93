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
  "src/memory/id.ts": { foreign: [String.raw`/^[0-9a-f]{12}$/`] },
  "src/durable/instance/foundation.ts": {
    never: { "statements of this code": [String.raw`/^\s*INSERT INTO recalls\b/`] },
  },
  "cli/commands/diagnose/succeeding.ts": {
    never: {
      "what the service says of itself": [
        String.raw`/\[(\w+)\]/`,
        String.raw`/\bturso \w/`,
        String.raw`/calls were slow/`,
        String.raw`/ is full: |are parked|were given up/`,
      ],
    },
  },
  "cli/commands/diagnose/states.ts": {
    never: {
      "what the service says of itself": [
        String.raw`/the Coordinator does not answer/`,
        String.raw`/do not answer/`,
        String.raw`/their own storage is damaged/`,
        String.raw`/no instance answers/`,
        String.raw`/eviction does not keep up/`,
        String.raw`/\bturso \w/`,
        String.raw`/\br2 \w/`,
        String.raw`/ is full: /`,
        String.raw`/are parked/`,
        String.raw`/rows wait/`,
        String.raw`/were given up/`,
        String.raw`/failed \d+ times/`,
        String.raw`/cannot hand over/`,
        String.raw`/loads \d+ namespaces/`,
        String.raw`/the bucket is marked/`,
        String.raw`/BACKUP_KEY/`,
        String.raw`/failed: |is overdue|a clock is wrong/`,
        String.raw`/the database was not seen/`,
        String.raw`/this version needs/`,
        String.raw`/\brestore\b/`,
        String.raw`/maintenance since/`,
        String.raw`/degraded mode by hand/`,
        String.raw`/a clock is wrong/`,
        String.raw`/restore-drill (failed|is overdue)/`,
        String.raw`/ failed: /`,
        String.raw`/is overdue/`,
      ],
    },
  },
  "cli/commands/diagnose/signs.ts": {
    never: { "what the service says of itself": [String.raw`/\d+/g`] },
  },
  "cli/commands/diagnose/measures.ts": {
    never: {
      "what the service says of itself": [
        String.raw`/^([a-z_]+)(?:\{(.*)\})? ([^ ]+)$/`,
        String.raw`/([a-z_]+)="((?:\\.|[^"\\])*)"/g`,
      ],
    },
  },
  "cli/commands/operations/profiles.ts": {
    never: { "an operator's own setting or file": [String.raw`/^\S{1,500}$/`] },
  },
  "cli/commands/checks/upgrade.ts": {
    never: { "an operator's own setting or file": [String.raw`/^v?(\d+)\.(\d+)\.(\d+)$/`] },
  },
  "cli/commands/checks/doctor.ts": {
    never: {
      "an operator's own setting or file": [
        String.raw`/^\s*([A-Z][A-Z0-9_]*)\s*=\s*(.*?)\s*$/`,
        String.raw`/^(["'])(.*)\1$/`,
        String.raw`/[\s,]+/`,
        String.raw`/^[0-9a-f]{64}$/i`,
        String.raw`/^https?:\/\/[^\s@/]+@[^\s/]+\/\S+$/`,
        String.raw`/bucket_name\s*=\s*"([^"]+)"/`,
        String.raw`/^http:\/\/(127\.|localhost|\[::1\])/`,
        String.raw`/^INSTANCE_COUNT\s*=\s*"(\d+)"/m`,
        String.raw`/^\d+$/`,
      ],
    },
  },
  "cli/commands/checks/database.ts": {
    never: {
      "an operator's own setting or file": [
        String.raw`/^(https?|libsql):\/\/\S+$/`,
        String.raw`/^libsql:/`,
        String.raw`/\/+$/`,
      ],
    },
  },
  "cli/setup/config.ts": {
    never: {
      "an operator's own setting or file": [String.raw`/\w+/g`, String.raw`/^env\.([\w-]{1,64})$/`],
    },
  },
  "cli/setup/wanted.ts": {
    never: {
      "an operator's own setting or file": [
        String.raw`/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/`,
        String.raw`/^[A-Z][A-Z0-9_]{0,63}$/`,
        String.raw`/^[a-z0-9][a-z0-9-]{0,63}$/`,
        String.raw`/^(?:https?|libsql):\/\/[^\s@]+$/`,
      ],
    },
  },
  "cli/setup/account-steps.ts": {
    never: { "what wrangler prints": [String.raw`/^[0-9a-f]{32}$/`] },
  },
  "cli/setup/programs.ts": {
    never: { "an operator's own setting or file": [String.raw`/^[\w@%+=:,./-]+$/`] },
  },
  "cli/setup/service-steps.ts": {
    never: { "what wrangler prints": [String.raw`/^https:\/\/[\w.-]+$/`] },
  },
  "cli/commands/memory/knowledge.ts": {
    foreign: [String.raw`/^(.*):(success|error|timeout|unknown)$/`],
    units: [":success", ":"],
  },
  "cli/commands/memory/imports.ts": {
    foreign: [String.raw`/\.gz$/`],
  },
  "cli/commands/hooks/watch.ts": {
    foreign: [String.raw`/\.gz$/`],
  },
  "cli/hooks/bounded.ts": {
    foreign: [String.raw`/\0cut (\d{1,10})\0/`],
    units: ["\0cut 1", "\0cut "],
  },
  "cli/hooks/install/codex.ts": {
    never: { "an agent's own settings": [String.raw`/^\[mcp_servers\.memory\]/m`] },
  },
  "cli/hooks/install/installer.ts": {
    never: {
      "an agent's own settings": [
        String.raw`/hook \w+ --agent ([\w-]+)/`,
        String.raw`/^[\w@%+=:,./-]+$/`,
        '/(["\\\\$`])/g',
      ],
    },
  },
  "cli/hooks/outcome.ts": {
    foreign: [
      String.raw`/^(?:(?:ok(?:ay)?|yes|yep|great|cool|nice|awesome|super|ah)[,.! ]+)*(?:thanks?\b|thank you\b|thx\b|perfect\b|great (?:job|work)\b|well done\b|nice work\b|looks? good\b|lgtm\b|(?:it|that|this|everything) works?\b(?! (?:only|but))|works (?:now|great|perfectly|fine)\b|(?:that|it)(?:'s| is) (?:it|right|correct|fixed|perfect)\b)/i`,
      String.raw`/^(?:no+\b[,.! ]|nope\b|wrong\b|(?:that|this|it)(?:'s| is) (?:wrong|not (?:right|what|correct|working))|(?:that|this|it) (?:still )?(?:doesn'?t|does not|didn'?t|did not) (?:work|help|compile|fix)|still (?:fail|broken|not|the same|doesn)|(?:please )?(?:revert|undo)\b|not what i)/i`,
      String.raw`/(?:^|[;&|]\s*|\s)git\s+(?:-C\s+\S+\s+)?commit\b/`,
      String.raw`/(?:^|[;&|]\s*|\s)(?:npm|pnpm|yarn|bun)\s+(?:run\s+)?(?:test|t|build|check|lint|types?|typecheck)\b/`,
      String.raw`/(?:^|[;&|]\s*|\s)(?:vitest|jest|mocha|playwright test|tsc|eslint|oxlint|ava)\b/`,
      String.raw`/(?:^|[;&|]\s*|\s)(?:pytest|unittest|mypy|ruff|tox|nox)\b/`,
      String.raw`/(?:^|[;&|]\s*|\s)cargo\s+(?:test|build|check|clippy|nextest)\b/`,
      String.raw`/(?:^|[;&|]\s*|\s)go\s+(?:test|build|vet)\b/`,
      String.raw`/(?:^|[;&|]\s*|\s)(?:make|just|task)\s+(?:test|check|build|lint|all)\b/`,
      String.raw`/(?:^|[;&|]\s*|\s)(?:mvn|gradle|\.\/gradlew|\.\/mvnw)\s+\S*(?:test|verify|build|package|check)\b/`,
      String.raw`/(?:^|[;&|]\s*|\s)(?:dotnet|swift|mix|zig|sbt|bazel|deno|rake|bundle exec)\s+(?:test|build|check|spec|rspec)\b/`,
      String.raw`/(?:^|[;&|]\s*|\s)(?:rspec|phpunit|ctest)\b/`,
    ],
    units: ["ok, ", "no", "git ", "git -C ", ";git ", "npm ", "npm run ", "; ", "mvn ", "mvn test"],
  },
  "cli/hooks/reader.ts": {
    foreign: [String.raw`/\.jsonl$/`],
  },
  "cli/hooks/verdict.ts": {
    foreign: [
      String.raw`/^\s*\/memory(?:[-\w]*:|\s+)(good|bad)\b[ \t]*([^\n]*)/`,
      String.raw`/^\s*\/memory[-\w]*:memory\s+(good|bad)\b[ \t]*([^\n]*)/`,
      String.raw`/^Verdict for the memory: (good|bad)\b[ \t]*([^\n]*)/m`,
    ],
    units: ["/memory ", "/memory-", "/memory:good ", "Verdict for the memory: ", "\nVerdict "],
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
    foreign: [
      String.raw`/\.jsonl?$/`,
      String.raw`/^[A-Za-z0-9][A-Za-z0-9._:-]{0,127}$/`,
      String.raw`/([a-z])([A-Z])/g`,
    ],
  },
  "cli/importers/reading/key-values.ts": {
    foreign: [String.raw`/^\w*Error: (.*)$/m`],
    units: ["Error", "Error: ", "a\n"],
  },
  "cli/importers/reading/json.ts": {
    foreign: [String.raw`/^[[{"]/m`, String.raw`/^\s*\{[ \t]*\n/`],
    units: ["{ ", "{\n"],
  },
  "cli/importers/reading/tags.ts": {
    foreign: [String.raw`/^<([A-Za-z]{1,40}(?:[-_][A-Za-z]{1,40}){1,6})(?:\s[^<>]{0,200})?>/`],
    units: ["<a-", "<a-b ", "a-"],
  },
  "client/runs/spans/trace.ts": {
    foreign: [String.raw`/^unknown_service(?::|$)/`],
    units: ["unknown_service"],
  },
  "client/runs/values.ts": {
    foreign: [
      String.raw`/^\s*\d{4}-\d\d/`,
      String.raw`/^\d{9,20}(\.\d+)?$/`,
      String.raw`/([zZ]|[+-]\d\d:?\d\d)$/`,
    ],
    units: ["1.", "+00:0"],
  },
  "client/runs/spans/conventions.ts": {
    foreign: [String.raw`/^execute_tool /`, String.raw`/timeout/i`],
    units: ["timeou", "execute_tool "],
  },
  "cli/importers/traces/langsmith.ts": {
    foreign: [String.raw`/^\d{8}T\d{12,}Z(.+)$/`, String.raw`/\.(jsonl?|ndjson)$/`],
  },
  "cli/importers/traces/openai-agents.ts": {
    foreign: [String.raw`/\.(jsonl?|ndjson)$/`],
  },
  "cli/importers/traces/otel.ts": {
    foreign: [String.raw`/\.(json|jsonl|ndjson)$/`],
  },
  "client/runs/spans/otlp.ts": {
    foreign: [
      String.raw`/^\d{1,20}$/`,
      String.raw`/^\d{17,20}$/`,
      String.raw`/(?:^|\.)(?:arguments|result|args|parameters|messages|value|input|output|metadata)$/`,
    ],
    units: [".value", "input."],
  },
  "src/api/spans/span-record.ts": {
    foreign: [
      String.raw`/^(?!0{32})[0-9a-f]{32}$/`,
      String.raw`/^(?!0{16})[0-9a-f]{16}$/`,
      String.raw`/^0*$/`,
      String.raw`/^(?:gen_ai|ai|llm|openinference|traceloop|session|operation|error|exception)\./`,
    ],
    units: ["0", "gen_ai"],
  },
  "client/calls/results.ts": {
    foreign: [
      String.raw`/^\s*\{[^{}[\]]{0,500}"(?:exit_?code|return_?code)"\s*:\s*(?!0\b)-?\d/i`,
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
    foreign: [
      String.raw`/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]+/g`,
      String.raw`/[\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g`,
    ],
    units: ["\u009b", "\u202e"],
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
  "client/recording/questions.ts": {
    foreign: [String.raw`/recall_id: ([\w.:-]+)/`],
    units: ["recall_id: ", "recall_id: a"],
  },
  "src/contract/lessons/requests.ts": {
    foreign: [String.raw`/^(?:i:)?[epr]:[A-Za-z0-9._:-]{1,200}$/`],
    units: ["e:", "p:"],
  },
  "src/durable/instance/knowledge/curated/lesson-questions.ts": {
    foreign: [String.raw`/^\d{1,6}$/`],
  },
  "src/memory/lessons/terms.ts": { foreign: [String.raw`/\d/`] },
  "src/memory/actions/flow/leaves.ts": {
    foreign: [
      String.raw`/^#/`,
      String.raw`/^-?\d{1,15}(?:\.\d{1,10})?$/`,
      String.raw`/^-?0\d/`,
      String.raw`/^\d|\d{3}|[\s./#@]/`,
      String.raw`/^(?:\[\s*[[{("'\d\]tfTF-]|\{\s*["'}]|\(\s*["'\d(])/`,
      String.raw`/\s/`,
      "/[^\\s,;'\"`()[\\]{}<>|=]{3,200}/g",
      String.raw`/(?<![.:!?])[.:!?]+$/`,
      String.raw`/[\w.+-]/`,
    ],
  },
  "src/memory/actions/flow/sources.ts": {
    foreign: [
      String.raw`/^(?:true|false|none|null|-?\d\d?)$/`,
      String.raw`/[.[]/`,
      String.raw`/[^\p{L}\p{N}_@.+/-]+/u`,
      String.raw`/^\.+|(?<!\.)\.+$/g`,
    ],
  },
  "src/memory/actions/keys/action-key.ts": {
    foreign: [
      String.raw`/^(?:command|commands|cmd|cmdline|command_line|shell_command|bash|shell)$/i`,
      String.raw`/^(?:script|code|input|args|line|text|query|action)$/i`,
      String.raw`/(?:^|[_.\s-])(?:bash|shell|sh|zsh|terminal|console|exec|command|cmd)(?:$|[_.\s-])/i`,
      String.raw`/(?:^|_)(?:path|file|filename|filepath|file_path|uri)$/i`,
      String.raw`/^(?:http_?)?(?:method|verb)$/i`,
      "/[\\s;|&()<>\"'`$\\\\]/",
      String.raw`/([a-z\d])([A-Z])/g`,
    ],
  },
  "src/memory/actions/keys/command.ts": {
    foreign: [
      String.raw`/^(?:python|node|ruby|perl|php|deno|bun|tsx|ts-node|java|Rscript)[\d.]*$/`,
      String.raw`/^[\w.+@:[\]-]{1,40}$/`,
      String.raw`/^[A-Za-z][\w:-]{0,31}$/`,
      String.raw`/^[A-Za-z_]\w*\+?=/`,
      String.raw`/^[\d.]+[smhd]?$/`,
      String.raw`/^-[a-z]*c$/`,
      String.raw`/^--?[\w-]+=/`,
      String.raw`/^-[ce]$/`,
      String.raw`/^[A-Za-z][\w-]{0,23}(?:\.\w{1,6})?$/`,
      String.raw`/\d/`,
      String.raw`/\.\w{1,6}$/`,
    ],
  },
  "src/memory/actions/keys/file.ts": {
    foreign: [
      String.raw`/\.(?:json|ya?ml|toml|lock|ini|cfg|conf|env|mod|gradle|xml|properties|mk)$/i`,
      String.raw`/^(?:migrations?|workflows|tests?|__tests__|specs?|docs?|fixtures|scripts)$/i`,
      String.raw`/\.(?:test|spec|config|module|stories|d|min|e2e|unit|setup)$/i`,
      String.raw`/^\.?[A-Za-z][A-Za-z_.-]{0,39}$/`,
      String.raw`/[\n*?<>|"]/`,
      String.raw`/^\.?[\w@-]+\.[\w.]{1,12}$|^[A-Z][a-z]+file$/`,
      String.raw`/\.[A-Za-z]\w{0,7}$/`,
      String.raw`/^[A-Z][A-Za-z]{2,23}$/`,
    ],
  },
  "src/memory/actions/keys/http.ts": {
    foreign: [
      String.raw`/^(?:get|post|put|patch|delete|head|options)$/i`,
      String.raw`/^https?:\/\/(?:[^/?#\s@]*@)?([^/?#\s]+)([^?#\s]*)/i`,
      String.raw`/\d/`,
      String.raw`/^v\d{1,2}$/`,
      String.raw`/[%@=]/`,
    ],
  },
  "src/memory/actions/keys/shell-words.ts": {
    foreign: [
      String.raw`/^\d*(?:>>|>&|<&|&>>|&>|<<<|<>|>\||>|<)(?:&?\d+|-)?/`,
      String.raw`/^<<-?['"\w]/`,
      String.raw`/[\s;&|]/`,
      String.raw`/[\d-]$/`,
      String.raw`/[\s;|&()<>]/`,
    ],
  },
  "src/memory/actions/keys/sql.ts": {
    foreign: [
      String.raw`/\b(?:from|join|into|update|table|describe|desc|index|view|truncate)\s+(?:if\s+(?:not\s+)?exists\s+|only\s+)?([\w$."\x60[\]]{1,80})/gi`,
      '/^select\\s+(?!(?:the|a|an|my|your|this|that|some|one)\\s)[^]*\\bfrom\\s+[\\w("`[]/i',
      String.raw`/^select\s+(?:[\d'@*]|\w+\s*\()/i`,
      '/^with\\s+[\\w"`[\\]]+(?:\\s*\\([^)]*\\))?\\s+as\\s*\\(/i',
      String.raw`/^insert\s+(?:\w+\s+){0,2}into\s/i`,
      String.raw`/^replace\s+into\s/i`,
      String.raw`/^update\s+\S+\s+(?:\w+\s+){0,2}set\s/i`,
      String.raw`/^delete\s+from\s/i`,
      String.raw`/^merge\s+into\s/i`,
      String.raw`/^(?:create|alter|drop|truncate)\s+(?:\w+\s+){0,3}(?:table|index|view|database|schema|trigger)\b/i`,
      String.raw`/^truncate\s+\S+\s*;?\s*$/i`,
      String.raw`/^show\s+(?:full\s+)?(?:tables|databases|columns|fields|create|index|indexes|keys|schemas)\b/i`,
      '/^(?:describe|desc)\\s+[\\w"`.[\\]]+\\s*;?\\s*$/i',
      String.raw`/^explain\s+(?:\w+\s+){0,2}(?:select|update|delete|insert|with)\b/i`,
      String.raw`/^pragma\s+\w+/i`,
      String.raw`/^(?:select|table|where|on|as|set|if|exists|not|only|lateral|unnest|values)$/i`,
      '/["`[\\]]/g',
      String.raw`/^.*\./`,
      String.raw`/\s+/`,
      String.raw`/[^A-Z_][^]*/`,
      String.raw`/--[^\n]*(?:\n|$)|\/\*[^*]*\*\//g`,
    ],
  },
  "src/memory/learning/episode/calls.ts": {
    foreign: [
      String.raw`/^[A-Za-z_]{1,30}$/`,
      String.raw`/^[A-Za-z][A-Za-z _-]{1,23}$/`,
      String.raw`/^[[{("]/`,
      String.raw`/\s/`,
      String.raw`/\s+/g`,
    ],
  },
  "src/memory/learning/prediction/playbook.ts": {
    foreign: [String.raw`/\[\]|\*/`],
  },
  "src/memory/learning/recoveries/likeness.ts": {
    foreign: [
      String.raw`/\bE[A-Z]{4,}\b|\b[A-Z]\w*(?:Error|Exception)\b|\b[A-Z]{1,4}\d{3,5}\b/g`,
      String.raw`/^(?:Aggregate|Runtime|Type|Value|System|Internal|Process)?(?:Error|Exception)$/`,
      String.raw`/<(?:id|url|text|path|number)>/g`,
    ],
  },
  "src/memory/learning/texts/telling-lines.ts": {
    foreign: [
      String.raw`/\bE[A-Z]{4,}\b|\b[A-Z]\w*(?:Error|Exception)\b|\berror[ :[]\s?\[?[A-Z]{1,4}\d{2,5}\b/`,
      String.raw`/\b(?:error|fatal|panic|denied|refused|not found|cannot|can't|could not|unable|no such|missing|undefined|unexpected|invalid|conflict|unsupported|already|timed? ?out|failed to|not installed|required|must|unknown|expected)\b/i`,
      String.raw`/\b(?:fail(?:ed|ure|s)?|warn(?:ing)?|wrong|rejected|aborted|killed|issues?|errors)\b/i`,
      String.raw`/^(?:at\s|File "|\.{3}|[>$%#]\s|Exit code \d+$|Traceback |\^+$|[-=~_*]+$)/`,
      String.raw`/\n/`,
    ],
  },
  "src/api/routes/route.ts": {
    foreign: [String.raw`/[^\x20-\x7e]/g`],
  },
  "src/api/body.ts": {
    foreign: [String.raw`/\\u|__proto__/`, String.raw`/^\d{1,15}$/`],
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
      String.raw`/^[0-9a-f]{16}$/`,
      String.raw`/^[0-9a-f]{120}$/`,
    ],
    units: ["a-", "-0123456789abcdef", "-0123456789abcdef.ndjson.gz"],
  },
  "src/backup/sweep.ts": {
    foreign: [String.raw`/\/(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z-/`],
    units: ["/20260101T000000", "/2026"],
  },
  "src/durable/instance/episodes/tasks/task-failures.ts": {
    never: { "SQL that the code itself made": [String.raw`/\blasting\b/`] },
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
        String.raw`/^https?:\/\/[^\s@/]+\/\S+$/`,
        String.raw`/^https?:\/\/[^\s@/]+@[^\s/]+\/\S+$/`,
        String.raw`/[\s,]+/`,
        String.raw`/^[A-Za-z0-9][A-Za-z0-9._-]{0,49}$/`,
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
      String.raw`/^[\0-\u0dff]*$/`,
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
  "cli/graphs/graph.ts": { foreign: [String.raw`/[^\w.:-]/gu`] },
  "cli/skills/agents.ts": { foreign: ["/[\\\\`*_[\\]<>#|]/g"] },
  "cli/skills/plan.ts": { foreign: [String.raw`/^[a-z0-9]+$/`] },
  "src/durable/instance/knowledge/questions/skills.ts": {
    foreign: [String.raw`/\d{4}/`, String.raw`/\p{L}{3}/u`],
  },
  "src/memory/skills/naming.ts": {
    foreign: [
      String.raw`/[^a-z0-9]+/g`,
      String.raw`/: (.*)/s`,
      String.raw`/^[A-Za-z]/`,
      String.raw`/^["'(]?[\p{Ll}\p{Lo}]+["')]?[.,;:!?]?$/u`,
      String.raw`/\s+/`,
    ],
    units: [": ", "a.", "漢"],
  },
  "src/util/public-address.ts": {
    foreign: [String.raw`/^\d+$/`, String.raw`/^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/`],
    units: ["127.", "1."],
  },
  "src/api/oauth/oauth.ts": {
    foreign: [String.raw`/^[0-9a-f]{12}:[\w-]{1,64}:[\w-]{1,128}$/`],
    units: ["aaaaaaaaaaaa:", "a-"],
  },
  "src/api/oauth/consent/authorize.ts": {
    foreign: [String.raw`/^mk_([0-9a-f]{12})_[0-9a-f]{48}$/`],
    units: ["mk_", "a"],
  },
  "src/api/oauth/storage.ts": {
    never: { "what the platform says of its storage": [String.raw`/ 400\b/`] },
  },
  "src/api/oauth/endpoints.ts": { foreign: [String.raw`/^[0-9a-f]{12}$/`] },
  "src/api/oauth/consent/page.ts": {
    foreign: [String.raw`/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu`, String.raw`/[&<>"']/g`],
    units: ["<", "&", "\u202e"],
  },
  "src/memory/words/parts/patterns.ts": {
    foreign: [String.raw`/"[^"]*"/`, String.raw`/<[^<>]*>/g`, String.raw`/\p{L}{3}/u`],
    units: ["<", "<a>", "ab1"],
  },
  "src/memory/words/text/stored-text.ts": {
    foreign: [
      String.raw`/[\p{Cf}\p{Co}\p{Default_Ignorable_Code_Point}]+/gu`,
      String.raw`/[\s\p{Cc}\p{Zl}\p{Zp}]+/gu`,
      String.raw`/${TICK}+/g`,
      String.raw`/<([^\s<>]{0,60})>/g`,
    ],
    units: ["<", "<a", "<a/", "a:", "\ufe0f", "\u3164"],
  },
  "src/backup/store/verdicts.ts": {
    foreign: [String.raw`/\.json$/`],
    units: [".json", "a"],
  },
  "src/observability/jobs.ts": {
    never: { "a constant of the code": [String.raw`/^\*\/(\d+)$/`] },
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
    foreign: [String.raw`/^(?:([a-z_-]{1,16}) )?(\d{1,16}):(.{1,128})$/`],
    units: ["1:", "1:a", "a 1:", "-a "],
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
    "src/durable/instance/episodes/store/queries/list-query.ts": [
      {
        found: "instr",
        because:
          "A task has at most 10,000 characters, and what is looked for 1,500: it is in an address.",
      },
    ],
  };
