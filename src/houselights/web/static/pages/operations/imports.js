/** Imports: how far each is, how it ended, and a form to start one from a file that lies on the server. */
import { html, useState } from "app/ui/html.js";
import { post } from "app/api.js";
import { ProblemNote, toast } from "app/ui/kit.js";
import { count, instant, span } from "app/ui/words.js";
import { State } from "app/pages/lists/uploads.js";
import { ImportProgress } from "app/pages/operations/progress.js";
import { LogTable, useLog } from "app/pages/operations/table.js";

const LOOK = { succeeded: "good", failed: "bad", running: "lamp" };

const took = (one) => (one.finished_at ? span((new Date(one.finished_at) - new Date(one.started_at)) / 1000) : "–");

const COLUMNS = [
  ["Population file", (one) => html`<b title=${one.population}>${one.population.split("/").slice(-2).join("/")}</b>${one.error && html`<div class="wrong-note small">${one.error}</div>`}`],
  ["State", (one) => html`<${State} state=${one.state} look=${LOOK[one.state]} /><${ImportProgress} run=${one} />`],
  ["Rows read", (one) => count(one.rows_read), "num"],
  ["Rejected", (one) => html`${count(one.rows_rejected)}${one.reject_file && html`<div class="quiet small">${one.reject_file}</div>`}`, "num"],
  ["People", (one) => (one.people ? count(one.people) : "–"), "num"],
  ["Generation", (one) => one.generation ?? "–", "num"],
  ["Began", (one) => instant(one.started_at)],
  ["Took", (one) => took(one), "num"],
];

export function Imports() {
  const log = useLog("/v1/imports", {}, { moving: (items) => items.some((one) => one.state === "running") });
  const [problem, setProblem] = useState(null);
  const start = async (event) => {
    event.preventDefault();
    const form = event.currentTarget;
    setProblem(null);
    try {
      await post("/v1/imports", { population: new FormData(form).get("population"), max_rejects: Number(new FormData(form).get("rejects")) });
      form.reset();
      toast("The import has begun");
      log.asked.again();
    } catch (refused) {
      setProblem(refused);
    }
  };
  return html`<div class="stack"><form class="card stack" onSubmit=${start} aria-label="Start an import">
      <h2>Start an import</h2>
      <div class="row end"><label class="field grow">Population file, in one of the server's import folders<input name="population" required placeholder="spring/POPULATION.yaml" /></label>
        <label class="field">Rejects allowed<input name="rejects" type="number" min="0" value="1000" required /></label><button class="primary">Start</button></div>
      <${ProblemNote} problem=${problem} /></form>
    <div class="card"><${LogTable} log=${log} label="Imports" columns=${COLUMNS} empty="Nothing was imported yet" /></div></div>`;
}
