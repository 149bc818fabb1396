/** How long a list keeps somebody after they were last put on it, and a form to change that. */
import { html, useEffect, useState } from "app/ui/html.js";
import { patch } from "app/api.js";
import { ProblemNote, toast } from "app/ui/kit.js";
import { count } from "app/ui/words.js";

const DAY = 86_400;
const UNITS = [["days", DAY], ["hours", 3600], ["seconds", 1]];

/** A time to live in words. */
export function span(seconds) {
  if (seconds === null || seconds === undefined) return "good";
  const [words, size] = UNITS.find(([, each]) => seconds % each === 0);
  const many = seconds / size;
  return `${count(many)} ${many === 1 ? words.slice(0, -1) : words}`;
}

export function Keep({ list, changed, may }) {
  const seconds = list.ttl_seconds;
  const shown = seconds === null ? "" : String(+(seconds / DAY).toFixed(3));
  const [days, setDays] = useState(shown);
  const [problem, setProblem] = useState(null);
  useEffect(() => setDays(shown), [shown]);
  const submit = async (event) => {
    event.preventDefault();
    setProblem(null);
    try {
      changed(await patch(`/v1/lists/${list.audience.id}`, { ttl_seconds: Math.round(Number(days) * DAY) }));
      toast(Number(days) ? `People stay for ${span(Math.round(Number(days) * DAY))}` : "The list hides everybody now");
    } catch (refused) {
      setProblem(refused);
    }
  };
  return html`<form class="card stack tight" onSubmit=${submit} aria-label="How long people stay">
    <h2>How long people stay</h2>
    <p class="quiet">${seconds === null ? "For good, until somebody takes them off." : seconds === 0 ? "Nobody is shown now: the time is 0." : `${span(seconds)} after they were last put on.`}</p>
    ${may && html`<div class="row"><label class="row">Days <input class="days" type="number" min="0" max="36500" step="any" required value=${days} onInput=${(event) => setDays(event.currentTarget.value)} /></label>
      <button disabled=${days === "" || days === shown}>Change</button></div>
      <p class="quiet small">Shortened, people leave at once; lengthened again, they are back. 0 hides everybody.</p>`}
    <${ProblemNote} problem=${problem} /></form>`;
}
