/**
 * What a running service must hold so that requests made from the document mean something:
 * episodes, a pattern, a recall; and what is put right again after a request that changes how the
 * service behaves.
 *
 * @module
 */

import fc from "fast-check";
import { OAuthClient } from "../support/service/oauth-client.ts";
import { type Answer, type Service, ADMIN_TOKEN } from "../support/service/service.ts";
import { until } from "../support/processes/until.ts";
import type { Json, Operation } from "./document.ts";
import type { Hint } from "./values.ts";

const POOL = 12;
/** What starts a job: it has answered, and need not be done. */
const JOBS = new Set([
  "createBackup",
  "deleteBackup",
  "verifyBackup",
  "restoreBackup",
  "drillRestore",
  "rewrapBackups",
]);

export class World {
  readonly service: Service;
  readonly key: string;
  readonly reader: string;
  #running: string[] = [];
  #ended: string[] = [];
  #patterns: string[] = [];
  #recall = "";
  #hook = "";
  #keys: string[] = [];
  #oauthClient = "";
  #grant = "";
  #names = 0;
  #lessons: string[] = [];
  /** A backup that was read back, and the job that made it. */
  backup = "";
  job = "";
  #job = "";

  private constructor(service: Service, key: string, reader: string) {
    this.service = service;
    this.key = key;
    this.reader = reader;
  }

