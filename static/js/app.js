/* What every page does with a script: dialogs and keys, focus after a swap,
   a request that takes long, a request that failed. All of it is an extra;
   every screen works without. This is the one file that listens to htmx events
   for the whole page. */

const LINE_AFTER_MS = 400;
const WORDS_AFTER_MS = 4000;
const RETRY_AFTER_MS = 10_000;

const byId = (id) => document.getElementById(id);


/* Words: what scripts say, in the reader's language; other scripts use it too. */

const texts = JSON.parse(byId("script-words")?.textContent ?? "{}");

globalThis.words = (key, values = {}) => Object.entries(values).reduce(
  (text, [name, value]) => text.replaceAll(`%(${name})s`, value), texts[key] ?? key,
);


/* Dialogs: <button data-opens="dialog-id">, <button data-closes>. */

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-opens]");
  if (opener) byId(opener.dataset.opens)?.showModal();

  if (event.target.closest("[data-closes]")) event.target.closest("dialog")?.close();
});


/* Keys: "?" lists the keys of this screen, Esc closes the account menu. */

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;

  if (event.key === "?" && singleKeysAreOn() && !isTyping(event.target) && !document.querySelector("dialog[open]")) {
    event.preventDefault();
    byId("keys-help").showModal();
  }

  const menu = byId("account-menu");
  if (event.key === "Escape" && menu?.open) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

document.addEventListener("click", (event) => {
  const menu = byId("account-menu");
  if (menu?.open && !menu.contains(event.target)) menu.open = false;
});

/** People can switch keys without a modifier off in their settings. */
function singleKeysAreOn() {
  return document.documentElement.dataset.singleKeys !== "off";
}

/** True where a letter key writes a letter. */
function isTyping(element) {
  return element.matches?.("textarea, select, [contenteditable], input:not([type=radio], [type=checkbox], [type=range], [type=button], [type=submit])") ?? false;
}


/* Focus: after a person's act has swapped the screen, start at its errors, else its [autofocus], else its heading. */

let settled = null;  // htmx tells of every element that it put in; once for an answer is enough.

document.addEventListener("htmx:afterSwap", ({ detail }) => {
  if (detail.target?.id !== "screen" || !detail.requestConfig?.triggeringEvent || detail.xhr === settled) return;
  settled = detail.xhr;

  const screen = byId("screen");
  const refused = detail.xhr.status >= 400;
  const start = (refused && screen.querySelector("#form-errors")) || screen.querySelector("[autofocus]") || screen.querySelector("h1") || screen;
  if (!start.matches("a[href], button, input, select, textarea, [tabindex]")) start.tabIndex = -1;
  if (!refused) window.scrollTo(0, 0);
  start.focus({ preventScroll: !refused });
  screen.querySelector("[autofocus]")?.removeAttribute("autofocus");  // Or htmx goes there in a moment.
});


/* Requests under way: a thin line after 400 ms, words after 4 s; after 10 s one may
   send again what carries data-resend: sent twice, it is stored once. */

const underWay = new Map();

document.addEventListener("htmx:beforeSend", ({ detail }) => {
  if (isQuiet(detail.elt)) return;
  underWay.set(detail.xhr, [
    setTimeout(() => { byId("busy").hidden = false; }, LINE_AFTER_MS),
    setTimeout(() => { busyWords(words("still-working")); }, WORDS_AFTER_MS),
    setTimeout(() => { if (detail.elt.matches("[data-resend]")) report(detail, "slow"); }, RETRY_AFTER_MS),
  ]);
});

for (const end of ["htmx:afterRequest", "htmx:sendError", "htmx:sendAbort", "htmx:timeout"]) {
  document.addEventListener(end, ({ detail }) => {
    underWay.get(detail.xhr)?.forEach(clearTimeout);
    underWay.delete(detail.xhr);
    if (underWay.size > 0) return;
    byId("busy").hidden = true;
    busyWords("");
  });
}

function busyWords(text) {
  byId("busy").querySelector(".busy__words").textContent = text;
}


/* Requests that failed: say what happened, what is kept, and offer to send again. */

let failed = null;

document.addEventListener("htmx:sendError", ({ detail }) => report(detail, "not-reached"));
document.addEventListener("htmx:timeout", ({ detail }) => report(detail, "took-too-long"));

document.addEventListener("htmx:responseError", ({ detail }) => {
  const { status } = detail.xhr;
  if (status === 409 || status === 422) return;  // The screen itself says what to do.
  report(detail, troubleOf(status), detail.xhr.getResponseHeader("X-Request-ID"));
});

document.addEventListener("htmx:afterOnLoad", ({ detail }) => {
  const isAnswered = detail.successful || [409, 422].includes(detail.xhr.status);
  if (failed && isAnswered && !isQuiet(detail.elt)) dismiss();
});

byId("trouble").querySelector("[data-trouble-retry]").addEventListener("click", sendAgain);
byId("trouble").querySelector("[data-trouble-dismiss]").addEventListener("click", dismiss);

function report({ elt, requestConfig }, trouble, id = null) {
  if (isQuiet(elt)) return;
  failed = { elt, cause: requestConfig?.triggeringEvent };
  const sentence = `${words(trouble)} ${words("still-on-this-page")}`;
  byId("trouble").hidden = false;
  byId("trouble").querySelector("[data-trouble-text]").textContent = id ? `${sentence} ${words("request-id", { id })}` : sentence;
  // Whoever pressed a button that is disabled meanwhile stands nowhere.
  if (document.activeElement === document.body) byId("trouble").querySelector("[data-trouble-retry]").focus();
}

function troubleOf(status) {
  if (status === 401 || status === 403) return "refused";
  if (status === 404) return "gone";
  if (status === 413) return "too-large";
  if (status === 429) return "too-many";
  if ([502, 503, 504].includes(status)) return "behind-proxy";
  if (status >= 500) return "our-fault";
  return status < 300 ? "no-answer" : "not-accepted";
}

function sendAgain() {
  const { elt, cause } = failed;
  dismiss();
  if (!elt.isConnected) return location.reload();
  window.htmx.trigger(elt, "htmx:abort");  // What is still under way, if it was only slow.
  if (elt.matches("form")) elt.requestSubmit(cause?.submitter?.isConnected && !cause.submitter.disabled ? cause.submitter : undefined);
  else window.htmx.trigger(elt, cause?.type ?? "click");
}

/** The focus does not fall with the button that is pressed. */
function dismiss() {
  failed = null;
  const isInside = byId("trouble").contains(document.activeElement);
  byId("trouble").hidden = true;
  if (isInside) (byId("screen").querySelector("[autofocus], h1") ?? byId("screen")).focus({ preventScroll: true });
}

/** Polling and autosave report on their own: they carry data-quiet. */
function isQuiet(element) {
  return element?.closest?.("[data-quiet]") != null;
}
