/** People who sign in: added with a role and a password, given others, turned away. */
import { html, useState } from "app/ui/html.js";
import { get, post, put } from "app/api.js";
import { Asked, Dialog, ProblemNote, toast } from "app/ui/kit.js";
import { useAsked } from "app/ui/asked.js";
import { useSession } from "app/ui/session.js";
import { day } from "app/ui/words.js";
import { Disable } from "app/pages/operations/clients.js";
import { Table } from "app/pages/operations/table.js";

const ROLES = [["viewer", "looks"], ["builder", "makes audiences and uploads lists"], ["operator", "sees exact counts and people, manages clients"]];

export function People() {
  const { person } = useSession();
  const asked = useAsked((signal) => get("/v1/people", {}, { signal }), []);
  const [dialog, setDialog] = useState(null);
  const done = (words) => {
    setDialog(null);
    if (words) toast(words);
    asked.again();
  };
  const role = async (one, next) => {
    try {
      await put(`/v1/people/${encodeURIComponent(one.name)}/role`, { role: next });
      done(`${one.name} is ${next === "operator" ? "an" : "a"} ${next} now; their sessions have ended`);
    } catch (problem) {
      toast(problem.detail);
      asked.again();
    }
  };
  const columns = [
    ["Name", (one) => html`<b>${one.name}</b> ${one.name === person.name && html`<span class="badge lamp">you</span>`}`],
    ["Role", (one) => (one.name === person.name || one.disabled ? one.role : html`<select aria-label=${`Role of ${one.name}`} value=${one.role} onChange=${(event) => role(one, event.currentTarget.value)}>${ROLES.map(([key]) => html`<option key=${key} value=${key}>${key}</option>`)}</select>`)],
    ["Added", (one) => day(one.created_at), "wide"],
    ["Do", (one) => (one.disabled ? html`<span class="badge bad">turned away</span>` : html`<span class="row tight"><button type="button" class="small" aria-label=${`New password for ${one.name}`} onClick=${() => setDialog({ password: one })}>Password</button>
      ${one.name !== person.name && html`<button type="button" class="small" aria-label=${`Turn away ${one.name}`} onClick=${() => setDialog({ disable: one })}>Turn away</button>`}</span>`)],
  ];
  return html`<div class="card stack"><div class="row apart"><p class="quiet">A viewer looks, a builder makes, an operator runs the house.</p><button type="button" class="primary" onClick=${() => setDialog({ add: true })}>Let somebody in</button></div>
      <${Asked} of=${asked} lines=${4}>${(told) => html`<${Table} label="People who sign in" columns=${columns} rows=${told.items} />`}<//></div>
    <${Dialog} title="Let somebody in" open=${Boolean(dialog?.add)} onClose=${() => setDialog(null)}><${Add} done=${done} /><//>
    <${Dialog} title="A new password" open=${Boolean(dialog?.password)} onClose=${() => setDialog(null)}>${dialog?.password && html`<${Password} one=${dialog.password} done=${done} />`}<//>
    <${Dialog} title="Turn somebody away" open=${Boolean(dialog?.disable)} onClose=${() => setDialog(null)}>${dialog?.disable && html`<${Disable} client=${dialog.disable} done=${() => done("")} />`}<//>`;
}

function useForm(send, done) {
  const [problem, setProblem] = useState(null);
  const submit = async (event) => {
    event.preventDefault();
    setProblem(null);
    try {
      done(await send(new FormData(event.currentTarget)));
    } catch (refused) {
      setProblem(refused);
    }
  };
  return [submit, problem];
}

const Secret = () => html`<label class="field">Password<input name="password" type="password" autocomplete="new-password" required minlength="10" /><span class="hint">ten characters at least</span></label>`;

function Add({ done }) {
  const [submit, problem] = useForm(async (form) => {
    const made = await post("/v1/people", Object.fromEntries(form));
    return `${made.name} may sign in`;
  }, done);
  return html`<form class="stack" onSubmit=${submit}><label class="field">Name<input name="name" required maxlength="200" autocomplete="off" autofocus /></label><${Secret} />
    <fieldset class="stack tight"><legend>Role</legend>${ROLES.map(([key, words], at) => html`<label class="check" key=${key}><input type="radio" name="role" value=${key} defaultChecked=${at === 0} /><span><b>${key}</b> <span class="quiet small">${words}</span></span></label>`)}</fieldset>
    <${ProblemNote} problem=${problem} /><div class="row"><button class="primary">Let them in</button></div></form>`;
}

function Password({ one, done }) {
  const [submit, problem] = useForm(async (form) => {
    await put(`/v1/people/${encodeURIComponent(one.name)}/password`, { password: form.get("password") });
    return `${one.name} has another password; their sessions have ended`;
  }, done);
  return html`<form class="stack" onSubmit=${submit}><p>For “${one.name}”.</p><${Secret} /><${ProblemNote} problem=${problem} /><div class="row"><button class="primary">Set it</button></div></form>`;
}
