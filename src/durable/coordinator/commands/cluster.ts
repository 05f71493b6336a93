/**
 * Commands about the instances: how they are, how many there are, and what they report.
 *
 * @module
 */

import { ASK_MS } from "../instances.ts";
import type { Handlers } from "./handler.ts";

type Names =
  | "cluster.view"
  | "cluster.resize"
  | "cluster.instance_count"
  | "topology.adopt"
  | "topology.settled"
  | "instance.report"
  | "knowledge.sync";

export const CLUSTER_COMMANDS: Handlers<Names> = {
  "cluster.view": ({ instances }) => instances.view("view"),

  "cluster.resize": async ({ controlStore, instances }, { count, by }) => {
    controlStore.resize(count, by);
    await instances.push();
    return instances.view("view");
  },

  "cluster.instance_count": ({ controlStore }) => controlStore.instanceCount,

  "topology.adopt": ({ controlStore, instances }, { env_count, deployed_at }) => {
    const before = controlStore.control.version;
    const topology = controlStore.adoptTopology(env_count, deployed_at);
    if (controlStore.control.version !== before) void instances.push();
    return topology;
  },

  "topology.settled": ({ controlStore, instances, log }, { instance, version }) => {
    if (!controlStore.topologySettled(instance, version)) return null;
    log({ event: "topology_settled", level: "info", ...controlStore.control.topology });
    void instances.push();
    return null;
  },

  "instance.report": ({ controlStore, instances, monitor, log }, report) => {
    instances.acknowledged(report);
    monitor.instanceReported(report);
    if (controlStore.takeReport(report)) {
      log({ event: "cluster_down", level: "warn", ...controlStore.control.cluster });
      void instances.push();
    }
    return controlStore.control.version;
  },

  "knowledge.sync": async ({ instances }, { namespace }) => {
    const answers = await instances.everywhere("sync", { namespace }, ASK_MS);
    const namespaces = answers.flatMap((answer) =>
      "value" in answer ? answer.value.namespaces : [],
    );
    return { namespaces: [...new Set(namespaces)] };
  },
};
