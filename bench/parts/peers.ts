/**
 * What else there is on npm, storing and recalling the same runs. They are installed for the
 * occasion, in a directory of their own; what cannot be installed is said to be so.
 *
 * @module
 */

import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { outcomeOf, sentenceOf, stepsOf, taskOf } from "../support/episodes.ts";
import { at } from "../support/measure.ts";
import type { Report } from "../support/report.ts";
import { World } from "../support/world.ts";

const EPISODES = 200;
const RECALLS = 60;
/** The peer that finds episodes and keeps them in a file, and the most of its recall's time. */
const COMPARED = "agentdb";
const RECALL_BY_COMPARED_MAX = 1.5;
const INSTALL_MS = 180_000;
const ANSWER_MS = 30_000;

interface Peer {
  name: string;
  package: string;
  /** What starts it, from its directory, as a server that speaks MCP over its standard streams. */
  command: (directory: string) => { args: string[]; env: Record<string, string> };
  store: (n: number) => { tool: string; args: unknown };
  recall: (n: number) => { tool: string; args: unknown };
  /** What it does and does not do. */
  about: string;
}

/** A run as an entity of a knowledge graph, which is what two of them know. */
function entityOf(n: number): Record<string, unknown> {
  const observations = stepsOf(n).map(
    (step) => `${String(step["tool"])} ${JSON.stringify(step["result"])}`,
  );
  return {
    name: `run-${n}`,
    entityType: "episode",
    observations: [taskOf(n), ...observations, JSON.stringify(outcomeOf(n))],
  };
}

const PEERS: readonly Peer[] = [
  {
    name: "server-memory",
    package: "@modelcontextprotocol/server-memory",
    command: (directory) => ({
      args: [join(directory, "node_modules/@modelcontextprotocol/server-memory/dist/index.js")],
      env: { MEMORY_FILE_PATH: join(directory, "memory.jsonl") },
    }),
    store: (n) => ({ tool: "create_entities", args: { entities: [entityOf(n)] } }),
    recall: (n) => ({ tool: "search_nodes", args: { query: sentenceOf(n).split(" ")[0] } }),
    about:
      "one process, one file that is rewritten for each change; finds entities that contain the query as it stands (asked for one word here); ranks nothing, learns nothing",
  },
  {
    name: "mcp-memory-libsql",
    package: "mcp-memory-libsql",
    command: (directory) => ({
      args: [join(directory, "node_modules/mcp-memory-libsql/dist/index.js")],
      env: { LIBSQL_URL: `file:${join(directory, "memory.db")}` },
    }),
    store: (n) => ({ tool: "create_entities", args: { entities: [entityOf(n)] } }),
    recall: (n) => ({ tool: "search_nodes", args: { query: sentenceOf(n) } }),
    about:
      "one process, a libSQL file beside it; a knowledge graph with text search; learns nothing",
  },
  {
    name: "agentdb",
    package: "agentdb",
    command: (directory) => ({
      args: [join(directory, "node_modules/agentdb/dist/mcp/agentdb-mcp-server.js")],
      env: { AGENTDB_PATH: join(directory, "agentdb.db") },
    }),
    store: (n) => ({
      tool: "reflexion_store",
      args: {
        session_id: "bench",
        task: taskOf(n),
        reward: 1,
        success: true,
        critique: JSON.stringify(outcomeOf(n)),
      },
    }),
    recall: (n) => ({ tool: "reflexion_retrieve", args: { task: sentenceOf(n), k: 5 } }),
    about:
      "one process, one file; episodes as task, reward and critique, found by embeddings, whose model it cannot fetch without a network",
  },
];

/** A server that speaks MCP over its standard streams. */
class Stdio {
  readonly #process: ChildProcess;
  readonly #waiting = new Map<number, (answer: Record<string, unknown>) => void>();
  #id = 0;

