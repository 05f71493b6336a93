/**
 * The Workers in workerd itself, without the development server and its proxy: the service, the
 * floor, and the Worker that asks the database directly, each on a port of its own, with their
 * Durable Objects' storage on disk.
 *
 * @module
 */

import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import {
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
  readdirSync,
} from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../../test/support/processes/free-port.ts";
import { until } from "../../test/support/processes/until.ts";
import { bundle, bundleService, ROOT } from "./bundle.ts";

export const ADMIN_TOKEN = "an-admin-token-for-benchmarks-only";

/** The runtime's package is wrangler's; it exports the path of the binary. */
const workerd = (
  createRequire(import.meta.url)(join(ROOT, "node_modules/workerd")) as { default: string }
).default;

/** Ticks of a process's CPU clock a second, as Linux counts them. */
const TICKS_PER_S = 100;

/** In the bucket's place: nothing that is measured asks it. */
const NOBODY = "127.0.0.1:9";

interface WorkerSource {
  name: string;
  modules: readonly string[];
  classes: readonly string[];
  vars: Readonly<Record<string, string>>;
}

function workerText({ name, modules, classes, vars }: WorkerSource): string {
  const bindings = [
    ...classes.map((of) => `(name = "${constantCase(of)}", durableObjectNamespace = "${of}")`),
    ...Object.entries(vars).map(
      ([key, value]) => `(name = "${key}", text = ${JSON.stringify(value)})`,
    ),
    '(name = "BACKUPS", r2Bucket = "bucket")',
  ];
  const namespaces = classes.map(
    (of) => `(className = "${of}", uniqueKey = "${name}-${of}", enableSql = true)`,
  );
  return `(name = "${name}", worker = (
      modules = [${modules.map((file) => `(name = "${file}", esModule = embed "${file}")`).join(", ")}],
      compatibilityDate = "${compatibilityDate()}", compatibilityFlags = ["nodejs_als"],
      bindings = [${bindings.join(", ")}],
      durableObjectNamespaces = [${namespaces.join(", ")}], durableObjectStorage = (localDisk = "disk")))`;
}

function constantCase(name: string): string {
  return name.replaceAll(/([a-z])([A-Z])/g, "$1_$2").toUpperCase();
}

function compatibilityDate(): string {
  return (
    /^compatibility_date = "(.+)"$/m.exec(readFileSync(join(ROOT, "wrangler.toml"), "utf8"))?.[1] ??
    ""
  );
}

function configText(
  directory: string,
  workers: readonly WorkerSource[],
  ports: readonly number[],
): string {
  const sockets = workers.map(
    ({ name }, i) =>
      `(name = "${name}", address = "127.0.0.1:${ports[i]}", http = (), service = "${name}")`,
  );
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "internet", network = (allow = ["public", "private"])),
    (name = "disk", disk = (path = "${join(directory, "disk")}", writable = true)),
    (name = "bucket", external = (address = "${NOBODY}", http = ())),
    ${workers.map(workerText).join(",\n    ")}],
  sockets = [${sockets.join(", ")}]);
