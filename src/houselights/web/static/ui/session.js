/** Who is signed in, for every component: `useSession()` answers `{ person, may, signIn, signOut, act, account }`. */
import { html, createContext, useContext, useEffect, useState } from "app/ui/html.js";
import { actFor, del, get, onSignedOut, post, useProof } from "app/api.js";

const Context = createContext(null);

export const useSession = () => useContext(Context);

/** Finds out who is signed in before anything is shown. `children(session)`. */
export function Session({ children }) {
  const [person, setPerson] = useState(undefined);
  const [account, setAccount] = useState("");
  const began = (told) => {
    useProof(told ? told.proof : "");
    setPerson(told);
  };
  useEffect(() => {
    // Asked first, so that nobody's console shows a refusal where nobody is signed in.
    get("/v1/session/ways").then((ways) => (ways.signed_in ? get("/v1/session") : null)).then(began, () => began(null));
    return onSignedOut(() => began(null));
  }, []);
  const session = {
    person,
    account,
    may: (scope) => Boolean(person?.scopes.includes(scope)),
    signIn: async (name, password) => began(await post("/v1/session", { name, password })),
    signOut: async () => {
      await del("/v1/session").catch(() => null);
      began(null);
    },
    act: (id) => {
      actFor(id);
      setAccount(id);
    },
  };
  return html`<${Context.Provider} value=${session}>${children(session)}<//>`;
}
