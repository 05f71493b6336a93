/**
 * Readers of other systems' files: each says what one format tells, the normaliser makes lines for
 * `POST /v1/import` of it, and what is left out is reported.
 *
 * @module
 */

import { anthropicBatch, openaiBatch } from "./chats/batches.ts";
import { langgraph } from "./chats/langgraph.ts";
import { claudeCode } from "./coding/claude-code.ts";
import { codex } from "./coding/codex.ts";
import { cursor } from "./coding/cursor.ts";
import { opencode } from "./coding/opencode.ts";
import type { Importer } from "./importer.ts";
import { mcpMemory } from "./memories/mcp-memory.ts";
import { mem0 } from "./memories/mem0.ts";
import { predecessor } from "./memories/predecessor.ts";
import { langsmith } from "./traces/langsmith.ts";
import { openaiAgents } from "./traces/openai-agents.ts";
import { otel } from "./traces/otel.ts";

export const IMPORTERS = {
  "claude-code": claudeCode,
  codex,
  cursor,
  opencode,
  langsmith,
  otel,
  "openai-agents": openaiAgents,
  langgraph,
  "openai-batch": openaiBatch,
  "anthropic-batch": anthropicBatch,
  "mcp-memory": mcpMemory,
  mem0,
  predecessor,
} as const satisfies Record<string, Importer>;

export type Source = keyof typeof IMPORTERS;
