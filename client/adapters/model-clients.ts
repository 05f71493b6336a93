/**
 * The clients of OpenAI and Anthropic: the tool calls of what they send are logged. They are not
 * imported; what is asked of them, and what they answer, is as without it.
 *
 * @module
 */

import { objects, object, type Json } from "../calls/values.ts";
import type { Recording } from "../record.ts";
import { quietly } from "../recording/words.ts";
import { observed } from "./answers.ts";
import { ResponseCalls } from "./response-calls.ts";
import { recordTools } from "./tools.ts";

type Called = (...args: unknown[]) => unknown;
/** What is asked with, seen before it is sent; what is returned is asked with instead. */
type Asked = (request: Json) => { request?: Json; onAnswer?: (answer: Json) => void };
/** Names on the way to a method, and what sees its calls. */
interface Routes {
  [name: string]: Routes | Asked;
}

/**
 * A client of OpenAI that logs the tool calls of each conversation that is sent: chat completions
 * and responses, streamed or not, and the tools of `runTools`. A tool's result is logged when it is
 * sent back to the model. The client that is given is not changed.
 *
 * @example
 * const openai = recordOpenAI(run, new OpenAI());
 */
export function recordOpenAI<C extends object>(recording: Recording, client: C): C {
  const calls = new ResponseCalls();
  const chat: Asked = messagesOf(recording);
  const response: Asked = ({ input }) => {
    recording.messages(calls.completed(objects(input)));
    return { onAnswer: ({ output }) => calls.remember(objects(output)) };
  };
  const completions = { create: chat, parse: chat, stream: chat, runTools: toolsOf(recording) };
  return routed(client, {
    chat: { completions },
    responses: { create: response, parse: response, stream: response },
  });
}

/**
 * As `recordOpenAI`, for the messages of Anthropic's client and the tools of its `toolRunner`.
 *
 * @example
 * const anthropic = recordAnthropic(run, new Anthropic());
 */
export function recordAnthropic<C extends object>(recording: Recording, client: C): C {
  const asked = messagesOf(recording);
  const messages = { create: asked, parse: asked, stream: asked };
  const beta = { messages: { ...messages, toolRunner: toolsOf(recording) } };
  return routed(client, { messages, beta });
}

function messagesOf(recording: Recording): Asked {
  return ({ messages }) => {
    recording.messages(objects(messages));
    return {};
  };
}

/** A loop of the library's own: what it sends is not seen, but the tools that it calls are. */
function toolsOf(recording: Recording): Asked {
  return (request) => {
    const { tools } = request;
    return Array.isArray(tools)
      ? { request: { ...request, tools: recordTools(recording, tools) } }
      : {};
  };
}

/** The object as it is, but for the methods that are routed; all are called on the object itself. */
function routed<T extends object>(target: T, routes: Routes): T {
  return new Proxy(target, {
    get: (_target, key) => {
      const found: unknown = Reflect.get(target, key, target);
      const route = typeof key === "string" && Object.hasOwn(routes, key) ? routes[key] : undefined;
      if (typeof found === "function") {
        const method = found as Called;
        if (typeof route === "function") return seen(method, target, route);
        return key === "constructor" ? found : method.bind(target);
      }
      const isPlace = typeof found === "object" && found !== null && typeof route === "object";
      return isPlace ? routed(found, route) : found;
    },
  });
}

function seen(method: Called, target: object, asked: Asked): Called {
  return (...args) => {
    const { request, onAnswer } = quietly(() => asked(object(args[0]))) ?? {};
    const given = request ? [request, ...args.slice(1)] : args;
    const answer: unknown = Reflect.apply(method, target, given);
    if (onAnswer) quietly(() => observed(answer, onAnswer));
    return answer;
  };
}