  constructor(args: readonly string[], cwd: string, env: Record<string, string>) {
    this.#process = spawn(process.execPath, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ["pipe", "pipe", "ignore"],
    });
    if (!this.#process.stdout) throw new Error("the server has no output");
    createInterface({ input: this.#process.stdout }).on("line", (line) => {
      if (!line.startsWith("{")) return;
      const answer = JSON.parse(line) as Record<string, unknown>;
      this.#waiting.get(Number(answer["id"]))?.(answer);
    });
  }

  async start(): Promise<void> {
    const clientInfo = { name: "bench", version: "1" };
    await this.ask("initialize", { protocolVersion: "2025-06-18", capabilities: {}, clientInfo });
    this.#write({ jsonrpc: "2.0", method: "notifications/initialized" });
  }

  async call(name: string, args: unknown): Promise<void> {
    const answer = await this.ask("tools/call", { name, arguments: args });
    const result = answer["result"] as { isError?: boolean } | undefined;
    if (!result || result.isError)
      throw new Error(`${name}: ${JSON.stringify(answer).slice(0, 200)}`);
  }

  async ask(method: string, params: unknown): Promise<Record<string, unknown>> {
    const id = ++this.#id;
    this.#write({ jsonrpc: "2.0", id, method, params });
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error(`${method} was not answered in ${ANSWER_MS} ms`)),
        ANSWER_MS,
      );
      this.#waiting.set(id, (answer) => {
        clearTimeout(timer);
        this.#waiting.delete(id);
        resolve(answer);
      });
    });
  }

  stop(): void {
    this.#process.kill("SIGKILL");
  }

  #write(message: unknown): void {
    this.#process.stdin?.write(`${JSON.stringify(message)}\n`);
  }
}

/** The middle time of each of many calls, ms. */
async function timed(count: number, call: (n: number) => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let n = 0; n < count; n++) {
    const begun = performance.now();
    await call(n);
    times.push(performance.now() - begun);
  }
  return at(times, 0.5);
}

/** The median time of a recall, ms; null: it could not be measured. */
async function peer(
  report: Report,
  { name, package: of, command, store, recall, about }: Peer,
): Promise<number | null> {
  const directory = mkdtempSync(join(tmpdir(), "memory-peer-"));
  let server: Stdio | null = null;
  try {
    const args = [
      "install",
      "--prefix",
      directory,
      "--ignore-scripts",
      "--no-audit",
      "--no-fund",
      of,
    ];
    execFileSync("npm", args, { cwd: directory, timeout: INSTALL_MS, stdio: "ignore" });
    const started = command(directory);
    server = new Stdio(started.args, directory, started.env);
    await server.start();
    const to = server;
    const call = async ({ tool, args: given }: { tool: string; args: unknown }): Promise<void> =>
      to.call(tool, given);
    report.value(
      `${name}: store an episode, p50 of ${EPISODES}`,
      await timed(EPISODES, (n) => call(store(n))),
      "ms",
    );
    const recallMs = await timed(RECALLS, (n) => call(recall(n)));
    report.value(`${name}: recall, p50`, recallMs, "ms");
    report.note(about);
    return recallMs;
  } catch (error) {
    report.note(`${name} could not be measured here: ${String(error).split("\n")[0]}`);
    return null;
  } finally {
    server?.stop();
    rmSync(directory, { recursive: true, force: true });
  }
}

/** The median time of the service's recall, ms. */
async function ours(report: Report): Promise<number> {
  const world = await World.start();
  try {
    const store = async (n: number): Promise<void> => {
      const { id } = await world.ask<{ id: string }>("POST", "/v1/episodes", { task: taskOf(n) });
      await world.ask("POST", `/v1/episodes/${id}/steps`, { steps: stepsOf(n) });
      await world.ask("POST", `/v1/episodes/${id}/complete`, { outcome: outcomeOf(n) });
    };
    const storeMs = await timed(EPISODES, store);
    report.value(`memory-service: store an episode, p50 of ${EPISODES}`, storeMs, "ms");
    const recall = (n: number): Promise<unknown> =>
      world.ask("POST", "/v1/recall", { task: sentenceOf(n) });
    const recallMs = await timed(RECALLS, recall);
    report.value("memory-service: recall, p50", recallMs, "ms");
    report.note(
      "three HTTP requests for an episode: start, its steps, its end with what was learned of it",
    );
    return recallMs;
  } finally {
    await world.remove();
  }
}

/** Measures the service and each peer in the same run. */
export async function peers(report: Report): Promise<void> {
  console.log(
    "\nPeers, storing and recalling the same runs, each in a process beside the client\n",
  );
  const recallMs = await ours(report);
  for (const one of PEERS) {
    const theirs = await peer(report, one);
    if (one.name !== COMPARED || theirs === null) continue;
    const what = `recall p50 by ${COMPARED}'s, ${EPISODES} episodes`;
    report.target(what, recallMs / theirs, "at most", RECALL_BY_COMPARED_MAX, "×");
  }
}
