/* Home by key: j and k go through the batches, o opens the marked one, Enter resumes.
   All of it works with Tab and Enter as well. */

const rows = () => [...document.querySelectorAll("[data-row]")];

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
  if (document.documentElement.dataset.singleKeys === "off" || document.querySelector("dialog[open]")) return;
  if (event.target.closest?.("input, select, textarea, [contenteditable]")) return;
  const act = { j: () => go(1), k: () => go(-1), o: open, Enter: () => resume(event) }[event.key];
  if (act?.() !== false && act) event.preventDefault();
});

function go(by) {
  const all = rows();
  const here = all.findIndex((row) => row.contains(document.activeElement));
  const next = all[here < 0 ? (by > 0 ? 0 : all.length - 1) : Math.min(Math.max(here + by, 0), all.length - 1)];
  const control = next?.querySelector("[data-open]") ?? next?.querySelector("a");
  if (!control) return false;
  control.focus();
  next.scrollIntoView({ block: "nearest" });
}

function open() {
  const control = document.activeElement.closest("[data-row]")?.querySelector("[data-open]");
  if (!control) return false;
  control.click();
}

function resume(event) {
  const button = document.querySelector("[data-resume]");
  if (!button || event.target.closest("a[href], button, summary")) return false;
  button.click();
}
