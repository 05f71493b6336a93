/**
 * Handlers of the routes about single episodes, their tags and their relationships.
 *
 * @module
 */

import { answer, answerJson, answerWritten, notModified, page } from "../answer.ts";
import { isVersionKnown } from "../edge/conditions.ts";
import { typeOf } from "../edge/content.ts";
import type { RequestContext, Success } from "../request-context.ts";
import type { Handlers } from "./route.ts";
import { validate } from "../validate.ts";
import { answerWords, wantsWords, wordsOptions } from "../words.ts";
import {
  type Amendment,
  type EPISODE_ROUTES,
  type EpisodeChanges,
  stepBody,
  stepsBody,
} from "../../contract/episodes/requests.ts";
import type { ARCHIVE_ROUTES } from "../../contract/archive/requests.ts";
import type { FILTER_ROUTES } from "../../contract/filters/requests.ts";
import type { Input, Output } from "../../contract/operations.ts";
import type { TIE_ROUTES } from "../../contract/ties/requests.ts";
import { uuidv7 } from "../../memory/id.ts";
import { homeOf } from "../../memory/rendezvous.ts";
import { handoffInWords } from "../../memory/words/index.ts";

/** How often an id is drawn until it hashes to the instance that it must. */
const DRAWS_MAX = 10_000;

/** A new id; with an idempotency key one that hashes to where the key's answer is kept. */
async function newId(
  context: RequestContext,
  key: string | null,
): Promise<{ id: string; instance: number }> {
  const count = await context.backend.instanceCount();
  const wanted = key === null ? null : homeOf(`idem:${context.caller.key_hash}:${key}`, count);
  for (let draw = 0; draw < DRAWS_MAX; draw++) {
    const drawn = uuidv7(context.options.now(), crypto.getRandomValues(new Uint8Array(10)));
    const instance = homeOf(drawn, count);
    if (wanted === null || instance === wanted) return { id: drawn, instance };
  }
  throw new Error("no id for this instance was drawn");
}

/** @throws Problem when the memory refuses */
export async function startEpisode(
  context: RequestContext,
  body: Omit<Input<"episode.start">, "id">,
): Promise<Success<Output<"episode.start">>> {
  const { id, instance } = await newId(context, context.isBatch ? null : context.idempotencyKey());
  return context.run("episode.start", { id, ...body }, instance);
}

/**
 * What is changed of an episode.
 *
 * @param isMerge what of the metadata is not named stays
 */
export function changesOf({ metadata, ...changes }: Amendment, isMerge: boolean): EpisodeChanges {
  if (metadata === undefined) return changes;
  if (isMerge) return { ...changes, metadata_changes: metadata };
  const kept = Object.entries(metadata).filter(([, value]) => value !== null);
  return { ...changes, metadata: Object.fromEntries(kept) as Record<string, string> };
}

