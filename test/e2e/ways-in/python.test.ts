import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import packageJson from "../../../package.json" with { type: "json" };
import { hasPython, PACKAGE, python, WHEELS } from "../../support/processes/python.ts";
import { Sqld } from "../../support/processes/sqld.ts";
import { ADMIN_TOKEN, Service } from "../../support/service/service.ts";

it("the Python package has the version of the service", () => {
  const text = readFileSync(join(PACKAGE, "pyproject.toml"), "utf8");
  expect(/^version = "(.*)"$/m.exec(text)?.[1]).toBe(packageJson.version);
});

describe.runIf(hasPython())("the Python package", () => {
  let database: Sqld;
  let service: Service;
  let folder: string;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "memory-python-"));
    database = await Sqld.start();
    service = await Service.start(database.url);
  });
  afterAll(async () => {
    await service.remove();
    await database.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  it("has types that mypy takes, strictly", async () => {
    expect(await python("mypy", [])).toEqual({ exit: 0, out: expect.any(String) });
  });

  it("passes its own tests against the service, none left out, with the frameworks' packages", async () => {
    const env = {
      MEMORY_URL: service.url,
      MEMORY_ADMIN_TOKEN: ADMIN_TOKEN,
      PYTHONPATH: join(PACKAGE, "src"),
      PYTHONDONTWRITEBYTECODE: "1",
    };
    const { exit, out } = await python("pytest", ["-q", "-p", "no:cacheprovider"], { env });
    expect([exit, out]).toEqual([0, expect.not.stringContaining("skipped")]);
  });

  it("is installed as a wheel in an empty environment, and runs the examples of its pages", async () => {
    const wheel = ["wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", folder, "."];
    expect((await python("pip", wheel)).exit).toBe(0);
    const file = readdirSync(folder).find((name) => name.endsWith(".whl")) ?? "";
    const environment = join(folder, "empty");
    expect((await python("python", ["-m", "venv", environment])).exit).toBe(0);
    const install = ["install", "--no-index", "--find-links", WHEELS, join(folder, file)];
    expect(await python("pip", install, { environment })).toMatchObject({ exit: 0 });

    const page = readFileSync(join(PACKAGE, "README.md"), "utf8");
    const [example = "", asking = ""] = [...page.matchAll(/```python\n([\s\S]*?)```/g)].map(
      ([, text = ""]) => text,
    );
    writeFileSync(join(folder, "agent.py"), example);
    const key = await service.key("python");
    const env = { MEMORY_URL: service.url, MEMORY_KEY: key };
    const ran = await python("python", ["agent.py"], { cwd: folder, env, environment });
    expect([ran.exit, ran.out]).toEqual([0, expect.stringMatching(/^[0-9a-f-]{36} 2\n$/)]);
    const id = ran.out.split(" ")[0] ?? "";
    const { body } = await service.call("GET", `/v1/episodes/${id}`, { key });
    expect(body.outcome.type).toBe("success");
    expect(body.steps.map(({ tool }: { tool: string }) => tool)).toEqual(["get_order", "cancel"]);

    writeFileSync(join(folder, "ask.py"), asking);
    const asked = await python("python", ["ask.py"], { cwd: folder, env, environment });
    expect([asked.exit, asked.out]).toEqual([
      0,
      expect.stringMatching(/^From memory[\s\S]*`get_order`[\s\S]*\n\['cancel'.*\] .+\n$/),
    ]);

    const root = readFileSync(join(PACKAGE, "../README.md"), "utf8");
    writeFileSync(join(folder, "agent.py"), /```python\n([\s\S]*?)```/.exec(root)?.[1] ?? "");
    const again = await python("python", ["agent.py"], { cwd: folder, env, environment });
    expect([again.exit, again.out]).toEqual([
      0,
      expect.stringMatching(/^From memory[\s\S]*`cancel`[\s\S]* order 7 is cancelled\n$/),
    ]);
  });
});
