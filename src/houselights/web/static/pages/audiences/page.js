/** The audiences of the workspace: search, sort, filter, browse by category, open, archive. */
import { html, useEffect, useState } from "app/ui/html.js";
import { get, post } from "app/api.js";
import { Asked, Dialog, Empty, ProblemNote, toast } from "app/ui/kit.js";
import { useAsked } from "app/ui/asked.js";
import { to } from "app/ui/route.js";
import { useSession } from "app/ui/session.js";
import { count, day } from "app/ui/words.js";

const KINDS = [["", "All kinds"], ["custom", "Custom"], ["combined", "Combined"], ["advertiser", "Lists"], ["lookalike", "Look-alike"], ["reference", "Reference"]];
const STATUSES = [["active", "In use"], ["archived", "Archived"], ["any", "Both"]];
const ORDERS = [["newest", "Newest first"], ["oldest", "Oldest first"]];
const PAGE = 50;

function Choice({ label, choices, value, choose }) {
  return html`<select aria-label=${label} value=${value} onChange=${(event) => choose(event.currentTarget.value)}>${choices.map(([key, words]) => html`<option key=${key} value=${key}>${words}</option>`)}</select>`;
}

/** What is asked for stands in the address, so that one can come back to it. */
export default function Audiences({ query }) {
  const value = (name, otherwise = "") => query.get(name) || otherwise;
  const under = query.getAll("under");
  const set = (more) => {
    const next = { q: value("q"), kind: value("kind"), status: value("status"), order: value("order"), under, ...more };
    const pairs = Object.entries(next).flatMap(([name, one]) => (Array.isArray(one) ? one.map((each) => [name, each]) : one ? [[name, one]] : []));
    location.replace(`#/audiences${pairs.length ? `?${new URLSearchParams(pairs)}` : ""}`);
  };
  const [status, order] = [value("status", "active"), value("order", "newest")];
  const asked = { name: value("q"), kind: value("kind"), status: status === "any" ? "" : status, order, under, limit: PAGE };
  return html`<header><div><h1>Audiences</h1><p>Named rules over people. Open one to see who they are.</p></div>
      <a class="button primary" href=${to("/build")}>Build an audience</a></header>
    <div class="card stack">
      <div class="row">
        <input class="grow" type="search" aria-label="Search audiences" placeholder="Search by name" value=${value("q")} onInput=${(event) => set({ q: event.currentTarget.value })} />
        <${Choice} label="Kind" choices=${KINDS} value=${value("kind")} choose=${(kind) => set({ kind })} />
        <${Choice} label="Status" choices=${STATUSES} value=${status} choose=${(next) => set({ status: next })} />
        <${Choice} label="Order" choices=${ORDERS} value=${order} choose=${(next) => set({ order: next })} />
      </div>
      <${Categories} under=${under} choose=${(next) => set({ under: next })} />
      <${Found} asked=${asked} />
    </div>`;
}

/** One level of the tree of categories, and the way back up. */
function Categories({ under, choose }) {
  const level = useAsked((signal) => get("/v1/taxonomy", { path: under }, { signal }), [under.join("\n")]);
  const nodes = level.data?.nodes || [];
  if (level.problem && !level.data) return html`<${ProblemNote} problem=${level.problem} retry=${level.again} busy=${level.loading} />`;
  return html`<nav class="categories" aria-label="Categories">
    ${under.length > 0 && html`<ol class="row crumbs"><li><button type="button" class="small plain" onClick=${() => choose([])}>All categories</button></li>
      ${under.map((name, at) => html`<li key=${at}>› <button type="button" class="small plain" aria-current=${at === under.length - 1 ? "true" : undefined} onClick=${() => choose(under.slice(0, at + 1))}>${name}</button></li>`)}</ol>`}
    ${nodes.length > 0 && html`<ul class="row">${nodes.map((node) => html`<li key=${node.name}><button type="button" class="small" onClick=${() => choose([...under, node.name])}>${node.name} <span class="quiet">${count(node.audiences)}</span></button></li>`)}</ul>`}</nav>`;
}

const NO_MORE = { after: null, items: [], token: null, problem: null, busy: false };

/** The audiences that are like that, a page at a time. What was fetched `after` another first page is nobody's any more. */
function Found({ asked }) {
  const first = useAsked((signal) => get("/v1/audiences", asked, { signal }), [JSON.stringify(asked)], { wait: 80 });
  const [fetched, setFetched] = useState(NO_MORE);
  const [gone, setGone] = useState(null);
  const more = fetched.after === first.data ? fetched : { ...NO_MORE, after: first.data, token: first.data?.next_page_token };
  const next = async () => {
    setFetched({ ...more, busy: true, problem: null });
    const keep = (change) => setFetched((now) => (now.after === more.after ? { ...more, ...change } : now));
    await get("/v1/audiences", { ...asked, page_token: more.token }).then((page) => keep({ items: [...more.items, ...page.items], token: page.next_page_token }), (problem) => keep({ problem }));
  };
  return html`<${Asked} of=${first} lines=${8}>${(page) => {
    const items = [...page.items, ...more.items];
    if (!items.length) return html`<${Empty} title="No audience is like that">Another word, kind or category may find it.<//>`;
    return html`<div class="scroll-x"><${Table} items=${items} archive=${setGone} /></div>
      <${ProblemNote} problem=${more.problem} />
      <div class="row apart"><span class="quiet small" role="status">${count(items.length)} of ${count(page.total)}</span>
        ${more.token && html`<button type="button" disabled=${more.busy} onClick=${next}>${more.busy ? "Fetching…" : "Show more"}</button>`}</div>
      <${Archive} audience=${gone} close=${(done) => { setGone(null); if (done) first.again(); }} />`;
  }}<//>`;
}

function Table({ items, archive }) {
  const { may } = useSession();
  return html`<table><caption class="visually-hidden">Audiences</caption>
    <thead><tr><th scope="col">Name</th><th scope="col">Kind</th><th scope="col" class="wide-only">Category</th><th scope="col" class="wide-only">Changed</th><th scope="col"><span class="visually-hidden">Actions</span></th></tr></thead>
    <tbody>${items.map((one) => html`<tr key=${one.id}><td><a href=${to(`/persona/${one.id}`)}>${one.name}</a>${one.status === "archived" && html` <span class="badge">archived</span>`}</td>
      <td><span class="badge">${one.kind}</span></td><td class="quiet wide-only">${[one.category, ...one.path].join(" › ")}</td><td class="quiet wide-only date">${day(one.updated_at)}</td>
      <td class="num">${one.status === "active" && one.kind !== "reference" && may("audiences:write") && html`<button type="button" class="small plain" aria-label=${`Archive ${one.name}`} onClick=${() => archive(one)}>Archive</button>`}</td></tr>`)}</tbody></table>`;
}

function Archive({ audience, close }) {
  const [problem, setProblem] = useState(null);
  useEffect(() => setProblem(null), [audience]);
  const archive = () => post(`/v1/audiences/${audience.id}/archive`).then(() => { toast(`“${audience.name}” is archived`); close(true); }, setProblem);
  return html`<${Dialog} title="Archive the audience" open=${Boolean(audience)} onClose=${() => close(false)}>
    <div class="stack"><p>“${audience?.name}” is taken out of use: it is no longer offered, and rules cannot name it. It stays readable, and nothing of its history goes.</p>
      <${ProblemNote} problem=${problem} />
      <div class="row"><button type="button" class="danger" onClick=${archive}>Archive</button><button type="button" onClick=${() => close(false)}>Keep it</button></div></div><//>`;
}
