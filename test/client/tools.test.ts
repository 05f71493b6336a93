import { PassThrough, Readable } from "node:stream";
import { describe, expect, it } from "vitest";
import { recordTools } from "../../client/index.ts";
import { failure, stepsIn, success } from "./memory.ts";

/** A tool of that function, called as the agent would. */
const calling =
  <T>(execute: (given: { n: number }) => T, use: (given: T) => unknown) =>
  () =>
    stepsIn((run) => {
      const { t } = recordTools(run, { t: { execute } });
      return use(t.execute({ n: 1 }));
    });
const step = (result: unknown): object[] => [{ tool: "t", parameters: { n: 1 }, result }];

async function all<T>(items: AsyncIterable<T> | Iterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

async function* letters(): AsyncGenerator<string, void, undefined> {
  yield "a";
  yield "b";
}

describe("what a recorded tool gives is handed on as it is, and logged", () => {
  it("a value, in the same turn", async () => {
    const steps = await calling(
      () => ({ a: 1n }),
      (value) => expect(value).toEqual({ a: 1n }),
    )();
    expect(steps).toEqual(step(success('{"a":"1"}')));
  });

  it("an error, as it is thrown", async () => {
    const error = new RangeError("no");
    const thrown = (): never => {
      throw error;
    };
    const steps = await stepsIn((run) => {
      const { t } = recordTools(run, { t: { execute: thrown as (n: object) => never } });
      expect(() => t.execute({ n: 1 })).toThrow(error);
    });
    expect(steps).toEqual(step(failure("no")));
  });

  it("a promise, and one that begins its work when it is asked, once", async () => {
    let asked = 0;
    // oxlint-disable-next-line unicorn/no-thenable
    const lazy = { then: (resolve: (value: string) => void) => resolve(`asked ${(asked += 1)}`) };
    const steps = await calling(
      () => lazy,
      async (value) => expect(await value).toBe("asked 1"),
    )();
    expect(steps).toEqual(step(success("asked 1")));
    expect(
      await calling(
        () => Promise.reject(new Error("no")),
        (value) => expect(value).rejects.toThrow("no"),
      )(),
    ).toEqual(step(failure("no")));
  });

  it("an async generator: what it gave one after the other, and its value at the end", async () => {
    const give = letters();
    const steps = await calling(
      () => give,
      async (given) => {
        expect(given).toBe(give);
        expect(await all(given)).toEqual(["a", "b"]);
      },
    )();
    expect(steps).toEqual(step(success("ab")));

    async function* withValue(): AsyncGenerator<object, string, string> {
      expect(yield { done: 1 }).toBe("more");
      return "whole";
    }
    const answered = await calling(withValue, async (given) => {
      await given.next();
      expect(await given.next("more")).toEqual({ done: true, value: "whole" });
    })();
    expect(answered).toEqual(step(success("whole")));
  });

  it("a generator, whole or left early, of texts that repeat what was there or objects", async () => {
    function* grows(): Generator<string> {
      yield* ["a", "ab", "abc"];
    }
    expect(await calling(grows, (given) => expect([...given]).toHaveLength(3))()).toEqual(
      step(success("abc")),
    );
    let isClosed = false;
    function* objects(): Generator<object> {
      try {
        for (let at = 0; ; at++) yield { at };
      } finally {
        isClosed = true;
      }
    }
    const left = await calling(objects, (given) => {
      for (const { at } of given as Iterable<{ at: number }>) if (at === 2) break;
    })();
    expect([left, isClosed]).toEqual([step(success('{"at":2}')), true]);
  });

  it("a generator that throws, and one that is told to", async () => {
    async function* breaks(): AsyncGenerator<string> {
      yield "a";
      throw new Error("broken");
    }
    expect(
      await calling(breaks, (given) => expect(all(given)).rejects.toThrow("broken"))(),
    ).toEqual(step(failure("broken")));
    const told = calling(letters, async (given) => {
      await given.next();
      await expect(given.throw(new Error("stop"))).rejects.toThrow("stop");
    });
    expect(await told()).toEqual(step(failure("stop")));
  });

  it("an iterable of another kind, such as a stream of Node's: the very object", async () => {
    const stream = Readable.from(["x", "y"]);
    const steps = await calling(
      () => Promise.resolve(stream),
      async (given) => {
        expect(await given).toBe(stream);
        expect(await all(await given)).toEqual(["x", "y"]);
      },
    )();
    expect(steps).toEqual(step(success("xy")));
    const piped = calling(
      () => Readable.from(["x"]),
      async (given) => expect(await all(given.pipe(new PassThrough()))).toEqual([Buffer.from("x")]),
    );
    expect(await piped()).toEqual(step(null));
  });

  it("a stream, read, passed on, cancelled or broken", async () => {
    const texts = (): ReadableStream<string> =>
      new ReadableStream<string>({
        start: (c) => {
          c.enqueue("x");
          c.enqueue("y");
          c.close();
        },
      });
    expect(
      await calling(texts, async (given) => {
        expect(given).toBeInstanceOf(ReadableStream);
        expect(await new Response(given.pipeThrough(new TextEncoderStream())).text()).toBe("xy");
      })(),
    ).toEqual(step(success("xy")));
    let reason: unknown;
    const cancelled = calling(
      () => new ReadableStream({ pull: (c) => c.enqueue("z"), cancel: (why) => (reason = why) }),
      async (given) => {
        const reader = given.getReader();
        await reader.read();
        await reader.cancel("enough");
      },
    );
    expect([await cancelled(), reason]).toEqual([step(success("z")), "enough"]);
    const broken = calling(
      () => new ReadableStream({ start: (c) => c.error(new Error("cut")) }),
      (given) => expect(given.getReader().read()).rejects.toThrow("cut"),
    );
    expect(await broken()).toEqual(step(failure("cut")));
  });

  it("a stream of bytes, which can still be read into a buffer; a list; nothing at all", async () => {
    const bytes = (): ReadableStream => new Blob(["abc"]).stream();
    const steps = await calling(bytes, async (given) => {
      const { value } = await given.getReader({ mode: "byob" }).read(new Uint8Array(9));
      expect(value).toEqual(new TextEncoder().encode("abc"));
    })();
    expect(steps).toEqual(step(null));
    const list = [1, 2];
    expect(
      await calling(
        () => list,
        (given) => expect(given).toBe(list),
      )(),
    ).toEqual(step(success("[1,2]")));
    expect(
      await calling(
        () => undefined,
        () => undefined,
      )(),
    ).toEqual(step(success("")));
  });

  it("what cannot be read, written or changed", async () => {
    const odd = Object.create(null, {
      toJSON: { value: () => fail(), enumerable: true },
      // oxlint-disable-next-line unicorn/no-thenable
      then: { get: () => fail() },
    }) as object;
    function fail(): never {
      throw new Error("mine");
    }
    expect(
      await calling(
        () => odd,
        (given) => expect(given).toBe(odd),
      )(),
    ).toEqual(step(success("[unreadable]")));
    const frozen = Object.freeze(letters());
    const steps = await calling(
      () => frozen,
      async (given) => {
        expect(await all(given)).toEqual(["a", "b"]);
      },
    )();
    expect(steps).toEqual(step(null));
  });

  it("a failure that a tool of MCP says of itself", async () => {
    const content = [{ type: "text", text: "no such file" }];
    const steps = await calling(
      () => ({ isError: true, content }),
      () => undefined,
    )();
    expect(steps).toEqual(step(failure("no such file")));
  });
});

describe("calls under way", () => {
  it("are logged when the run is over, without a result; what comes later is no step", async () => {
    let later: (value: string) => void = () => undefined;
    const slow = new Promise<string>((resolve) => (later = resolve));
    const steps = await stepsIn((run) => void run.tool("slow", {}, () => slow));
    expect(steps).toEqual([{ tool: "slow", parameters: {}, result: null }]);
    later("late");
    await slow;
    expect(steps).toHaveLength(1);
  });

  it("may be many", async () => {
    const steps = await stepsIn((run) => {
      for (let i = 0; i < 1_100; i++) run.begin("t", { i });
    });
    expect(steps).toHaveLength(1_000);
  });
});

describe("tools", () => {
  it("of any form are called as before: on themselves, with what else they are given", async () => {
    class Tool {
      #secret = 7;
      readonly id = "counter";
      execute(given: { n: number }, options?: unknown): unknown {
        return [this.#secret, given.n, options];
      }
      get label(): string {
        return `${this.id} ${this.#secret}`;
      }
      secret(): number {
        return this.#secret;
      }
    }
    const tool = new Tool();
    const steps = await stepsIn((run) => {
      const [recorded] = recordTools(run, [tool]);
      expect(recorded).toBeInstanceOf(Tool);
      expect([recorded?.label, recorded?.secret()]).toEqual(["counter 7", 7]);
      expect(recorded?.execute({ n: 1 }, "more")).toEqual([7, 1, "more"]);
      // As the AI SDK does.
      expect(Object.assign({}, recorded).id).toBe("counter");
    });
    expect(tool.execute({ n: 2 })).toEqual([7, 2, undefined]);
    expect(steps).toEqual([
      { tool: "counter", parameters: { n: 1 }, result: success('[7,1,"more"]') },
    ]);
  });

  it("without a function, or of no form, are left as they are", async () => {
    await stepsIn((run) => {
      const tools = { a: { description: "of the provider" }, b: null, c: "text" };
      expect(recordTools(run, tools)).toEqual(tools);
      const frozen = { t: Object.freeze({ execute: () => 1 }) };
      expect(recordTools(run, frozen).t.execute()).toBe(1);
    });
  });
});
