/**
 * The files of a server of one's own: valid for those who read them, and in step with each other.
 * Where Docker Compose or systemd is missing, its test is left out.
 */

import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import packageJson from "../../package.json" with { type: "json" };

const ROOT = join(import.meta.dirname, "../..");
const read = (file: string): string => readFileSync(join(ROOT, file), "utf8");
const UNITS = ["memory-database", "memory-service"];
const works = (command: string, ...args: string[]): boolean =>
  spawnSync(command, args, { stdio: "ignore" }).status === 0;
/** The plugin, or the program of its first releases; null: neither is there. */
const COMPOSE =
  [["docker", "compose"], ["docker-compose"]].find(([command = "", ...args]) =>
    works(command, ...args, "version"),
  ) ?? null;

interface Compose {
  services: Record<
    string,
    {
      image: string;
      volumes?: string[];
      ports?: string[];
      mem_limit?: string;
      environment?: Record<string, string>;
    }
  >;
  volumes: Record<string, null>;
}
const compose = parse(read("docker-compose.yml"), { merge: true }) as Compose;

describe("docker-compose.yml", () => {
  it.skipIf(COMPOSE === null)("is valid (left out where Docker Compose is missing)", () => {
    const [command = "", ...args] = COMPOSE ?? [];
    const file = join(ROOT, "docker-compose.yml");
    execFileSync(command, [...args, "-f", file, "config", "-q"], { stdio: "pipe" });
  });

  it("mounts files that are there, and publishes nothing beyond this machine", () => {
    const services = Object.values(compose.services);
    const sources = services.flatMap(({ volumes = [] }) =>
      volumes.map((volume) => volume.split(":")[0] ?? ""),
    );
    const missing = sources.filter((source) =>
      source.startsWith(".") ? !existsSync(join(ROOT, source)) : !(source in compose.volumes),
    );
    expect(missing).toEqual([]);
    const ports = services.flatMap(({ ports: published = [] }) => published);
    expect(ports.filter((port) => !port.startsWith("127.0.0.1:"))).toEqual([]);
  });

  it("lets nobody sign in to Grafana, by its usual password or another", () => {
    const { GF_AUTH_ANONYMOUS_ORG_ROLE: role, ...grafana } =
      compose.services["grafana"]?.environment ?? {};
    expect(role).toBe("Viewer");
    expect(grafana).toMatchObject({
      GF_AUTH_BASIC_ENABLED: "false",
      GF_AUTH_DISABLE_LOGIN_FORM: "true",
      GF_SECURITY_DISABLE_INITIAL_ADMIN_CREATION: "true",
    });
    const secrets = Object.values(compose.services).flatMap(({ environment = {} }) =>
      Object.entries(environment).filter(([name]) => /PASSWORD|TOKEN$|_KEY$/.test(name)),
    );
    expect(secrets).toEqual([]);
  });

  it("runs this version, each image by its version, and bounds what stays", () => {
    const images = Object.values(compose.services).map(({ image }) => image);
    expect(images.filter((image) => !/:v?\d+\.\d+\.\d+$/.test(image))).toEqual([]);
    expect(images).toContain(`memory-service:${packageJson.version}`);
    const unbounded = Object.entries(compose.services)
      .filter(([, { mem_limit }]) => mem_limit === undefined)
      .map(([name]) => name);
    expect(unbounded).toEqual(["secrets", "metrics-key"]);
  });
});

describe("the Dockerfile", () => {
  it("copies and runs what is there", () => {
    const lines = read("Dockerfile").split("\n");
    const copied = lines
      .filter((line) => line.startsWith("COPY "))
      .flatMap((line) => line.split(" ").slice(1, -1));
    expect(copied.filter((file) => !existsSync(join(ROOT, file)))).toEqual([]);
    const scripts = [...read("Dockerfile").matchAll(/scripts\/[\w./-]+/g)].map(([file]) => file);
    expect(scripts.filter((file) => !existsSync(join(ROOT, file)))).toEqual([]);
  });
});

describe("Prometheus's configuration there", () => {
  const bare = (text: string): string =>
    text
      .split("\n")
      .filter((line) => !line.startsWith("#"))
      .join("\n");

  it("is that of ops/prometheus but for the addresses", () => {
    const expected = bare(read("ops/prometheus/prometheus.yml"))
      .replaceAll("127.0.0.1:9093", "alertmanager:9093")
      .replace("127.0.0.1:8787", "service:8787")
      .replace(
        "credentials_file: metrics-key",
        "credentials_file: /run/memory-metrics/metrics-key",
      );
    expect(bare(read("ops/self-hosting/prometheus.yml"))).toBe(expected);
  });
});

describe("the units", () => {
  it.skipIf(!works("systemd-analyze", "--version"))(
    "are valid (left out where systemd-analyze is missing)",
    () => {
      const directory = mkdtempSync(join(tmpdir(), "memory-units-"));
      const files = UNITS.map((name) => {
        const file = join(directory, `${name}.service`);
        // Where this checkout is, so that the programs are found.
        writeFileSync(
          file,
          read(`ops/systemd/${name}.service`).replaceAll("/opt/memory-service", ROOT),
        );
        return file;
      });
      const { status, stderr } = spawnSync("systemd-analyze", ["verify", ...files], {
        encoding: "utf8",
      });
      rmSync(directory, { recursive: true });
      expect([status, stderr.split("\n").filter((line) => line.includes(directory))]).toEqual([
        0,
        [],
      ]);
    },
  );

  it.each(UNITS)("%s is bounded, is started again, and has time to stop", (name) => {
    const unit = read(`ops/systemd/${name}.service`);
    const valueOf = (key: string): string | undefined =>
      new RegExp(`^${key}=(.*)$`, "m").exec(unit)?.[1];
    for (const key of ["MemoryMax", "TasksMax", "LimitNOFILE"])
      expect(valueOf(key), key).toBeDefined();
    expect([valueOf("Restart"), valueOf("StartLimitIntervalSec")]).toEqual(["always", "0"]);
    const drain = Number(/MEMORY_DRAIN_SECONDS=(\d+)/.exec(unit)?.[1] ?? 0);
    expect(Number(valueOf("TimeoutStopSec"))).toBeGreaterThan(drain + 5);
  });
});
