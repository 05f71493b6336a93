import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { actionKey, actionName } from "../../../src/memory/actions/index.ts";

const keyOf = (command: string): string | null => actionKey("run", { command });

describe("the key of an action", () => {
  it("is a command's programs with their sub-commands, without flags and arguments", () => {
    expect(keyOf("npm test -- --watch=false src/a.test.ts")).toBe("npm test");
    expect(keyOf("docker compose -f dev.yml up -d db")).toBe("docker compose up");
    expect(keyOf("git commit -m 'one; two && three'")).toBe("git commit");
    expect(keyOf("python -m pytest tests/ -k slow")).toBe("python -m pytest");
    expect(keyOf("python manage.py migrate --plan")).toBe("python manage.py migrate");
    expect(keyOf("./node_modules/.bin/tsc --noEmit")).toBe("tsc");
    expect(keyOf("grep -rn 'x' src")).toBe("grep");
  });

  it("looks through wrappers, and at the parts of a line", () => {
    expect(keyOf("cd /app && sudo env A=1 timeout -s KILL 30 npx prisma migrate deploy")).toBe(
      "prisma migrate deploy",
    );
    expect(keyOf('bash -lc "cd web && npm ci && npm run build"')).toBe("npm ci && npm run build");
    expect(keyOf("poetry run pytest")).toBe("pytest");
    expect(keyOf("PORT=3001 npm run dev > out.log 2>&1 &")).toBe("npm run dev");
    expect(keyOf("npm test 2>&1 | grep -i error | tail -20")).toBe("npm test");
    expect(keyOf("find . -name '*.java' | xargs md5sum | sort")).toBe("find | xargs | sort");
    expect(keyOf("if [ -f Makefile ]; then make build; fi")).toBe("make build");
    expect(keyOf("cat <<EOF > notes.txt\nrm -rf /\nEOF")).toBe("cat");
    expect(actionKey("shell", { command: ["bash", "-lc", "git add -A && git push"] })).toBe(
      "git add && git push",
    );
  });

  it("is a statement's verb and tables, and no sentence is a statement", () => {
    const sql = (query: string): string | null => actionKey("ask", { query });
    expect(sql("SELECT u.name FROM users u JOIN orders o ON o.user = u.id")).toBe(
      "SELECT orders, users",
    );
    expect(sql("update `orders` set a = 1")).toBe("UPDATE orders");
    expect(sql("SHOW TABLES")).toBe("SHOW TABLES");
    expect(sql("DESC people;")).toBe("DESCRIBE people");
    expect(sql("select the best flight from here")).toBeNull();
    expect(sql("describe the weather in Rome")).toBeNull();
    expect(sql("delete my account")).toBeNull();
  });

  it("is a request's method, host and path, and a file's kind", () => {
    expect(actionKey("fetch", { url: "https://api.example.com/v1/users/42?x=1" })).toBe(
      "GET api.example.com/v1/users/{}",
    );
    expect(actionKey("fetch", { url: "http://a.b/c", method: "post" })).toBe("POST a.b/c");
    expect(actionKey("Edit", { file_path: "/app/src/cart.test.ts", old_string: "a" })).toBe(
      "*.test.ts",
    );
    expect(actionKey("Read", { filePath: "docker/Dockerfile" })).toBe("Dockerfile");
    expect(actionKey("Write", { path: "db/migrations/001_users.sql" })).toBe("migrations/*.sql");
    expect(actionKey("Read", { path: "package.json" })).toBe("package.json");
  });

  it("is null where the parameters say no more than the tool", () => {
    expect(actionKey("cancel_order", { order_id: "#W1", reason: "no longer needed" })).toBeNull();
    expect(actionKey("look", null)).toBeNull();
    expect(actionKey("look", [1, 2])).toBeNull();
    expect(keyOf("")).toBeNull();
    expect(keyOf("$(rm -rf x)")).toBeNull();
    expect(actionName("look", null)).toBe("look");
    expect(actionName("Bash", "npm test")).toBe("Bash: npm test");
  });

  it("takes no word for what every object has", () => {
    for (const word of ["__proto__", "constructor", "toString", "hasOwnProperty"]) {
      expect(keyOf(`${word} run x`)).not.toContain("native code");
      expect(() => keyOf(word)).not.toThrow();
      expect(() => keyOf(`cd a && ${word} b`)).not.toThrow();
    }
  });

  it("is the same for the same call, and short, whatever is called", () => {
    const parameters = fc.dictionary(
      fc.constantFrom("command", "query", "url", "path", "x"),
      fc.oneof(fc.string({ maxLength: 300 }), fc.jsonValue()),
    );
    fc.assert(
      fc.property(fc.constantFrom("Bash", "look"), parameters, (tool, call) => {
        const key = actionKey(tool, call);
        expect(actionKey(tool, structuredClone(call))).toBe(key);
        if (key !== null) {
          expect(key.length).toBeGreaterThan(0);
          expect(key.length).toBeLessThanOrEqual(120);
        }
      }),
    );
  });

  it("is found in a time in proportion to the text, whatever it holds", () => {
    const texts = ["-- ", "/*", "'", "from ", "select ", "| ", "$(", "<<", "a=", "\\\n", '"\\'];
    for (const text of texts) {
      const long = text.repeat(30_000);
      const began = performance.now();
      for (const name of ["command", "query", "url", "path"]) actionKey("Bash", { [name]: long });
      expect(performance.now() - began).toBeLessThan(1_000);
    }
  });
});
