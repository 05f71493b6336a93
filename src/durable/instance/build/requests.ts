/**
 * Builds the ways into an instance: the request pipeline with the handlers of clients' operations,
 * and the handlers of internal ones.
 *
 * @module
 */

import {
  episodeInternals,
  episodeOperations,
  namespaceOperations,
} from "../episodes/operations.ts";
import type { InternalHandlers, OperationHandlers } from "../handlers.ts";
import { knowledgeInternals, knowledgeOperations } from "../knowledge/operations.ts";
import { placementInternals } from "../placement/operations.ts";
import { Admission } from "../requests/admission.ts";
import { ApiKeyCopies } from "../requests/api-keys.ts";
import { Idempotency } from "../requests/idempotency.ts";
import { requestInternals, requestOperations } from "../requests/operations.ts";
import { RequestPipeline } from "../requests/pipeline.ts";
import { RateLimiter } from "../requests/rate-limiter.ts";
import { OperationRunner } from "../requests/runner.ts";
import { InstanceGauges } from "../status/gauges.ts";
import { InstanceHealth } from "../status/health.ts";
import { statusInternals } from "../status/operations.ts";
import type { OwnInstanceView } from "../../shared/instance/views.ts";
import type { EpisodeParts, Given, WorkingParts } from "./parts.ts";

export type AccessParts = ReturnType<typeof accessPartsOf>;

/** Who may come in, and how often. */
export function accessPartsOf({ platform, storage, context }: Given, { eraser }: EpisodeParts) {
  return {
    keys: new ApiKeyCopies({ context, pull: () => platform.coordinator().keys() }),
    limiter: new RateLimiter(context),
    admission: new Admission({
      context,
      isErasing: (namespace) => eraser.isErasing(namespace),
      unsent: () => storage.outbox.state(),
    }),
  };
}

export function pipelineOf(
  { platform, storage, context }: Given,
  { tasks, knowledge, episodes }: WorkingParts,
  { keys, limiter, admission }: AccessParts,
): RequestPipeline {
  const { relationships, lists } = episodes;
  const handlers: OperationHandlers = {
    ...requestOperations,
    ...episodeOperations(episodes),
    ...namespaceOperations(episodes),
    ...knowledgeOperations({ context, knowledge, relationships, lists }),
  };
  const { answers } = tasks;
  const { outbox, dirtyRows, position } = storage;
  const runner = new OperationRunner({
    context,
    handlers,
    answers,
    record: () => dirtyRows.record(),
    waitUntilStored: (rows) => outbox.waitUntilStored(rows),
  });
  return new RequestPipeline({
    context,
    admission,
    keys,
    limit: (key) => limiter.take(key),
    ensureHere: episodes.ensureHere,
    idempotency: new Idempotency({ answers, runner }),
    runner,
    forward: (instance, name, input, call) =>
      platform.instance(instance).execute(position.placeOf(instance), name, input, call),
  });
}

/** @param view how this instance is */
export function internalHandlersOf(
  { foundation, storage, context }: Given,
  { tasks, knowledge, placement, episodes }: WorkingParts,
  access: AccessParts,
  view: () => OwnInstanceView,
): InternalHandlers {
  const { metrics, meter } = foundation;
  const { position, outbox, breakers, database } = storage;
  const { relationships, lists } = episodes;
  const accept = position.accept.bind(position);
  return {
    ...requestInternals(access),
    ...episodeInternals(episodes),
    ...knowledgeInternals({ context, knowledge, relationships, lists }),
    ...placementInternals({ ...placement, accept }),
    ...statusInternals({
      context,
      view,
      health: new InstanceHealth({ database, guard: breakers.guard, meter, now: context.now }),
      gauges: new InstanceGauges({
        context,
        counters: () => meter.samples(),
        countPatterns: () => knowledge.countPatterns(),
      }),
      metrics,
      outbox,
      failures: tasks.failures,
      accept,
    }),
  };
}
