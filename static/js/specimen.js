/* How one looks at what is judged: raw text, differences, scrolling together, parts
   that are fetched when they are opened, and find in context. The server renders all
   of it; without this script each opens in a tab of its own. */

const KEPT_VIEW = "touchstone:scrolls-together";
const SHORTEST_CLAIM = 2;

const byId = (id) => document.getElementById(id);
const all = (selector, within = document) => [...within.querySelectorAll(selector)];


/* Fetching: each address once for a screen. */

let fetched = new Map();

document.addEventListener("touchstone:entered", () => {
  fetched = new Map();
  looked = "";
  finding = null;
  togetherButton();
  for (const button of all("#judge [data-look]")) button.setAttribute("aria-pressed", "false");
  // Until now a key would have opened a tab.
  for (const button of all("#judge [data-presses]")) button.dataset.press = button.dataset.presses;
});

function brought(address) {
  const url = new URL(address, location.href).href;
  if (!fetched.has(url)) fetched.set(url, bring(url));
  return fetched.get(url);
}

async function bring(url) {
  const reply = await fetch(url, { headers: { "HX-Request": "true" }, redirect: "manual" }).catch(() => null);
  if (!reply?.ok) {
    fetched.delete(url);
    return null;
  }
  return new DOMParser().parseFromString(await reply.text(), "text/html");
}

/** Nodes of a fetched page: a copy, since it may be wanted again. */
function copies(nodes) {
  return [...nodes].map((node) => document.importNode(node, true));
}


/* What is folded is fetched when it is opened; the link in it says where. */

document.addEventListener("toggle", ({ target }) => {
  if (target.matches?.("details.lazy") && target.open) fill(target);
}, true);

document.addEventListener("click", (event) => {
  const { target } = event;
  const link = target.closest?.("details.lazy > a");
  if (link && inScreen(link)) {
    event.preventDefault();
    fill(link.parentElement);
  }
});

async function fill(details) {
  const link = details.querySelector(":scope > a");
  if (!link || details.getAttribute("aria-busy") === "true") return null;
  details.setAttribute("aria-busy", "true");
  const page = await brought(link.href);
  details.removeAttribute("aria-busy");
  const shown = page?.querySelector("[data-shown]");
  if (!shown) {
    trouble();
    return null;
  }
  trouble(false);
  details.classList.remove("lazy");
  const nodes = copies(shown.childNodes);
  if (details.matches(".fold")) {
    const first = nodes.find((node) => node.nodeType === Node.ELEMENT_NODE);
    details.replaceWith(...nodes);
    return first;
  }
  link.replaceWith(...nodes);
  return details;
}

/** "Show all": one part after the other, so that the screen answers meanwhile. */
document.addEventListener("click", async (event) => {
  const button = event.target.closest?.("[data-show-all]");
  if (!button || !inScreen(button)) return;
  event.preventDefault();
  const out = outBeneath(button);
  if (button.getAttribute("aria-busy") === "true") return;
  button.setAttribute("aria-busy", "true");
  for (let part; (part = out.querySelector(":scope > details.fold"));) {
    if (!await fill(part)) break;
    await painted();
  }
  button.removeAttribute("aria-busy");
  if (!out.querySelector(":scope > details.fold")) button.closest(".folded").remove();
});

function outBeneath(element) {
  let next = element.closest(".folded, .outline");
  while (next && !next.matches(".out")) next = next.nextElementSibling;
  return next;
}

function painted() {
  return new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
}

/** A heading of the outline: its part is fetched if need be, then it is gone to. */
document.addEventListener("click", async ({ target }) => {
  const to = target.closest?.("[data-to-part]");
  if (!to) return;
  const out = outBeneath(to);
  const folded = out.querySelector(`:scope > details.fold[data-part="${to.dataset.toPart}"]`);
  const part = folded ? await fill(folded) : out.querySelector(`:scope > [data-part="${to.dataset.toPart}"]`);
  if (!part) return;
  const same = all(`[data-to-part="${to.dataset.toPart}"]`, to.closest(".outline")).filter((other) => other.textContent === to.textContent);
  const headings = all("h3, h4, h5, h6", part).filter((heading) => letters(heading) === letters(to));
  const heading = headings[same.indexOf(to)] ?? headings[0] ?? part;
  heading.tabIndex = -1;
  heading.focus({ preventScroll: true });
  heading.scrollIntoView({ block: "start" });
});

