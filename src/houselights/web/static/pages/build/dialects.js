/** The same audience in other words: rule JSON, and every language the server has. Text can be edited and taken back. */
import { html, useEffect, useRef, useState } from "app/ui/html.js";
import { get, post } from "app/api.js";
import { useAsked } from "app/ui/asked.js";
import { CopyButton, ProblemNote } from "app/ui/kit.js";

/** The languages there are: `[{ name, title, editable }]`. Without any the builder still has its rule JSON. */
export function useLanguages() {
  const asked = useAsked((signal) => get("/v1/languages", {}, { signal }), []);
  return asked.data?.items || [];
}

/** Where in a text a refusal points, as [from, to]; null where it does not say, or says it of another text. */
export function spot(text, refused) {
  const at = /position (\d+)/.exec(refused instanceof SyntaxError ? refused.message : "");
  if (at) return [Number(at[1]), Number(at[1]) + 1];
  if (refused instanceof SyntaxError) return [text.length, text.length]; // it ends too early
  const [line, below] = (refused.caret || "").split("\n").slice(-2);
  const marks = /\^+/.exec(below || "");
  const from = marks ? text.indexOf(line) : -1;
  return from < 0 ? null : [from + marks.index, from + marks.index + marks[0].length];
}

/** A rule from JSON. What is no rule at all is refused in the server's words, which name the place. */
async function fromJson(text, take) {
  const rule = JSON.parse(text);
  try {
    await take(rule);
  } catch (fault) {
    if (fault instanceof TypeError) await post("/v1/explain", { rule });
    throw fault;
  }
}

/**
 * One language's text of a rule; `take(rule)` when edited text has been read. `place(field)` answers the condition that a
 * refusal points at, `{ words, show }`, or null.
 */
export function Dialect({ language, rule, take, place }) {
  const [text, setText] = useState("");
  const [problem, setProblem] = useState(null);
  const [edited, setEdited] = useState(false);
  const [anew, setAnew] = useState(false); // to be written from nothing, where the language cannot say what there is
  const box = useRef(null);
  const typed = useRef(false); // what somebody types before the text is there is not written over
  const words = JSON.stringify(rule);
  useEffect(() => {
    setEdited(false);
    setAnew(false);
    typed.current = false;
    setProblem(null);
    if (language.name === "json") return setText(JSON.stringify(rule, null, 2));
    const stop = new AbortController();
    post(`/v1/languages/${language.name}/write`, { rule }, { signal: stop.signal }).then(
      (told) => { if (!typed.current) setText(told.text); },
      (refused) => { if (refused.name !== "AbortError" && !typed.current) { setText(""); setProblem(refused); } },
    );
    return () => stop.abort();
  }, [language.name, words]);
  const read = async () => {
    setProblem(null);
    try {
      if (language.name === "json") await fromJson(text, take);
      else await take((await post(`/v1/languages/${language.name}/read`, { text })).rule);
      setEdited(false);
    } catch (refused) {
      setProblem(refused instanceof SyntaxError ? { title: "This is not JSON", detail: refused.message } : refused);
      const place = spot(text, refused);
      box.current?.focus();
      if (place) box.current?.setSelectionRange(...place);
    }
  };
  const write = () => {
    setProblem(null);
    setAnew(true);
    requestAnimationFrame(() => box.current?.focus());
  };
  const cannot = problem && !edited && !text && !anew;
  return html`<div class="card stack">
    ${cannot ? html`<${Cannot} language=${language} problem=${problem} at=${problem.status === 422 ? place(problem.field) : null} write=${language.editable === false ? null : write} />`
      : html`<label class="field">${language.title}<textarea ref=${box} class="code" rows="14" spellcheck="false" value=${text} aria-invalid=${Boolean(problem)} onInput=${(event) => { typed.current = true; setText(event.currentTarget.value); setEdited(true); }}></textarea></label>`}
    <${ProblemNote} problem=${cannot ? null : problem} />
    <div class="row" hidden=${cannot}><button type="button" class="primary" disabled=${!edited} onClick=${read}>Use this text</button><${CopyButton} text=${text}>Copy<//></div></div>`;
}

/** Why a language has no words for this, and which condition it is. */
function Cannot({ language, problem, at, write }) {
  const refused = problem.status === 422;
  return html`<div class="empty" role="alert"><h2>${refused ? `${language.title} cannot say this` : problem.title || "That did not work"}</h2>
    ${at && html`<p class="culprit">“${at.words}”</p>`}<p>${problem.detail}</p>${problem.hint && html`<p class="quiet">${problem.hint}</p>`}
    <div class="row">${at && html`<button type="button" onClick=${at.show}>Show it in the builder</button>`}
      ${refused && write && html`<button type="button" class="plain" onClick=${write}>Write another audience in it</button>`}</div></div>`;
}
