/**
 * Handlers of the routes about single episodes, their tags and their relationships.
 *
 * @module
 */

import { answer, answerJson, notModified, page } from "../answer.ts";
import { isVersionKnown, type RequestContext, type Success } from "../request-context.ts";
import type { Handlers } from "./route.ts";
import { validate } from "../validate.ts";
import { type EPISODE_ROUTES, stepBody, stepsBody } from "../../contract/episodes/requests.ts";
import type { Input, Output } from "../../contract/operations.ts";
import type { TIE_ROUTES } from "../../contract/ties/requests.ts";
import { uuidv7 } from "../../memory/id.ts";
import { homeOf } from "../../memory/rendezvous.ts";

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

export const EPISODE_HANDLERS: Handlers<typeof EPISODE_ROUTES> = {
  async startEpisode(context, { body }) {
    const { value, durability, replayed } = await startEpisode(context, body);
    return answer(
      { ...value, durability },
      {
        status: 201,
        version: value.version,
        durability,
        replayed,
        headers: { Location: `/v1/episodes/${value.id}` },
      },
    );
  },

  async listEpisodes(context, { query: { limit, cursor = null, ...filter } }) {
    const { value } = await context.run("episodes.list", { filter, limit, cursor });
    return answer(page("episodes", value));
  },

  async getEpisode(context, { params }) {
    const { value } = await context.run("episode.get", params);
    const { version, json } = value;
    return isVersionKnown(context.request.headers, version)
      ? notModified(version)
      : answerJson(json, { version });
  },

  async amendEpisode(context, { params: { id }, ifMatch, body: changes }) {
    const input = { id, if_match: ifMatch, changes };
    const { value, durability } = await context.run("episode.patch", input);
    return answer({ ...value, durability }, { version: value.version, durability });
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
    const { value, durability, replayed } = await context.run("episode.steps", { id, steps });
    return answer(
      { ...value, durability },
      { status: 201, version: value.version, durability, replayed },
    );
  },

  async completeEpisode(context, { params: { id }, body }) {
    const { value, durability, replayed } = await context.run("episode.complete", { id, ...body });
    return answer({ ...value, durability }, { version: value.version, durability, replayed });
  },

  async failEpisode(context, { params: { id }, body }) {
    const { value, durability, replayed } = await context.run("episode.fail", { id, ...body });
    return answer({ ...value, durability }, { version: value.version, durability, replayed });
  },

  async checkpointEpisode(context, { params: { id }, body }) {
    const input = { id, ...body };
    const { value, durability, replayed } = await context.run("episode.checkpoint", input);
    return answer({ ...value, durability }, { status: 201, durability, replayed });
  },

  async handOffEpisode(context, { params: { id }, query: { checkpoint_id = null } }) {
    return answer((await context.run("episode.handoff", { id, checkpoint_id })).value);
  },
};

export const TIE_HANDLERS: Handlers<typeof TIE_ROUTES> = {
  async listTags(context, { params }) {
    return answer((await context.run("episode.tags.get", params)).value);
  },

  async addTags(context, { params: { id }, body: { tags } }) {
    const { value, durability, replayed } = await context.run("episode.tags.add", { id, tags });
    return answer({ ...value, durability }, { durability, replayed });
  },

  async removeTag(context, { params }) {
    const { value, durability } = await context.run("episode.tags.remove", params);
    return answer({ ...value, durability }, { durability });
  },

  async listRelationships(context, { params: { id } }) {
    return answer((await context.run("relationships.list", { episode_id: id })).value);
  },

  async addRelationship(context, { params: { id }, body }) {
    const input = { episode_id: id, ...body };
    const { value, durability, replayed } = await context.run("relationships.add", input);
    return answer({ ...value, durability }, { status: 201, durability, replayed });
  },

  async removeRelationship(context, { params: { id, ...tie } }) {
    const { durability } = await context.run("relationships.remove", { episode_id: id, ...tie });
    return answer(null, { status: 204, durability });
  },
};
