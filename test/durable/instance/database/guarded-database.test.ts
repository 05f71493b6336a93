import { setTimeout as wait } from "node:timers/promises";
import { expect, it } from "vitest";
import { inScope } from "../../../../src/durable/instance/requests/call-scope.ts";
import { GuardedDatabase } from "../../../../src/durable/instance/database/guarded-database.ts";
import { initialControl } from "../../../../src/durable/shared/control.ts";
import { Meter } from "../../../../src/observability/index.ts";
import { settingsOf } from "../../../../src/contract/settings.ts";

/** A guard before a database that answers after a while. */
function guard(answerMs: number, timeoutMs: number): GuardedDatabase {
  return new GuardedDatabase({
    database: {
      all: async () => {
        await wait(answerMs);
        return [];
      },
      write: async () => undefined,
    },
    position: {
      settings: settingsOf({
        database_timeout_ms: timeoutMs,
        database_attempts: 1,
        breaker_slow_call_ms: 60_000,
      }),
      control: initialControl(1),
      writer: "test",
    },
    now: Date.now,
    random: Math.random,
    wait: async (ms) => {
      await wait(ms);
    },
    onTransition: () => undefined,
    meter: new Meter(),
    log: () => undefined,
  });
}

const calls = (at: GuardedDatabase, deadlineMs: number): Promise<unknown> =>
  Promise.allSettled(
    Array.from({ length: 10 }, () =>
      inScope(
        {
          deadline: Date.now() + deadlineMs,
          cache: null,
          written: { rows: 0, bytes: 0 },
          request_id: "test",
          traceparent: null,
        },
        () => at.all("SELECT 1"),
      ),
    ),
  );

it("a caller in a hurry does not open the circuit breaker for the others", async () => {
  const hurried = guard(500, 4_000);
  await calls(hurried, 5);
  expect(hurried.breaker.state(Date.now())).toBe("closed");
});

it("a database that does not answer within its own time does", async () => {
  const late = guard(2_000, 100);
  await calls(late, 30_000);
  expect(late.breaker.state(Date.now())).toBe("open");
});
