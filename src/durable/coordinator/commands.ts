/**
 * The handlers of the Coordinator's commands, one for each name of the table in
 * `shared/coordinator.ts`: a name without one does not compile.
 *
 * @module
 */

import type { CommandInput, CommandName, CommandOutput } from "../shared/coordinator.ts";
import { COORDINATOR_STAGES, snapshotPage } from "../shared/tables/snapshots.ts";
import { ASK_MS } from "./instances.ts";
import { usageView } from "./monitoring/usage.ts";
import type { CoordinatorParts } from "./parts.ts";

/**
 * Carries a command out with the Coordinator's parts. What it throws as `Refused` or
 * `DatabaseError` is answered as a refusal; anything else is a bug.
 */
type Handler<N extends CommandName> = (
  parts: CoordinatorParts,
  input: CommandInput<N>,
) => CommandOutput<N> | Promise<CommandOutput<N>>;

/** A page of a snapshot or of what is held may be large, ms. */
const PAGE_MS = 30_000;
const LEARN_MS = 20_000;
/** Where a namespace lives is found out by the instance that is asked: any may be. */
const ANY_INSTANCE = 0;

export const HANDLERS: { readonly [N in CommandName]: Handler<N> } = {
  // What is in force. Every change is pushed to the instances before it is answered.
  "control.get": ({ controlStore }) => controlStore.control,

  "audit.list": ({ controlStore }, query) => controlStore.listAudit(query),
  "config.get": ({ controlStore }) => controlStore.config(),

  "config.set": async ({ controlStore, instances, r2 }, { changes, by }) => {
    controlStore.configure(changes, by);
    r2.configure();
    await instances.push();
    return controlStore.config();
  },

  "mode.set": async ({ controlStore, instances, log }, change) => {
    controlStore.setMode(change);
    const { name, enabled, by } = change;
    log({ event: `${name}_mode`, level: "warn", enabled, by });
    await instances.push();
    return instances.view("view");
  },

  // The instances: how they are, how many there are, and what they report.
  "cluster.view": ({ instances }) => instances.view("view"),

  "cluster.resize": async ({ controlStore, instances, bookmarks }, { count, by }) => {
    const noted = await bookmarks.note("topology", `a resize to ${count}`, by);
    controlStore.resize(count, by);
    await instances.push();
    return { ...(await instances.view("view")), ...(noted && { bookmarks: noted }) };
  },

  "cluster.instance_count": ({ controlStore }) => controlStore.instanceCount,

  "deployment.view": ({ ownership }) => ownership.view(),
  "deployment.take_over": ({ ownership }, { from, by, isMoved }) =>
    ownership.takeOver(from, by, isMoved),
  "deployment.id": ({ identity }) => identity.id(),

  "topology.adopt": ({ controlStore, instances }, { env_count, deployed_at }) => {
    const before = controlStore.control.version;
    const topology = controlStore.adoptTopology(env_count, deployed_at);
    if (controlStore.control.version !== before) void instances.push();
    return topology;
  },

  "topology.settled": ({ controlStore, instances, log }, { instance, version }) => {
    if (!controlStore.topologySettled(instance, version)) return null;
    log({ event: "topology_settled", ...controlStore.control.topology });
    void instances.push();
    return null;
  },

  "instance.report": ({ controlStore, instances, monitor, log }, report) => {
    instances.acknowledged(report);
    monitor.instanceReported(report);
    if (controlStore.takeReport(report)) {
      log({ event: "cluster_down", ...controlStore.control.cluster });
      void instances.push();
    }
    return controlStore.control.version;
  },

  "instance.note": ({ monitor }, { kind, title, by, namespace }) => {
    const severity = kind === "erasure" ? "warning" : "info";
    monitor.record({ kind, severity, title: `${title} (${by})`, detail: { by, namespace } });
    return null;
  },

  "knowledge.sync": async ({ instances }, { namespace }) => {
    const answers = await instances.everywhere("sync", { namespace }, ASK_MS);
    const namespaces = answers.flatMap((answer) =>
      "value" in answer ? answer.value.namespaces : [],
    );
    return { namespaces: [...new Set(namespaces)] };
  },

  // What the instances have not sent to the database.
  "outbox.flush": ({ instances }) => instances.view("flush"),

  "outbox.drain": ({ instances }, { timeout_ms }) => instances.drain(timeout_ms),

  "outbox.dead": async ({ instances }, { limit }) => {
    const answers = await instances.everywhere("dead", { limit }, ASK_MS);
    const letters = answers.flatMap((answer) => ("value" in answer ? answer.value : []));
    return letters.sort((a, b) => (a.parked_at < b.parked_at ? -1 : 1)).slice(0, limit);
  },

  "outbox.retry_dead": async ({ instances }) => {
    const answers = await instances.everywhere("retry_dead", null, ASK_MS);
    const counts = answers.map((answer) => ("value" in answer ? answer.value.retried : 0));
    return { retried: counts.reduce((sum, count) => sum + count, 0) };
  },

  // API keys.
  "keys.create": ({ keys }, { key, by }) => keys.create(key, by),
  "keys.list": ({ keys }) => keys.list(),
  "keys.rotate": ({ keys }, { id, overlap_ms, by }) => keys.rotate(id, overlap_ms, by),
  "keys.revoke": ({ keys }, { id, by }) => keys.revoke(id, by),
  "keys.records": ({ keys }, asked) => (asked ? keys.news(asked.known) : keys.all()),

  // What is granted by OAuth.
  "oauth.register": ({ oauth }) => oauth.register(),
  "oauth.note": ({ oauth }, note) => {
    oauth.note(note);
    return null;
  },

  // Where what happens is sent.
  "webhooks.list": ({ webhookBook }) => webhookBook.list(),
  "webhooks.add": ({ webhookBook }, { webhook, by }) => webhookBook.add(webhook, by),
  "webhooks.remove": ({ webhookBook }, { id, by }) => webhookBook.remove(id, by),
  "webhooks.test": ({ webhookBook }, { id }) => webhookBook.test(id),
  "webhooks.dead": ({ webhookBook }, { limit }) => webhookBook.dead(limit),
  "webhooks.retry": ({ webhookBook }) => webhookBook.retry(),

  // Migrations of the database.
  "migrations.plan": ({ migrator }) => migrator.plan(),
  "migrations.execute": async (parts, { without_backup, by }) => {
    const { migrator, ownership, instances } = parts;
    await ownership.requireOwn();
    const view = await migrator.execute(without_backup, by);
    // What waited for it is sent now, and not after the pause that its last failure earned it.
    if (view.applied.length > 0) await instances.view("flush");
    return view;
  },

  // Jobs: asked for by operators, begun by the schedule, reported by who does them.
  "jobs.start": ({ jobs }, job) => jobs.start(job),

  "jobs.list": ({ ledger }, { limit }) => ledger.list(limit),

  "jobs.get": ({ ledger }, { id }) => ledger.get(id),

  "jobs.cancel": async ({ ledger, restoreHold }, { id, release, by }) => {
    const job = ledger.get(id);
    if (!release || restoreHold.restore?.job !== id) return ledger.cancel(id);
    if (job.finished_at === null) ledger.cancel(id);
    await restoreHold.releaseHalfRestored(by);
    return ledger.get(id);
  },

  "jobs.begin": ({ jobs }, { kind, scheduled_at }) => jobs.begin(kind, scheduled_at),

  "jobs.acquire": ({ ledger }, { id }) => ledger.acquire(id),

  "jobs.report": ({ ledger }, { id, progress }) => ledger.report(id, progress),

  "jobs.finish": async ({ jobs, restoreHold }, input) => {
    await jobs.finish(input);
    if (input.status !== "succeeded") await restoreHold.interrupted(input.id);
    return null;
  },

  // What jobs ask of the Coordinator, and through it of the instances, to back up and restore.
  "snapshot.page": ({ sql, instances }, { instance, cursor }) =>
    instance === -1
      ? snapshotPage(sql, cursor, COORDINATOR_STAGES)
      : instances.demand(instance, "snapshot", { cursor }, PAGE_MS),

  "restore.hold": ({ restoreHold }, { job, backup }) => restoreHold.hold(job, backup),

  "restore.release": ({ restoreHold }, input) => restoreHold.release(input, "coordinator"),

  "restore.holdings": ({ instances }, { instance, what, input }) =>
    instances.demand(instance, "restore_holdings", { what, input }, PAGE_MS),

  "restore.put_local": ({ instances }, { instance, table, rows }) =>
    instances.demand(instance, "restore_local", { table, rows }, PAGE_MS),

  "restore.bring_back_keys": ({ keys }, { rows, authentic, dry_run }) =>
    keys.bringBack(rows, authentic, dry_run),

  "restore.put_settings": async ({ controlStore, instances, r2 }, { settings, by }) => {
    controlStore.configure(settings, by);
    r2.configure();
    await instances.push();
    return null;
  },

  "bookmarks.note": ({ bookmarks }, { job }) => bookmarks.note("restore", "a restore", job),

  "knowledge.learn": async ({ instances }, { digest }) => {
    await instances.demand(ANY_INSTANCE, "learn", { digest, recall_id: null }, LEARN_MS);
    return null;
  },

  // How the service is and was: facts, metrics, samples, incidents.
  "release.answers": ({ monitor }, { version, id }) => {
    monitor.releaseAnswers(version, id);
    return null;
  },
  "facts.get": ({ monitor, ownership }) => ({
    ...monitor.facts(),
    foreign_bucket: ownership.foreignBucket,
  }),
  "metrics.get": ({ monitor }) => monitor.series(),
  "health.report": async ({ monitor, jobs, ownership }, { readiness, r2 }) => {
    await ownership.lookAtBucket();
    const storage = readiness.checks.find(({ name }) => name === "storage");
    if (storage?.status === "healthy") await jobs.isBack("database");
    return monitor.health(readiness, r2.failed);
  },
  "backups.found": ({ monitor }, found) => {
    monitor.backupsFound(found);
    return null;
  },
  "samples.add": ({ monitor }, sample) => monitor.addSample(sample),
  "samples.hourly": ({ monitor }, { since }) => monitor.hourly(since),
  "incidents.timeline": ({ monitor }, { since }) => monitor.timeline(since),
  "logs.recent": ({ logs }, { since, bytes }) => logs.since(since, bytes),
  "history.prune": ({ monitor }) => monitor.prune(),

  "usage.get": async ({ instances, keys }, input) => {
    const { over, by } = input;
    const [answers, known] = await Promise.all([
      instances.everywhere("usage", { over, by }, ASK_MS),
      // Without the database a new Coordinator does not know the keys' names; the ids say enough.
      keys.all().catch(() => []),
    ]);
    return usageView(answers, known, input);
  },

  // Circuit breakers: orders of an operator, and what requests to R2 came to.
  "breaker.order": async ({ controlStore, instances, r2, log }, { order, by }) => {
    const { id, ...what } = controlStore.addOrder(order, by);
    log({ event: "breaker_order", id, by, ...what });
    if (order.backend === "r2") r2.order(order);
    await instances.push();
    return instances.view("view");
  },

  "r2.report": ({ r2 }, report) => r2.report(report),

  // The write lease to the database.
  "write_lease.acquire": ({ writeLeases }) => writeLeases.acquire(),
  "write_lease.release": ({ writeLeases }, { token }) => {
    writeLeases.release(token);
    return null;
  },
};
