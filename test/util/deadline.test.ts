import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { withDeadline } from "../../src/util/deadline.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const never = new Promise<never>(() => undefined);

describe("a deadline", () => {
  it("passes on what the work gives in time, and leaves no timer behind", async () => {
    expect(await withDeadline(Promise.resolve(7), 1_000)).toBe(7);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("passes on the work's failure, and leaves no timer behind", async () => {
    const work = Promise.reject(new Error("broken"));
    await expect(withDeadline(work, 1_000)).rejects.toThrow("broken");
    expect(vi.getTimerCount()).toBe(0);
  });

  it("fails at the deadline, not before, and says how long it waited", async () => {
    const outcome = withDeadline(never, 1_000).catch((error: unknown) => String(error));
    const seen = vi.fn();
    void outcome.then(seen);
    await vi.advanceTimersByTimeAsync(999);
    expect(seen).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    expect(await outcome).toBe("Error: no answer within 1000 ms");
  });

  it("gives what onLate gives or throws instead", async () => {
    const value = withDeadline(never, 10, () => "late");
    const failure = withDeadline(never, 10, () => {
      throw new RangeError("mine");
    }).catch((error: unknown) => error);
    await vi.advanceTimersByTimeAsync(10);
    expect(await value).toBe("late");
    expect(await failure).toBeInstanceOf(RangeError);
  });

  it("does not call onLate when the work was in time", async () => {
    const onLate = vi.fn();
    await withDeadline(Promise.resolve(), 10, onLate);
    await vi.advanceTimersByTimeAsync(100);
    expect(onLate).not.toHaveBeenCalled();
  });

  it("swallows a failure that comes after the deadline", async () => {
    const unhandled = vi.fn();
    process.on("unhandledRejection", unhandled);
    const work = Promise.withResolvers<never>();
    const value = withDeadline(work.promise, 10, () => "late");
    await vi.advanceTimersByTimeAsync(10);
    expect(await value).toBe("late");
    work.reject(new Error("too late to matter"));
    vi.useRealTimers();
    await new Promise((resolve) => setImmediate(resolve));
    process.off("unhandledRejection", unhandled);
    expect(unhandled).not.toHaveBeenCalled();
  });
});
