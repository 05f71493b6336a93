/**
 * What a tool is, and how it is registered with the protocol's library.
 *
 * @module
 */

import type { McpServer } from "@modelcontextprotocol/server";
import type * as z from "zod";
import type { RequestContext } from "../request-context.ts";
import { toolAnswer, type ToolAnswer } from "./answers.ts";

export interface Tool {
  readonly name: string;
  readonly title: string;
  /** For the agent: when to call it, and what it gets. */
  readonly description: string;
  readonly input: z.ZodObject;
  readonly output: z.ZodObject;
  /** A tool that writes nothing. */
  readonly isReadOnly: boolean;
  readonly run: (context: RequestContext, input: unknown) => Promise<ToolAnswer>;
}

/** The tool; what its `run` gets is as its input's schema makes it. */
export function tool<I extends z.ZodObject>(
  definition: Omit<Tool, "input" | "run"> & {
    readonly input: I;
    readonly run: (context: RequestContext, input: z.output<I>) => Promise<ToolAnswer>;
  },
): Tool {
  return definition as unknown as Tool;
}

/** The hints are for the client that asks its user. */
export function registerTool(server: McpServer, context: RequestContext, definition: Tool): void {
  const { name, title, description, input, output, isReadOnly, run } = definition;
  const annotations = isReadOnly
    ? { readOnlyHint: true, openWorldHint: false }
    : { readOnlyHint: false, destructiveHint: false, idempotentHint: false, openWorldHint: false };
  server.registerTool(
    name,
    { title, description, inputSchema: input, outputSchema: output, annotations },
    (given: unknown) => toolAnswer(() => run(context, given)),
  );
}
