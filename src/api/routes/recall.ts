/**
 * Handlers of the routes about what the memory knows: for a task, and as a whole.
 *
 * @module
 */

import type { KNOWLEDGE_ROUTES } from "../../contract/knowledge/requests.ts";
import type { NAMESPACE_ROUTES } from "../../contract/namespaces/requests.ts";
import type { QUALITY_ROUTES } from "../../contract/quality/requests.ts";
import type { RECALL_ROUTES } from "../../contract/recall/requests.ts";
import {
  adviceInWords,
  playbookInWords,
  qualityInWords,
  recallInWords,
} from "../../memory/words/index.ts";
import { answer, answerWritten, page } from "../answer.ts";
import { withRunningSteps } from "../running-steps.ts";
import { answerWords, wantsWords, wordsOptions } from "../words.ts";
import type { Handlers } from "./route.ts";

export const RECALL_HANDLERS: Handlers<typeof RECALL_ROUTES> = {
  async recall(context, { query, body }) {
    const input = await withRunningSteps(context, body);
    if (!wantsWords(context.request, query)) {
      return answer((await context.run("recall", input)).value);
    }
    // The bound is the text's: words choose from everything that was found.
    const { value } = await context.run("recall", { ...input, max_tokens: null });
    return answerWords(recallInWords(value, wordsOptions(query, body.max_tokens)));
  },

  async advise(context, { query, body }) {
    const { value } = await context.run("advise", await withRunningSteps(context, body));
    if (!wantsWords(context.request, query)) return answer(value);
    return answerWords(adviceInWords(value, wordsOptions(query)));
  },

  async search(context, { query: { cursor = null, ...asked } }) {
    const { value } = await context.run("search", { ...asked, cursor });
    return answer(page("results", value));
  },

  async playbook(context, { query, body }) {
    const { value } = await context.run("playbook", await withRunningSteps(context, body));
    if (!wantsWords(context.request, query)) return answer(value);
    return answerWords(playbookInWords(value, wordsOptions(query)));
  },

  async giveFeedback(context, { body }) {
    return answerWritten(await context.run("feedback", body));
  },
};

export const KNOWLEDGE_HANDLERS: Handlers<typeof KNOWLEDGE_ROUTES> = {
  async listPatterns(context, { query: { cursor = null, ...query } }) {
    const { value } = await context.run("patterns.list", { ...query, cursor });
    return answer(page("patterns", value));
  },

  async getPattern(context, { params: { id } }) {
    return answer((await context.run("patterns.get", { pattern_id: id })).value);
  },

  async listHeuristics(context, { query: { limit, cursor = null } }) {
    const { value } = await context.run("heuristics.list", { limit, cursor });
    return answer(page("heuristics", value));
  },

  async getStats(context) {
    return answer((await context.run("stats", {})).value);
  },

  async eraseNamespace(context, { params: { name } }) {
    context.enter(name);
    return answer((await context.run("namespace.erase", { name })).value);
  },
};

export const QUALITY_HANDLERS: Handlers<typeof QUALITY_ROUTES> = {
  async getQuality(context, { query: { weeks, format } }) {
    const { value } = await context.run("quality", { weeks });
    const wanted = format === undefined ? {} : { format };
    return wantsWords(context.request, wanted) ? answerWords(qualityInWords(value)) : answer(value);
  },
};

export const NAMESPACE_HANDLERS: Handlers<typeof NAMESPACE_ROUTES> = {
  async listNamespaces(context, { query: { limit, cursor = null } }) {
    const { value } = await context.run("namespaces.list", { limit, cursor });
    return answer(page("namespaces", value));
  },

  async getNamespaceSettings(context) {
    return answer((await context.run("namespace.settings", {})).value);
  },

  async setNamespaceSettings(context, { body }) {
    return answerWritten(await context.run("namespace.set", { changes: body }));
  },
};
