/**
 * Readers of other systems' files: each turns one format into lines for `POST /v1/import`, and says
 * what it left out.
 *
 * @module
 */

import { claudeCode } from "./claude-code.ts";
import { codex } from "./codex.ts";
import type { Importer } from "./importer.ts";
import { langsmith } from "./langsmith.ts";
import { mcpMemory } from "./mcp-memory.ts";
import { mem0 } from "./mem0.ts";
import { otel } from "./otel.ts";
import { predecessor } from "./predecessor.ts";

export { Unmapped } from "./importer.ts";

export const IMPORTERS = {
  "claude-code": claudeCode,
  codex,
  langsmith,
  otel,
  "mcp-memory": mcpMemory,
  mem0,
  predecessor,
} as const satisfies Record<string, Importer>;

export type Source = keyof typeof IMPORTERS;
