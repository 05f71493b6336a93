/**
 * Every route: method, path, the scope it needs, and what it does.
 *
 * @module
 */

import { NAMESPACE_PATTERN } from "../../contract/limits.ts";
import type { Input } from "../../contract/operations.ts";
import { RELATIONSHIP_TYPES } from "../../contract/model.ts";
import { answer, unlessKnown } from "../answer.ts";
import { invalid, validate } from "../body.ts";
import type { Context } from "../context.ts";
import { exportNamespace } from "../transfer/export.ts";
import { importLines } from "../transfer/import.ts";
import { Problem } from "../problem.ts";
import { id, parameter, type Route } from "./route.ts";
import { OBSERVABILITY_ROUTES } from "./observability.ts";
import { BACKUP_ROUTES } from "./backups.ts";
import { OPERATIONS_ROUTES } from "./operations.ts";
import { metaRoutes } from "./meta.ts";
import * as schema from "../schemas.ts";
import { omitUndefined, startEpisode } from "../start.ts";

const episodes: Route[] = [
  {
    method: "POST",
    path: "/v1/episodes",
    scope: "write",
    async handle(context) {
      const body = await context.body(schema.startBody);
      const { value, durability, replayed } = await startEpisode(context, body);
      const headers = { Location: `/v1/episodes/${value.id}` };
      return answer(
        { ...value, durability },
        { status: 201, version: value.version, durability, replayed, headers },
      );
    },
  },
  {
    method: "GET",
    path: "/v1/episodes",
    scope: "read",
    async handle(context) {
      const { limit, cursor, ...filter } = context.query(schema.listQuery);
      const input = { filter: omitUndefined(filter), limit, cursor: cursor ?? null };
      const { value } = await context.run("episodes.list", input);
      return answer({
        episodes: value.items,
        next_cursor: value.next_cursor,
        degraded: value.degraded,
      });
    },
  },
  {
    method: "GET",
    path: "/v1/episodes/:id",
    scope: "read",
    async handle(context) {
      context.query(schema.nothing);
      const { value } = await context.run("episode.get", { id: id(context) });
      return unlessKnown(context, value.version, value.json);
    },
  },
  {
    method: "PATCH",
    path: "/v1/episodes/:id",
    scope: "write",
    async handle(context) {
      const body = await context.body(schema.patchBody);
      const { context: about, ...rest } = body;
      const changes = {
        ...omitUndefined(rest),
        ...(about ? { context: omitUndefined(about) } : {}),
      };
      const input = { id: id(context), if_match: context.ifMatch(), changes };
      const { value, durability } = await context.run("episode.patch", input);
      return answer({ ...value, durability }, { version: value.version, durability });
    },
  },
  {
    method: "DELETE",
    path: "/v1/episodes/:id",
    scope: "write",
    async handle(context) {
      const { durability } = await context.run("episode.delete", {
        id: id(context),
        if_match: context.ifMatch(),
      });
      return answer(null, { status: 204, durability });
    },
  },
  {
    method: "POST",
    path: "/v1/episodes/:id/steps",
    scope: "write",
    async handle(context) {
      const sent = await context.json();
      const several = typeof sent === "object" && sent !== null && "steps" in sent;
      const steps = several
        ? validate(schema.severalSteps, sent).steps
        : [validate(schema.step, sent)];
      const input = {
        id: id(context),
        steps: steps.map(omitUndefined) as Input<"episode.steps">["steps"],
      };
      const { value, durability, replayed } = await context.run("episode.steps", input);
      return answer(
        { ...value, durability },
        { status: 201, version: value.version, durability, replayed },
      );
    },
  },
  {
    method: "POST",
    path: "/v1/episodes/:id/complete",
    scope: "write",
    async handle(context) {
      const body = await context.body(schema.completeBody);
      const { value, durability, replayed } = await context.run("episode.complete", {
        id: id(context),
        ...body,
      });
      return answer({ ...value, durability }, { version: value.version, durability, replayed });
    },
  },
  {
    method: "POST",
    path: "/v1/episodes/:id/fail",
    scope: "write",
    async handle(context) {
      const body = await context.body(schema.failBody);
      const { value, durability, replayed } = await context.run("episode.fail", {
        id: id(context),
        ...body,
      });
      return answer({ ...value, durability }, { version: value.version, durability, replayed });
    },
  },
  {
    method: "POST",
    path: "/v1/episodes/:id/checkpoints",
    scope: "write",
    async handle(context) {
      const body = await context.body(schema.checkpointBody);
      const { value, durability, replayed } = await context.run("episode.checkpoint", {
        id: id(context),
        ...body,
      });
      return answer({ ...value, durability }, { status: 201, durability, replayed });
    },
  },
  {
    method: "GET",
    path: "/v1/episodes/:id/handoff",
    scope: "read",
    async handle(context) {
      const { checkpoint_id } = context.query(schema.handoffQuery);
      const { value } = await context.run("episode.handoff", {
        id: id(context),
        checkpoint_id: checkpoint_id ?? null,
      });
      return answer(value);
    },
  },
];

