/** Evaluations of audiences over everybody: on request, or every day at an hour. */
import { html, useEffect, useState } from "app/ui/html.js";
import { del, get, post, put } from "app/api.js";
import { useAsked } from "app/ui/asked.js";
import { Asked, ProblemNote, toast } from "app/ui/kit.js";
import { useSession } from "app/ui/session.js";
import { count, instant, size } from "app/ui/words.js";
import { State } from "app/pages/lists/uploads.js";
import { RunProgress } from "app/pages/operations/progress.js";
import { Table } from "app/pages/operations/table.js";

const LOOK = { succeeded: "good", failed: "bad", running: "lamp", cancelled: "" };
const OPEN = new Set(["queued", "running"]);
const sum = (run, name) => (run.counts.length === 1 ? size(run.counts[0][name]) : run.counts.every((one) => one[name].exact !== null) && run.counts.length ? count(run.counts.reduce((all, one) => all + one[name].exact, 0)) : "–");

export function Runs() {
  const { may } = useSession();
  const [problem, setProblem] = useState(null);
  const asked = useAsked((signal) => get("/v1/evaluations", { limit: 50 }, { signal }), []);
  const moving = (asked.data || []).some((run) => OPEN.has(run.state));
  useEffect(() => {
    if (!moving) return undefined;
    const clock = setInterval(asked.again, 1000);
    return () => clearInterval(clock);
  }, [moving]);
  const change = async (ask, words) => {
    setProblem(null);
    try {
      await ask();
      toast(words);
      asked.again();
    } catch (refused) {
      setProblem(refused);
    }
  };
  const columns = [
    ["Asked for", (run) => instant(run.requested_at)],
    ["State", (run) => html`<${State} state=${run.state} look=${LOOK[run.state]} /><${RunProgress} run=${run} />${run.error && html`<div class="wrong-note small">${run.error}</div>`}`],
    ["By", (run) => run.source],
    ["Audiences", (run) => (run.counts.length || run.audiences.length ? count(run.counts.length || run.audiences.length) : "all"), "num"],
    ["Came in", (run) => sum(run, "realized"), "num"],
    ["Stayed", (run) => sum(run, "existing"), "num"],
    ["Went", (run) => sum(run, "exited"), "num"],
    ["Ended", (run) => instant(run.finished_at), "wide"],
    ...(may("audiences:write") ? [["Do", (run) => OPEN.has(run.state) && html`<button type="button" class="small" onClick=${() => change(() => del(`/v1/evaluations/${run.id}`), "The run was cancelled")}>Cancel</button>`]] : []),
  ];
  return html`<div class="stack">${may("audiences:write") && html`<div class="card row apart">
      <div><h2>Evaluate all audiences now</h2><p class="quiet">Writes down who comes in and who goes out of each.</p></div>
      <button type="button" class="primary" disabled=${moving} onClick=${() => change(() => post("/v1/evaluations", { audiences: [] }), "A run has begun")}>Evaluate</button></div>
      <${Daily} change=${change} />`}
    <${ProblemNote} problem=${problem} />
    <div class="card"><${Asked} of=${asked} lines=${5}>${(runs) => html`<${Table} label="Evaluations" columns=${columns} rows=${runs} empty="No audience was evaluated over everybody yet" />`}<//></div></div>`;
}

function Daily({ change }) {
  const [open, setOpen] = useState(false);
  return html`<details class="card" onToggle=${(event) => setOpen(event.currentTarget.open)}><summary><b>Every day</b> <span class="quiet">at an hour of your choice</span></summary>
    ${open && html`<${Schedule} change=${change} />`}</details>`;
}

const shownAs = (minute) => `${String(Math.floor(minute / 60)).padStart(2, "0")}:${String(minute % 60).padStart(2, "0")}`;
const minuteOf = (words) => words.split(":").reduce((total, part) => total * 60 + Number(part), 0);

// Nothing scheduled is a 404, so it is asked for only where somebody wants to know.
async function scheduled(signal) {
  try {
    return await get("/v1/evaluations/schedule", {}, { signal });
  } catch (problem) {
    if (problem.status === 404) return null;
    throw problem;
  }
}

function Schedule({ change }) {
  const asked = useAsked(scheduled, []);
  const [time, setTime] = useState("");
  const told = asked.data;
  const shown = time || shownAs(told ? told.minute : 60);
  const set = (enabled) => change(async () => {
    await put("/v1/evaluations/schedule", { minute: minuteOf(shown), enabled });
    asked.again();
  }, enabled ? `Every day at ${shown} UTC` : "Only on request from now on");
  return html`<form class="row apart inside" onSubmit=${(event) => { event.preventDefault(); set(true); }} aria-label="Every day">
    <p class="quiet">${told?.enabled ? `Next on ${instant(told.next_due)}.` : "Not now; only on request."}</p>
    <div class="row"><label class="row">At (UTC) <input type="time" required value=${shown} onInput=${(event) => setTime(event.currentTarget.value)} /></label>
      <button>${told?.enabled ? "Change" : "Switch on"}</button>${told?.enabled && html`<button type="button" class="plain" onClick=${() => set(false)}>Switch off</button>`}</div></form>`;
}
