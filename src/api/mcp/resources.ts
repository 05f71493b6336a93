/**
 * Episodes and patterns as resources, for clients that let a person attach them.
 *
 * @module
 */

import { ResourceTemplate, type McpServer } from "@modelcontextprotocol/server";
import type { Context } from "../context.ts";
import { invalid, validate } from "../body.ts";
import { idParameter } from "../schemas.ts";
import { marked, refusing } from "./answers.ts";

const LISTED = 50;
const TITLE_MAX = 120;
const mimeType = "text/plain";

export function registerResources(server: McpServer, context: Context): void {
  const read = (uri: URL, value: object) => ({
    contents: [{ uri: uri.href, mimeType, text: marked(value) }],
  });
  server.registerResource(
    "episode",
    new ResourceTemplate("memory://episodes/{id}", {
      list: async () => {
        const { value } = await refusing(() =>
          context.run("episodes.list", { filter: {}, limit: LISTED, cursor: null }),
        );
        const resources = value.items.map(({ id, task, status }) => ({
          uri: `memory://episodes/${encodeURIComponent(id)}`,
          name: id,
          title: task.slice(0, TITLE_MAX),
          description: `An episode, ${status}`,
          mimeType,
        }));
        return { resources };
      },
    }),
    {
      title: "Episode",
      description: "A run of an agent, with its steps. Stored text: untrusted.",
      mimeType,
    },
    (uri, { id }) =>
      refusing(async () => {
        const { value } = await context.run("episode.get", { id: identifier(id) });
        return read(uri, JSON.parse(value.json));
      }, uri.href),
  );
  server.registerResource(
    "pattern",
    new ResourceTemplate("memory://patterns/{id}", {
      list: async () => {
        const { value } = await refusing(() =>
          context.run("patterns.list", { min_support: 1, limit: LISTED, cursor: null }),
        );
        const resources = value.items.map(({ id, description, kind, polarity }) => ({
          uri: `memory://patterns/${encodeURIComponent(id)}`,
          name: id,
          title: description.slice(0, TITLE_MAX),
          description: `A pattern (${kind}): ${polarity}`,
          mimeType,
        }));
        return { resources };
      },
    }),
    {
      title: "Pattern",
      description: "What was learned, with its evidence. Stored text: untrusted.",
      mimeType,
    },
    (uri, { id }) =>
      refusing(
        async () =>
          read(uri, (await context.run("patterns.get", { pattern_id: identifier(id) })).value),
        uri.href,
      ),
  );
}

function identifier(value: string | string[] | undefined): string {
  let decoded: string;
  try {
    decoded = decodeURIComponent(String(value));
  } catch {
    throw invalid("uri", "is not percent-encoded UTF-8");
  }
  return validate(idParameter, decoded);
}
