/** The builder: an audience put together from traits, audiences and words, with its size and sentence beside it. */
import { html, useEffect, useMemo, useState } from "app/ui/html.js";
import { get, patch, post } from "app/api.js";
import { useAsked } from "app/ui/asked.js";
import { Asked, Dialog, ProblemNote, Tabs, toast } from "app/ui/kit.js";
import { go } from "app/ui/route.js";
import { useSession } from "app/ui/session.js";
import { facetsNow } from "app/pages/persona/question.js";
import { Answer, useExplained } from "app/pages/build/answer.js";
import { Dialect, useLanguages } from "app/pages/build/dialects.js";
import { Group } from "app/pages/build/group.js";
import { conditions, fromRule, group, named, pointed, toRule } from "app/pages/build/tree.js";

/** A tree in words: the names of the traits and audiences a rule mentions are looked up first. */
async function inWords(rule) {
  const { traits, audiences } = named(rule);
  const keys = new Map(await Promise.all(traits.map(async ([facet, key]) => [`${facet}/${key}`, (await get(`/v1/facets/${facet}/traits/${encodeURIComponent(key)}`).catch(() => ({ name: key }))).name])));
  const called = new Map(await Promise.all(audiences.map(async (id) => [id, (await get(`/v1/audiences/${id}`).catch(() => ({ name: id }))).name])));
  return fromRule(rule, (facet, key) => keys.get(`${facet}/${key}`), (id) => called.get(id));
}

export default function Build({ query }) {
  const from = query.get("from");
  const facets = useAsked(() => facetsNow(), []);
  const everyone = useAsked((signal) => post("/v1/size", { rule: { everyone: true } }, { signal }), []);
  const [tree, setTree] = useState(() => group("all"));
  const [past, setPast] = useState([]);
  const [known, setKnown] = useState(null);
  const [view, setView] = useState("builder");
  const [saving, setSaving] = useState(false);
  const languages = useLanguages();
  const { may } = useSession();
  useEffect(() => {
    if (!from) return;
    get(`/v1/audiences/${from}`).then(async (audience) => {
      setKnown(audience);
      setTree(await inWords(audience.rule));
    }, (problem) => toast(problem.detail));
  }, [from]);
  const edit = (change) => setTree((now) => {
    const next = change(now) || group("all");
    if (next !== now) setPast((all) => [...all.slice(-99), now]);
    return next;
  });
  const undo = () => {
    if (!past.length) return;
    setTree(past[past.length - 1]);
    setPast(past.slice(0, -1));
  };
  useEffect(() => {
    const pressed = (event) => {
      if ((event.ctrlKey || event.metaKey) && event.key === "z" && !event.target.closest("input, textarea")) {
        event.preventDefault();
        undo();
      }
    };
    addEventListener("keydown", pressed);
    return () => removeEventListener("keydown", pressed);
  }, [past]);
  const rule = useMemo(() => toRule(tree), [tree]);
  const asked = useExplained(rule);
  const wrong = asked.problem ? pointed(tree, asked.problem.field) : null;
  const tabs = [["builder", "Builder"], ["json", "Rule JSON"], ...languages.map((one) => [one.name, one.title])];
  const language = view === "json" ? { name: "json", title: "Rule JSON" } : languages.find((one) => one.name === view);
  return html`<header><div><h1>${known ? known.name : "Build an audience"}</h1><p>Add what they have in common. Drag conditions between groups, or move them with Alt and the arrow keys.</p></div>
      <div class="row"><button type="button" disabled=${!past.length} onClick=${undo}>Undo</button>
        <button type="button" class="primary" disabled=${!rule || Boolean(asked.problem) || !may("audiences:write")} title=${may("audiences:write") ? "" : "Your role may look, not save"} onClick=${() => setSaving(true)}>Save</button></div></header>
    <${Tabs} label="How it is said" tabs=${tabs} chosen=${view} choose=${setView} />
    <div class="workbench">
      <div>${view === "builder" || !language
        ? html`<${Asked} of=${facets} lines=${6}>${(all) => html`<${Group} node=${tree} edit=${edit} facets=${all} wrong=${wrong} />`}<//>`
        : html`<${Dialect} key=${view} language=${language} rule=${rule || { everyone: true }} take=${async (next) => { const tree = await inWords(next); edit(() => tree); setView("builder"); }} />`}</div>
      <${Answer} asked=${asked} everyone=${everyone.data} />
    </div>
    <${Dialog} title="Save the audience" open=${saving} onClose=${() => setSaving(false)}>
      <${SaveForm} rule=${rule} known=${known} conditions=${conditions(tree)} done=${(audience) => { setSaving(false); toast(`“${audience.name}” is saved`); go(`/persona/${audience.id}`); }} /><//>`;
}

function SaveForm({ rule, known, done }) {
  const [problem, setProblem] = useState(null);
  const mine = known && known.kind !== "reference";
  const submit = async (event) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const body = { name: form.get("name"), description: form.get("description"), rule };
    const anew = !mine || event.submitter?.value === "new";
    setProblem(null);
    try {
      done(anew ? await post("/v1/audiences", body) : await patch(`/v1/audiences/${known.id}`, { ...body, version: known.version }));
    } catch (refused) {
      setProblem(refused);
    }
  };
  return html`<form class="stack" onSubmit=${submit}>
    <label class="field">Name<input name="name" required maxlength="255" value=${mine ? known.name : ""} autofocus /></label>
    <label class="field">Description<textarea name="description" rows="3">${mine ? known.description : ""}</textarea></label>
    <${ProblemNote} problem=${problem} />
    <div class="row">${mine && html`<button class="primary" value="change">Save as version ${known.version + 1}</button>`}<button class=${mine ? "" : "primary"} value="new">Save as a new audience</button></div></form>`;
}
