/** Callbacks: messages to addresses that clients named, every try to deliver them, and one more try for operators. */
import { html, useState } from "app/ui/html.js";
import { get, post } from "app/api.js";
import { Asked, Dialog, ProblemNote, toast } from "app/ui/kit.js";
import { useAsked } from "app/ui/asked.js";
import { useSession } from "app/ui/session.js";
import { count, instant } from "app/ui/words.js";
import { State } from "app/pages/lists/uploads.js";
import { LogTable, Table, useLog } from "app/pages/operations/table.js";
import { useClients } from "app/pages/operations/who.js";

const LOOK = { delivered: "good", failed: "bad", refused: "bad", gone: "bad", sending: "lamp" };
const OVER = new Set(["delivered", "gone", "refused", "failed"]);

export function Callbacks() {
  const [open, setOpen] = useState(null);
  const nameOf = useClients();
  const log = useLog("/v1/callbacks", {}, { moving: (items) => items.some((one) => one.state === "sending") });
  const columns = [
    ["About", (one) => html`<button type="button" class="plain small link" onClick=${() => setOpen(one.id)}>${one.kind} ${one.subject}</button>`],
    ["State", (one) => html`<${State} state=${one.state} look=${LOOK[one.state]} />`],
    ["To", (one) => one.url],
    ["Client", (one) => nameOf(one.client)],
    ["Tries", (one) => count(one.attempts), "num"],
    ["Next", (one) => instant(one.due_at), "wide"],
    ["Made", (one) => instant(one.created_at), "wide"],
  ];
  return html`<div class="card"><${LogTable} log=${log} label="Callbacks" columns=${columns} empty="Nobody was called back yet" /></div>
    <${Dialog} title="Callback" open=${open !== null} onClose=${() => setOpen(null)}><${Tries} id=${open} again=${log.asked.again} /><//>`;
}

const TRIES = [
  ["At", (one) => instant(one.at)], ["Answer", (one) => one.status ?? one.error ?? "–"], ["Took", (one) => `${count(one.milliseconds)} ms`, "num"], ["Said", (one) => html`<code>${one.answer.slice(0, 200)}</code>`],
];

function Tries({ id, again }) {
  const { may } = useSession();
  const asked = useAsked((signal) => get(`/v1/callbacks/${id}`, {}, { signal }), [id]);
  const [problem, setProblem] = useState(null);
  const redeliver = async () => {
    try {
      await post(`/v1/callbacks/${id}/redeliver`);
      toast("It is delivered once more");
      asked.again();
      again();
    } catch (refused) {
      setProblem(refused);
    }
  };
  return html`<${Asked} of=${asked} lines=${4}>${(told) => html`<div class="stack"><p><code>${told.url}</code></p>
    <${Table} label="Tries" columns=${TRIES} rows=${told.tries} keyOf=${(one) => one.at} empty="Not tried yet" />
    <${ProblemNote} problem=${problem} />
    ${may("operator") && OVER.has(told.state) && html`<div class="row"><button type="button" onClick=${redeliver}>Deliver once more</button></div>`}</div>`}<//>`;
}
