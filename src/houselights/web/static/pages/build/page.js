/** The builder: an audience put together from traits, audiences and words, with its size and sentence beside it. */
import { html, useEffect, useMemo, useState } from "app/ui/html.js";
import { all, get, patch, post } from "app/api.js";
import { useAsked } from "app/ui/asked.js";
import { Asked, Dialog, ProblemNote, Skeleton, Tabs, toast } from "app/ui/kit.js";
import { go } from "app/ui/route.js";
import { useSession } from "app/ui/session.js";
import { facetsNow } from "app/pages/persona/question.js";
import { Answer, useExplained } from "app/pages/build/answer.js";
import { said } from "app/pages/build/condition.js";
import { Dialect, useLanguages } from "app/pages/build/dialects.js";
import { Group } from "app/pages/build/group.js";
import { find, fromRule, group, named, pointed, toRule } from "app/pages/build/tree.js";

/** A tree in words: the names of the traits and audiences a rule mentions are looked up first. */
async function inWords(rule) {
  const { traits, audiences } = named(rule);
  const facets = Map.groupBy(traits, ([facet]) => facet);
  const [keys, called] = await Promise.all([
    Promise.all([...facets].map(([facet, pairs]) => namesOf(facet, pairs.map(([, key]) => key)))),
    Promise.all([...new Set(audiences)].map(async (id) => [id, (await get(`/v1/audiences/${id}`).catch(() => ({ name: id }))).name])),
  ]);
  const [names, titles] = [new Map(keys.flat()), new Map(called)];
  return fromRule(rule, (facet, key) => names.get(`${facet}/${key}`) || key, (id) => titles.get(id));
}

/** Names of a facet's traits: a few are asked for one by one, many with all the facet has. */
async function namesOf(facet, keys) {
  const few = keys.length < 5;
  const path = `/v1/facets/${encodeURIComponent(facet)}/traits`;
  const traits = few ? await Promise.all(keys.map((key) => get(`${path}/${encodeURIComponent(key)}`).catch(() => ({ key, name: key })))) : await all(path).catch(() => []);
  return traits.map((trait) => [`${facet}/${trait.key}`, trait.name]);
}

const MOST_STEPS = 100;

/** What was done, with ways back and forth: `{ tree, edit, begin, undo, redo }`; the last two are null where there is nothing. */
function useStory() {
  const [story, setStory] = useState(() => ({ past: [], tree: group("all"), next: [] }));
  const { past, tree, next } = story;
  const edit = (change) => setStory((now) => {
    const made = change(now.tree) || group("all");
    return made === now.tree ? now : { past: [...now.past.slice(1 - MOST_STEPS), now.tree], tree: made, next: [] };
  });
  // Each looks at the story as it is by then: two quick keys are two steps.
  const back = ({ past, tree, next }) => (past.length ? { past: past.slice(0, -1), tree: past[past.length - 1], next: [tree, ...next] } : { past, tree, next });
  const forth = ({ past, tree, next }) => (next.length ? { past: [...past, tree], tree: next[0], next: next.slice(1) } : { past, tree, next });
  const [undo, redo] = [past.length ? () => setStory(back) : null, next.length ? () => setStory(forth) : null];
  useEffect(() => {
    const pressed = (event) => {
      if (!(event.ctrlKey || event.metaKey) || event.target.closest("input, textarea, dialog[open]")) return;
      const key = event.key.toLowerCase();
      const way = key === "z" ? (event.shiftKey ? forth : back) : key === "y" ? forth : null;
      if (!way) return;
      event.preventDefault();
      setStory(way);
    };
    addEventListener("keydown", pressed);
    return () => removeEventListener("keydown", pressed);
  }, []);
  return { tree, edit, undo, redo, begin: (first) => setStory({ past: [], tree: first, next: [] }) };
}

