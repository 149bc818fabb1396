/** What the columns of a chosen file hold: the guess, with the first cells below it, to be corrected before anything is sent. */
import { html, useState } from "app/ui/html.js";
import { count } from "app/ui/words.js";

const OWN_ID = "own_id";
export const FIELDS = [["email", "E-mail"], ["phone", "Phone"], ["first_name", "First name"], ["last_name", "Last name"], ["address", "Street address"], ["city", "City"], ["state", "State"], ["postal", "Postal code"], ["country", "Country"], [OWN_ID, "Your own id"]];
const BOUND = new Set(["phone", "address", "state", "postal"]); // mean something within a country only
const TOGETHER = ["first_name", "last_name"];

/** What keeps a plan from being sent, in words; null for nothing. */
function missing(fields, country) {
  const chosen = fields.filter(Boolean);
  const twice = chosen.find((field, at) => chosen.indexOf(field) !== at);
  if (twice) return `Two columns are said to be ${FIELDS.find(([key]) => key === twice)[1]}. Choose one.`;
  if (!chosen.some((field) => field !== "country")) return "Choose at least one column.";
  if (!country && !chosen.includes("country") && chosen.some((field) => BOUND.has(field))) return "Choose the country: phones and addresses mean something within one only.";
  return null;
}

export function Columns({ file, told, list, begin, leave }) {
  const [headless, setHeadless] = useState(told.headless);
  const [fields, setFields] = useState(told.fields);
  const [country, setCountry] = useState(list.country || "");
  const [ownCodes, setOwnCodes] = useState(true);
  const [action, setAction] = useState("CREATE");
  const names = told.first.map((cell, at) => (headless ? `Column ${at + 1}` : cell || `Column ${at + 1}`));
  const rows = headless === told.headless ? told.rows : headless ? [told.first, ...told.rows] : told.rows.slice(1);
  const wrong = missing(fields, country);
  const lands = Object.entries(told.countries).sort(([, one], [, other]) => one.localeCompare(other));
  const lonely = !fields.includes("email") && !fields.includes("phone") && !fields.includes(OWN_ID) && TOGETHER.some((name) => !fields.includes(name));
  const submit = (event) => {
    event.preventDefault();
    const at = (field) => { const found = fields.indexOf(field); return found < 0 ? null : found; };
    const columns = Object.fromEntries(fields.flatMap((field, place) => (field && field !== OWN_ID ? [[field, place]] : [])));
    begin({ columns, country: country || null, ownCodes, ownId: at(OWN_ID), action, headless, header: names, looked: told.looked });
  };
  return html`<form class="stack" onSubmit=${submit} aria-label="What the columns are">
    <div class="row apart"><div><h3>${file.name}</h3><p class="quiet small">${count(file.size)} bytes · ${told.looked.encoding.toUpperCase()} · ${told.first.length} columns</p></div>
      <label class="check"><input type="checkbox" checked=${!headless} onChange=${(event) => setHeadless(!event.currentTarget.checked)} />The first row has the names</label></div>
    <ul class="columns">${names.map((name, at) => html`<li key=${at} class=${fields[at] ? "used" : ""}>
      <label class="field">${name}<select value=${fields[at] || ""} aria-invalid=${Boolean(fields[at]) && fields.indexOf(fields[at]) !== fields.lastIndexOf(fields[at])}
          onChange=${(event) => setFields(fields.map((field, place) => (place === at ? event.currentTarget.value || null : field)))}>
        <option value="">not used</option>${FIELDS.map(([key, words]) => html`<option key=${key} value=${key}>${words}</option>`)}</select></label>
      <div class="samples small quiet">${rows.slice(0, 3).map((row, place) => html`<div key=${place}>${row[at] || "–"}</div>`)}</div></li>`)}</ul>
    <div class="row top">
      <label class="field">Country<select value=${country} onChange=${(event) => setCountry(event.currentTarget.value)}><option value="">${fields.includes("country") ? "as the rows say" : "choose one"}</option>${lands.map(([code, name]) => html`<option key=${code} value=${code}>${name}</option>`)}</select>
        <span class="hint">of rows that do not say theirs</span></label>
      <label class="field">Do<select value=${action} onChange=${(event) => setAction(event.currentTarget.value)}><option value="CREATE">put them on the list</option><option value="DELETE">take them off it</option></select></label>
      ${fields.includes("phone") && html`<label class="check small"><input type="checkbox" checked=${ownCodes} onChange=${(event) => setOwnCodes(event.currentTarget.checked)} />Phone numbers with “+” keep their own country code</label>`}
    </div>
    <p class="quiet small">Columns in use are normalised and hashed here with SHA-256, and only the hashes are sent. ${fields.includes(OWN_ID) && "Your own ids are sent as they are."} ${lonely && "Without e-mail or phone, people are found by first name, last name and address together."}</p>
    ${wrong && html`<p class="wrong-note" role="alert">${wrong}</p>`}
    <div class="row"><button class="primary" disabled=${Boolean(wrong)}>Hash and send</button><button type="button" class="plain" onClick=${leave}>Choose another file</button></div></form>`;
}