  static async build(service: Service): Promise<World> {
    const key = await service.key("*", ["read", "write", "admin", "metrics"]);
    const reader = await service.key("*", ["read"]);
    const world = new World(service, key, reader);
    for (let i = 0; i < 3; i++) {
      const id = await world.#start();
      const steps = [{ tool: "look" }, { tool: "act", result: { type: "success" } }];
      await world.#write(`/v1/episodes/${id}/steps`, { steps });
      const ended = await world.#write(`/v1/episodes/${id}/complete`, {
        outcome: { type: "success" },
      });
      world.#patterns.push(...ended.body.patterns.map((pattern: { id: string }) => pattern.id));
      world.#ended.push(id);
    }
    world.#recall = (
      await world.#write("/v1/recall", { task: "a task to be done" })
    ).body.recall_id;
    world.job = await world.startJob("/admin/backups", { kind: "full" });
    await until("a backup is taken", async () => {
      const { body } = await service.call("GET", `/admin/jobs/${world.job}`, { key: ADMIN_TOKEN });
      world.backup = body.result?.id ?? "";
      return body.status === "succeeded";
    });
    return world;
  }

  async startJob(path: string, body: unknown = {}): Promise<string> {
    return String((await this.#write(path, body, ADMIN_TOKEN)).body.id);
  }

  #write(path: string, body: unknown, key = this.key): Promise<Answer> {
    return this.service.call("POST", path, { key, body });
  }

  async #start(): Promise<string> {
    const answer = await this.#write("/v1/episodes", { task: "a task to be done" });
    if (answer.status !== 201) throw new Error(`no episode: ${answer.text}`);
    return String(answer.body.id);
  }

  /** Makes ready what the next request may be about. */
  async prepare(operation: Operation): Promise<void> {
    while (this.#running.length < POOL) this.#running.push(await this.#start());
    if (operation.id === "removeRelationship") {
      const [from, to] = this.#running;
      await this.#write(`/v1/episodes/${from}/relationships`, { type: "follows", to });
    }
    if (operation.name.includes("/v1/lessons") && this.#lessons.length < 2) {
      const text = `lesson ${(this.#names += 1)} of the world`;
      const made = await this.#write("/v1/lessons", { text, kind: "fact" });
      this.#lessons.push(String(made.body.id));
    }
    if (operation.id === "removeFilter" || operation.id === "listEpisodes")
      await this.service.call("PUT", "/v1/filters/failed-vip", {
        key: this.key,
        body: { tag: "vip" },
      });
    if (operation.id === "cancelJob") this.#job = await this.startJob("/admin/drills");
    if (operation.id === "removeWebhook" || operation.id === "testWebhook") {
      const hook = { url: "https://hooks.example.invalid/short-lived" };
      this.#hook = String((await this.#write("/admin/webhooks", hook, ADMIN_TOKEN)).body.id);
    }
    if (operation.id === "listGrants" || operation.id === "revokeGrant")
      this.#grant = await this.granted();
    if (operation.id === "revokeKey" || operation.id === "rotateKey") {
      const made = await this.#write(
        "/admin/keys",
        { name: "short-lived", scopes: ["read"], namespaces: ["none"] },
        ADMIN_TOKEN,
      );
      this.#keys = [String(made.body.id)];
    }
  }

  /** The id of a grant to the one client that registered itself. */
  async granted(): Promise<string> {
    const client = new OAuthClient(this.service.url);
    client.id = this.#oauthClient;
    const { access } = await client.connect({ key: this.reader, namespace: "default", scopes: [] });
    this.#oauthClient = client.id;
    return access.split(":").slice(0, 2).join(":");
  }

  /** Values that exist, and such that do not take minutes. */
  hint(operation: Operation): Hint {
    const episode = fc.constantFrom(
      ...this.#running,
      ...this.#ended.slice(0, 1),
      "nobody-knows-it",
    );
    return (path) => {
      if (operation.id === "removeRelationship") {
        if (path === "path.id") return fc.constant(this.#running[0]);
        if (path === "path.to") return fc.constantFrom(this.#running[1], "nobody-knows-it");
      }
      if (path === "path.type") return fc.constantFrom("follows", "follows", "blocks");
      if (path === "path.id") {
        if (operation.id === "getPattern")
          return fc.constantFrom(...this.#patterns, "nobody-knows-it");
        if (operation.name.includes("/v1/lessons"))
          return fc.constantFrom(...this.#lessons, "nobody-knows-it");
        if (operation.id === "archiveEpisode" || operation.id === "unarchiveEpisode")
          return fc.constantFrom(this.#ended[0], this.#running[0], "nobody-knows-it");
        if (operation.id === "getJob") return fc.constantFrom(this.job, "nobody-knows-it");
        if (operation.id === "cancelJob") return fc.constantFrom(this.#job, "nobody-knows-it");
        // What a path names is deleted by a job: such a one as the other requests need would be
        // gone.
        if (operation.id === "deleteBackup") return fc.constant("nobody-knows-it");
        // One that is restored and cancelled half way would keep the database to itself.
        if (operation.id === "restoreBackup") return fc.constant("nobody-knows-it");
        if (operation.name.includes("/admin/backups/"))
          return fc.constantFrom(this.backup, "nobody-knows-it");
        if (operation.id === "removeWebhook" || operation.id === "testWebhook")
          return fc.constantFrom(this.#hook, "nobody-knows-it");
        if (operation.id === "revokeGrant") return fc.constantFrom(this.#grant, "nobody-knows-it");
        if (operation.id === "revokeKey" || operation.id === "rotateKey")
          return fc.constantFrom(...this.#keys, "nobody-knows-it");
        return episode;
      }
      if (path === "path.to" || path === "to") return episode;
      if (path === "path.file") return fc.constantFrom("index.html", "no-such-file.js");
      // Names that would mean another address are the router's business.
      if (path === "path.tag") return fc.constantFrom("a", "b c", "ü/%");
      // What stands between commas has bounds of its own.
      if (path === "query.tags") return fc.constantFrom("a", "a,b c", "ü,vip");
      const isFilter = path === "path.name" && operation.name.includes("/v1/filters/");
      if (isFilter || path === "query.filter")
        return fc.constantFrom("failed-vip", "nobody-knows-it");
      if (path === "path.name") return fc.constant(`throw-away-${(this.#names += 1)}`);
      if (path === "supersedes") return fc.constantFrom(null, ...this.#lessons, "nobody-knows-it");
      if (path.endsWith("recall_id")) return fc.constantFrom(this.#recall, "nobody-knows-it");
      if (path === "used.0")
        return fc.constantFrom(...this.#ended, ...this.#patterns, "nobody-knows-it");
      // Decided is about something that is there, and only an edit says words.
      if (operation.id === "curate" && path === "kind") return fc.constant("pattern");
      if (operation.id === "curate" && path === "id")
        return fc.constantFrom(...this.#patterns, "nobody-knows-it");
      if (operation.id === "curate" && path === "text") return fc.constant(null);
      // A place in a list is what a list handed out.
      if (path === "query.cursor" || path === "cursor") return fc.constant(undefined);
      if (path === "ids.0") return episode;
      // An answer within a few milliseconds is nothing that the document promises.
      if (path === "header.Request-Timeout")
        return fc.integer({ min: 20_000, max: 60_000 }).map(String);
      if (path === "timeout_seconds") return fc.constantFrom(0, 1);
      // What the schema cannot say: an episode has a namespace, and only a full backup is narrowed.
      if (operation.id === "restoreBackup" && path === "episode") return fc.constant(null);
      if (operation.id === "createBackup" && path === "kind") return fc.constant("full");
      if (["createBackup", "restoreBackup"].includes(operation.id) && path === "namespace")
        return fc.constantFrom("default", null);
      if (path === "backup") return fc.constantFrom(this.backup, null);
      if (operation.id === "addWebhook" && path === "url")
        return fc.constantFrom(
          "https://hooks.example.invalid/a",
          "https://hooks.example.invalid/b",
        );
      // A small one would keep the next requests from beginning anything.
      if (path.startsWith("quota_")) return fc.constant(null);
      // A stream stays open for as long as it is asked to.
      if (path === "query.seconds") return fc.constantFrom("0", "1");
      if (path === "count") return fc.constantFrom(1, 2, 3);
      if (path === "namespace") return fc.constantFrom("default", "*");
      // Which methods there are is the protocol's business, and has tests of its own.
      if (operation.id === "mcp" && path === "method")
        return fc.constantFrom("ping", "tools/list", "prompts/list");
      if (operation.id === "mcp" && path === "params") return fc.constant({});
      // A line that brings its id would collide with itself under another content.
      if (operation.id === "importEpisodes" && path === "id") return fc.uuid();
      return undefined;
    };
  }

  /** Undoes what would make the next answers others than the document's usual ones. */
  async restore(operation: Operation, path: Json, body: unknown): Promise<void> {
    const admin = (method: string, route: string, change: unknown): Promise<Answer> =>
      this.service.call(method, route, { key: ADMIN_TOKEN, body: change });
    if (["completeEpisode", "failEpisode", "deleteEpisode"].includes(operation.id)) {
      this.#running = this.#running.filter((id) => id !== path["id"]);
    }
    if (operation.id === "deleteLesson")
      this.#lessons = this.#lessons.filter((id) => id !== path["id"]);
    if (operation.id === "setReview")
      await this.service.call("PUT", "/v1/curation/review", {
        key: this.key,
        body: { learning_review: "off" },
      });
    if (operation.id === "setMaintenance")
      await admin("POST", "/admin/maintenance", { enabled: false });
    if (operation.id === "setDegraded") await admin("POST", "/admin/degraded", { enabled: false });
    if (["openBreaker", "disableBreaker"].includes(operation.id)) {
      for (const backend of ["turso", "r2"])
        await admin("POST", "/admin/circuit-breaker/reset", { backend });
    }
    if (operation.id === "setConfig") {
      const { settings } = body as { settings: Json };
      const defaults = Object.fromEntries(Object.keys(settings).map((name) => [name, null]));
      await admin("PUT", "/admin/config", { settings: defaults });
    }
    if (JOBS.has(operation.id)) {
      const { body: known } = await this.service.call("GET", "/admin/jobs?limit=10", {
        key: ADMIN_TOKEN,
      });
      const open = known.jobs.filter(
        (job: { finished_at: string | null }) => job.finished_at === null,
      );
      for (const { id } of open) await admin("POST", `/admin/jobs/${id}/cancel`, {});
    }
    if (operation.id === "resizeFleet") await admin("PUT", "/admin/instances", { count: 2 });
    // Until what moved or is read anew is there, some answers are "not ready".
    if (["resizeFleet", "syncStorage"].includes(operation.id)) {
      await until("the namespace is loaded", async () => {
        const { status, body } = await this.#write("/v1/recall", { task: "a task to be done" });
        return status === 200 && body.served_by === "instance";
      });
    }
  }
}
