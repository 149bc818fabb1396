/** Work of clients that runs beside their requests: audiences that are built, SQL that is asked. */
import { html } from "app/ui/html.js";
import { get } from "app/api.js";
import { useAsked } from "app/ui/asked.js";
import { count, instant, span } from "app/ui/words.js";
import { State } from "app/pages/lists/uploads.js";
import { LogTable, useLog } from "app/pages/operations/table.js";

const LOOK = { succeeded: "good", failed: "bad", running: "lamp" };
const KINDS = { build: "audience built", query: "SQL" };
const OPEN = new Set(["waiting", "running"]);

function took(job) {
  if (!job.started_at) return "–";
  return span(((job.finished_at ? new Date(job.finished_at) : new Date()) - new Date(job.started_at)) / 1000);
}

export function Jobs() {
  const clients = useAsked((signal) => get("/v1/clients", {}, { signal }), []);
  const names = new Map((clients.data?.items || []).map((one) => [one.id, one.name]));
  const log = useLog("/v1/jobs", {}, { moving: (items) => items.some((one) => OPEN.has(one.state)) });
  const columns = [
    ["Job", (one) => html`<b>${one.name}</b>${one.error && html`<div class="wrong-note small">${one.error}</div>`}`],
    ["Kind", (one) => KINDS[one.kind]],
    ["State", (one) => html`<${State} state=${one.state} look=${LOOK[one.state]} />${one.state === "running" && html`<progress aria-label=${`${one.name} is running`}></progress>`}${one.attempts > 1 && html`<div class="quiet small">begun ${one.attempts} times</div>`}`],
    ["For", (one) => (one.client ? names.get(one.client) || one.client : "–")],
    ["Asked for", (one) => instant(one.created_at)],
    ["Took", took, "num"],
    ["People", (one) => count(one.people), "num"],
  ];
  return html`<div class="card"><${LogTable} log=${log} label="Jobs" columns=${columns} empty="No client has asked for anything that takes long" /></div>`;
}