const ties: Route[] = [
  {
    method: "GET",
    path: "/v1/episodes/:id/tags",
    scope: "read",
    handle: async (context) =>
      answer((await context.run("episode.tags.get", { id: id(context) })).value),
  },
  {
    method: "POST",
    path: "/v1/episodes/:id/tags",
    scope: "write",
    async handle(context) {
      const { tags } = await context.body(schema.tagsBody);
      const { value, durability, replayed } = await context.run("episode.tags.add", {
        id: id(context),
        tags,
      });
      return answer({ ...value, durability }, { durability, replayed });
    },
  },
  {
    method: "DELETE",
    path: "/v1/episodes/:id/tags/:tag",
    scope: "write",
    async handle(context) {
      const input = { id: id(context), tag: context.params["tag"] ?? "" };
      const { value, durability } = await context.run("episode.tags.remove", input);
      return answer({ ...value, durability }, { durability });
    },
  },
  {
    method: "GET",
    path: "/v1/episodes/:id/relationships",
    scope: "read",
    handle: async (context) =>
      answer((await context.run("relationships.list", { episode_id: id(context) })).value),
  },
  {
    method: "POST",
    path: "/v1/episodes/:id/relationships",
    scope: "write",
    async handle(context) {
      const body = await context.body(schema.relationshipBody);
      const { value, durability, replayed } = await context.run("relationships.add", {
        episode_id: id(context),
        ...body,
      });
      return answer({ ...value, durability }, { status: 201, durability, replayed });
    },
  },
  {
    method: "DELETE",
    path: "/v1/episodes/:id/relationships/:type/:to",
    scope: "write",
    async handle(context) {
      const type = RELATIONSHIP_TYPES.find((known) => known === context.params["type"]);
      if (!type) throw invalid("type", `must be one of ${RELATIONSHIP_TYPES.join(", ")}`);
      const input = { episode_id: id(context), to: parameter(context, "to"), type };
      const { durability } = await context.run("relationships.remove", input);
      return answer(null, { status: 204, durability });
    },
  },
];

const knowledge: Route[] = [
  {
    method: "POST",
    path: "/v1/recall",
    scope: "read",
    async handle(context) {
      const { context: about, task_type, ...body } = await context.body(schema.recallBody);
      const input = { ...body, context: omitUndefined(about), ...(task_type ? { task_type } : {}) };
      const { value } = await context.run("recall", input);
      return answer(value);
    },
  },
  {
    method: "POST",
    path: "/v1/advise",
    scope: "read",
    async handle(context) {
      const body = await context.body(schema.adviseBody);
      const { value } = await context.run("advise", {
        ...body,
        context: omitUndefined(body.context),
      });
      return answer(value);
    },
  },
  {
    method: "GET",
    path: "/v1/search",
    scope: "read",
    async handle(context) {
      const { q, limit, cursor } = context.query(schema.searchQuery);
      const { value } = await context.run("search", { q, limit, cursor: cursor ?? null });
      return answer({
        results: value.items,
        next_cursor: value.next_cursor,
        degraded: value.degraded,
      });
    },
  },
  {
    method: "GET",
    path: "/v1/patterns",
    scope: "read",
    async handle(context) {
      const { limit, cursor, min_support, ...filter } = context.query(schema.patternsQuery);
      const input = { ...omitUndefined(filter), min_support, limit, cursor: cursor ?? null };
      const { value } = await context.run("patterns.list", input);
      return answer({
        patterns: value.items,
        next_cursor: value.next_cursor,
        degraded: value.degraded,
      });
    },
  },
  {
    method: "GET",
    path: "/v1/patterns/:id",
    scope: "read",
    handle: async (context) =>
      answer((await context.run("patterns.get", { pattern_id: id(context) })).value),
  },
  {
    method: "GET",
    path: "/v1/heuristics",
    scope: "read",
    async handle(context) {
      const { limit, cursor } = context.query(schema.page);
      const { value } = await context.run("heuristics.list", { limit, cursor: cursor ?? null });
      return answer({
        heuristics: value.items,
        next_cursor: value.next_cursor,
        degraded: value.degraded,
      });
    },
  },
  {
    method: "POST",
    path: "/v1/playbooks",
    scope: "read",
    async handle(context) {
      const body = await context.body(schema.playbookBody);
      const { value } = await context.run("playbook", {
        ...body,
        context: omitUndefined(body.context),
      });
      return answer(value);
    },
  },
  {
    method: "POST",
    path: "/v1/feedback",
    scope: "write",
    async handle(context) {
      const { value, durability, replayed } = await context.run(
        "feedback",
        await context.body(schema.feedbackBody),
      );
      return answer({ ...value, durability }, { durability, replayed });
    },
  },
  {
    method: "GET",
    path: "/v1/stats",
    scope: "read",
    handle: async (context) => answer((await context.run("stats", {})).value),
  },
  { method: "POST", path: "/v1/import", scope: "write", handle: importLines },
  { method: "GET", path: "/v1/export", scope: "read", handle: exportNamespace },
  {
    method: "DELETE",
    path: "/v1/namespaces/:name",
    scope: "admin",
    async handle(context) {
      const name = context.params["name"] ?? "";
      if (!NAMESPACE_PATTERN.test(name))
        throw invalid("name", "must be 1 to 64 letters, digits, dots, hyphens or underscores");
      context.enter(name);
      const { value } = await context.run("namespace.erase", { name });
      return answer(value);
    },
  },
];

export const ROUTES: readonly Route[] = [
  ...episodes,
  ...ties,
  ...knowledge,
  ...OPERATIONS_ROUTES,
  ...BACKUP_ROUTES,
  ...OBSERVABILITY_ROUTES,
  ...metaRoutes(() => ROUTES),
];

/** Refuses everybody but the root. */
export function requireRoot(context: Context): void {
  if (!context.caller.root) throw new Problem("forbidden", "This needs the ADMIN_TOKEN.");
}
