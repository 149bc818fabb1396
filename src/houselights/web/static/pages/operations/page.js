/** Operations: what the house is doing, who may do what, what was done, and every call there is. Tabs one may not use are not there. */
import { html, useEffect } from "app/ui/html.js";
import { Empty, Tabs } from "app/ui/kit.js";
import { go } from "app/ui/route.js";
import { useSession } from "app/ui/session.js";
import { Audit } from "app/pages/operations/audit.js";
import { Callbacks } from "app/pages/operations/callbacks.js";
import { Clients } from "app/pages/operations/clients.js";
import { Connections } from "app/pages/operations/connections.js";
import { Erasures } from "app/pages/operations/erasures.js";
import { Explorer } from "app/pages/operations/explorer.js";
import { Imports } from "app/pages/operations/imports.js";
import { Jobs } from "app/pages/operations/jobs.js";
import { People } from "app/pages/operations/people.js";
import { Runs } from "app/pages/operations/runs.js";
import { AllUploads } from "app/pages/operations/uploads.js";

/** `scope` hides a tab from those whose role does not have it. */
const TABS = [
  { at: "imports", words: "Imports", scope: "imports:write", Component: Imports },
  { at: "runs", words: "Evaluations", scope: "audiences:read", Component: Runs },
  { at: "jobs", words: "Jobs", scope: "operator", Component: Jobs },
  { at: "uploads", words: "Uploads", scope: "imports:write", Component: AllUploads },
  { at: "erasures", words: "Erasures", scope: "imports:write", Component: Erasures },
  { at: "clients", words: "Clients", scope: "operator", Component: Clients },
  { at: "people", words: "People", scope: "operator", Component: People },
  { at: "connections", words: "Connections", scope: "audiences:read", Component: Connections },
  { at: "callbacks", words: "Callbacks", scope: "audiences:read", Component: Callbacks },
  { at: "audit", words: "Audit log", scope: "operator", Component: Audit },
  { at: "api", words: "API", scope: "", Component: Explorer },
];

export default function Operations({ parts, query }) {
  const { may } = useSession();
  const tabs = TABS.filter((tab) => !tab.scope || may(tab.scope));
  const at = parts[0] || tabs[0].at;
  const shown = tabs.find((tab) => tab.at === at);
  useEffect(() => document.querySelector('[role="tab"][aria-selected="true"]')?.scrollIntoView({ inline: "center", block: "nearest" }), [at]);
  return html`<header><div><h1>Operations</h1><p>What is going on, who may do what, and every call that this house answers.</p></div></header>
    <${Tabs} label="Operations" tabs=${tabs.map((tab) => [tab.at, tab.words])} chosen=${at} choose=${(next) => go(`/operations/${next}`)} />
    <div class="tab-page">${shown ? html`<${shown.Component} key=${at} parts=${parts.slice(1)} query=${query} />`
      : html`<${Empty} title="Not for your role">An operator can see this page.<//>`}</div>`;
}
