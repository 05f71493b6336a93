/**
 * Episodes and patterns as resources, for clients that let a person attach them.
 *
 * @module
 */

import { ResourceTemplate, type McpServer } from "@modelcontextprotocol/server";
import { id } from "../../contract/fields.ts";
import type { RequestContext } from "../request-context.ts";
import { invalid, validate } from "../validate.ts";
import { orProtocolError, untrustedText } from "./tool.ts";

/** Resources that a list shows: the newest episodes, the strongest patterns. */
const LISTED_MAX = 50;
const TITLE_MAX = 120;
const mimeType = "text/plain";

interface ListedResource {
  id: string;
  title: string;
  description: string;
}

/** A kind of resource, under `memory://PATH/{id}`. */
interface ResourceKind {
  name: string;
  path: string;
  title: string;
  description: string;
  list: (context: RequestContext) => Promise<ListedResource[]>;
  read: (context: RequestContext, id: string) => Promise<object>;
}

const EPISODE: ResourceKind = {
  name: "episode",
  path: "episodes",
  title: "Episode",
  description: "A run of an agent, with its steps. Stored text: untrusted.",
  list: async (context) => {
    const input = { filter: {}, limit: LISTED_MAX, cursor: null };
    const { value } = await context.run("episodes.list", input);
    return value.items.map(({ id: episodeId, task, status }) => ({
      id: episodeId,
      title: task,
      description: `An episode, ${status}`,
    }));
  },
  read: async (context, episodeId) =>
    JSON.parse((await context.run("episode.get", { id: episodeId })).value.json) as object,
};

const PATTERN: ResourceKind = {
  name: "pattern",
  path: "patterns",
  title: "Pattern",
  description: "What was learned, with its evidence. Stored text: untrusted.",
  list: async (context) => {
    const input = { min_support: 1, limit: LISTED_MAX, cursor: null };
    const { value } = await context.run("patterns.list", input);
    return value.items.map(({ id: patternId, description, kind, polarity }) => ({
      id: patternId,
      title: description,
      description: `A pattern (${kind}): ${polarity}`,
    }));
  },
  read: async (context, patternId) =>
    (await context.run("patterns.get", { pattern_id: patternId })).value,
};

export function registerResources(server: McpServer, context: RequestContext): void {
  for (const kind of [EPISODE, PATTERN]) registerResource(server, context, kind);
}

function registerResource(
  server: McpServer,
  context: RequestContext,
  { name, path, title, description, list, read }: ResourceKind,
): void {
  const listed = ({ id: one, ...about }: ListedResource) => ({
    uri: `memory://${path}/${encodeURIComponent(one)}`,
    name: one,
    title: about.title.slice(0, TITLE_MAX),
    description: about.description,
    mimeType,
  });
  const template = new ResourceTemplate(`memory://${path}/{id}`, {
    list: async () => ({
      resources: (await orProtocolError(() => list(context))).map(listed),
    }),
  });

  server.registerResource(name, template, { title, description, mimeType }, (uri, variables) =>
    orProtocolError(async () => {
      const value = await read(context, idOf(variables["id"]));
      return { contents: [{ uri: uri.href, mimeType, text: untrustedText(value) }] };
    }, uri.href),
  );
}

function idOf(value: string | string[] | undefined): string {
  let decoded: string;
  try {
    decoded = decodeURIComponent(String(value));
  } catch {
    throw invalid("uri", "is not percent-encoded UTF-8");
  }
  return validate(id, decoded);
}
