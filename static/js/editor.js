/* The rubric editor's keys, and a preview that can be tried. Everything is done by a
   button of the page; a key presses it. */

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented) return;
  const { key, altKey, ctrlKey, metaKey } = event;

  if ((ctrlKey || metaKey) && !altKey && key.toLowerCase() === "s") {
    press(event, document.querySelector("#editor [data-saves]"));
  } else if (altKey && !ctrlKey && !metaKey && (key === "ArrowUp" || key === "ArrowDown")) {
    const row = event.target.closest?.("#editor [data-movable]");
    const buttons = [...(row?.querySelectorAll(`[data-moves="${key === "ArrowUp" ? "up" : "down"}"]`) ?? [])];
    press(event, buttons.find((button) => button.closest("[data-movable]") === row));
  } else if (!altKey && !ctrlKey && !metaKey) {
    tryKey(event);
  }
});

function press(event, button) {
  if (!button) return;
  event.preventDefault();
  button.click();
}


/* A preview: keys answer the question that the focus is in, as on the judging screen. */

function tryKey(event) {
  const tried = event.target.closest?.("[data-tries]");
  if (!tried || event.target.matches("textarea, select, input:not([type=radio], [type=checkbox])")) return;
  const control = event.target.closest("[data-control]") ?? tried.querySelector("[data-control]");
  const input = control?.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
  if (!input) return;
  event.preventDefault();
  input.focus();
  input.click();
}

/** A question that hangs on another's answer is there while that is given. */
function settle(tried) {
  for (const criterion of tried.querySelectorAll("[data-when]")) {
    const controls = [...criterion.querySelectorAll("[data-control]")];
    const asked = controls.filter((control) => isAsked(tried, control));
    for (const control of controls) {
      const row = control.closest(".sides__row");
      if (row) row.hidden = !asked.includes(control);
    }
    criterion.hidden = asked.length === 0;
  }
}

function isAsked(tried, control) {
  const { when, whenIs } = control.closest("[data-criterion]").dataset;
  if (when === undefined) return true;
  const named = (name) => tried.querySelector(`[data-control="${CSS.escape(name)}"]`);
  const gate = (control.dataset.side && named(`answer-${when}-${control.dataset.side}`)) || named(`answer-${when}`);
  const opening = JSON.parse(whenIs);
  return gate != null && isAsked(tried, gate) && [...gate.querySelectorAll("input:checked")].some((input) => opening.includes(input.value));
}

function settleAll() {
  document.querySelectorAll("[data-tries]").forEach(settle);
}

document.addEventListener("change", ({ target }) => {
  const tried = target.closest("[data-tries]");
  if (tried) settle(tried);
});
document.addEventListener("htmx:afterSwap", settleAll);
settleAll();
