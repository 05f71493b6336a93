/**
 * What the MCP library asks of its platform, in place of its own choice for Workers (`[alias]` in
 * wrangler.toml). That one makes every schema of two protocol versions when an isolate starts,
 * which most isolates never need, and brings a validator of JSON schemas, which this server, whose
 * tools have zod schemas and which elicits nothing, never asks. Made by the first request instead.
 *
 * @module
 */

/** Is constructed with every server, and asked only for schemas that are not zod's. */
export class DefaultJsonSchemaValidator {
  getValidator(): never {
    throw new Error("The MCP server checks zod schemas only.");
  }
}
