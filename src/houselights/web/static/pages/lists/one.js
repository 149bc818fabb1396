/** The page of one list: who is on it, how well it matches, how long it keeps people, its days, its uploads, and a place to drop a file. */
import { html } from "app/ui/html.js";
import { get, post } from "app/api.js";
import { useAsked } from "app/ui/asked.js";
import { Asked, ProblemNote, Skeleton } from "app/ui/kit.js";
import { to } from "app/ui/route.js";
import { useSession } from "app/ui/session.js";
import { count, percent, size } from "app/ui/words.js";
import { Bring } from "app/pages/lists/bring.js";
import { Days } from "app/pages/lists/days.js";
import { Keep } from "app/pages/lists/keep.js";
import { Uploads } from "app/pages/lists/uploads.js";

const UPLOADS = 10; // shown; a large file is many

export function OneList({ id }) {
  const { may } = useSession();
  const found = useAsked((signal) => get(`/v1/lists/${id}`, {}, { signal }), [id]);
  const people = useAsked((signal) => post("/v1/size", { audience: id }, { signal }), [id, found.data?.members, found.data?.ttl_seconds]);
  const uploads = useAsked(async (signal) => (may("imports:write") ? (await get("/v1/uploads", { limit: 1000 }, { signal })).items.filter((one) => one.audiences.includes(id)) : null), [id]);
  if (found.problem && !found.data) return html`<${ProblemNote} problem=${found.problem} retry=${found.again} />`;
  if (!found.data) return html`<${Skeleton} lines=${8} />`;
  const list = found.data;
  const again = () => { found.again(); uploads.again(); };
  return html`<header><div><p class="small"><a href=${to("/lists")}>Lists</a></p><h1>${list.audience.name}</h1>${list.audience.description && html`<p>${list.audience.description}</p>`}</div>
      <div class="row"><a class="button" href=${to(`/persona/${id}`)}>Who they are</a><a class="button" href=${to("/compare", { with: id })}>Compare</a></div></header>
    <div class="list-top">
      <section class="card stack" aria-label="Numbers">
        <div><h2 class="quiet small">People on it now</h2><div class="big-number">${list.members !== null ? count(list.members) : size(people.data)}</div></div>
        <${Matched} list=${list} /></section>
      <${Keep} list=${list} may=${may("audiences:write")} changed=${again} />
    </div>
    ${may("imports:write") && html`<${Bring} list=${list} again=${again} />`}
    <${Days} id=${id} turn=${list.received} />
    ${may("imports:write") && html`<section class="section" aria-label="Uploads"><header><h2>Uploads</h2></header>
      <div class="card"><${Asked} of=${uploads} lines=${3}>${(items) => html`<${Uploads} items=${items.slice(0, UPLOADS)} />
        ${items.length > UPLOADS && html`<p class="quiet small">The last ${UPLOADS} of ${count(items.length)}; <a href=${to("/operations/uploads")}>all uploads</a> are among the operations.</p>`}`}<//></div></section>`}`;
}

function Matched({ list }) {
  if (list.received === null) return html`<p class="quiet">Exact numbers and the match rate are for those who may see exact counts.</p>`;
  if (!list.received) return html`<p class="quiet">Nobody has been sent yet.</p>`;
  return html`<div><div class="row apart"><span>Match rate</span><b>${percent(list.match_rate)}</b></div>
    <progress aria-label="Match rate" value=${list.matched} max=${list.received}></progress>
    <p class="quiet small">${count(list.matched)} of ${count(list.received)} records ever sent meant somebody.</p></div>`;
}
