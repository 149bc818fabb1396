/** Small components every page uses: problems, empty states, skeletons, dialogs, tabs, toasts, copy buttons. */
import { html, useEffect, useId, useRef, useState } from "app/ui/html.js";

/** What the server (or we) refused, in words, with the place and a hint where they are known; `busy` while it is tried again. */
export function ProblemNote({ problem, retry, busy = false }) {
  if (!problem) return null;
  return html`<div class="problem" role="alert">
    <strong>${problem.title || "That did not work"}</strong>
    ${problem.field && html` <code>${problem.field}</code>`}
    <div>${problem.detail || problem.message}</div>
    ${problem.caret && html`<pre>${problem.caret}</pre>`}
    ${problem.hint && html`<div class="quiet">${problem.hint}</div>`}
    ${problem.requestId && html`<div class="quiet small">request ${problem.requestId}</div>`}
    ${retry && html`<button class="small" type="button" disabled=${busy} onClick=${retry}>${busy ? "Trying again…" : "Try again"}</button>`}
  </div>`;
}

/** Nothing here yet, and what to do about it. */
export function Empty({ title, children, action }) {
  return html`<div class="empty"><h2>${title}</h2><div>${children}</div>${action && html`<div class="row">${action}</div>`}</div>`;
}

/** Grey bars where something will be; `label` is read out. */
export function Skeleton({ lines = 3, label = "Loading" }) {
  const rows = Array.from({ length: lines });
  return html`<div class="stack tight" role="status"><span class="visually-hidden">${label}</span>
    ${rows.map((_, row) => html`<div key=${row} class="skeleton" aria-hidden="true"></div>`)}</div>`;
}

/** Loading, refused, empty or there: pass a `useAsked` result and a function of its data. */
export function Asked({ of, lines, children }) {
  if (of.problem && !of.data) return html`<${ProblemNote} problem=${of.problem} retry=${of.again} busy=${of.loading} />`;
  if (of.data === undefined) return html`<${Skeleton} lines=${lines} />`;
  return children(of.data);
}

/** A dialog over the page; `onClose` when it is left by Escape, its cross or `close()`. */
export function Dialog({ title, open, onClose, children }) {
  const box = useRef(null);
  const id = useId();
  useEffect(() => {
    if (open && !box.current.open) box.current.showModal();
    if (!open && box.current.open) box.current.close();
  }, [open]);
  return html`<dialog ref=${box} aria-labelledby=${id} onClose=${onClose}>
    ${open && html`<header><h2 id=${id}>${title}</h2>
      <button class="icon plain" type="button" aria-label="Close" onClick=${onClose}>×</button></header>${children}`}
  </dialog>`;
}

/** A row of tabs; arrow keys move. `tabs` is [[key, words], …]. */
export function Tabs({ tabs, chosen, choose, label }) {
  const move = (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const here = tabs.findIndex(([key]) => key === chosen);
    const next = tabs[(here + step + tabs.length) % tabs.length][0];
    choose(next);
    event.currentTarget.querySelector(`[data-tab="${next}"]`)?.focus();
  };
  return html`<div class="tabs" role="tablist" aria-label=${label} onKeyDown=${move}>
    ${tabs.map(([key, words]) => html`<button key=${key} type="button" role="tab" data-tab=${key} aria-selected=${key === chosen}
      tabindex=${key === chosen ? 0 : -1} onClick=${() => choose(key)}>${words}</button>`)}
  </div>`;
}

const toasts = new Set();

/** Say something in passing, in the corner and to screen readers. */
export function toast(words) {
  toasts.forEach((show) => show(words));
}

/** Where toasts appear; once, in the shell. */
export function Toasts() {
  const [shown, setShown] = useState([]);
  useEffect(() => {
    const show = (words) => {
      const one = { words, key: crypto.randomUUID() };
      setShown((all) => [...all, one]);
      setTimeout(() => setShown((all) => all.filter((each) => each !== one)), 4000);
    };
    toasts.add(show);
    return () => toasts.delete(show);
  }, []);
  return html`<div class="toasts no-print" role="status" aria-live="polite">${shown.map((one) => html`<div class="toast" key=${one.key}>${one.words}</div>`)}</div>`;
}

/** Copy text to the clipboard and say so. */
export function CopyButton({ text, children = "Copy", what = "Copied" }) {
  const copy = async () => {
    const words = typeof text === "function" ? text() : text;
    try {
      await navigator.clipboard.writeText(words);
    } catch {
      const area = Object.assign(document.createElement("textarea"), { value: words });
      document.body.append(area);
      area.select();
      document.execCommand("copy");
      area.remove();
    }
    toast(what);
  };
  return html`<button type="button" class="small" onClick=${copy}>${children}</button>`;
}

/** Give the browser a file to save. */
export function save(name, content, kind = "text/csv") {
  const url = URL.createObjectURL(content instanceof Blob ? content : new Blob([content], { type: kind }));
  Object.assign(document.createElement("a"), { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
