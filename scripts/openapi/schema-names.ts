/**
 * Gives each shape of the OpenAPI document a name of its own, once: objects and lists of choices
 * become components, named by where they stand. Generators of clients make a type of each;
 * without names they make their own, some the same one twice, and then leave the operation out.
 *
 * @module
 */

import type { Json } from "./json-schema.ts";

export class SchemaNames {
  readonly #schemas = new Map<string, Json>();
  /** Of a shape that stands in several places: its text → its name. */
  readonly #known = new Map<string, string>();
  /** Text → the shortest name of a place where the shape stands. */
  readonly #places = new Map<string, string>();
  readonly #preferred: ReadonlyMap<string, string>;

  /** @param draft what went over the same document before, for the shortest names */
  constructor(draft?: SchemaNames) {
    this.#preferred = draft ? draft.#places : new Map();
  }

  /** Shapes that have a name already keep it; what is inside gets names. */
  define(schemas: Readonly<Record<string, Json>>): void {
    for (const name of Object.keys(schemas)) this.#schemas.set(name, {});
    for (const [name, schema] of Object.entries(schemas)) {
      this.#known.set(textOf(schema), name);
      this.#schemas.set(name, this.#inside(schema, name));
    }
  }

  /** All shapes, by name. */
  schemas(): Record<string, Json> {
    return Object.fromEntries(this.#schemas);
  }

  /**
   * The schema, or a reference to it; what is said of this place of it stays at the place.
   *
   * @param place a name for what has none of its own
   */
  named(schema: Json, place: string): Json {
    if (!isShape(schema)) return this.#inside(schema, place);
    const { description, default: preset, ...shape } = schema;
    const text = textOf(shape);
    const shortest = this.#places.get(text) ?? place;
    this.#places.set(text, place.length < shortest.length ? place : shortest);

    let name = this.#known.get(text);
    if (name === undefined) {
      name = this.#free(this.#preferred.get(text) ?? place);
      this.#known.set(text, name);
      this.#schemas.set(name, {});
      this.#schemas.set(name, this.#inside(shape, name));
    }
    return {
      $ref: `#/components/schemas/${name}`,
      ...(description === undefined ? {} : { description }),
      ...(preset === undefined ? {} : { default: preset }),
    };
  }

  /** As `named`, where a whole body or answer is to have a name, though it is a choice of shapes. */
  whole(schema: Json, place: string): Json {
    const choices = choicesOf(schema);
    if (!choices) return this.named(schema, place);
    const name = this.#free(place);
    this.#schemas.set(name, {});
    this.#schemas.set(name, this.#inside(schema, place));
    return { $ref: `#/components/schemas/${name}` };
  }

  #inside(schema: Json, place: string): Json {
    const choices = choicesOf(schema);
    if (choices) {
      const isOne = choices.filter(({ type }) => type !== "null").length === 1;
      const all = choices.map((choice, i) =>
        this.named(choice, isOne ? place : choiceName(place, choice, i)),
      );
      return { ...schema, ["oneOf" in schema ? "oneOf" : "anyOf"]: all };
    }
    const inner: Json = { ...schema };
    if (schema["items"]) inner["items"] = this.named(schema["items"] as Json, singular(place));
    const { properties, additionalProperties: values } = schema;
    if (properties) {
      inner["properties"] = Object.fromEntries(
        Object.entries(properties as Record<string, Json>).map(([field, one]) => [
          field,
          this.named(one, `${place}${pascal(field)}`),
        ]),
      );
    }
    if (typeof values === "object" && values !== null)
      inner["additionalProperties"] = this.named(values as Json, `${place}Value`);
    return inner;
  }

  #free(wanted: string): string {
    let name = wanted;
    for (let i = 2; this.#schemas.has(name); i++) name = `${wanted}${i}`;
    return name;
  }
}

/** Generators make a type of it. */
function isShape(schema: Json): boolean {
  if (Array.isArray(schema["enum"]))
    return schema["enum"].length > 1 && schema["type"] === "string";
  const { type, properties = {} } = schema;
  return type === "object" && Object.keys(properties as Json).length > 0;
}

const choicesOf = (schema: Json): Json[] | undefined =>
  (schema["oneOf"] ?? schema["anyOf"]) as Json[] | undefined;

/** The same for two schemas that say the same, in whatever order. */
function textOf(schema: Json): string {
  return JSON.stringify(schema, (_key, value: unknown) =>
    typeof value === "object" && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );
}

/** A choice is named by the type or kind that it says it has. */
function choiceName(place: string, choice: Json, index: number): string {
  const { type, kind } = (choice["properties"] ?? {}) as { type?: Json; kind?: Json };
  const said = type?.["const"] ?? kind?.["const"];
  return `${place}${typeof said === "string" ? pascal(said) : index + 1}`;
}

function singular(place: string): string {
  if (place.endsWith("ies")) return `${place.slice(0, -3)}y`;
  return place.endsWith("s") && !place.endsWith("ss") ? place.slice(0, -1) : `${place}Item`;
}

/** `a_name` as a part of a type's name: `AName`. */
export function pascal(name: string): string {
  return name
    .split(/[^A-Za-z0-9]+/)
    .map((part) => part.charAt(0).toUpperCase() + part.slice(1))
    .join("");
}
