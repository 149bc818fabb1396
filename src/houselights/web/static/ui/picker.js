/** A box in which one types a few letters and picks one of what is found: a combobox, by mouse or keys. */
import { Fragment, html, useEffect, useId, useRef, useState } from "app/ui/html.js";
import { get } from "app/api.js";

/**
 * `find(words, signal)` answers options; `show(option)` draws one, `keyOf(option)` tells them apart, `choose(option)` takes it;
 * `groupOf(option)` are the words of the heading it stands under, options of one group following one another.
 * The box is emptied afterwards. Arrow keys, Enter and Escape do what they do elsewhere.
 */
export function Picker({ label, placeholder, find, show, keyOf, groupOf = () => "", choose, autofocus = false }) {
  const [words, setWords] = useState("");
  const [options, setOptions] = useState([]);
  const [open, setOpen] = useState(false);
  const [at, setAt] = useState(0);
  const [of, setOf] = useState(null);
  const [wanted, setWanted] = useState(false);
  const box = useRef(null);
  const id = useId();
  useEffect(() => {
    if (!open) return undefined;
    const stop = new AbortController();
    const timer = setTimeout(() => {
      find(words, stop.signal).then((found) => { setOptions(found); setOf(words); setAt(0); }, () => null);
    }, words ? 60 : 0);
    return () => { clearTimeout(timer); stop.abort(); };
  }, [words, open]);
  // Whoever presses Enter before the answer is there means the first of what they typed, not of what was shown before.
  useEffect(() => {
    if (!wanted || of !== words) return;
    setWanted(false);
    take(options[0]);
  }, [wanted, of]);
  useEffect(() => { if (open) document.getElementById(`${id}-${at}`)?.scrollIntoView({ block: "nearest" }); }, [at, open]);
  const take = (option) => {
    if (!option) return;
    choose(option);
    setWords("");
    setOpen(false);
    box.current?.focus();
  };
  const keys = (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      setOpen(true);
      setAt((options.length + at + (event.key === "ArrowDown" ? 1 : -1)) % Math.max(1, options.length));
    } else if (event.key === "Enter" && open) {
      event.preventDefault();
      if (of === words) take(options[at]);
      else setWanted(true);
    } else if (event.key === "Escape" && open) {
      event.preventDefault(); // a search box would be emptied, which opens it again
      event.stopPropagation();
      setOpen(false);
    }
  };
  return html`<div class="picker">
    <input ref=${box} type="search" role="combobox" aria-label=${label} aria-expanded=${open} aria-controls=${id} aria-autocomplete="list" autocomplete="off"
      aria-activedescendant=${open && options.length ? `${id}-${at}` : undefined} placeholder=${placeholder || label} value=${words} autofocus=${autofocus}
      onInput=${(event) => { setWords(event.currentTarget.value); setOpen(true); }} onFocus=${() => setOpen(true)} onBlur=${() => setOpen(false)} onKeyDown=${keys} />
    <div id=${id} class="popover" role="listbox" aria-label="Found" hidden=${!open}>
      ${options.map((option, number) => html`<${Fragment} key=${keyOf(option)}>
        ${groupOf(option) && groupOf(option) !== (number && groupOf(options[number - 1])) && html`<div class="option-group" role="presentation">${groupOf(option)}</div>`}
        <div id=${`${id}-${number}`} class="option" role="option" aria-selected=${number === at}
        onMouseDown=${(event) => { event.preventDefault(); take(option); }}>${show(option)}</div><//>`)}
      ${open && options.length === 0 && of === words && html`<div class="option quiet" role="option" aria-selected="false" aria-disabled="true">Nothing is called that</div>`}
    </div></div>`;
}

/** Picks an audience by its name; `except` are ids not to offer. */
export function AudiencePicker({ label = "Find an audience", except = [], choose, autofocus }) {
  const find = async (words, signal) => (await get("/v1/audiences", { name: words ? `*${words}*` : undefined, status: "active", limit: 12 }, { signal })).items.filter((one) => !except.includes(one.id));
  const show = (one) => html`<span class="grow">${one.name}</span><span class="quiet small">${one.category}</span>`;
  return html`<${Picker} label=${label} find=${find} show=${show} keyOf=${(one) => one.id} choose=${choose} autofocus=${autofocus} />`;
}
