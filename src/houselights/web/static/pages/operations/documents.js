/** Reads OpenAPI documents: operations with their parameters, an example body, and the same as a curl command. */

const METHODS = ["get", "post", "put", "patch", "delete"];
const DEPTH = 6;

/** Follow a reference within its document. */
function resolved(document, node) {
  let found = node || {};
  for (let turn = 0; found.$ref && turn < DEPTH; turn += 1) found = found.$ref.replace(/^#\//, "").split("/").reduce((at, step) => at?.[step.replaceAll("~1", "/").replaceAll("~0", "~")], document) || {};
  return found;
}

/** An example of a schema: its own, or one made of its parts. */
function example(document, given, depth = 0) {
  const schema = resolved(document, given);
  if (schema.examples?.length) return schema.examples[0];
  for (const own of ["example", "default", "const"]) if (schema[own] !== undefined && schema[own] !== null) return schema[own];
  if (schema.enum) return schema.enum[0];
  const one = schema.anyOf || schema.oneOf || schema.allOf;
  if (one) return example(document, one.find((each) => each.type !== "null") || one[0], depth + 1);
  if (depth > DEPTH) return null;
  if (schema.type === "object" || schema.properties) {
    const needed = schema.required?.length ? schema.required : Object.keys(schema.properties || {}).slice(0, 3);
    return Object.fromEntries(needed.map((name) => [name, example(document, schema.properties?.[name], depth + 1)]));
  }
  if (schema.type === "array") return schema.minItems || depth < 2 ? [example(document, schema.items, depth + 1)] : [];
  return { string: "…", integer: 1, number: 1, boolean: true }[schema.type] ?? null;
}

function bodyOf(document, operation) {
  const contents = Object.entries(resolved(document, operation.requestBody).content || {});
  if (!contents.length) return null;
  const [media, content] = contents[0];
  const named = Object.values(content.examples || {}).map((each) => resolved(document, each).value);
  return { media, value: named[0] ?? content.example ?? example(document, content.schema) };
}

function typeOf(document, given) {
  const schema = resolved(document, given);
  const one = (schema.anyOf || schema.oneOf || []).filter((each) => each.type !== "null");
  if (one.length) return typeOf(document, one[0]);
  return schema.enum ? schema.enum.join(" | ") : schema.type === "array" ? `list of ${typeOf(document, schema.items)}` : schema.type || "";
}

/** Every operation: `{ id, method, path, tag, summary, about, parameters, body, replies }`, in the document's order. */
export function operationsOf(document) {
  return Object.entries(document.paths || {}).flatMap(([path, item]) => METHODS.filter((method) => item[method]).map((method) => {
    const operation = item[method];
    const [summary, ...about] = (operation.description || operation.summary || "").trim().split(/\n\n|\n(?=[A-Z])/);
    const parameters = [...(item.parameters || []), ...(operation.parameters || [])].map((each) => {
      const known = resolved(document, each);
      return { name: known.name, place: known.in, required: Boolean(known.required), type: typeOf(document, known.schema), about: known.description || resolved(document, known.schema).description || "", example: known.example ?? known.schema?.examples?.[0] };
    });
    const replies = Object.entries(operation.responses || {}).map(([status, reply]) => [status, resolved(document, reply).description || ""]);
    return { id: `${method} ${path}`, method: method.toUpperCase(), path, tag: operation.tags?.[0] || "operations", summary, about, parameters, body: bodyOf(document, operation), replies };
  }));
}

/** The operation as a curl command to be copied; the token is the reader's own. */
export function commandOf(operation) {
  const needed = operation.parameters.filter((each) => each.required);
  const query = needed.filter((each) => each.place === "query").map((each) => `${each.name}=${encodeURIComponent(each.example ?? each.name.toUpperCase())}`);
  const lines = [`curl -X ${operation.method} '${location.origin}${operation.path}${query.length ? `?${query.join("&")}` : ""}'`, '-H "Authorization: Bearer $TOKEN"'];
  for (const each of needed) if (each.place === "header" && each.name.toLowerCase() !== "authorization") lines.push(`-H '${each.name}: ${each.example ?? "…"}'`);
  if (operation.body) {
    const text = typeof operation.body.value === "string" ? operation.body.value : JSON.stringify(operation.body.value);
    lines.push(`-H 'Content-Type: ${operation.body.media}'`, `-d '${text.replaceAll("'", "'\\''")}'`);
  }
  return lines.join(" \\\n  ");
}
