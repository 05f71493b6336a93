/**
 * OTLP's messages of traces as protobuf has them, read into the form that they have in OTLP's JSON,
 * and its answers written. What is not of interest is skipped. Bounded in depth and in messages,
 * which take more room here than on the wire.
 *
 * @module
 */

import { BinaryReader, BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { toHex } from "../../util/hashing/hash.ts";
import { invalid } from "../validate.ts";

/** Messages in messages, and messages of a request. */
const DEPTH_MAX = 100;
const MESSAGES_MAX = 500_000;
/** Characters of the reader's reason that an answer repeats. */
const REASON_MAX = 100;

type Scalar = "text" | "hex" | "base64" | "fixed64" | "fixed32" | "int64" | "double" | "flag";
/** The field's name in JSON, what it holds, and whether there may be several. */
type Field = readonly [name: string, holds: Scalar | MessageName, many?: "many"];
type MessageName =
  | "Request"
  | "Resource"
  | "Process"
  | "Scope"
  | "Span"
  | "Event"
  | "Status"
  | Value;
type Value = "Pair" | "Value" | "Values" | "Pairs";
type Fields = Readonly<Record<number, Field>>;

/** By number, as opentelemetry-proto (trace/v1, common/v1) has them. */
const MESSAGES: Readonly<Record<MessageName, Fields>> = {
  Request: { 1: ["resourceSpans", "Resource", "many"] },
  Resource: { 1: ["resource", "Process"], 2: ["scopeSpans", "Scope", "many"] },
  Process: { 1: ["attributes", "Pair", "many"] },
  Scope: { 2: ["spans", "Span", "many"] },
  Span: {
    1: ["traceId", "hex"],
    2: ["spanId", "hex"],
    4: ["parentSpanId", "hex"],
    5: ["name", "text"],
    7: ["startTimeUnixNano", "fixed64"],
    8: ["endTimeUnixNano", "fixed64"],
    9: ["attributes", "Pair", "many"],
    11: ["events", "Event", "many"],
    15: ["status", "Status"],
    16: ["flags", "fixed32"],
  },
  Event: { 2: ["name", "text"], 3: ["attributes", "Pair", "many"] },
  Status: { 2: ["message", "text"], 3: ["code", "int64"] },
  Pair: { 1: ["key", "text"], 2: ["value", "Value"] },
  Value: {
    1: ["stringValue", "text"],
    2: ["boolValue", "flag"],
    3: ["intValue", "int64"],
    4: ["doubleValue", "double"],
    5: ["arrayValue", "Values"],
    6: ["kvlistValue", "Pairs"],
    7: ["bytesValue", "base64"],
  },
  Values: { 1: ["values", "Value", "many"] },
  Pairs: { 1: ["values", "Pair", "many"] },
};

const WIRE_TYPES: Readonly<Record<Scalar, WireType>> = {
  text: WireType.LengthDelimited,
  hex: WireType.LengthDelimited,
  base64: WireType.LengthDelimited,
  fixed64: WireType.Bit64,
  fixed32: WireType.Bit32,
  int64: WireType.Varint,
  double: WireType.Bit64,
  flag: WireType.Varint,
};

type Message = Record<string, unknown>;

/** @throws Problem validation_failed for what is no such message */
export function readTraces(bytes: Uint8Array<ArrayBuffer>): Message {
  try {
    return new TraceReader(bytes).read("Request", bytes.length, 0);
  } catch (error) {
    const reason = error instanceof Error ? error.message.slice(0, REASON_MAX) : "";
    throw invalid("", `The body is no ExportTraceServiceRequest in protobuf: ${reason}`);
  }
}

class TraceReader {
  readonly #reader: BinaryReader;
  readonly #text = new TextDecoder("utf-8");
  #messages = 0;

  constructor(bytes: Uint8Array<ArrayBuffer>) {
    this.#reader = new BinaryReader(bytes);
  }

  /** @param end where the message ends */
  read(name: MessageName, end: number, depth: number): Message {
    this.#messages += 1;
    if (depth > DEPTH_MAX) throw new Error(`it is nested deeper than ${DEPTH_MAX} messages`);
    if (this.#messages > MESSAGES_MAX) throw new Error(`it has more than ${MESSAGES_MAX} messages`);
    const reader = this.#reader;
    const fields = MESSAGES[name];
    const message: Message = {};
    while (reader.pos < end) {
      const [number, wire] = reader.tag();
      const field = fields[number];
      // A reader of groups goes into each: nobody sends them.
      if (wire === WireType.StartGroup) throw new Error("it has a group");
      if (!field || wire !== wireOf(field)) reader.skip(wire, number);
      else this.#put(message, field, depth);
    }
    if (reader.pos !== end) throw new Error("a message ends within a field");
    return message;
  }

  #put(message: Message, [name, holds, many]: Field, depth: number): void {
    const value =
      holds in MESSAGES ? this.#inner(holds as MessageName, depth) : this.#scalar(holds);
    const held = message[name];
    if (many && Array.isArray(held)) held.push(value);
    else message[name] = many ? [value] : value;
  }

  #inner(name: MessageName, depth: number): Message {
    const length = this.#reader.uint32();
    const end = this.#reader.pos + length;
    if (end > this.#reader.len) throw new Error("it ends too early");
    return this.read(name, end, depth + 1);
  }

  #scalar(holds: Field[1]): unknown {
    const reader = this.#reader;
    if (holds === "text") return this.#text.decode(reader.bytes());
    if (holds === "hex") return toHex(reader.bytes());
    if (holds === "base64") return base64Of(reader.bytes());
    if (holds === "fixed64") return String(reader.fixed64());
    if (holds === "int64") return String(reader.int64());
    if (holds === "fixed32") return reader.fixed32();
    return holds === "double" ? reader.double() : reader.bool();
  }
}

const wireOf = ([, holds]: Field): WireType =>
  holds in MESSAGES ? WireType.LengthDelimited : WIRE_TYPES[holds as Scalar];

function base64Of(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
}

/** ExportTraceServiceResponse. @param rejected 0: all was taken, and nothing is to be said */
export function exportAnswer(rejected: number, message: string): Uint8Array<ArrayBuffer> {
  const partial = new BinaryWriter().tag(1, WireType.Varint).int64(rejected);
  partial.tag(2, WireType.LengthDelimited).string(message);
  if (rejected === 0) return new Uint8Array();
  return new BinaryWriter()
    .tag(1, WireType.LengthDelimited)
    .bytes(partial.finish())
    .finish() as Uint8Array<ArrayBuffer>;
}

/** `google.rpc.Status`, as what OTLP answers failures. */
export function statusAnswer(message: string): Uint8Array<ArrayBuffer> {
  return new BinaryWriter()
    .tag(2, WireType.LengthDelimited)
    .string(message)
    .finish() as Uint8Array<ArrayBuffer>;
}
