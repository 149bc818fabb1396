/** What the rule says so far: how many people, in one sentence, and how many each condition leaves. */
import { html } from "app/ui/html.js";
import { post } from "app/api.js";
import { useAsked } from "app/ui/asked.js";
import { ProblemNote } from "app/ui/kit.js";
import { percent, size } from "app/ui/words.js";

/** Ask what a rule means as soon as nothing changes for a moment; null is not asked. */
export function useExplained(rule) {
  const words = JSON.stringify(rule);
  return useAsked((signal) => (rule ? post("/v1/explain", { rule }, { signal }) : Promise.resolve(null)), [words]);
}

export function Answer({ asked, everyone }) {
  const told = asked.data;
  const people = told?.people.exact ?? told?.people.band.low ?? 0;
  return html`<section class="answer card stack" aria-live="polite" aria-busy=${asked.loading}>
    <div><div class="quiet small">People</div><div class="big-number">${told ? size(told.people) : everyone ? size(everyone) : "–"}</div>
      ${told && everyone?.exact ? html`<div class="quiet">${percent(people / everyone.exact, 2)} of everybody</div>` : html`<div class="quiet">everybody, until you add a condition</div>`}</div>
    ${asked.problem ? html`<${ProblemNote} problem=${asked.problem} />` : html`<p class="sentence">${told?.english || "Everyone."}</p>`}
    ${told && told.funnel.length > 0 && html`<${Funnel} told=${told} everyone=${everyone} />`}
  </section>`;
}

const number = (people) => people.exact ?? people.band.low;

function Funnel({ told, everyone }) {
  const whole = everyone?.exact || Math.max(...told.funnel.map((clause) => number(clause.alone)), 1);
  return html`<div><h3>What each condition leaves</h3><ol class="funnel">${told.funnel.map((clause, at) => html`<li key=${at}>
    <div class="row apart"><span>${clause.english}</span><b>${size(clause.after)}</b></div>
    <svg viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true"><rect class="alone" width=${(100 * number(clause.alone)) / whole} height="6" /><rect class="after" width=${(100 * number(clause.after)) / whole} height="6" /></svg>
    <div class="quiet small">${size(clause.alone)} by itself</div></li>`)}</ol></div>`;
}
