/**
 * The one way to the server: `/v1`, with the session's cookie. Nothing else is asked, and no other host.
 *
 * `get`, `post`, `put`, `patch`, `del` answer parsed JSON, or throw a `Problem`. A change carries the word of proof that
 * the session was told (see `GET /v1/session`). A 401 tells those who listen that nobody is signed in any more.
 */

/** What the server refused: `status`, `title`, `detail`, and where known `field`, `hint`, `caret`, `requestId`. */
export class Problem extends Error {
  constructor(status, body) {
    super(body.detail || body.title || `The server answered ${status}`);
    this.status = status;
    this.title = body.title || "";
    this.detail = this.message;
    this.field = body.field || null;
    this.hint = body.hint || null;
    this.caret = body.caret || null;
    this.requestId = body.request_id || null;
    this.retryAfter = null;
  }
}

let proof = "";
let account = "";
const listeners = new Set();

/** Remember the proof of a session, "" at its end. */
export function useProof(word) {
  proof = word;
}

/** Act for an account (its id), or for the workspace as a whole (""). */
export function actFor(id) {
  account = id;
}

/** What this page knows of whom it asks for, for a worker that asks too. */
export const standing = () => ({ proof, account });

/** Call `listener` whenever the server says that nobody is signed in; returns how to stop. */
export function onSignedOut(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Ask the server; see the top of the file. `signal` ends a question nobody waits for any more. */
export async function ask(method, path, { body, query, signal, headers = {} } = {}) {
  const sent = { Accept: "application/json", ...headers };
  if (!["GET", "HEAD"].includes(method)) sent["Houselights-Proof"] = proof;
  if (account) sent["Houselights-Account"] = account;
  const raw = body instanceof Blob || body instanceof FormData || body instanceof ArrayBuffer;
  if (body !== undefined && !raw) sent["Content-Type"] = "application/json";
  let reply;
  try {
    reply = await fetch(path + asked(query), {
      method,
      headers: sent,
      body: body === undefined ? undefined : raw ? body : JSON.stringify(body),
      credentials: "same-origin",
      signal,
    });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Problem(0, { title: "No answer", detail: "The server cannot be reached. Is it running?" });
  }
  if (reply.ok) return reply.status === 204 ? null : read(reply);
  const problem = new Problem(reply.status, await read(reply).catch(() => ({})) || {});
  problem.retryAfter = Number(reply.headers.get("Retry-After")) || null;
  if (reply.status === 401) listeners.forEach((listener) => listener());
  throw problem;
}

export const get = (path, query, options) => ask("GET", path, { query, ...options });
export const post = (path, body, options) => ask("POST", path, { body, ...options });
export const put = (path, body, options) => ask("PUT", path, { body, ...options });
export const patch = (path, body, options) => ask("PATCH", path, { body, ...options });
export const del = (path, options) => ask("DELETE", path, options);

/** Every item of a paged list. */
export async function all(path, query = {}) {
  const items = [];
  let page = { next_page_token: undefined };
  do {
    page = await get(path, { limit: 1000, ...query, page_token: page.next_page_token });
    items.push(...page.items);
  } while (page.next_page_token);
  return items;
}

/** The same question as a curl command, to be copied. */
export function asCurl(method, path, body) {
  const lines = [`curl -X ${method} '${location.origin}${path}'`, `-H "Authorization: Bearer $TOKEN"`];
  if (body !== undefined) {
    lines.push("-H 'Content-Type: application/json'", `-d '${JSON.stringify(body).replaceAll("'", "'\\''")}'`);
  }
  return lines.join(" \\\n  ");
}

function asked(query) {
  const given = Object.entries(query || {}).filter(([, value]) => value !== undefined && value !== null && value !== "");
  const pairs = given.flatMap(([name, value]) => (Array.isArray(value) ? value.map((one) => [name, one]) : [[name, value]]));
  return pairs.length ? `?${new URLSearchParams(pairs)}` : "";
}

async function read(reply) {
  const kind = reply.headers.get("Content-Type") || "";
  return kind.includes("json") ? reply.json() : reply.text();
}
