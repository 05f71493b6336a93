/**
 * The ways in which it goes wrong for users while each part looks well.
 *
 * @module
 */

import { growsSince, requests, type Way } from "./way.ts";
import { always, FAULT, ROUTE } from "./well.ts";

export const UNFELT: readonly Way[] = [
  {
    way: "half of the recalls are answered 500, and no request to the database fails",
    becomes: { [requests(200)]: growsSince(50), [requests(500)]: growsSince(50) },
    alert: "AvailabilityBurnsFast",
    within: 10,
  },
  {
    way: "the same while maintenance and degraded mode are on",
    becomes: {
      [requests(500)]: growsSince(50),
      memory_maintenance_mode: always(1),
      memory_degraded_mode: always(1),
    },
    alert: "AvailabilityBurnsFast",
    within: 10,
  },
  {
    way: "one request in forty fails, and each part is called well",
    becomes: { [requests(500)]: growsSince(5) },
    alert: "AvailabilityBurnsFast",
    within: 60,
  },
  {
    way: "every answer is right, and takes seconds",
    becomes: {
      [`memory_http_request_duration_seconds_bucket{instance="0",${ROUTE},le="1.0"}`]: () =>
        FAULT * 100,
    },
    alert: "LatencyBurnsFast",
    within: 15,
  },
  {
    way: "the same, seen by a Prometheus that writes the bound as it was exposed",
    becomes: {
      [`memory_http_request_duration_seconds_bucket{instance="0",${ROUTE},le="1.0"}`]: null,
      [`memory_http_request_duration_seconds_bucket{instance="0",${ROUTE},le="1"}`]: () => 0,
    },
    alert: "LatencyBurnsFast",
    within: 20,
  },
  {
    way: "the database fails at night, when few requests make few errors",
    becomes: {
      'memory_outbox_oldest_seconds{instance="0"}': (minute) => (minute - FAULT) * 60,
      'memory_storage_errors_total{instance="0",backend="turso",operation="write",kind="timeout"}':
        growsSince(0.2),
    },
    alert: "OutboxStalled",
    within: 25,
  },
  {
    way: "an instance is evicted every few minutes, and its counters of errors begin anew",
    becomes: {
      'memory_storage_errors_total{instance="0",backend="turso",operation="write",kind="timeout"}':
        (minute) => (minute % 3) * 60,
    },
    alert: "HighStorageErrorRate",
    within: 15,
  },
  {
    way: "episodes leak, and the idle timeout closes them as fast as they are left",
    becomes: {
      'memory_active_episodes{instance="0"}': always(1_500),
      'memory_episode_completed_total{instance="0",outcome="success"}': always(FAULT * 20),
      'memory_episode_completed_total{instance="1",outcome="success"}': always(FAULT * 20),
      'memory_episode_completed_total{instance="0",outcome="abandoned"}': growsSince(40),
    },
    alert: "MemoryLeak",
    within: 45,
  },
  {
    way: "requests queue before the database, and none fails",
    becomes: { 'memory_connections_waiting{instance="0"}': always(12) },
    alert: "ConnectionQueue",
    labels: 'instance="0"',
    within: 15,
  },
  {
    way: "a row that the database never takes was there when the series began",
    becomes: { 'memory_outbox_dead{instance="0"}': always(1) },
    alert: "DeadLetters",
    labels: 'instance="0"',
    within: 8,
  },
  {
    way: "a webhook's receiver takes nothing, and the service is well",
    becomes: { 'memory_webhook_dead_total{instance="0"}': growsSince(1) },
    alert: "WebhookUndelivered",
    labels: 'instance="0"',
    within: 10,
  },
  {
    way: "a webhook's receiver is so slow that events are dropped",
    becomes: { 'memory_webhook_dropped_total{instance="1"}': growsSince(1) },
    alert: "WebhookUndelivered",
    labels: 'instance="1"',
    within: 10,
  },
];
