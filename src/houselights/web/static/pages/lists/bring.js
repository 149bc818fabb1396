/** Where a file is dropped on a list: chosen, its columns looked at, on its way, and what became of it. */
import { html, useEffect, useReducer, useRef, useState } from "app/ui/html.js";
import { ProblemNote, Skeleton } from "app/ui/kit.js";
import { Columns } from "app/pages/lists/columns.js";
import { Progress } from "app/pages/lists/progress.js";
import { Reader, Sending, sendingOf } from "app/pages/lists/sending.js";

export function Bring({ list, again }) {
  const id = list.audience.id;
  const [, draw] = useReducer((turn) => turn + 1, 0);
  const [chosen, setChosen] = useState(null);
  const [problem, setProblem] = useState(null);
  const sending = sendingOf(id);
  useEffect(() => {
    if (!sending) return undefined;
    let before = sending.phase;
    return sending.watch(() => {
      if (sending.phase === "done" && before !== "done") again();
      before = sending.phase;
      draw();
    });
  }, [sending]);
  const take = async (file) => {
    if (!file) return;
    const reader = new Reader();
    setProblem(null);
    setChosen({ file, reader, told: null });
    try {
      const told = await reader.ask("look", { file });
      setChosen({ file, reader, told });
    } catch (refused) {
      reader.close();
      setChosen(null);
      setProblem({ title: `“${file.name}” cannot be read`, detail: refused.message });
    }
  };
  const leave = () => {
    chosen.reader.close();
    setChosen(null);
  };
  const begin = (plan) => {
    const started = new Sending(id, chosen.file, chosen.reader);
    setChosen(null);
    started.start(plan);
  };
  return html`<section class="section" aria-label="Bring people"><header><h2>Bring people</h2></header>
    <div class="card stack">
      ${sending ? html`<${Progress} sending=${sending} list=${list} close=${() => { sending.close(); draw(); }} />`
        : !chosen ? html`<${Drop} take=${take} />`
        : chosen.told ? html`<${Columns} file=${chosen.file} told=${chosen.told} list=${list} begin=${begin} leave=${leave} />`
        : html`<${Skeleton} lines=${4} label="Looking at the file" />`}
      <${ProblemNote} problem=${problem} />
    </div></section>`;
}

function Drop({ take }) {
  const box = useRef(null);
  const [over, setOver] = useState(false);
  const drop = (event) => {
    event.preventDefault();
    setOver(false);
    take(event.dataTransfer.files[0]);
  };
  return html`<div class=${over ? "drop over" : "drop"} onDragOver=${(event) => { event.preventDefault(); setOver(true); }} onDragLeave=${() => setOver(false)} onDrop=${drop}>
    <p><b>Drop a CSV file here</b></p>
    <p class="quiet small">Columns such as e-mail, phone, names and addresses, raw or hashed with SHA-256. It is read and hashed in this browser.</p>
    <button type="button" onClick=${() => box.current.click()}>Choose a file</button>
    <input ref=${box} class="visually-hidden" type="file" tabindex="-1" aria-label="CSV file" accept=".csv,.tsv,.txt,.tab,text/csv" onChange=${(event) => { take(event.currentTarget.files[0]); event.currentTarget.value = ""; }} /></div>`;
}
