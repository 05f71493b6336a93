/**
 * Shapes of the OpenAPI document as Python's types: objects are `TypedDict`s. Each has a name in the
 * document, so that none has to be made up here.
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

/** The definition of a component. Types may name each other before they are defined. */
export function definitionText(name: string, schema: Json): string[] {
  const properties = Object.entries((schema["properties"] ?? {}) as Record<string, Json>);
  if (properties.length === 0) return [`${name} = ${typeOf(schema)}`];
  const required = (schema["required"] ?? []) as string[];
  const fields = properties.map(([field, property]) => {
    const type = typeOf(property);
    return { field, type: required.includes(field) ? type : `NotRequired[${type}]` };
  });
  const isClass = fields.every(({ field }) => NAME.test(field) && !KEYWORDS.has(field));
  return isClass
    ? [`class ${name}(TypedDict):`, ...fields.map(({ field, type }) => `    ${field}: ${type}`)]
    : [
        `${name} = TypedDict(`,
        `    "${name}",`,
        "    {",
        ...fields.map(({ field, type }) => `        "${field}": ${type},`),
        "    },",
        ")",
      ];
}

export function typeOf(schema: Json): string {
  const reference = /^#\/components\/schemas\/(\w+)$/.exec(String(schema["$ref"]))?.[1];
  if (reference !== undefined) return `"${reference}"`;
  if (schema["const"] !== undefined) return literal([schema["const"]]);
  if (Array.isArray(schema["enum"])) return literal(schema["enum"]);
  const choices = (schema["oneOf"] ?? schema["anyOf"]) as Json[] | undefined;
  if (choices) return union(choices.map(typeOf));
  if (Array.isArray(schema["type"]))
    return union(schema["type"].map((type: unknown) => typeOf({ ...schema, type })));
  if (schema["type"] === "array") return `List[${typeOf((schema["items"] ?? {}) as Json)}]`;
  if (schema["type"] !== "object") return PRIMITIVES[String(schema["type"])] ?? "Any";
  const values = schema["additionalProperties"];
  const isShape = typeof values === "object" && values !== null && Object.keys(values).length > 0;
  return `Dict[str, ${isShape ? typeOf(values as Json) : "Any"}]`;
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
