/**
 * Bugs that are planted in the service, one at a time, to see that the checker finds each: what
 * finds nothing proves nothing. Each replaces a text that stands once in a file of `src`.
 *
 * @module
 */

export interface PlantedBug {
  /** Below `src`. */
  file: string;
  find: string;
  replace: string;
}

const EPISODES = "durable/instance/episodes";

export const PLANTED: Readonly<Record<string, PlantedBug>> = {
  "the answer to a repetition is not kept": {
    file: "durable/instance/requests/runner.ts",
    find: "        this.#keep(slot, value);\n        return value;",
    replace: "        return value;",
  },
  "a step is acknowledged and not written": {
    file: `${EPISODES}/steps.ts`,
    find: '({ version } = store.change(record, { step_count }, { by: "client" }, fresh));',
    replace: "version += 1;",
  },
  "an ended episode takes steps": {
    file: `${EPISODES}/steps.ts`,
    find: 'if (record.status !== "in_progress") {',
    replace: "if (record.version < 0) {",
  },
  "a number is given to two steps": {
    file: `${EPISODES}/steps.ts`,
    find: "let last = rows.lastStepNumber(namespace, id);",
    replace: "let last = Math.max(0, rows.lastStepNumber(namespace, id) - sent.length);",
  },
  "a copy in memory outlives a write": {
    file: `${EPISODES}/store/memory-copies.ts`,
    find: "this.#copies.clear();",
    replace: "return;",
  },
  "If-Match is not looked at": {
    file: `${EPISODES}/episodes.ts`,
    find: "if (expected === null || expected.includes(record.version)) return;",
    replace: "if (expected === null || expected.length > 0) return;",
  },
  "an amend answers with another's": {
    file: `${EPISODES}/operations.ts`,
    find: "return present && isSameToClients(present, patched) ? viewOf(present) : patched;",
    replace: "return present ? viewOf(present) : patched;",
  },
  "a copy that was dropped is an episode that is gone": {
    file: `${EPISODES}/store/episode-store.ts`,
    find: "if (!record) throw new NotHere(id);",
    replace: "if (!record) throw notFound(id);",
  },
  "what arrives after it was forgotten stays": {
    file: `${EPISODES}/tasks/learning.ts`,
    find: "if (isDeleted) await this.forget(namespace, id);",
    replace: "void isDeleted;",
  },
  "a deletion is not sent": {
    file: `${EPISODES}/store/episode-store.ts`,
    find: '    this.drop(namespace, id);\n    context.markDirty("episodes", [namespace, id]);',
    replace: "    this.drop(namespace, id);",
  },
  "a list leaves out what is unsent": {
    file: `${EPISODES}/lists/episode-lists.ts`,
    find: "return pageOf([stored, ...unsent], { limit, sort, degraded: false });",
    replace: "return pageOf([stored], { limit, sort, degraded: false });",
  },
  "a mark is removed before the database has the row": {
    file: "durable/outbox/flusher.ts",
    find: "        await sendDivided(rows, this.#divide);",
    replace: "        this.#taken(rows);\n        await sendDivided(rows, this.#divide);",
  },
  "a new home answers before it has what was handed over": {
    file: "durable/instance/requests/pipeline.ts",
    find: "        await rebalance.ensureHere(shard);",
    replace: "        void rebalance;\n        void shard;",
  },
  "a pin cannot be taken away": {
    file: "durable/instance/knowledge/curated/decisions.ts",
    find: "return { ...state, pinned: false };",
    replace: "return state;",
  },
  "a setting is not sent": {
    file: "durable/instance/knowledge/namespace-settings.ts",
    find: 'markAllDirty("namespace_settings", [[namespace, name]]);',
    replace: "void markAllDirty;",
  },
  "two with one key at once are both carried out": {
    file: "durable/instance/requests/runner.ts",
    find: "if (this.#inFlight.has(request)) {",
    replace: "if (this.#inFlight.has(`not ${request}`)) {",
  },
  "what a transaction counted stays when it is taken back": {
    file: "durable/shared/metrics-store.ts",
    find: "this.meter.rollback();",
    replace: "this.meter.commit();",
  },
  "what was counted dies with its object": {
    file: "durable/shared/metrics-store.ts",
    find: "    if (changed.length === 0) return;",
    replace: "    if (changed.length >= 0) return;",
  },
  "what is archived is found still": {
    file: "durable/instance/knowledge/learned/found.ts",
    find: "return numbers.size === 0 ? undefined : (document) => !isArchived(document);",
    replace: "return undefined;",
  },
  "what is brought back stays archived": {
    file: "durable/shared/episode-record.ts",
    find: "return at === null ? rest : { ...rest, archived_at: at };",
    replace: "return at === null ? record : { ...rest, archived_at: at };",
  },
  "what an object learned anew as it woke is not found": {
    file: "durable/instance/knowledge/learned/namespace.ts",
    find: "    this.#addTerms(number, documentTerms(episodeTexts(whole)));",
    replace: "",
  },
};
