/** The shell: who is signed in, which page is shown, and the keys that work everywhere. */
import { html, render, useEffect, useRef, useState } from "app/ui/html.js";
import { Dialog, ProblemNote, Skeleton, Toasts } from "app/ui/kit.js";
import { go, to, usePlace } from "app/ui/route.js";
import { Session, useSession } from "app/ui/session.js";
import { apply, switchTheme, theme } from "app/ui/theme.js";
import { HOME, PAGES } from "app/pages/index.js";
import { Welcome } from "app/pages/welcome.js";

const KEYS = [["?", "these keys"], ["/", "search"], ["g a", "audiences"], ["g b", "build"], ["g c", "compare"], ["g l", "lists"], ["g o", "operations"], ["t", "light or dark"]];
const LEAPS = { a: "audiences", b: "build", c: "compare", l: "lists", o: "operations" };

function Bar({ here }) {
  const { person, signOut, account, act } = useSession();
  const [open, setOpen] = useState(false);
  useEffect(() => setOpen(false), [here.path]);
  return html`<header class=${open ? "bar open no-print" : "bar no-print"}>
    <a class="brand" href="#/"><img src="/web/favicon.svg" alt="" />Houselights</a>
    <button class="icon plain menu" type="button" aria-expanded=${open} aria-label="Menu" onClick=${() => setOpen(!open)}>☰</button>
    <nav aria-label="Pages"><ul>${PAGES.filter((page) => page.words).map((page) => html`<li key=${page.at}>
      <a href=${to(`/${page.at}`)} aria-current=${(here.parts[0] || HOME) === page.at ? "page" : undefined}>${page.words}</a></li>`)}</ul></nav>
    <div class="foot">
      ${person.accounts.length > 0 && html`<label class="field">Acting for
        <select value=${account} onChange=${(event) => act(event.currentTarget.value)}>
          <option value="">${person.workspace}, as a whole</option>
          ${person.accounts.map((one) => html`<option key=${one.id} value=${one.id}>${one.name}</option>`)}
        </select></label>`}
      <div>${person.name} <span class="badge">${person.role}</span></div>
      <div class="row"><button class="small" type="button" onClick=${switchTheme}>Light or dark</button>
        <button class="small" type="button" onClick=${signOut}>Sign out</button></div>
    </div>
  </header>`;
}

function Page({ here }) {
  const at = here.parts[0] || HOME;
  const known = PAGES.find((page) => page.at === at);
  const [shown, setShown] = useState({ at: null, Component: null, problem: null });
  const main = useRef(null);
  useEffect(() => {
    if (!known) return setShown({ at, Component: null, problem: { title: "There is no such page", detail: here.path } });
    known.load().then(
      (module) => setShown({ at, Component: module.default, problem: null }),
      (error) => setShown({ at, Component: null, problem: { title: "The page cannot be loaded", detail: error.message } }),
    );
  }, [at]);
  // Whoever goes to another page begins at its top; whoever opens the app begins at the link that skips the bar.
  const came = useRef(here.path);
  useEffect(() => {
    if (came.current !== here.path) main.current?.focus({ preventScroll: true });
    came.current = null;
  }, [here.path]);
  const { Component } = shown;
  return html`<main id="main" class="page" tabindex="-1" ref=${main}>
    ${shown.problem && html`<${ProblemNote} problem=${shown.problem} />`}
    ${shown.at !== at ? html`<${Skeleton} lines=${6} />` : Component && html`<${Component} parts=${here.parts.slice(1)} query=${here.query} />`}
  </main>`;
}

function Frame() {
  const here = usePlace();
  const [help, setHelp] = useState(false);
  useEffect(() => {
    let leaping = 0;
    const pressed = (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea, select, [contenteditable], dialog[open]")) return;
      if (Date.now() - leaping < 1200 && LEAPS[event.key]) go(`/${LEAPS[event.key]}`);
      else if (event.key === "?") setHelp(true);
      else if (event.key === "t") switchTheme();
      else if (event.key === "/") {
        const box = document.querySelector('main [type="search"]');
        if (!box) return;
        event.preventDefault();
        box.focus();
      }
      leaping = event.key === "g" ? Date.now() : 0;
    };
    addEventListener("keydown", pressed);
    return () => removeEventListener("keydown", pressed);
  }, []);
  return html`<a class="skip" href="#main" onClick=${(event) => { event.preventDefault(); document.getElementById("main").focus(); }}>Skip to the page</a>
    <div class="shell"><${Bar} here=${here} /><${Page} here=${here} /></div>
    <${Toasts} />
    <${Dialog} title="Keys" open=${help} onClose=${() => setHelp(false)}>
      <table><tbody>${KEYS.map(([key, words]) => html`<tr key=${key}><td><kbd>${key}</kbd></td><td>${words}</td></tr>`)}</tbody></table><//>`;
}

apply();
document.documentElement.dataset.theme = theme();
render(html`<${Session}>${({ person }) => (person === undefined ? null : person ? html`<${Frame} />` : html`<${Welcome} />`)}<//>`, document.getElementById("app"));
