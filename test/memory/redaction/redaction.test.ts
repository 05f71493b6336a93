import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseSecretPatterns } from "../../../src/contract/redaction.ts";
import { redactText, redactValue } from "../../../src/memory/redaction/index.ts";
import { falseCredentials, trueCredentials } from "../../support/credentials.ts";
import { HOSTILE_TEXTS } from "../../support/hostile-texts.ts";

const RULES = { mode: "redact", own: [] } as const;
const redacted = (text: string): string => redactText(text, RULES).value;

function cpuMs(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}

const SEEDS = [1, 2, 3, 4, 5];

describe("a corpus of credentials", () => {
  it.each(SEEDS)("leaves none of 200 true ones, seed %i", (seed) => {
    const left = trueCredentials(seed, 200)
      .map((one) => ({ ...one, made: redacted(one.text) }))
      .filter(({ made, secret }) => made.includes(secret));
    expect(left).toEqual([]);
  });

  it.each(SEEDS)("touches at most 2 % of 200 texts that hold none, seed %i", (seed) => {
    const touched = falseCredentials(seed, 200)
      .map((one) => ({ ...one, made: redacted(one.text) }))
      .filter(({ made, text }) => made !== text);
    expect(touched.length, JSON.stringify(touched, null, 1)).toBeLessThanOrEqual(4);
  });
});

/** The text, told as JSON or as a line of a log tells it. */
const TOLD: readonly (readonly [string, (text: string) => string])[] = [
  ["as JSON", (text) => JSON.stringify({ command: text })],
  ["as a later line in JSON", (text) => JSON.stringify({ log: `the first line\n${text}\tand` })],
  ["as JSON in JSON", (text) => JSON.stringify({ a: JSON.stringify({ b: `one\n${text}` }) })],
  ["behind a quote that is none", (text) => `it"s ${JSON.stringify([`one\r\n${text}`])}`],
];

describe("a corpus of credentials that is written as JSON in a text", () => {
  it.each(TOLD)("leaves none of the true ones: %s", (_how, tell) => {
    for (const { text, secret, form } of trueCredentials(21, 200)) {
      const escaped = JSON.stringify(secret).slice(1, -1);
      const made = redacted(tell(text));
      expect(made.includes(secret) || made.includes(escaped), form).toBe(false);
    }
  });

  it.each(TOLD)("touches at most 2 % of those that hold none: %s", (_how, tell) => {
    const touched = falseCredentials(21, 200)
      .map(({ text }) => tell(text))
      .filter((text) => redacted(text) !== text);
    expect(touched.length, JSON.stringify(touched, null, 1)).toBeLessThanOrEqual(4);
  });

  it("stays as it was but for the text that held one", () => {
    const [{ text, secret } = { text: "", secret: "" }] = trueCredentials(21, 200).filter(
      ({ form }) => form === "AWS secret key alone",
    );
    const told = (said: string): string =>
      `{ "id": 123456789012345678901, "a\\u0062": "\\u00e9",\n"log": ${JSON.stringify(said)} }`;
    expect(redacted(told(text))).toBe(told(text.replace(secret, "[REDACTED:secret]")));
  });
});

