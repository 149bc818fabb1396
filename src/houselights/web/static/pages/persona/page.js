/** The persona of an audience: who these people are, beside a baseline one can choose. */
import { html } from "app/ui/html.js";
import { get, post } from "app/api.js";
import { useAsked } from "app/ui/asked.js";
import { Asked, ProblemNote, Skeleton } from "app/ui/kit.js";
import { go, place, to } from "app/ui/route.js";
import { count, index, named, percent, size } from "app/ui/words.js";
import { Demographics, ordered, useDemographics } from "app/pages/persona/demographics.js";
import { Membership } from "app/pages/persona/membership.js";
import { Overlaps } from "app/pages/persona/overlap.js";
import { Places } from "app/pages/persona/places.js";
import { StandOut } from "app/pages/persona/standout.js";
import { baselineOf, countries } from "app/pages/persona/question.js";
import { AudiencePicker } from "app/ui/picker.js";

export default function Persona({ parts, query }) {
  const [id] = parts;
  const word = query.get("beside") || "";
  const baseline = baselineOf(word);
  const over = (query.get("over") || "").split(",").filter((one) => one && one !== id).slice(0, 5);
  const look = (beside, others) => go(place().path, { beside, over: others.join(",") });
  const found = useAsked((signal) => get(`/v1/audiences/${id}`, {}, { signal }), [id]);
  const sized = useAsked((signal) => post("/v1/size", { audience: id, ...(baseline ? { universe: baseline } : {}) }, { signal }), [id, word]);
  // The rule itself: of the audience it would only be said that they are the people in it.
  const english = useAsked((signal) => (found.data ? post("/v1/explain", { rule: found.data.rule }, { signal }) : Promise.resolve(null)), [id, found.data?.version]);
  const asked = useDemographics(id, baseline);
  if (found.problem) return html`<${ProblemNote} problem=${found.problem} retry=${found.again} busy=${found.loading} />`;
  if (!found.data) return html`<${Skeleton} lines=${8} />`;
  const audience = found.data;
  return html`<header><div><h1>${audience.name}</h1><p>${english.data?.english || audience.description}</p></div>
      <div class="row no-print">
        <a class="button" href=${to("/build", { from: id })}>Open in the builder</a>
        <a class="button" href=${to("/compare", { with: id })}>Compare</a>
        <button type="button" onClick=${() => print()}>Print</button></div></header>
    <div class="hero">
      <div class="card"><${Asked} of=${asked} lines=${3}>${(answers) => html`<${Glance} answers=${answers} />`}<//></div>
      <div class="card stack"><${Asked} of=${sized} lines=${3}>${(told) => html`<${Sizes} told=${told} />`}<//></div>
    </div>
    <${Baseline} word=${word} id=${id} choose=${(next) => look(next, over)} />
    <${Demographics} asked=${asked} />
    <${StandOut} key=${id} audience=${id} baseline=${baseline} />
    <${Places} audience=${id} baseline=${baseline} />
    <${Membership} key=${`m${id}`} id=${id} />
    <${Overlaps} audience=${audience} over=${over} choose=${(others) => look(word, others)} />`;
}

/** The people in a sentence: what is surely more frequent among them, strongest first. */
function Glance({ answers }) {
  const traits = answers
    .flatMap((answer) => ordered(answer).filter((row) => row.reliable && row.index > 1.1).sort((a, b) => (b.low ?? b.index) - (a.low ?? a.index)).slice(0, 1).map((row) => ({ ...row, question: answer.facet.name })))
    .sort((a, b) => (b.low ?? b.index) - (a.low ?? a.index))
    .slice(0, 4);
  if (!traits.length) return html`<p class="glance">In plain demographics these people are like the baseline; see below what else stands out.</p>`;
  return html`<h2 class="visually-hidden">At a glance</h2><p class="glance">More often than the baseline they are ${traits.map((row, at) => html`${at ? (at === traits.length - 1 ? " and " : ", ") : ""}<b>${named(row.name)}</b> <span class="quiet">(${row.question.toLowerCase()}, ${index(row.index)})</span>`)}.</p>`;
}

function Sizes({ told }) {
  const share = told.exact !== null && told.universe ? told.exact / told.universe : null;
  return html`<div><h2 class="quiet small">People</h2><div class="big-number">${size(told)}</div>
      ${share !== null && html`<p><b>${percent(share, 2)}</b> of the ${count(told.universe)} in the baseline</p>`}</div>
    <p class="quiet small">${told.exact === null ? "Counted, and told as a band" : "Counted, not estimated"}; data as of ${told.as_of.slice(0, 10)}.</p>`;
}

function Baseline({ word, id, choose }) {
  const lands = useAsked(() => countries(), []);
  const other = useAsked((signal) => (word.startsWith("audience:") ? get(`/v1/audiences/${word.slice(9)}`, {}, { signal }) : Promise.resolve(null)), [word]);
  const land = (lands.data || []).find((one) => word === `country:${one.facet}:${one.key}`);
  const words = word.startsWith("audience:") ? `people in “${other.data?.name || "a chosen audience"}”` : land ? `people in ${land.name}` : "everybody";
  return html`<p class="print-only">Baseline: ${words}. Made with Houselights.</p><div class="baseline no-print"><label class="field">Baseline
      <select value=${word} onChange=${(event) => choose(event.currentTarget.value)}>
        <option value="">everybody</option>
        ${(lands.data || []).map((one) => html`<option key=${one.key} value=${`country:${one.facet}:${one.key}`}>people in ${one.name}</option>`)}
        ${word.startsWith("audience:") && html`<option value=${word}>${words}</option>`}
      </select></label>
    <${AudiencePicker} label="or an audience as the baseline" except=${[id]} choose=${(one) => choose(`audience:${one.id}`)} /></div>`;
}
