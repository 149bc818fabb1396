/** The shell: who is signed in, which page is shown. */
import { html, render } from "app/ui/html.js";

render(html`<main><h1>Houselights</h1></main>`, document.getElementById("app"));
