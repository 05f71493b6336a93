import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { LessonLine } from "../../client/runs/events.ts";
import type { Source } from "../../cli/importers/index.ts";
import type { FactsAs } from "../../cli/importers/normaliser/facts.ts";
import { readFiles } from "./reading.ts";

function read(source: Source, file: string, factsAs?: FactsAs) {
  const text = readFileSync(join(import.meta.dirname, "samples", file), "utf8");
  const { lines, lessons, notes } = readFiles(source, { [file]: text }, factsAs);
  return { lines, lessons, unmapped: notes };
}

const saidBy = (lessons: readonly LessonLine[]) =>
  lessons.map(({ evidence }) => evidence[0]?.statement.text);

describe("an importer reads", () => {
  // https://evilpiepirate.org/forge/kent/consciousness (docs/claude-code-transcript-format.md);
  // https://forge.lthn.ai/core/go-session/wiki/Session-Format.-
  it("sessions of Claude Code", () => {
    const { lines, unmapped } = read("claude-code", "claude-code.jsonl");
    expect(lines).toMatchObject([
      {
        task: "The login test fails now and then. Fix it.",
        started_at: "2026-02-19T14:29:50.000Z",
        ended_at: "2026-02-19T14:30:09.000Z",
        metadata: { cwd: "/home/dev/shop", git_branch: "main", model: "claude-opus-4-6" },
        steps: [
          {
            number: 1,
            tool: "Bash",
            action: "I run the test first.",
            parameters: { command: "npm test login" },
            result: { type: "error", message: "Error: timeout of 2000ms exceeded" },
            latency_ms: 3_500,
          },
          {
            number: 2,
            tool: "Edit",
            result: { type: "success", output: "The file was updated." },
            latency_ms: 1_000,
          },
        ],
      },
    ]);
    expect(lines[0]).not.toHaveProperty("outcome");
    expect(unmapped).toEqual([
      "entries of the type summary (1)",
      "thinking blocks (1)",
      "runs in which nobody asked for anything (1)",
      "claude-code.jsonl, line 9: no JSON: Unexpected token 'o', \"not json\" is not valid JSON",
    ]);
  });

  // https://docs.rs/crate/txcript/latest/source/docs/formats/codex.md
  it("rollouts of Codex", () => {
    const { lines, unmapped } = read("codex", "rollout-2026-08-10T13-02-51-0198.jsonl");
    expect(lines).toMatchObject([
      {
        task: "Make the build green again.",
        metadata: {
          session: "0198f0a0-1111-7000-8000-000000000001",
          model: "gpt-5.2-codex",
          version: "0.149.0",
        },
        steps: [
          {
            tool: "shell",
            parameters: { command: ["bash", "-lc", "npm run build"] },
            result: { type: "error", message: "TS2304: Cannot find name" },
            latency_ms: 2_000,
          },
          {
            tool: "apply_patch",
            parameters: { input: "*** Begin Patch" },
            result: { type: "success" },
            latency_ms: 500,
          },
        ],
      },
    ]);
    expect(unmapped).toEqual([
      "items of the type reasoning (1)",
      "token counts, which are of whole turns (1)",
    ]);
  });

  // https://docs.langchain.com/langsmith/run-data-format
  it("runs of LangSmith", () => {
    const { lines, unmapped } = read("langsmith", "langsmith.jsonl");
    expect(lines).toMatchObject([
      {
        task: "Where is my order 17?",
        tags: ["prod"],
        started_at: "2026-02-19T14:30:00.000Z",
        metadata: { name: "support_agent", customer: "42" },
        outcome: { type: "success", verdict: "It is on its way." },
        steps: [
          {
            tool: "get_order",
            result: { type: "error", message: "HTTPError: 500" },
            latency_ms: 1_000,
          },
          {
            tool: "get_tracking",
            result: { type: "success", output: "in transit" },
            latency_ms: 250,
          },
        ],
      },
      {
        task: "Close account 9",
        outcome: { type: "failure", reason: "ValueError: no such customer" },
        steps: [],
      },
    ]);
    expect(unmapped).toEqual(["runs of the type llm (1)", "metadata that is not text (1)"]);
  });

  // https://opentelemetry.io/docs/specs/semconv/gen-ai/gen-ai-agent-spans/, and OTLP/JSON:
  // https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding
  it("GenAI spans of OpenTelemetry", () => {
    const { lines, unmapped } = read("otel", "otel.json");
    expect(lines).toMatchObject([
      {
        task: "Book a train to Bern",
        started_at: "2026-02-19T14:30:00.000Z",
        metadata: { agent: "travel", provider: "openai", model: "gpt-4o", conversation: "conv_1" },
        outcome: { type: "success" },
        steps: [
          {
            tool: "find_train",
            result: { type: "error", message: "502 from the timetable" },
            latency_ms: 1_000,
          },
          {
            tool: "book_train",
            parameters: { to: "Bern" },
            result: { type: "success", output: '{"seat":12}' },
          },
        ],
      },
    ]);
    expect(unmapped).toEqual([
      "spans of the operation chat (1)",
      "spans that are not of an agent (1)",
    ]);
  });

  // https://github.com/modelcontextprotocol/servers/blob/main/src/memory/README.md
  it("the knowledge graph of MCP's server-memory", () => {
    const { lessons } = read("mcp-memory", "mcp-memory.jsonl");
    expect(saidBy(lessons)).toEqual([
      "John Smith (person): Speaks fluent Spanish",
      "John Smith (person): Prefers morning meetings",
      "John Smith works at Anthropic",
      "Anthropic (organization)",
    ]);
    const { lines, unmapped } = read("mcp-memory", "mcp-memory.jsonl", "episodes");
    const [john, anthropic] = lines;
    expect(john).toMatchObject({
      task: "person: John Smith",
      outcome: { verdict: "Speaks fluent Spanish\nPrefers morning meetings" },
      relationships: [{ to: anthropic?.id, type: "related_to", reason: "works_at" }],
    });
    expect(anthropic).toMatchObject({ task: "organization: Anthropic" });
    expect(unmapped).toEqual([
      "relations with an entity that is not in the file (1)",
      "the kinds of relations, which become related_to (1)",
    ]);
  });

  // https://docs.mem0.ai/cookbooks/essentials/exporting-memories
  it("memories of mem0", () => {
    const { lessons, unmapped: left } = read("mem0", "mem0.json");
    expect(saidBy(lessons)).toEqual([
      "Dev works at TechCorp as a senior engineer",
      "Arjun prefers morning meetings and async communication",
      "Carl is leading the API redesign project, targeting Q2 launch",
    ]);
    const updated = lessons[0]?.amended;
    expect(updated).toMatchObject({
      kind: "fact",
      source: "mem0 user_id=dev",
      applies_to: { tags: ["professional_details"] },
    });
    expect(lessons[0]?.updated_at).toBe("2025-01-16T18:30:00.000Z");
    expect(lessons[2]).toMatchObject({
      amended: null,
      created_at: "2025-01-15T18:32:00.000Z",
      evidence: [
        {
          at: "2025-01-15T18:32:00.000Z",
          statement: { source: "mem0 user_id=carl agent_id=planner" },
        },
      ],
    });
    expect(left).toEqual([
      "metadata of facts (3)",
      "the field expiration_date (1)",
      "items without a memory (1)",
    ]);

    const { lines, unmapped } = read("mem0", "mem0.json", "episodes");
    expect(lines).toMatchObject([
      {
        task: "Dev works at TechCorp as a senior engineer",
        tags: ["professional_details"],
        metadata: { type: "professional", user_id: "dev" },
        started_at: "2025-01-15T18:30:00.000Z",
        outcome: { type: "success", verdict: "Dev works at TechCorp as a senior engineer" },
      },
      { metadata: { type: "preference", user_id: "arjun" } },
      { metadata: { user_id: "carl", agent_id: "planner" } },
    ]);
    expect(unmapped).toEqual([
      "metadata that is not text (1)",
      "the field expiration_date (1)",
      "items without a memory (1)",
    ]);
  });

  // The types that serde writes: https://github.com/d-o-hub/rust-self-learning-memory
  // (memory-core/src/episode, types)
  it("episodes of the predecessor", () => {
    const { lines, unmapped } = read("predecessor", "predecessor.json");
    expect(lines).toMatchObject([
      {
        id: "7b1c4c7e-0d3d-4a52-8f52-5f3f2c2b8a10",
        task: "Write a rate limiter",
        task_type: "code_generation",
        context: {
          domain: "web-api",
          language: "rust",
          framework: "axum",
          complexity: "moderate",
          tags: ["async"],
        },
        outcome: {
          type: "partial_success",
          verdict: "works, slow",
          completed: ["limiter"],
          failed: ["bench"],
        },
        steps: [
          {
            tool: "planner",
            parameters: { depth: 2 },
            result: { type: "success", output: "token bucket" },
            latency_ms: 120,
            tokens: 50,
          },
          {
            tool: "compiler",
            parameters: "not json",
            result: { type: "error", message: "E0382: use of moved value" },
          },
          { tool: "compiler", result: { type: "timeout" }, latency_ms: 30_000 },
        ],
      },
      { outcome: { type: "abstained", reason: "no access", signals: ["403"] } },
      { status: "abandoned" },
    ]);
    expect(unmapped).toEqual([
      "reward of episodes, which the service works out by itself (1)",
      "reflection of episodes, which the service works out by itself (1)",
      "patterns of episodes, which the service works out by itself (1)",
      "stopped_at_step of abstained outcomes (1)",
      "items that are no episode (1)",
    ]);
  });
});