`;
}

export interface RuntimeOptions {
  /** Whether an inspector listens. */
  inspector?: boolean;
  /**
   * Changes the service's bundle, which is not minified then, to measure what a part of it is worth.
   */
  edit?: (code: string) => string;
}

export class Runtime {
  readonly urls: Readonly<Record<"service" | "floor" | "direct", string>>;
  readonly bundle: { bytes: number; gzip: number };
  /** Host and port of the inspector; empty without one. */
  readonly inspector: string;
  readonly #directory: string;
  #process: ChildProcess;

  private constructor(
    directory: string,
    urls: Runtime["urls"],
    size: Runtime["bundle"],
    child: ChildProcess,
    inspector: string,
  ) {
    this.inspector = inspector;
    this.#directory = directory;
    this.urls = urls;
    this.bundle = size;
    this.#process = child;
  }

  /**
   * @param vars of the service, beside the database and the admin token
   */
  static async start(
    databaseUrl: string,
    vars: Record<string, string> = {},
    options: RuntimeOptions = {},
  ): Promise<Runtime> {
    const directory = mkdtempSync(join(tmpdir(), "memory-bench-"));
    mkdirSync(join(directory, "disk"));
    const size = bundleService(directory, options.edit !== undefined);
    if (options.edit) {
      const file = join(directory, "worker.js");
      writeFileSync(file, options.edit(readFileSync(file, "utf8")));
    }
    bundle("bench/probe/probe.ts", directory, "probe.js");
    bundle("bench/floor/worker.ts", directory, "floor.js");
    bundle("bench/direct/worker.ts", directory, "direct.js");
    const TURSO_DATABASE_URL = databaseUrl;
    const workers: WorkerSource[] = [
      {
        name: "service",
        modules: ["probe.js", "worker.js"],
        classes: ["MemoryInstance", "Coordinator"],
        // Every key may do as much as it can: the limiter is not what is measured.
        vars: {
          TURSO_DATABASE_URL,
          ADMIN_TOKEN,
          INSTANCE_COUNT: "1",
          RATE_LIMIT_PER_SECOND: "1000000",
          RATE_LIMIT_BURST: "1000000",
          ...vars,
        },
      },
      { name: "floor", modules: ["floor.js"], classes: ["Floor"], vars: { TURSO_DATABASE_URL } },
      { name: "direct", modules: ["direct.js"], classes: [], vars: { TURSO_DATABASE_URL } },
    ];
    const ports = await Promise.all(workers.map(() => freePort()));
    writeFileSync(join(directory, "config.capnp"), configText(directory, workers, ports));
    for (const worker of workers) {
      writeFileSync(
        join(directory, `${worker.name}.capnp`),
        configText(directory, [worker], [ports[workers.indexOf(worker)] ?? 0]),
      );
    }
    const urls = Object.fromEntries(
      workers.map(({ name }, i) => [name, `http://127.0.0.1:${ports[i]}`]),
    );
    const inspector = options.inspector ? `127.0.0.1:${await freePort()}` : null;
    const child = run(directory, "config", inspector);
    const runtime = new Runtime(directory, urls as Runtime["urls"], size, child, inspector ?? "");
    await runtime.#ready();
    return runtime;
  }

  async #ready(): Promise<void> {
    await until(
      "the runtime answers",
      async () => {
        if (this.#process.exitCode !== null) throw new Error(`the runtime ended:\n${this.log()}`);
        return fetch(`${this.urls.service}/health/live`).then(
          (answer) => answer.ok,
          () => false,
        );
      },
      60_000,
    );
  }

  /** What tells the service's sources from its bundle. */
  sourceMap(): unknown {
    return JSON.parse(readFileSync(join(this.#directory, "worker.js.map"), "utf8"));
  }

  log(): string {
    return readFileSync(join(this.#directory, "log"), "utf8");
  }

  /** CPU time that the runtime took since it was started, ms. */
  cpuMs(): number {
    const fields =
      readFileSync(`/proc/${this.#process.pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
    return ((Number(fields[11]) + Number(fields[12])) * 1_000) / TICKS_PER_S;
  }

  /** Bytes of memory that the runtime holds now. */
  residentBytes(): number {
    const kb = /^VmRSS:\s+(\d+) kB$/m.exec(
      readFileSync(`/proc/${this.#process.pid}/status`, "utf8"),
    )?.[1];
    return Number(kb) * 1_024;
  }

  /** Bytes of the instances' storage on disk. */
  storageBytes(): number {
    const disk = join(this.#directory, "disk");
    const files = readdirSync(disk, { recursive: true }) as string[];
    return files
      .filter((file) => file.includes("service-MemoryInstance") && file.endsWith(".sqlite"))
      .reduce((sum, file) => sum + statSync(join(disk, file)).size, 0);
  }

  /**
   * CPU time from nothing to the first answer of one of the Workers, in a runtime of its own, ms.
   * Ends the others.
   */
  async startCpuMs(name: "service" | "floor"): Promise<number> {
    await this.#kill();
    this.#process = run(this.#directory, name);
    await until("the Worker answers", () =>
      fetch(`${this.urls[name]}/health/live`).then(
        () => true,
        () => false,
      ),
    );
    return this.cpuMs();
  }

  /**
   * Ends the runtime, takes away all that the instances stored, and starts it again; the
   * Coordinator keeps what it has.
   */
  async restartWithoutInstances(): Promise<void> {
    await this.#kill();
    rmSync(join(this.#directory, "disk", "service-MemoryInstance"), { recursive: true });
    this.#process = run(this.#directory, "config", this.inspector || null);
    await this.#ready();
  }

  async remove(): Promise<void> {
    await this.#kill();
    rmSync(this.#directory, { recursive: true, force: true });
  }

  async #kill(): Promise<void> {
    if (this.#process.exitCode !== null) return;
    const gone = once(this.#process, "exit");
    this.#process.kill("SIGKILL");
    await gone;
  }
}

/**
 * @param config which of the directory's configurations
 * @param inspector where the inspector listens
 */
function run(directory: string, config = "config", inspector: string | null = null): ChildProcess {
  const log = openSync(join(directory, "log"), "a");
  const args = ["serve", join(directory, `${config}.capnp`)];
  if (inspector !== null) args.push(`--inspector-addr=${inspector}`);
  return spawn(workerd, args, { stdio: ["ignore", log, log] });
}
