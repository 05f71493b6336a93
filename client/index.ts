/**
 * The typed client of memory-service: for Workers, Node and browsers, without a dependency.
 *
 * @example
 * const memory = new MemoryClient({ url: "http://127.0.0.1:8787", key });
 * const answer = await memory.record("Cancel a flight", async (run) => {
 *   const hints = await run.recall();
 *   return run.tool("cancel_reservation", { id: "4WQ150" }, () => cancel("4WQ150"));
 * });
 *
 * @module
 */

export { recordAiStep } from "./adapters/ai-sdk.ts";
export { recordHooks, type ToolHooks } from "./adapters/claude-agent.ts";
export { recordCallbacks, type ToolCallbacks } from "./adapters/langchain.ts";
export { recordAnthropic, recordOpenAI } from "./adapters/model-clients.ts";
export { recordRunner } from "./adapters/openai-agents.ts";
export { stepsOf } from "./adapters/messages.ts";
export { recordTools } from "./adapters/tools.ts";
export {
  MemoryClient,
  type Answer,
  type Body,
  type ExportLine,
  type OperationId,
  type Params,
  type Query,
  type WordsQuery,
} from "./client.ts";
export { MemoryError } from "./errors.ts";
export type { ClientOptions, RequestOptions } from "./http.ts";
export type { LineSource } from "./lines.ts";
export type { OpenCall } from "./recording/open-call.ts";
export type { Recording, RecordOptions, RecordReport, RecordTask } from "./record.ts";
export type * from "./schema.ts";
export { MemoryStore } from "./store/store.ts";
export type { Step as StepToLog } from "./step.ts";