/** The audience the builder begins with: `{ known, problem, ready }`. */
function useBeginning(from, begin) {
  const [state, setState] = useState({ known: null, problem: null, ready: !from });
  useEffect(() => {
    let stale = false;
    setState({ known: null, problem: null, ready: !from });
    if (!from) return undefined;
    get(`/v1/audiences/${from}`).then(async (known) => {
      const tree = await inWords(known.rule);
      if (stale) return;
      begin(tree);
      setState({ known, problem: null, ready: true });
    }).catch((problem) => stale || setState({ known: null, problem, ready: true }));
    return () => { stale = true; };
  }, [from]);
  return state;
}

export default function Build({ query }) {
  const facets = useAsked(() => facetsNow(), []);
  const everyone = useAsked((signal) => post("/v1/size", { rule: { everyone: true } }, { signal }), []);
  const { tree, edit, undo, redo, begin } = useStory();
  const { known, problem, ready } = useBeginning(query.get("from"), begin);
  const [view, setView] = useState("builder");
  const [shown, setShown] = useState(null);
  const [saving, setSaving] = useState(false);
  const languages = useLanguages();
  const { may } = useSession();
  const rule = useMemo(() => toRule(tree), [tree]);
  const asked = useExplained(ready ? rule : null);
  useEffect(() => setShown(null), [tree]);
  useEffect(() => {
    const place = shown && view === "builder" && (document.querySelector(`[data-handle="${shown}"]`) || document.querySelector(`[data-node="${shown}"] input`));
    place?.focus();
  }, [shown, view]);
  const wrong = shown || (asked.problem ? pointed(tree, asked.problem.field) : null);
  const tabs = [["builder", "Builder"], ["json", "Rule JSON"], ...languages.map((one) => [one.name, one.title])];
  const language = view === "json" ? { name: "json", title: "Rule JSON" } : languages.find((one) => one.name === view);
  const take = async (next) => { const made = await inWords(next); edit(() => made); setView("builder"); };
  const place = (field) => {
    const id = pointed(tree, field);
    const node = id && find(tree, id);
    return node ? { words: said(node, facets.data || []), show: () => { setShown(id); setView("builder"); } } : null;
  };
  return html`<header><div><h1>${known ? known.name : "Build an audience"}</h1><p>Add what they have in common. Drag conditions between groups, or move them with Alt and the arrow keys.</p></div>
      <div class="row"><button type="button" disabled=${!undo} title="Ctrl Z" onClick=${undo}>Undo</button><button type="button" disabled=${!redo} title="Ctrl Shift Z" onClick=${redo}>Redo</button>
        <button type="button" class="primary" disabled=${!rule || Boolean(asked.problem) || !may("audiences:write")} title=${may("audiences:write") ? "" : "Your role may look, not save"} onClick=${() => setSaving(true)}>Save</button></div></header>
    <${ProblemNote} problem=${problem} />
    <${Tabs} label="How it is said" tabs=${tabs} chosen=${view} choose=${setView} />
    <div class="workbench">
      <div>${!ready ? html`<${Skeleton} lines=${6} />` : view === "builder" || !language
        ? html`<${Asked} of=${facets} lines=${6}>${(all) => html`<${Group} node=${tree} edit=${edit} facets=${all} wrong=${wrong} />`}<//>`
        : html`<${Dialect} key=${view} language=${language} rule=${rule || { everyone: true }} take=${take} place=${place} />`}</div>
      <${Answer} asked=${asked} everyone=${everyone.data} />
    </div>
    <${Dialog} title="Save the audience" open=${saving} onClose=${() => setSaving(false)}>
      <${SaveForm} rule=${rule} known=${known} done=${(audience) => { setSaving(false); toast(`“${audience.name}” is saved`); go(`/persona/${audience.id}`); }} /><//>`;
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
      done(anew ? await post("/v1/audiences", body) : await patch(`/v1/audiences/${known.id}`, { ...body, expected_version: known.version }));
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
