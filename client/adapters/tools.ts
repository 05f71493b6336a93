/**
 * Tools that are functions, each logged when it is called: of the Vercel AI SDK, Mastra, OpenAI's
 * `runTools`, Anthropic's `toolRunner`, or an agent of your own. None of them is imported.
 *
 * @module
 */

import { argumentsOf, wordOf } from "../calls/values.ts";
import type { Recording } from "../record.ts";
import { watched } from "../recording/watch.ts";
import { quietly } from "../recording/words.ts";

/** Where tools have their function: AI SDK and Mastra, Anthropic, OpenAI. */
const FUNCTIONS = ["execute", "run", "function"] as const;

type Called = (...args: unknown[]) => unknown;

/**
 * The tools, by name or in a list, each logged when it is called. What they are given and give is
 * as without it: values, promises, generators, streams. A tool without a function, or of a form
 * that is not known, is left as it is; the tools that are given are not changed.
 *
 * @example
 * generateText({ model, prompt, tools: recordTools(run, tools) })
 */
export function recordTools<T extends object>(recording: Recording, tools: T): T {
  if (Array.isArray(tools))
    return tools.map((tool: unknown) => recorded(recording, null, tool)) as unknown as T;
  const entries = Object.entries(tools) as [string, unknown][];
  return Object.fromEntries(
    entries.map(([name, tool]) => [name, recorded(recording, name, tool)]),
  ) as T;
}

function recorded(recording: Recording, key: string | null, tool: unknown): unknown {
  return quietly(() => withLog(recording, key, tool)) ?? tool;
}

function withLog(recording: Recording, key: string | null, tool: unknown): unknown {
  if (typeof tool !== "object" || tool === null) return tool;
  const about = tool as Record<string, unknown>;
  const place = FUNCTIONS.find((one) => one in about);
  if (place === undefined) return tool;
  const within = about[place];
  const own = about["name"] ?? about["id"];
  // A definition of OpenAI's, with the function in it.
  if (typeof within === "object" && within !== null)
    return replaced(about, place, withLog(recording, key ?? wordOf(own, ""), within));
  if (typeof within !== "function") return tool;

  const call = within as Called;
  const name = wordOf(key, "") || wordOf(own ?? call.name, "unknown");
  return replaced(about, place, (...args: unknown[]) => {
    const given = quietly(() => argumentsOf(args[0])) ?? {};
    return watched(recording.begin(name, given), () => Reflect.apply(call, tool, args) as unknown);
  });
}

/** The same with another value in one place: a copy, or, of a class, as who looks at it sees it. */
function replaced(tool: Record<string, unknown>, place: string, value: unknown): object {
  const prototype: unknown = Object.getPrototypeOf(tool);
  if (prototype !== Object.prototype && prototype !== null) return seenWith(tool, place, value);
  const property = { value, enumerable: true, configurable: true, writable: true };
  const all = { ...Object.getOwnPropertyDescriptors(tool), [place]: property };
  return Object.create(prototype, all) as object;
}

/** What is private in a class is there for the object itself only: its methods are called on it. */
function seenWith(tool: Record<string, unknown>, place: string, value: unknown): object {
  return new Proxy(tool, {
    get: (target, key) => {
      if (key === place) return value;
      const found: unknown = Reflect.get(target, key, target);
      const isMethod = typeof found === "function" && !Object.hasOwn(target, key);
      return isMethod && key !== "constructor" ? (found as Called).bind(target) : found;
    },
    getOwnPropertyDescriptor: (target, key) => {
      const found = Reflect.getOwnPropertyDescriptor(target, key);
      return found && key === place && found.configurable ? { ...found, value } : found;
    },
  });
}