function letters(element) {
  return element.textContent.replace(/[^\p{L}\p{N}]/gu, "");
}

function inScreen(element) {
  return byId("judge")?.contains(element) ?? false;
}


/* Raw text and differences: the outputs are exchanged for another view of them. */

let looked = "";

document.addEventListener("click", async (event) => {
  const button = event.target.closest?.("[data-look]");
  if (!button || !inScreen(button)) return;
  event.preventDefault();
  const view = looked === button.dataset.look ? "" : button.dataset.look;
  await lookAt(view);
});

async function lookAt(view) {
  const form = byId("look");
  const page = view && await brought(`${form.action}?view=${view}`);
  if (view && !page) return trouble();
  trouble(false);
  looked = view;
  for (const out of all("#judge .out[data-of]")) {
    if (/^[A-Z]$/.test(out.dataset.of) && !out.closest("[data-view-of]")) show(out, page);
  }
  for (const button of all("[data-look]")) button.setAttribute("aria-pressed", String(button.dataset.look === looked));
}

/** The other view stands behind the rendered one, which is hidden but keeps its marks. */
function show(out, page) {
  const side = out.dataset.of;
  let other = document.querySelector(`#judge [data-view-of="${side}"]`);
  const own = [out, ...aboveOf(out)];
  if (!page) {
    other?.remove();
    for (const element of own) element.hidden = false;
    return;
  }
  const shown = page.querySelector(`[data-side="${side}"] [data-shown]`);
  if (!shown) return;
  if (!other) {
    other = document.createElement("div");
    other.dataset.viewOf = side;
    out.after(other);
  }
  other.replaceChildren(...copies(shown.childNodes));
  for (const element of own) element.hidden = true;
}

/** The outline and the note on the length, which stand above a text. */
function aboveOf(out) {
  const found = [];
  for (let element = out.previousElementSibling; element?.matches(".folded, .outline"); element = element.previousElementSibling) found.push(element);
  return found;
}

/** The words stand in the page, in the reader's language. */
function trouble(failed = true) {
  const said = document.querySelector("#judge [data-look-trouble]");
  if (said) said.hidden = !failed;
}


/* Scrolling together: by share, so that both sides reach their end. */

const expected = new WeakMap();
let together = stored() !== "off";

function stored() {
  try {
    return localStorage.getItem(KEPT_VIEW);
  } catch {
    return null;  // Storage is switched off: it holds for this page.
  }
}

function togetherButton() {
  for (const button of all("[data-scrolls-together]")) {
    button.hidden = false;
    button.setAttribute("aria-pressed", String(together));
  }
}

document.addEventListener("click", ({ target }) => {
  if (!target.closest?.("[data-scrolls-together]")) return;
  together = !together;
  try {
    localStorage.setItem(KEPT_VIEW, together ? "on" : "off");
  } catch {
    // As above.
  }
  togetherButton();
});

document.addEventListener("scroll", ({ target }) => {
  if (!together || !target.matches?.(".duo > .specimen")) return;
  if (Math.abs((expected.get(target) ?? -9) - target.scrollTop) < 2) return;
  expected.delete(target);
  const room = target.scrollHeight - target.clientHeight;
  const share = room > 0 ? target.scrollTop / room : 0;
  for (const pane of all(":scope > .specimen", target.parentElement)) {
    const path = pane.scrollHeight - pane.clientHeight;
    if (pane === target || path <= 0) continue;
    pane.scrollTop = share * path;
    expected.set(pane, pane.scrollTop);
  }
}, { capture: true, passive: true });


