/** Questions about one audience beside a baseline, and the baselines there are. */
import { all, get, post } from "app/api.js";
import { rowOf } from "app/charts/insight.js";

/** The body of `POST /v1/insights` for an audience, a baseline (rule JSON or null) and what to compare with. */
export function body(audience, baseline, more) {
  return { audience, ...(baseline ? { universe: baseline } : {}), ...more };
}

/** Ask; answers `{ rows, call, coverage, audience, suppressed, total }`. */
export async function insights(audience, baseline, more, signal) {
  const asked = body(audience, baseline, more);
  const told = await post("/v1/insights", asked, { signal });
  return { ...told, rows: told.items.map(rowOf), call: ["POST", "/v1/insights", asked] };
}

/** The facets of the workspace, asked once. */
let facets = null;
export function facetsNow() {
  facets ||= all("/v1/facets").catch((problem) => {
    facets = null;
    throw problem;
  });
  return facets;
}

/** The countries people come from, for baselines: `[{ key, name }]`. */
export async function countries() {
  const known = (await facetsNow()).find((facet) => facet.role === "country");
  return known ? (await all(`/v1/facets/${known.key}/traits`)).map((trait) => ({ key: trait.key, name: trait.name, facet: known.key })) : [];
}

/** A baseline from its word in the address: "" everybody, "country:facet:US", "audience:ID". */
export function baselineOf(word) {
  const [kind, ...rest] = (word || "").split(":");
  if (kind === "country") return { trait: { facet: rest[0], any_of: [rest[1]] } };
  if (kind === "audience") return { audience: rest[0] };
  return null;
}

/** Audiences by a few letters of their names. */
export async function audiencesLike(words, signal) {
  const page = await get("/v1/audiences", { name: `*${words}*`, status: "active", limit: 12 }, { signal });
  return page.items;
}
