/**
 * Handlers of the routes about lessons, about what people decide, and about skills.
 *
 * @module
 */

import type { CURATION_ROUTES } from "../../contract/curation/requests.ts";
import type { LESSON_ROUTES } from "../../contract/lessons/requests.ts";
import type { SKILL_ROUTES } from "../../contract/skills/requests.ts";
import { JSON_TYPES, requireType } from "../edge/content.ts";
import { answer, answerWritten, page } from "../answer.ts";
import type { Handlers } from "./route.ts";

export const LESSON_HANDLERS: Handlers<typeof LESSON_ROUTES> = {
  async addLesson(context, { body }) {
    const added = await context.run("lessons.add", body);
    const headers = { Location: `/v1/lessons/${added.value.id}` };
    return answerWritten(added, { status: 201, headers });
  },

  async listLessons(context, { query: { cursor = null, ...query } }) {
    const { value } = await context.run("lessons.list", { ...query, cursor });
    return answer(page("lessons", value));
  },

  async getLesson(context, { params: { id } }) {
    return answer((await context.run("lessons.get", { lesson_id: id })).value);
  },

  async amendLesson(context, { params: { id }, body: changes }) {
    // A part that is named is replaced as a whole, which a merge patch would not mean.
    requireType(context.request, JSON_TYPES);
    return answerWritten(await context.run("lessons.amend", { lesson_id: id, changes }));
  },

  async deleteLesson(context, { params: { id } }) {
    const { durability } = await context.run("lessons.remove", { lesson_id: id });
    return answer(null, { status: 204, durability });
  },
};

export const SKILL_HANDLERS: Handlers<typeof SKILL_ROUTES> = {
  async listSkills(context) {
    return answer((await context.run("skills.list", {})).value);
  },
};

export const CURATION_HANDLERS: Handlers<typeof CURATION_ROUTES> = {
  async curate(context, { body }) {
    return answerWritten(await context.run("curation.decide", body));
  },

  async listCuration(context, { query: { cursor = null, ...query } }) {
    const { value } = await context.run("curation.list", { ...query, cursor });
    return answer(page("items", value));
  },

  async getReview(context) {
    return answer((await context.run("review.get", {})).value);
  },

  async setReview(context, { body }) {
    return answerWritten(await context.run("review.set", body));
  },
};
