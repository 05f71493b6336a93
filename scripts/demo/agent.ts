/**
 * A small agent that cancels flights, and the world that it works in: a seat that is locked must be
 * released first, which nobody has told it. It has no language model; what it learns it learns from
 * the memory.
 *
 * @module
 */

import type { Recording } from "../../client/record.ts";
import type { Stage } from "./stage.ts";
import type { Where } from "./where.ts";

const DOMAIN = "demo/airline";
/** How often it tries what failed before it gives up. */
const TRIES = 2;

/** What somebody does who knows the way out; null: nobody is asked. */
export type Helper = ((error: string) => string[]) | null;

/** The airline: a reservation whose seat check-in holds. */
class Airline {
  #isLocked = true;

  call(tool: string): string {
    if (tool === "release_seat") this.#isLocked = false;
    if (tool === "cancel_reservation" && this.#isLocked)
      throw new Error("SEAT_LOCKED: check-in holds seat 12C");
    return { get_reservation: "economy, seat 12C", release_seat: "released" }[tool] ?? "cancelled";
  }
}

/** One run of the agent. */
export class Run {
  readonly #where: Where;
  readonly #stage: Stage;
  readonly #reservation: string;
  readonly #airline = new Airline();

  constructor(where: Where, stage: Stage, reservation: string) {
    this.#where = where;
    this.#stage = stage;
    this.#reservation = reservation;
  }

  /** Cancels the reservation, and records how it went. @returns whether it could */
  cancel(helper: Helper): Promise<boolean> {
    const task = { task: this.#task(), context: { domain: DOMAIN } };
    return this.#where.memory.record(task, async (run) => {
      const isDone = await this.#work(run, helper);
      run.outcome(
        isDone
          ? { type: "success", verdict: "cancelled" }
          : { type: "failure", reason: "the seat is locked" },
      );
      return isDone;
    });
  }

  #task(): string {
    return `Cancel the flight of reservation ${this.#reservation} and refund the customer`;
  }

  async #work(run: Recording, helper: Helper): Promise<boolean> {
    await this.#call(run, "get_reservation");
    for (const tool of await this.#lessons(run)) await this.#call(run, tool);
    for (let tries = 0; tries < TRIES; tries++) {
      const error = await this.#call(run, "cancel_reservation");
      if (error === null) return true;
      const way = (await this.#wayOut(run)) ?? helper?.(error) ?? [];
      for (const tool of way) if ((await this.#call(run, tool)) !== null) return false;
    }
    return false;
  }

  /** Tools that a lesson about the next step names. */
  async #lessons(run: Recording): Promise<string[]> {
    const known = await run.recall();
    const lesson = known?.lessons?.find(({ applies_to: { tools } }) =>
      tools.includes("cancel_reservation"),
    );
    if (!lesson) return [];
    await this.#stage.says(`lesson: ${lesson.text}`);
    return lesson.text.includes("release_seat") ? ["release_seat"] : [];
  }

  /** What led out of the last step's error before; null: nothing is known. */
  async #wayOut(run: Recording): Promise<string[] | null> {
    const advice = await run.advise();
    await this.#stage.says(advice?.line ?? "(knows nothing of this error yet)");
    return advice?.line ? (advice.recoveries[0]?.path ?? null) : null;
  }

  /** @returns the error; null: it went well */
  async #call(run: Recording, tool: string): Promise<string | null> {
    const parameters = { reservation: this.#reservation };
    const [message, failed] = await run
      .tool(tool, parameters, () => this.#airline.call(tool))
      .then(
        (output): [string, boolean] => [output, false],
        (error: unknown): [string, boolean] => [
          error instanceof Error ? error.message : String(error),
          true,
        ],
      );
    await this.#stage.act(`${tool}(${this.#reservation})`, message, !failed);
    return failed ? message : null;
  }
}
