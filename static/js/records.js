/* A batch's judgments by key: j and k go through the rows, / goes to the search.
   Enter opens the marked row as a link does. All of it works with Tab as well. */

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
  if (document.documentElement.dataset.singleKeys === "off" || document.querySelector("dialog[open]")) return;
  if (event.target.closest?.("input, select, textarea, [contenteditable]")) return;
  const act = { j: () => go(1), k: () => go(-1), "/": search }[event.key];
  if (act) {
    act();
    event.preventDefault();
  }
});

function go(by) {
  const all = [...document.querySelectorAll("[data-row]")];
  const here = all.findIndex((row) => row.contains(document.activeElement));
  const next = all[here < 0 ? (by > 0 ? 0 : all.length - 1) : Math.min(Math.max(here + by, 0), all.length - 1)];
  next?.querySelector("[data-open]").focus();
  next?.scrollIntoView({ block: "nearest" });
}

function search() {
  const field = document.querySelector("[data-search]");
  field.focus();
  field.select();
}