describe("redaction", () => {
  it("says what it took, and leaves the rest as it was", () => {
    const password = ["hunter", "2horse"].join("");
    const text = `start\nDB_PASSWORD=${password}\nend`;
    expect(redactText(text, RULES)).toEqual({
      value: "start\nDB_PASSWORD=[REDACTED:password]\nend",
      found: [{ kind: "password", path: "" }],
    });
    expect(redacted("nothing to see, 東京 😀 \u{d800}")).toBe("nothing to see, 東京 😀 \u{d800}");
  });

  it("takes a value out by the name of its field, in parameters and not beside them", () => {
    const value = ["s3cr", "et-Valu3"].join("");
    const input = {
      id: "password-1",
      steps: [
        {
          tool: "login",
          parameters: {
            password: value,
            nested: [
              { name: "DB_PASSWORD", value },
              { name: "LEVEL", value: "info" },
            ],
            headers: { Cookie: `sid=${value}`, "x-api-key": `${value}9Zk2Lq` },
            tokens: 120,
            token_type: "bearer",
          },
          result: { type: "success", output: "ok" },
        },
      ],
    };
    const { value: made, found } = redactValue(input, RULES);
    expect(JSON.stringify(made)).not.toContain(value);
    expect(made).toMatchObject({
      id: "password-1",
      steps: [
        {
          parameters: {
            password: "[REDACTED:password]",
            nested: [{ value: "[REDACTED:password]" }, { value: "info" }],
            tokens: 120,
            token_type: "bearer",
          },
        },
      ],
    });
    expect(found[0]).toEqual({ kind: "password", path: "steps.0.parameters.password" });
    expect(redactValue({ steps: [{ tool: "a" }] }, RULES).found).toEqual([]);
  });

  it("gives the same value back where there is nothing, and changes nothing the second time", () => {
    const input = { a: [{ b: "c" }], d: null, e: 1 };
    expect(redactValue(input, RULES).value).toBe(input);
    for (const { text } of trueCredentials(7, 200))
      expect(redacted(redacted(text))).toBe(redacted(text));
  });

  it("takes out what is private, and nothing else, when it is off", () => {
    const text = trueCredentials(3, 1)[0]?.text ?? "";
    const off = { mode: "off", own: [] } as const;
    expect(redactText(`a <private>b <private>c</private> d</private> e ${text}`, off).value).toBe(
      `a [REDACTED:private] e ${text}`,
    );
    expect(redactText("a </private> b < private c", off).value).toBe("a </private> b < private c");
  });

  it("never makes a text larger than its bound", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 11_000 }), (length) => {
        const text = "pwd=a1b! ".repeat(1_300).slice(0, length);
        const made = redacted(text);
        const bound = [200, 2_000, 10_000].find((most) => length <= most) ?? length;
        expect(made.length).toBeLessThanOrEqual(bound);
        expect(made).not.toContain("pwd=a1b!");
      }),
    );
    const parameters = Object.fromEntries(
      Array.from({ length: 3_300 }, (_, i) => [`k${i}`, "pwd=a1b!"]),
    );
    const { value } = redactValue({ parameters }, RULES);
    expect(JSON.stringify(value.parameters).length).toBeLessThanOrEqual(65_536);
    expect(JSON.stringify(value)).not.toContain("pwd=a1b!");
  });

  it("is linear in any text", () => {
    const units = [
      '"\\',
      '\\"',
      '"\\n"',
      '"\\"\\\\"',
      "\\n",
      "sk-",
      "ghp_",
      "eyJ-",
      "eyJa.",
      "://a:b",
      "://?",
      "://:?a",
      "a=",
      "password=",
      "--password ",
      "pwd:",
      'token:"',
      "Bearer a",
      "-----BEGIN ",
      "-----BEGIN PRIVATE KEY-----",
      "<private>",
      "</private>",
      "AKIA",
      "-u a:",
      '\\"password\\":',
      "cookie:a=",
      "authorization: ",
      "1:AA",
      "password '",
      "=\n",
      "mk_",
      "SG.a",
      "key-",
      "A1b2/",
      "secret_",
    ];
    const texts = units.map((unit) => unit.repeat(Math.ceil(100_000 / unit.length)));
    for (const text of [...texts, ...HOSTILE_TEXTS.map(({ of }) => of(100_000))]) {
      // What it takes of the processor, because the machine may be busy.
      const best = Math.min(
        cpuMs(() => redacted(text)),
        cpuMs(() => redacted(text)),
      );
      expect(best, text.slice(0, 30)).toBeLessThan(500);
    }
  });

  it("never throws, and keeps whole what holds nothing, for any text", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 2_000 }), (text) => {
        expect(redacted(text).length).toBeLessThanOrEqual(text.length + 8_000);
      }),
    );
  });
});

describe("a deployment's own patterns", () => {
  it("find what they describe", () => {
    const own = parseSecretPatterns(
      String.raw`ACME-\d{4}-[a-f0-9]{8,16} badge:\w{3,}`.replace("{3,}", "{3,9}"),
    );
    const rules = { mode: "redact", own } as const;
    expect(redactText("with ACME-1234-deadbeef00 and badge:abc_1.", rules)).toMatchObject({
      value: "with [REDACTED:custom] and [REDACTED:custom].",
      found: [{ kind: "custom" }, { kind: "custom" }],
    });
    expect(redactText("XACME-1234-deadbeef ACME-12-deadbeef", rules).found).toEqual([]);
  });

  it.each([
    ["ab[0-9]{3}", "must begin with 3 characters"],
    ["abc.*", "not of this language"],
    ["abc(d|e)", "not of this language"],
    ["abc[0-9", "class without an end"],
    ["abc[9-0]", "range"],
    ["abc[a-z]{2,1}", "number of times"],
    ["abc[a-z]{1000}", "at most 300"],
    [String.raw`abc\s`, String.raw`there are \d and \w`],
    ["abcd ".repeat(21), "at most 20"],
  ])("%s is refused", (text, problem) => {
    expect(() => parseSecretPatterns(text)).toThrow(problem);
  });
});
