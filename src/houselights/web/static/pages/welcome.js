/** The sign-in page. */
import { html, useEffect, useState } from "app/ui/html.js";
import { get } from "app/api.js";
import { ProblemNote } from "app/ui/kit.js";
import { useSession } from "app/ui/session.js";

export function Welcome() {
  const { signIn } = useSession();
  const [problem, setProblem] = useState(null);
  const [busy, setBusy] = useState(false);
  const [outside, setOutside] = useState(null);
  useEffect(() => {
    get("/v1/session/ways").then((ways) => setOutside(ways.outside), () => null);
  }, []);
  const submit = async (event) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    setBusy(true);
    setProblem(null);
    await signIn(form.get("name"), form.get("password")).catch(setProblem);
    setBusy(false);
  };
  return html`<main class="welcome"><form class="card stack" onSubmit=${submit}>
    <div class="row"><img src="/web/favicon.svg" alt="" /><div><h1>Houselights</h1><p class="quiet">See your audience.</p></div></div>
    <label class="field">Name<input name="name" autocomplete="username" required autofocus /></label>
    <label class="field">Password<input name="password" type="password" autocomplete="current-password" required /></label>
    <${ProblemNote} problem=${problem} />
    <button class="primary" disabled=${busy}>${busy ? "Signing in…" : "Sign in"}</button>
    ${outside && html`<a class="button" href="/web/sign-in">Sign in with ${outside}</a>`}
    <p class="quiet small">An operator lets people in: <code>houselights operators add NAME</code>.
      The demo's name and password are in <code>credentials.json</code>.</p>
  </form></main>`;
}
