import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Bench, moved, type Kind } from "./bench.ts";

describe("the breaker, whatever happens:", () => {
  const action = fc.oneof(
    fc.record({
      do: fc.constant("begin" as const),
      purpose: fc.constantFrom("call" as const, "trial" as const),
    }),
    fc.record({
      do: fc.constant("end" as const),
      pick: fc.nat(20),
      kind: fc.constantFrom<Kind>("ok", "fail", "slow", "ignored"),
    }),
    fc.record({ do: fc.constant("wait" as const), ms: fc.integer({ min: -200, max: 2_000 }) }),
    fc.record({
      do: fc.constantFrom("force" as const, "disable" as const, "reset" as const, "store" as const),
    }),
  );

  it("has at most the permitted trials out, follows only legal transitions, and can be stored at any moment", () => {
    const legal =
      /^(closed→(open|forced_open|disabled)|open→(half_open|closed|forced_open|disabled)|half_open→(open|closed|forced_open|disabled)|forced_open→(open|closed|disabled)|disabled→(closed|forced_open))$/;
    fc.assert(
      fc.property(fc.array(action, { maxLength: 80 }), (actions) => {
        let bench = new Bench();
        const out: { epoch: number; trial: number | null }[] = [];
        const moves: string[] = [];
        for (const step of actions) {
          if (step.do === "begin") {
            const permit = bench.begin(step.purpose);
            if (permit) out.push(permit);
          } else if (step.do === "end" && out.length > 0) {
            const [permit] = out.splice(step.pick % out.length, 1);
            if (permit) bench.end(permit, step.kind);
          } else if (step.do === "wait") bench.now += step.ms;
          else if (step.do === "force") bench.breaker.forceOpen(bench.now + 500, "x", bench.now);
          else if (step.do === "disable") bench.breaker.disable(bench.now + 500, "x", bench.now);
          else if (step.do === "reset") bench.breaker.reset(bench.now);
          else if (step.do === "store") {
            moves.push(...bench.moves);
            bench = moved(bench);
          }
          const { state } = bench.breaker.toJSON() as unknown as {
            state: { kind: string; leases?: unknown[] };
          };
          expect(state.leases?.length ?? 0).toBeLessThanOrEqual(2);
        }
        for (const move of [...moves, ...bench.moves]) expect(move).toMatch(legal);
      }),
    );
  });
});
