/**
 * The Coordinator: one Durable Object for what is global. It takes commands by name, each with one
 * handler, and wakes its parts by one alarm; what it knows and does is in the parts. No request of
 * a client waits for it.
 *
 * @module
 */

import { DurableObject } from "cloudflare:workers";
import type { CommandResult } from "../../contract/call.ts";
import type { Env } from "../../env.ts";
import type {
  CommandInput,
  CommandName,
  CommandOutput,
  CoordinatorRpc,
} from "../shared/coordinator.ts";
import { Alarm, computeNextAlarm } from "../shared/alarm.ts";
import type { Part } from "../shared/context.ts";
import { failureOf, Refused } from "../shared/refusals.ts";
import { HANDLERS } from "./commands.ts";
import { CoordinatorParts } from "./parts.ts";

/** A part that failed is run again no sooner than this, ms. */
const AGAIN_MS = 1_000;

export class Coordinator extends DurableObject<Env> implements CoordinatorRpc {
  readonly #alarm: Alarm;
  readonly #parts: CoordinatorParts;
  /** Parts whose last run failed, and when they may run again, ms since the epoch. */
  readonly #notBefore = new Map<string, number>();

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#alarm = new Alarm(ctx.storage);
    this.#parts = new CoordinatorParts(ctx.storage, env, () => this.#schedule());
    this.#schedule();
  }

  /** The only way in. A refusal is a value; a bug is thrown. */
  async command<N extends CommandName>(
    name: N,
    input: CommandInput<N>,
  ): Promise<CommandResult<CommandOutput<N>>> {
    try {
      requireHandler(name);
      return { ok: true, value: await HANDLERS[name](this.#parts, input) };
    } catch (error) {
      const failure = failureOf(error);
      if (!failure) throw error;
      return { ok: false, error: failure };
    } finally {
      this.#schedule();
    }
  }

  override async alarm(): Promise<void> {
    this.#alarm.fired();
    const parts = Object.entries(this.#parts.alarmParts);
    await Promise.all(parts.map(([name, part]) => this.#wake(name, part)));
    this.#schedule();
  }

  /** One part that fails takes nothing with it. */
  async #wake(name: string, part: Part): Promise<void> {
    try {
      await part.onAlarm?.(Date.now());
      this.#notBefore.delete(name);
    } catch (error) {
      this.#notBefore.set(name, Date.now() + AGAIN_MS);
      const reason = String(error);
      this.#parts.log({ event: "alarm_part_failed", part: name, reason });
    }
  }

  #schedule(): void {
    const now = Date.now();
    const parts = Object.entries(this.#parts.alarmParts);
    const due = parts.map(([name, part]) => ({
      nextAt: part.nextAt?.(now) ?? null,
      notBefore: this.#notBefore.get(name) ?? 0,
      minDelayMs: 0,
    }));
    const at = computeNextAlarm(due, now);
    if (at !== null) this.#alarm.wake(at);
  }
}

/** Throws `Refused` for a command of a later release, which may run beside this for a moment. */
function requireHandler(name: string): void {
  if (Object.hasOwn(HANDLERS, name)) return;
  const detail = `The Coordinator does not know the command ${name} yet. Try again in a moment.`;
  throw new Refused("not_ready", detail, { retry_after_s: 1 });
}
