/**
 * The pages, as one table: the first part of the address, the words in the bar, the module that has the page.
 *
 * A module's `default` is a component that gets `{ parts, query }`, what follows in the address. Modules are fetched when
 * their page is first shown. `scope` hides a page from those who may not use it; "" and none are for everybody.
 */
export const PAGES = [
  { at: "audiences", words: "Audiences", load: () => import("app/pages/audiences/page.js") },
  { at: "build", words: "Build", load: () => import("app/pages/build/page.js") },
  { at: "compare", words: "Compare", load: () => import("app/pages/compare/page.js") },
  { at: "lists", words: "Lists", load: () => import("app/pages/lists/page.js") },
  { at: "operations", words: "Operations", load: () => import("app/pages/operations/page.js") },
  { at: "persona", load: () => import("app/pages/persona/page.js") },
];
export const HOME = "audiences";