export const EPISODE_HANDLERS: Handlers<typeof EPISODE_ROUTES> = {
  async startEpisode(context, { body }) {
    const started = await startEpisode(context, body);
    const { id, version } = started.value;
    const headers = { Location: `/v1/episodes/${id}` };
    return answerWritten(started, { status: 201, version, headers });
  },

  async listEpisodes(context, { query }) {
    const { limit, cursor = null, sort, filter: kept, ...filter } = query;
    const how = { ...(sort ? { sort } : {}), ...(kept === undefined ? {} : { kept }) };
    const { value } = await context.run("episodes.list", { filter, limit, cursor, ...how });
    return answer(page("episodes", value));
  },

  async getEpisodes(context, { body }) {
    return answer((await context.run("episodes.get", body)).value);
  },

  async getEpisode(context, { params }) {
    const { value } = await context.run("episode.get", params);
    const { version, json } = value;
    return isVersionKnown(context.request.headers, version)
      ? notModified(version)
      : answerJson(json, { version });
  },

  async amendEpisode(context, { params: { id }, ifMatch, body }) {
    const isMerge = typeOf(context.request) === "application/merge-patch+json";
    const input = { id, if_match: ifMatch, changes: changesOf(body, isMerge) };
    const amended = await context.run("episode.patch", input);
    return answerWritten(amended, { version: amended.value.version });
  },

  async deleteEpisode(context, { params: { id }, ifMatch }) {
    const { durability } = await context.run("episode.delete", { id, if_match: ifMatch });
    return answer(null, { status: 204, durability });
  },

  async logSteps(context, { params: { id } }) {
    const sent = await context.json();
    const isList = typeof sent === "object" && sent !== null && "steps" in sent;
    // Which of the two it is decides what its errors are about.
    const steps = isList ? validate(stepsBody, sent).steps : [validate(stepBody, sent)];
    const logged = await context.run("episode.steps", { id, steps });
    return answerWritten(logged, { status: 201, version: logged.value.version });
  },

  async completeEpisode(context, { params: { id }, body }) {
    const completed = await context.run("episode.complete", { id, ...body });
    return answerWritten(completed, { version: completed.value.version });
  },

  async failEpisode(context, { params: { id }, body }) {
    const closed = await context.run("episode.fail", { id, ...body });
    return answerWritten(closed, { version: closed.value.version });
  },

  async checkpointEpisode(context, { params: { id }, body }) {
    const saved = await context.run("episode.checkpoint", { id, ...body });
    return answerWritten(saved, { status: 201 });
  },

  async handOffEpisode(context, { params: { id }, query }) {
    const { checkpoint_id = null } = query;
    const { value } = await context.run("episode.handoff", { id, checkpoint_id });
    if (!wantsWords(context.request, query)) return answer(value);
    return answerWords(handoffInWords(value, wordsOptions(query)));
  },
};

export const ARCHIVE_HANDLERS: Handlers<typeof ARCHIVE_ROUTES> = {
  async archiveEpisode(context, { params: { id }, ifMatch }) {
    const input = { id, if_match: ifMatch, archived: true };
    const changed = await context.run("episode.archive", input);
    return answerWritten(changed, { version: changed.value.version });
  },

  async unarchiveEpisode(context, { params: { id }, ifMatch }) {
    const input = { id, if_match: ifMatch, archived: false };
    const changed = await context.run("episode.archive", input);
    return answerWritten(changed, { version: changed.value.version });
  },

  async archiveEpisodes(context, { body: { cursor = null, ...asked } }) {
    const input = { ...asked, cursor, archived: true };
    return answer((await context.run("episodes.archive", input)).value);
  },

  async unarchiveEpisodes(context, { body: { cursor = null, ...asked } }) {
    const input = { ...asked, cursor, archived: false };
    return answer((await context.run("episodes.archive", input)).value);
  },
};

export const FILTER_HANDLERS: Handlers<typeof FILTER_ROUTES> = {
  async listFilters(context) {
    return answer((await context.run("filters.list", {})).value);
  },

  async saveFilter(context, { params: { name }, body: filter }) {
    return answerWritten(await context.run("filters.save", { name, filter }));
  },

  async removeFilter(context, { params }) {
    const { durability } = await context.run("filters.remove", params);
    return answer(null, { status: 204, durability });
  },
};

export const TIE_HANDLERS: Handlers<typeof TIE_ROUTES> = {
  async countTags(context, { query: { limit, cursor = null } }) {
    const { value } = await context.run("tags.count", { limit, cursor });
    return answer(page("tags", value));
  },

  async renameTag(context, { body: { cursor = null, ...names } }) {
    return answer((await context.run("tags.rename", { ...names, cursor })).value);
  },

  async listTags(context, { params }) {
    return answer((await context.run("episode.tags.get", params)).value);
  },

  async addTags(context, { params: { id }, body: { tags } }) {
    return answerWritten(await context.run("episode.tags.add", { id, tags }));
  },

  async removeTag(context, { params }) {
    return answerWritten(await context.run("episode.tags.remove", params));
  },

  async listRelationships(context, { params: { id } }) {
    return answer((await context.run("relationships.list", { episode_id: id })).value);
  },

  async addRelationship(context, { params: { id }, body }) {
    const input = { episode_id: id, ...body };
    return answerWritten(await context.run("relationships.add", input), { status: 201 });
  },

  async removeRelationship(context, { params: { id, ...tie } }) {
    const { durability } = await context.run("relationships.remove", { episode_id: id, ...tie });
    return answer(null, { status: 204, durability });
  },
};
