/**
 * Writes sessions of a model as each format writes them: with lines that repeat or are split, and odd
 * records between.
 *
 * @module
 */

import type { Source } from "../../../cli/importers/index.ts";
import { anthropicBatch, langgraph, openaiBatch } from "./chats.ts";
import { claudeCode, codex, cursor, opencode } from "./coding.ts";
import type { Writer } from "./model.ts";
import { langsmith, openaiAgents, otel } from "./traces.ts";

export const WRITERS: Partial<Record<Source, Writer>> = {
  "claude-code": claudeCode,
  codex,
  opencode,
  cursor,
  langsmith,
  otel,
  "openai-agents": openaiAgents,
  langgraph,
  "openai-batch": openaiBatch,
  "anthropic-batch": anthropicBatch,
};
