/** The sign-in page. */
import { html, useEffect, useState } from "app/ui/html.js";
import { get } from "app/api.js";
import { ProblemNote } from "app/ui/kit.js";
import { useSession } from "app/ui/session.js";

const REFUSED = {
  role: "Your identity provider vouches for you, but gives you no role here. An operator can say which groups have one.",
  answer: "The sign-in was not completed. Try again; if it fails again, an operator finds the reason in the log.",
  often: "Too many sign-ins from here. Wait a minute, then try again.",
  provider: "The identity provider cannot be asked at the moment. Sign in with a password, or try again later.",
};

/** Why the outside sign-in sent somebody back, from a word in the address; the word goes as soon as it is read. */
function refusal() {
  const word = new URLSearchParams(location.search).get("refused");
  if (location.search) history.replaceState(null, "", location.pathname + location.hash);
  return word ? { title: "Not signed in", detail: REFUSED[word] || REFUSED.answer } : null;
}

export function Welcome() {
  const { signIn } = useSession();
  const [problem, setProblem] = useState(refusal);
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
