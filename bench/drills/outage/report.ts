/**
 * Figures beside their targets, a line each, and the questions that every part asks of the service.
 *
 * @module
 */

import { ADMIN_TOKEN, type Service } from "../../../test/support/service/service.ts";

/** Prints figures, and knows whether one missed its target. */
export class Report {
  missed = 0;
  /** What was printed, by its name. */
  readonly figures: Record<string, string> = {};

  /** A figure that is only shown. */
  note(what: string, figure: string): void {
    this.target(what, figure, "", true);
  }

  target(what: string, figure: string, target: string, isMet: boolean): void {
    if (!isMet) this.missed += 1;
    this.figures[what] = figure;
    const verdict = isMet ? "ok" : "MISSED";
    console.log(`${what.padEnd(58)} ${figure.padStart(14)}   ${target.padEnd(24)} ${verdict}`);
  }
}

/** The value below which that share of the times lies. */
export const quantile = (times: readonly number[], share: number): number =>
  [...times].sort((a, b) => a - b)[Math.floor(share * (times.length - 1))] ?? 0;

export const ms = (value: number): string => `${value.toFixed(1)} ms`;

export interface Transition {
  from?: string;
  to?: string;
  cause?: string;
  backend?: string;
}

/** What the circuit breakers logged. */
export function transitions(service: Service): Transition[] {
  return service
    .log()
    .split("\n")
    .filter((line) => line.includes('"event":"breaker_transition"'))
    .map((line) => JSON.parse(line.slice(line.indexOf("{"))) as Transition);
}

interface InstanceState {
  outbox: { rows: number; dead: number };
  breakers: { turso: { state: string } };
}

export async function instances(service: Service): Promise<InstanceState[]> {
  return (await service.call("GET", "/admin/instances", { key: ADMIN_TOKEN })).body
    .instances as InstanceState[];
}

/** Rows that the database does not have. */
export async function unsent(service: Service): Promise<number> {
  return (await instances(service)).reduce((sum, { outbox }) => sum + outbox.rows + outbox.dead, 0);
}

/** @returns the id of a new episode */
export async function start(service: Service, key: string, task: string): Promise<string> {
  return String((await service.call("POST", "/v1/episodes", { key, body: { task } })).body.id);
}
