/** Lists: audiences whose members are uploaded. All of them, or the page of one. */
import { html } from "app/ui/html.js";
import { AllLists } from "app/pages/lists/all.js";
import { OneList } from "app/pages/lists/one.js";

export default function Lists({ parts }) {
  const [id] = parts;
  return id ? html`<${OneList} key=${id} id=${id} />` : html`<${AllLists} />`;
}
