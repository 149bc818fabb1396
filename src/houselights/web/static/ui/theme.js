/** Light or dark: as the system wishes until somebody chooses; the choice stays in this browser. */
const KEY = "houselights-theme";
const system = matchMedia("(prefers-color-scheme: dark)");

/** The theme in force: "light" or "dark". */
export function theme() {
  return localStorage.getItem(KEY) || (system.matches ? "dark" : "light");
}

/** Put the theme on the page; called once at the start and after every change. */
export function apply() {
  document.documentElement.dataset.theme = theme();
  dispatchEvent(new CustomEvent("themechange"));
}

/** Switch to the other one. */
export function switchTheme() {
  localStorage.setItem(KEY, theme() === "dark" ? "light" : "dark");
  apply();
}

system.addEventListener("change", apply);
