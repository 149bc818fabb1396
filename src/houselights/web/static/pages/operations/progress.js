/** How far something is that takes long: a bar, and in words what it is doing. */
import { html } from "app/ui/html.js";
import { count } from "app/ui/words.js";

/** Where an import is. All stages count alike in the bar: how long each takes differs from file to file. */
export function ImportProgress({ run }) {
  const { stage } = run;
  if (run.state === "failed") return stage && html`<div class="quiet small">in stage ${stage.number} of ${stage.of}, ${stage.name}</div>`;
  if (run.state !== "running") return null;
  if (!stage) return html`<progress aria-label=${`Import of ${run.population} is running`}></progress>`;
  // Reading knows how many bytes lie behind it: the rows there will be follow from those that were in them.
  const whole = stage.share > 0 && stage.share < 1 ? Math.round(stage.rows / stage.share) : null;
  return html`<div class="progress"><progress aria-label=${`Import of ${run.population}`} max=${stage.of} value=${stage.number - 1 + stage.share}></progress>
    <div class="small">${stage.name}${stage.share > 0 && html` · ${Math.floor(stage.share * 100)} %`}</div>
    <div class="quiet small">stage ${stage.number} of ${stage.of}${stage.rows > 0 && html` · ${count(stage.rows)}${whole ? ` of about ${count(whole)}` : ""} rows`}</div></div>`;
}

/** Where an evaluation is. */
export function RunProgress({ run }) {
  if (run.state !== "running") return null;
  return html`<div class="progress"><progress aria-label="Evaluation" max=${run.total || 1} value=${run.total ? run.done : undefined}></progress>
    ${run.total > 0 && html`<div class="quiet small">${count(run.done)} of ${count(run.total)} audiences</div>`}</div>`;
}
