/**
 * What the memory answers, as schemas: the document is made of them, and the MCP tools promise
 * them.
 *
 * @module
 */

export * from "./shapes-episodes.ts";
export * from "./shapes-knowledge.ts";
