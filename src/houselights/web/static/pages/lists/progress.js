/** A file on its way, and what became of it: how far, what the server makes of it, which rows stay behind and why. */
import { html, useEffect, useState } from "app/ui/html.js";
import { ProblemNote, save, toast } from "app/ui/kit.js";
import { count, percent } from "app/ui/words.js";

const WORDS = { sending: "Hashing and sending", waiting: "The server asks for a pause", paused: "Paused", stopped: "Stopped", matching: "Looking for the people", done: "Done" };

export function Progress({ sending, list, close }) {
  const { phase, uploads } = sending;
  const told = uploads.map((one) => one.told).filter((one) => one && one.state !== "waiting");
  const sum = (name) => told.reduce((total, one) => total + (one[name] || 0), 0);
  const hidden = told.some((one) => one.matched === null);
  const faults = uploads.filter((one) => one.told && one.told.error && !one.told.invalid?.length);
  return html`<div class="stack">
    <div class="row apart"><h3 aria-live="polite">${WORDS[phase]}${phase === "waiting" ? html` <${Countdown} until=${sending.until} />` : ""}</h3>
      <div class="row">
        ${["sending", "waiting"].includes(phase) && html`<button type="button" class="small" onClick=${() => sending.pause()}>Pause</button>`}
        ${["paused", "stopped"].includes(phase) && html`<button type="button" class="small primary" onClick=${() => sending.resume()}>Go on</button>`}
        ${["paused", "stopped", "done"].includes(phase) && html`<button type="button" class="small" onClick=${close}>${phase === "done" ? "Bring another file" : "Leave it"}</button>`}
      </div></div>
    <progress aria-label="How much of the file has been sent" max="1" value=${sending.share}></progress>
    <dl class="facts figures">
      <div><dt>File</dt><dd>${sending.file.name}</dd></div>
      <div><dt>Rows read</dt><dd>${count(sending.read)}</dd></div><div><dt>Records sent</dt><dd>${count(sending.sent)}</dd></div>
      <div><dt>Rows left out</dt><dd>${count(sending.refused)}</dd></div><div><dt>Sent in part</dt><dd>${count(sending.partly)}</dd></div>
      ${sending.declined.length > 0 && html`<div><dt>Refused by the server</dt><dd>${count(sending.declined.length)}</dd></div>`}
      ${["matching", "done"].includes(phase) && html`<div><dt>Worked on</dt><dd>${told.length} of ${uploads.length} uploads</dd></div>`}
      ${told.length > 0 && !hidden && html`<div><dt>Matched</dt><dd>${count(sum("matched"))} <span class="quiet">${percent(sum("processed") ? sum("matched") / sum("processed") : null)}</span></dd></div>`}
    </dl>
    ${phase === "done" && html`<p role="status">${sending.sent ? html`${count(sum("processed"))} of ${count(sending.sent)} records were taken in${hidden ? "" : html`, ${count(sum("matched"))} of them mean somebody`}.${list.match_rate === null ? "" : html` The list as a whole matches ${percent(list.match_rate)}.`}` : "No row could be sent."}</p>`}
    <${ProblemNote} problem=${sending.problem} />
    ${faults.map((one) => html`<${ServerFaults} key=${one.id} upload=${one} />`)}
    ${sending.listed.length + sending.declined.length > 0 && html`<${Rows} sending=${sending} />`}
  </div>`;
}

function Countdown({ until }) {
  const [, tick] = useState(0);
  useEffect(() => {
    const clock = setInterval(() => tick((turn) => turn + 1), 500);
    return () => clearInterval(clock);
  }, []);
  return html`<span class="quiet">for ${Math.max(0, Math.ceil((until - Date.now()) / 1000))} s</span>`;
}

function ServerFaults({ upload }) {
  const { rows, told } = upload;
  return html`<div class="problem"><strong>Rows ${count(rows[0])} to ${count(rows[rows.length - 1])}</strong> ${told.error}</div>`;
}

function Rows({ sending }) {
  const behind = sending.behind;
  const shown = sending.wrong;
  const SENT = { true: ["badge lamp", "without these"], false: ["badge bad", "no"], null: ["badge bad", "refused by the server"] };
  const download = async () => {
    save(`${sending.file.name.replace(/\.[^.]*$/, "")}.rejects.csv`, await sending.rejects());
    toast("The file was made in this browser");
  };
  return html`<div><div class="row apart"><h3>Rows with something wrong</h3><button type="button" class="small" onClick=${download}>Download all ${count(behind)}</button></div>
    <div class="scroll-x faults" tabindex="0" role="region" aria-label="Rows with something wrong"><table>
      <thead><tr><th scope="col" class="num">Row</th><th scope="col">What</th><th scope="col">Sent</th></tr></thead>
      <tbody>${shown.map((one) => html`<tr key=${`${one.row} ${one.sent}`}><td class="num">${count(one.row)}</td><td>${one.faults.join("; ")}</td><td><span class=${SENT[one.sent][0]}>${SENT[one.sent][1]}</span></td></tr>`)}</tbody></table></div>
    ${behind > shown.length && html`<p class="quiet small">The first ${shown.length}; the file has all of them, with what they said. It never leaves this machine.</p>`}</div>`;
}
