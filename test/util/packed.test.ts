import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { PackedReader, PackedWriter } from "../../src/util/packed.ts";

const value = fc.oneof(
  fc.record({
    kind: fc.constant("uint" as const),
    value: fc.oneof(
      fc.nat(300),
      fc.maxSafeNat(),
      fc.integer({ min: 2 ** 31 - 2, max: 2 ** 31 + 2 }),
    ),
  }),
  fc.record({
    kind: fc.constant("int" as const),
    value: fc.oneof(
      fc.integer({ min: -200, max: 200 }),
      fc.integer({ min: -(2 ** 52) + 1, max: 2 ** 52 - 1 }),
    ),
  }),
  fc.record({
    kind: fc.constant("uint32" as const),
    value: fc.oneof(fc.nat(2 ** 32 - 1), fc.constantFrom(0, 2 ** 31, 2 ** 32 - 1)),
  }),
  fc.record({
    kind: fc.constant("text" as const),
    value: fc.oneof(
      fc.string({ unit: "binary", maxLength: 100 }),
      fc.string({ unit: "grapheme-ascii", maxLength: 100 }),
      fc.constantFrom(
        "",
        "\uFEFF",
        "\uFEFFé",
        "\0",
        "x".repeat(64),
        "x".repeat(65),
        "é".repeat(64),
      ),
    ),
  }),
  fc.record({ kind: fc.constant("bytes" as const), value: fc.uint8Array({ maxLength: 3_000 }) }),
);
type Value = typeof value extends fc.Arbitrary<infer V> ? V : never;

function write(writer: PackedWriter, values: readonly Value[]): void {
  for (const one of values) {
    if (one.kind === "text") writer.text(one.value);
    else if (one.kind === "bytes") writer.bytes(one.value);
    else writer[one.kind](one.value);
  }
}

function expectValues(reader: PackedReader, values: readonly Value[]): void {
  for (const one of values) {
    const read = one.kind === "bytes" ? reader.bytes(one.value.length) : reader[one.kind]();
    expect(read).toEqual(one.value);
  }
}

describe("packed values", () => {
  it("are read as they were written, and nothing is left over", () => {
    fc.assert(
      fc.property(fc.array(value, { maxLength: 30 }), (values) => {
        const writer = new PackedWriter();
        write(writer, values);
        const { length } = writer;
        const bytes = writer.done();
        expect(bytes.length).toBe(length);
        expect(bytes.buffer.byteLength).toBe(length);
        const reader = new PackedReader(bytes);
        expectValues(reader, values);
        expect(reader.isAtEnd).toBe(true);
        expect(reader.at).toBe(length);
      }),
    );
  });

  it("are read from the middle, and passed over", () => {
    const some = fc.array(value, { maxLength: 8 });
    fc.assert(
      fc.property(some, some, (before, values) => {
        const writer = new PackedWriter();
        write(writer, before);
        const at = writer.length;
        write(writer, values);
        const bytes = writer.done();
        expectValues(new PackedReader(bytes, at), values);
        const reader = new PackedReader(bytes);
        reader.skip(at);
        expectValues(reader, values);
      }),
    );
  });

  it("of four bytes are read together, into a part of an array, as one by one", () => {
    const some = fc.array(value, { maxLength: 3 });
    fc.assert(
      fc.property(some, fc.uint32Array(), some, (before, numbers, after) => {
        const writer = new PackedWriter();
        write(writer, before);
        const at = writer.length;
        for (const number of numbers) writer.uint32(number);
        write(writer, after);
        const reader = new PackedReader(writer.done(), at);
        const array = new Uint32Array(numbers.length + 2);
        reader.uint32s(array.subarray(1, -1));
        expect([...array]).toEqual([0, ...numbers, 0]);
        expectValues(reader, after);
      }),
    );
  });

  it("are passed over, where they are texts, by their length", () => {
    const some = fc.array(value, { maxLength: 3 });
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), some, (text, after) => {
        const writer = new PackedWriter().text(text);
        write(writer, after);
        const reader = new PackedReader(writer.done());
        reader.skipText();
        expectValues(reader, after);
      }),
    );
  });

  it("do not change when their writer is used again", () => {
    fc.assert(
      fc.property(fc.array(value), fc.array(value), (first, second) => {
        const writer = new PackedWriter();
        write(writer, first);
        const bytes = writer.done();
        write(writer, second);
        const more = writer.done();
        expectValues(new PackedReader(bytes), first);
        expectValues(new PackedReader(more), second);
      }),
    );
  });

  it("take a byte for each seven bits, and one for the length of a short text", () => {
    const lengthOf = (write: (writer: PackedWriter) => void): number => {
      const writer = new PackedWriter();
      write(writer);
      return writer.done().length;
    };
    const lengths = [0, 127, 128, 2 ** 14 - 1, 2 ** 14, 2 ** 53 - 1].map((number) =>
      lengthOf((writer) => writer.uint(number)),
    );
    expect(lengths).toEqual([1, 1, 2, 2, 3, 8]);
    expect(lengthOf((writer) => writer.int(-64).int(63))).toBe(2);
    expect(lengthOf((writer) => writer.text("lamp"))).toBe(5);
  });

  it("have U+FFFD for a lone surrogate", () => {
    const bytes = new PackedWriter().text("a\uD800b").done();
    expect(new PackedReader(bytes).text()).toBe("a\uFFFDb");
  });
});
