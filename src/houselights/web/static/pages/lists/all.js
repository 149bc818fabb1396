/** Every list, the last changed first, with how many are on it; and a form to make one. */
import { html, useEffect, useMemo, useState } from "app/ui/html.js";
import { all, get, post } from "app/api.js";
import { Asked, Dialog, Empty, ProblemNote } from "app/ui/kit.js";
import { useAsked } from "app/ui/asked.js";
import { go, to } from "app/ui/route.js";
import { useSession } from "app/ui/session.js";
import { count, day, percent } from "app/ui/words.js";
import { span } from "app/pages/lists/keep.js";

const SHOWN = 20;
const isList = (audience) => Object.keys(audience.rule)[0] === "listed";

export function AllLists() {
  const { may, account } = useSession();
  const [words, setWords] = useState("");
  const [most, setMost] = useState(SHOWN);
  const [making, setMaking] = useState(false);
  const found = useAsked(async () => (await all("/v1/audiences", { kind: "advertiser", status: "active" })).filter(isList), [account]);
  const listed = useMemo(() => {
    const wanted = words.toLowerCase();
    const kept = (found.data || []).filter((one) => one.name.toLowerCase().includes(wanted));
    return kept.sort((one, other) => other.updated_at.localeCompare(one.updated_at));
  }, [found.data, words]);
  const make = may("audiences:write") && html`<button type="button" class="primary" onClick=${() => setMaking(true)}>Make a list</button>`;
  return html`<header><div><h1>Lists</h1><p>People you bring yourself: customers, subscribers, visitors. Files are hashed in this browser; what is in them never leaves it.</p></div>${make}</header>
    <div class="card stack">
      <input type="search" aria-label="Search lists" placeholder="Search by name" value=${words} onInput=${(event) => { setWords(event.currentTarget.value); setMost(SHOWN); }} />
      <${Asked} of=${found} lines=${6}>${() => (listed.length ? html`<div class="scroll-x"><table>
        <caption class="visually-hidden">Lists, the last changed first</caption>
        <thead><tr><th scope="col">Name</th><th scope="col" class="num">People on it</th><th scope="col" class="num">Match rate</th><th scope="col" class="wide-only">Keeps people for</th><th scope="col" class="wide-only">Changed</th></tr></thead>
        <tbody>${listed.slice(0, most).map((one) => html`<${Row} key=${one.id} audience=${one} />`)}</tbody></table></div>
        ${listed.length > most && html`<div class="row"><button type="button" class="small" onClick=${() => setMost(most + SHOWN)}>Show more</button><span class="quiet small">${most} of ${count(listed.length)}</span></div>`}`
        : html`<${Empty} title=${words ? "No list is called that" : "There are no lists yet"} action=${!words && make}>${words ? "Another word may find it." : "Make one, then drop a CSV file of customers on it."}<//>`)}<//>
    </div>
    <${Dialog} title="Make a list" open=${making} onClose=${() => setMaking(false)}><${NewList} /><//>`;
}

function Row({ audience }) {
  const [told, setTold] = useState(null);
  const [missed, setMissed] = useState(false);
  useEffect(() => {
    const stop = new AbortController();
    get(`/v1/lists/${audience.id}`, {}, { signal: stop.signal }).then(setTold, (problem) => { if (problem.name !== "AbortError") setMissed(true); });
    return () => stop.abort();
  }, [audience.id, audience.version]);
  const wait = missed ? "–" : "…";
  return html`<tr aria-busy=${!told && !missed}><td><a href=${to(`/lists/${audience.id}`)}>${audience.name}</a></td>
    <td class="num">${told ? count(told.members) : wait}</td><td class="num">${told ? percent(told.match_rate) : wait}</td>
    <td class="quiet wide-only">${told ? span(told.ttl_seconds) : wait}</td><td class="quiet wide-only">${day(audience.updated_at)}</td></tr>`;
}

function NewList() {
  const { account } = useSession();
  const [problem, setProblem] = useState(null);
  const submit = async (event) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const days = Number(form.get("days"));
    setProblem(null);
    try {
      const body = { name: form.get("name"), description: form.get("description"), account_id: account || null, ttl_seconds: days ? days * 86_400 : null, country: form.get("country").toUpperCase() || null };
      const made = await post("/v1/lists", body);
      go(`/lists/${made.audience.id}`);
    } catch (refused) {
      setProblem(refused);
    }
  };
  return html`<form class="stack" onSubmit=${submit}>
    <label class="field">Name<input name="name" required maxlength="255" autofocus /></label>
    <label class="field">Description<textarea name="description" rows="2" maxlength="10000"></textarea></label>
    <div class="row top"><label class="field">Country<input name="country" size="4" maxlength="2" pattern="[A-Za-z]{2}" placeholder="US" /><span class="hint">two letters, of people whose record has none</span></label>
      <label class="field">Days<input name="days" type="number" min="1" max="36500" placeholder="for good" /><span class="hint">somebody stays after they were last put on</span></label></div>
    <${ProblemNote} problem=${problem} />
    <div class="row"><button class="primary">Make the list</button></div></form>`;
}
