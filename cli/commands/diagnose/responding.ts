/**
 * "Is the service responding?": tells a service that answers from another that does, from one that
 * hangs, and from none.
 *
 * @module
 */

import { connect } from "node:net";
import { MemoryError } from "../../../client/index.ts";
import type { App } from "../../app.ts";
import { STEPS } from "./steps.ts";
import { no, trouble, type Trouble, type Turn } from "./turn.ts";

const QUESTION = "Is the service responding?";
/** How long an answer may take, ms. */
const ANSWER_MS = 5_000;

export async function isResponding(app: App): Promise<Turn> {
  const { url } = app.target;
  try {
    await app.anyone({ retries: 0, timeoutMs: ANSWER_MS }).request("GET", "/health/live");
    return { question: QUESTION, answer: "yes", saw: `${url}/health/live answers` };
  } catch (error) {
    return no(QUESTION, await unanswered(url, error));
  }
}

async function unanswered(url: string, error: unknown): Promise<Trouble> {
  const reason = error instanceof Error ? error.message : String(error);
  if (error instanceof MemoryError && error.status > 0)
    return trouble(`${url} answers ${error.status}, but not as this service: ${reason}`, {
      step: STEPS.verify,
      commands: ["npx wrangler deployments list", "memory-cli doctor"],
    });
  if (await isListening(url))
    return trouble(`something listens at ${url}, and does not answer: ${reason}`, {
      step: STEPS.network,
      commands: ["npx wrangler tail --format json", "memory-cli doctor"],
    });
  return trouble(reason, {
    step: STEPS.start,
    commands: ["memory-cli doctor", "npm start", "npx wrangler deploy"],
  });
}

function isListening(url: string): Promise<boolean> {
  const { hostname, port, protocol } = new URL(url);
  const number = Number(port || (protocol === "https:" ? 443 : 80));
  return new Promise((resolve) => {
    const socket = connect({ host: hostname, port: number, timeout: ANSWER_MS });
    const end = (isOpen: boolean): void => {
      socket.destroy();
      resolve(isOpen);
    };
    socket.once("connect", () => end(true));
    socket.once("error", () => end(false));
    socket.once("timeout", () => end(false));
  });
}
