/* A batch's page while one looks at it: its figures are asked for again, but not
   while the tab is hidden, nor under the pointer or the focus of whoever acts here. */

const live = document.getElementById("live");
const news = document.getElementById("live-news");

const isTouched = () => live.matches(":has([data-acts] :focus, [data-acts]:hover, details.acts[open])");

live?.addEventListener("htmx:beforeRequest", (event) => {
  if (event.target === live && (document.hidden || isTouched())) event.preventDefault();
});

/* What was opened stays open; somebody may have begun to act while it was fetched. */

let opened = [];

live?.addEventListener("htmx:beforeSwap", (event) => {
  if (event.target !== live) return;
  if (isTouched()) event.detail.shouldSwap = false;
  opened = [...live.querySelectorAll("details[open][id]")].map((element) => element.id);
});

live?.addEventListener("htmx:afterSwap", (event) => {
  if (event.target !== live) return;
  for (const id of opened) document.getElementById(id)?.setAttribute("open", "");
  tell();
});

/** Said aloud only when it is something else than before. */
function tell() {
  const text = live.querySelector("[data-news]")?.textContent ?? "";
  if (news.textContent !== text) news.textContent = text;
}
