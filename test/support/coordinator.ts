/**
 * The Coordinator and its long jobs in Node: its storage is Node's SQLite, instances answer what a
 * test says, Workflows run as plain calls, and the alarm is a timer. A test that uses it mocks
 * `cloudflare:workers` with `WORKERS`, before it imports anything of the service:
 *
 *     vi.mock("cloudflare:workers", async () => (await import("./coordinator.ts")).WORKERS);
 *
 * @module
 */

import type { WorkflowEvent, WorkflowStep } from "cloudflare:workers";
import type { Coordinator } from "../../src/durable/coordinator/coordinator.ts";
import type {
  CommandInput,
  CommandName,
  CommandOutput,
} from "../../src/durable/shared/coordinator.ts";
import type { Env } from "../../src/env.ts";
import { FakeBucket } from "./fake-bucket.ts";
import { openStorage } from "./node-sql.ts";
import { until } from "./processes/until.ts";

/** What the runtime gives under this name. */
export const WORKERS = {
  DurableObject: class {
    readonly ctx: unknown;
    readonly env: unknown;
    constructor(ctx: unknown, env: unknown) {
      this.ctx = ctx;
      this.env = env;
    }
  },
  WorkflowEntrypoint: class {
    readonly env: unknown;
    constructor(_ctx: unknown, env: unknown) {
      this.env = env;
    }
  },
};

/** A wait of a Workflow takes this share of its time. */
const HASTE = 100;

/** Answers what an instance is asked; undefined: as one that has nothing. */
export type InstanceAnswers = (index: number, name: string, input: unknown) => unknown;

/** What an instance answers that has nothing and takes everything. */
function emptyInstance(index: number, name: string, input: unknown): unknown {
  const { version } = (input ?? {}) as { version?: number };
  const breaker = { state: "closed", until: null, reason: null, calls: 0, failed: 0, slow: 0 };
  switch (name) {
    case "control":
      return { version };
    case "restore_hold":
      return { writer: `instance-${index}`, batch: 0 };
    case "restore_done":
      return { replayed: 0, kept: 0, next: null };
    case "metrics":
      return [];
    case "snapshot":
      return { rows: [], next: null };
    case "view":
    case "flush":
      return {
        instance: index,
        active_episodes: 0,
        outbox: { rows: 0, dead: 0 },
        breakers: { turso: breaker },
      };
    default:
      return null;
  }
}

export interface CoordinatorOptions {
  databaseUrl?: string;
  /** Settings and other variables, as the deployment has them. */
  vars?: Readonly<Record<string, string>>;
  instances?: InstanceAnswers;
}

export class NodeCoordinator {
  readonly bucket = new FakeBucket();
  #storage = openStorage();
  readonly #env: Env;
  readonly #open: (ctx: DurableObjectState, env: Env) => Coordinator;
  #coordinator: Coordinator;
  #alarm: ReturnType<typeof setTimeout> | undefined;
  /** Jobs whose Workflow was started. */
  readonly started: string[] = [];
  /** Workflows that are started do nothing. */
  areWorkflowsOff = false;
  /** Which deployment the instances heard that this is, before the Coordinator was lost. */
  #deployment: string | null = null;
  /** Why no Workflow can be started; null: they can. */
  launchFailure: Error | null = null;

