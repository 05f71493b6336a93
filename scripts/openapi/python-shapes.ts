/**
 * Shapes of the OpenAPI document as Python's types: objects become `TypedDict`s with names of their
 * own, made of where they stand.
 *
 * @module
 */

import type { Json } from "./json-schema.ts";

const PRIMITIVES: Record<string, string> = {
  string: "str",
  integer: "int",
  number: "float",
  boolean: "bool",
  null: "None",
};

const NAME = /^[A-Za-z_]\w*$/;
/** Words that cannot be a field in the syntax of a class. */
const KEYWORDS = new Set("from import in is not and or if else for class def global".split(" "));

export class PythonShapes {
  /** Name → its definition. */
  readonly #texts = new Map<string, string[]>();
  /** Of a shape that stands in several places, written once: its text → its name. */
  readonly #known = new Map<string, string>();

  /** Defines a component under its own name. */
  define(name: string, schema: Json): void {
    if (schema["type"] === "object" && schema["properties"]) this.#object(name, schema);
    else this.#texts.set(name, [`${name} = ${this.typeOf(schema, `${name}Value`)}`]);
  }

  /** All that was defined, one after the other; types name each other before they are defined. */
  definitions(): string[] {
    return [...this.#texts.values()].flatMap((lines) => ["", ...lines, ""]);
  }

  /** @param place a name for what has none of its own */
  typeOf(schema: Json, place: string): string {
    const reference = /^#\/components\/schemas\/(\w+)$/.exec(String(schema["$ref"]))?.[1];
    if (reference !== undefined) return `"${reference}"`;
    if (schema["const"] !== undefined) return literal([schema["const"]]);
    if (Array.isArray(schema["enum"])) return literal(schema["enum"]);
    const choices = (schema["oneOf"] ?? schema["anyOf"]) as Json[] | undefined;
    if (choices) {
      const isOne = choices.filter(({ type }) => type !== "null").length === 1;
      const names = choices.map((choice, i) => (isOne ? place : choiceName(place, choice, i)));
      return union(choices.map((choice, i) => this.typeOf(choice, names[i] ?? place)));
    }
    if (Array.isArray(schema["type"]))
      return union(schema["type"].map((type: unknown) => this.typeOf({ ...schema, type }, place)));
    if (schema["type"] === "array")
      return `List[${this.typeOf((schema["items"] ?? {}) as Json, singular(place))}]`;
    if (schema["type"] !== "object") return PRIMITIVES[String(schema["type"])] ?? "Any";
    if (schema["properties"] && Object.keys(schema["properties"]).length > 0)
      return `"${this.#object(place, schema)}"`;
    const values = schema["additionalProperties"];
    const isShape = typeof values === "object" && values !== null && Object.keys(values).length > 0;
    return `Dict[str, ${isShape ? this.typeOf(values as Json, `${place}Value`) : "Any"}]`;
  }

  /** Defines an object and returns its name. */
  #object(wanted: string, schema: Json): string {
    const text = JSON.stringify(schema);
    const known = this.#known.get(text);
    if (known !== undefined) return known;
    let name = wanted;
    for (let i = 2; this.#texts.has(name); i++) name = `${wanted}${i}`;
    this.#known.set(text, name);
    this.#texts.set(name, []);

    const required = (schema["required"] ?? []) as string[];
    const fields = Object.entries(schema["properties"] as Record<string, Json>).map(
      ([field, property]) => {
        const type = this.typeOf(property, `${name}${pascal(field)}`);
        return { field, type: required.includes(field) ? type : `NotRequired[${type}]` };
      },
    );
    const isClass = fields.every(({ field }) => NAME.test(field) && !KEYWORDS.has(field));
    this.#texts.set(
      name,
      isClass
        ? [`class ${name}(TypedDict):`, ...fields.map(({ field, type }) => `    ${field}: ${type}`)]
        : [
            `${name} = TypedDict(`,
            `    "${name}",`,
            "    {",
            ...fields.map(({ field, type }) => `        "${field}": ${type},`),
            "    },",
            ")",
          ],
    );
    return name;
  }
}

/** A choice is named by the type that it says it has. */
function choiceName(place: string, choice: Json, index: number): string {
  const { type } = (choice["properties"] ?? {}) as { type?: Json };
  if (typeof type?.["const"] === "string") return `${place}${pascal(type["const"])}`;
  return `${place}${index + 1}`;
}

function singular(place: string): string {
  return place.endsWith("ies")
    ? `${place.slice(0, -3)}y`
    : place.endsWith("s") && !place.endsWith("ss")
      ? place.slice(0, -1)
      : `${place}Item`;
}

function literal(values: readonly unknown[]): string {
  return `Literal[${values.map((value) => (value === true ? "True" : value === false ? "False" : JSON.stringify(value))).join(", ")}]`;
}

function union(types: readonly string[]): string {
  const all = [...new Set(types)];
  // A literal beside any text says nothing.
  const said = all.filter((type) => !(all.includes("str") && type.startsWith('Literal["')));
  return said.length === 1 ? String(said[0]) : `Union[${said.join(", ")}]`;
}

/** `a-name` as a part of a type's name: `AName`. */
export function pascal(name: string): string {
  return name
    .split(/[^A-Za-z0-9]+/)
    .map((part) => part.charAt(0).toUpperCase() + part.slice(1))
    .join("");
}
