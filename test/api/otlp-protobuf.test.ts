import * as fc from "fast-check";
import { BinaryReader, BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { describe, expect, it } from "vitest";
import { exportAnswer, readTraces, statusAnswer } from "../../src/api/spans/otlp-protobuf.ts";

type Bytes = Uint8Array<ArrayBuffer>;
const writer = (): BinaryWriter => new BinaryWriter();
const inside = (number: number, bytes: Uint8Array): Bytes =>
  writer().tag(number, WireType.LengthDelimited).bytes(bytes).finish() as Bytes;
const text = (number: number, value: string): Uint8Array =>
  writer().tag(number, WireType.LengthDelimited).string(value).finish();
const joined = (...parts: Uint8Array[]): Bytes =>
  parts.reduce<BinaryWriter>((all, part) => all.raw(part), writer()).finish() as Bytes;
const request = (...spans: Uint8Array[]): Bytes =>
  inside(1, inside(2, joined(...spans.map((span) => inside(2, span)))));
const valueOf = (bytes: Uint8Array): unknown => {
  const pair = joined(text(1, "key"), inside(2, bytes));
  const read = readTraces(request(inside(9, pair)));
  return JSON.parse(
    /"value":(.*)\}\]\}\]\}\]\}\]\}$/.exec(JSON.stringify(read))?.[1] ?? "null",
  ) as unknown;
};

describe("OTLP's messages in protobuf", () => {
  it("are read as OTLP's JSON has them", () => {
    const span = joined(
      inside(1, new Uint8Array(16).fill(0xab)),
      inside(2, new Uint8Array(8).fill(0x1c)),
      inside(4, new Uint8Array(8).fill(0x01)),
      text(5, "execute_tool find"),
      writer().tag(6, WireType.Varint).int32(1).finish(),
      writer().tag(7, WireType.Bit64).fixed64(1_767_225_600_123_456_789n).finish(),
      writer().tag(8, WireType.Bit64).fixed64(1_767_225_601_000_000_000n).finish(),
      inside(15, joined(text(2, "down"), writer().tag(3, WireType.Varint).int32(2).finish())),
      writer().tag(16, WireType.Bit32).fixed32(0x300).finish(),
    );
    expect(readTraces(request(span))).toEqual({
      resourceSpans: [
        {
          scopeSpans: [
            {
              spans: [
                {
                  traceId: "ab".repeat(16),
                  spanId: "1c".repeat(8),
                  parentSpanId: "01".repeat(8),
                  name: "execute_tool find",
                  startTimeUnixNano: "1767225600123456789",
                  endTimeUnixNano: "1767225601000000000",
                  status: { message: "down", code: "2" },
                  flags: 0x300,
                },
              ],
            },
          ],
        },
      ],
    });
  });

  it("say whose spans they are", () => {
    const pair = joined(text(1, "service.name"), inside(2, text(1, "checkout")));
    const read = readTraces(
      inside(1, joined(inside(1, inside(1, pair)), inside(2, new Uint8Array()))),
    );
    const attributes = [{ key: "service.name", value: { stringValue: "checkout" } }];
    expect(read).toEqual({ resourceSpans: [{ resource: { attributes }, scopeSpans: [{}] }] });
  });

  it.each([
    ["a text", text(1, "é"), { stringValue: "é" }],
    ["a truth", writer().tag(2, WireType.Varint).bool(true).finish(), { boolValue: true }],
    [
      "an integer beyond a double",
      writer()
        .tag(3, WireType.Varint)
        .int64(-(2n ** 62n))
        .finish(),
      { intValue: "-4611686018427387904" },
    ],
    ["a number", writer().tag(4, WireType.Bit64).double(0.5).finish(), { doubleValue: 0.5 }],
    ["bytes", inside(7, new Uint8Array([1, 2, 3])), { bytesValue: "AQID" }],
    [
      "a list",
      inside(5, inside(1, text(1, "a"))),
      { arrayValue: { values: [{ stringValue: "a" }] } },
    ],
    [
      "a map",
      inside(6, inside(1, joined(text(1, "k"), inside(2, text(1, "v"))))),
      { kvlistValue: { values: [{ key: "k", value: { stringValue: "v" } }] } },
    ],
  ])("have values: %s", (_what, bytes, value) => {
    expect(valueOf(bytes)).toEqual(value);
  });

  it("skip what is not known, and a field of another type than its own", () => {
    const strange = joined(
      text(99, "later"),
      writer().tag(5, WireType.Varint).int32(7).finish(),
      text(5, "named"),
    );
    expect(JSON.stringify(readTraces(request(strange)))).toContain('{"name":"named"}');
  });

  it("are read or refused, whatever stands in them, in a time in proportion", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(5), (bytes, depth) => {
        let body = new Uint8Array(bytes) as Bytes;
        for (const number of [9, 2, 2, 1].slice(0, depth)) body = inside(number, body);
        try {
          readTraces(body);
        } catch (error) {
          expect(String(error)).toMatch(/ExportTraceServiceRequest/);
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it("are bounded in depth and in number", () => {
    let value = text(1, "x");
    for (let level = 0; level < 200; level++) value = inside(5, inside(1, value));
    expect(() => valueOf(value)).toThrow("nested deeper");
    const many = new Uint8Array(2_000_000).map((_, i) => (i % 2 === 0 ? 0x0a : 0));
    expect(() => readTraces(many as Bytes)).toThrow("more than 500000 messages");
  });
});

describe("OTLP's answers in protobuf", () => {
  it("say nothing where all was taken, else how many were not, and why", () => {
    expect(exportAnswer(0, "")).toEqual(new Uint8Array());
    const reader = new BinaryReader(exportAnswer(3, "too large"));
    expect(reader.tag()).toEqual([1, WireType.LengthDelimited]);
    const partial = new BinaryReader(reader.bytes());
    expect([partial.tag(), Number(partial.int64())]).toEqual([[1, WireType.Varint], 3]);
    expect([partial.tag(), partial.string()]).toEqual([[2, WireType.LengthDelimited], "too large"]);
  });

  it("say of a failure what it was", () => {
    const reader = new BinaryReader(statusAnswer("no"));
    expect([reader.tag(), reader.string()]).toEqual([[2, WireType.LengthDelimited], "no"]);
  });
});