  private constructor(
    options: CoordinatorOptions,
    modules: {
      Coordinator: new (ctx: DurableObjectState, env: Env) => Coordinator;
      JobWorkflow: new (
        ctx: ExecutionContext,
        env: Env,
      ) => {
        run(event: Readonly<WorkflowEvent<{ job: string }>>, step: WorkflowStep): Promise<unknown>;
      };
    },
  ) {
    const { Coordinator: Opened, JobWorkflow } = modules;
    const answers: InstanceAnswers = (index, name, input) =>
      options.instances?.(index, name, input) ?? emptyInstance(index, name, input);
    const runJob = async ({ id }: { id: string }): Promise<void> => {
      if (this.launchFailure) throw this.launchFailure;
      this.started.push(id);
      if (this.areWorkflowsOff) return;
      const event = { payload: { job: id } } as WorkflowEvent<{ job: string }>;
      const workflow = new JobWorkflow({} as ExecutionContext, this.#env);
      void workflow.run(event, hastySteps()).catch((error: unknown) => this.failures.push(error));
    };
    this.#env = {
      TURSO_DATABASE_URL: options.databaseUrl ?? "http://127.0.0.1:9",
      INSTANCE_COUNT: "1",
      LOG_LEVEL: "error",
      ...options.vars,
      BACKUPS: this.bucket.binding,
      JOBS: { create: runJob },
      COORDINATOR: { getByName: () => this.#coordinator },
      MEMORY_INSTANCE: {
        getByName: (name: string) => ({
          internal: async (_place: unknown, asked: string, input: unknown) => {
            if (asked === "deployment") return { ok: true, value: { id: this.#deployment } };
            const value = answers(Number(name.replace("instance-", "")), asked, input);
            return { ok: true, value };
          },
        }),
      },
    } as unknown as Env;
    this.#open = (ctx, env) => new Opened(ctx, env);
    this.#coordinator = this.#open(this.#state(), this.#env);
  }

  /** Imports the service, which is why `cloudflare:workers` must be mocked before. */
  static async open(options: CoordinatorOptions = {}): Promise<NodeCoordinator> {
    const { Coordinator: Opened } = await import("../../src/durable/coordinator/coordinator.ts");
    const { JobWorkflow } = await import("../../src/workflows/index.ts");
    return new NodeCoordinator(options, { Coordinator: Opened, JobWorkflow } as never);
  }

  /** What Workflows threw, which is a bug: a job reports its failure. */
  readonly failures: unknown[] = [];

  /** Gives a command. Throws when it is refused. */
  async command<N extends CommandName>(name: N, input: CommandInput<N>): Promise<CommandOutput<N>> {
    const result = await this.#coordinator.command(name, input);
    if (result.ok) return result.value;
    throw new Error(`${result.error.code}: ${result.error.detail}`);
  }

  /** What the platform hands out, as the deployment has it now. */
  get env(): Env {
    return this.#env;
  }

  /** Deploys with these variables changed. */
  deploy(vars: Readonly<Record<string, string>>): void {
    Object.assign(this.#env, vars);
    this.evict();
  }

  /** The object is lost with all that it stored. */
  lose(): void {
    const rows = this.#storage.sql.exec("SELECT id FROM deployment").toArray();
    this.#deployment = (rows[0]?.["id"] as string | undefined) ?? null;
    this.#storage = openStorage();
    this.evict();
  }

  /** The object is lost, and another is made of what it stored. */
  evict(): void {
    clearTimeout(this.#alarm);
    this.#coordinator = this.#open(this.#state(), this.#env);
  }

  /** A job, when it has ended. */
  async ended(id: string): Promise<CommandOutput<"jobs.get">> {
    let job = await this.command("jobs.get", { id });
    await until(`${id} has ended`, async () => {
      job = await this.command("jobs.get", { id });
      return job.finished_at !== null;
    });
    return job;
  }

  /** The state of the circuit breaker before R2. */
  async r2(): Promise<CommandOutput<"facts.get">["r2"]> {
    return (await this.command("facts.get", null)).r2;
  }

  /** Sets the alarm off. */
  fireAlarm(): Promise<void> {
    return this.#coordinator.alarm();
  }

  close(): void {
    clearTimeout(this.#alarm);
  }

  #state(): DurableObjectState {
    const setAlarm = async (at: number | Date): Promise<void> => {
      clearTimeout(this.#alarm);
      const fire = () => void this.#coordinator.alarm();
      this.#alarm = setTimeout(fire, Math.max(0, Number(at) - Date.now()));
    };
    return { storage: { ...this.#storage, setAlarm } } as unknown as DurableObjectState;
  }
}

/** Steps as a Workflow's, with its retries and waits in a hurry. */
function hastySteps(): WorkflowStep {
  const step = {
    async do(
      _name: string,
      config: { retries: { limit: number } },
      work: () => Promise<unknown>,
    ): Promise<unknown> {
      for (let tries = 0; ; tries++) {
        try {
          // What crosses is JSON.
          return JSON.parse(JSON.stringify(await work())) as unknown;
        } catch (error) {
          if (tries >= config.retries.limit) throw error;
          await pause((2_000 * 2 ** tries) / HASTE);
        }
      }
    },
    sleep: () => pause(20_000 / HASTE),
  };
  return step as unknown as WorkflowStep;
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