/* Find in context: selected words, or those in the field. */

let finding = null;  // {documents: the ones shown before, marks, at}

document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-find-go]");
  if (!button || !inScreen(button)) return;
  event.preventDefault();
  const field = document.querySelector("#judge [data-find]");
  const words = selectedWords();
  if (words.length >= SHORTEST_CLAIM) {
    field.value = words;
    getSelection().removeAllRanges();
    find(words);
  } else if (event.detail > 0 && field.value.trim()) {
    find(field.value);
  } else {
    openPrompt(field);
    field.focus();
    field.select();
  }
});

document.addEventListener("keydown", (event) => {
  const { key, target } = event;
  if (!target.matches?.("#judge [data-find]") || event.isComposing) return;
  if (key === "Enter" && !event.ctrlKey && !event.metaKey) {
    event.preventDefault();
    event.stopPropagation();
    if (finding?.words === target.value.trim()) step(event.shiftKey ? -1 : 1);
    else find(target.value);
  } else if (key === "Escape") {
    event.preventDefault();
    event.stopPropagation();
    clear();
    target.closest(".specimen, .promptstrip")?.focus?.();
    target.blur();
  }
}, true);

document.addEventListener("click", ({ target }) => {
  const by = target.closest?.("[data-find-step]");
  if (by) step(Number(by.dataset.findStep));
  if (target.closest?.("[data-find-clear]")) clear();
});

function selectedWords() {
  const selection = getSelection();
  const within = selection.anchorNode?.parentElement?.closest(".out, .prompt");
  return within ? selection.toString().trim().replace(/\s+/g, " ").slice(0, 1000) : "";
}

/** The context of a pair stands in the prompt, which may be closed. */
function openPrompt(element) {
  const prompt = element.closest("#prompt");
  if (prompt) prompt.open = true;
}

async function find(text) {
  const words = text.trim();
  const here = document.querySelector("#judge [data-documents]");
  if (!words || !here) return;
  const page = await brought(`${here.dataset.url}?${new URLSearchParams({ find: words })}`);
  const found = page?.querySelector("[data-documents]");
  if (!found) return trouble();
  const before = finding?.before ?? here;
  const [copy] = copies([found]);
  here.replaceWith(copy);
  const said = copy.querySelector(".find__said");
  const told = said.textContent;
  said.textContent = "";
  finding = { before, words, at: null };
  openPrompt(copy);
  document.querySelector("#judge .find__steps").hidden = false;
  requestAnimationFrame(() => { said.textContent = told; });
  const best = copy.querySelector("mark.best") ?? copy.querySelector("mark");
  if (best) goTo(best);
}

function clear() {
  const field = document.querySelector("#judge [data-find]");
  if (finding) document.querySelector("#judge [data-documents]")?.replaceWith(finding.before);
  finding = null;
  if (field) field.value = "";
  const steps = document.querySelector("#judge .find__steps");
  if (steps) steps.hidden = true;
}

/** The next place, or the previous one; a document that is not here yet is fetched. */
async function step(by) {
  if (!finding) return;
  const documents = all("#judge [data-documents] > [data-hits]");
  let place = Math.max(documents.findIndex((document) => document.contains(finding.at)), 0);
  for (let tried = 0; tried <= documents.length; tried += 1) {
    const details = documents[place];
    if (!details) return;
    if (details.matches(".lazy")) await fill(details);
    const marks = all("mark", details);
    const at = marks.indexOf(finding.at);
    const next = at === -1 ? marks.at(by > 0 ? 0 : -1) : marks[at + by];
    if (next) return goTo(next);
    finding.at = null;
    place = (place + by + documents.length) % documents.length;
  }
}

function goTo(mark) {
  finding.at?.classList.remove("here");
  finding.at = mark;
  mark.classList.add("here");
  for (let box = mark.closest("details"); box; box = box.parentElement.closest("details")) box.open = true;
  mark.scrollIntoView({ block: "center" });
}

