/* The judging screens: keys, the marked question, drafts, active time, and
   submitting without losing anything. All of it is an extra: the screen is a
   plain form that works without. The script outlives swaps of #screen, so it
   listens to the document and looks its elements up when it needs them. */

const TEXT_AFTER_MS = 800;
const SENT_WITHIN_MS = 1_500;  // Typing without a pause is saved as it goes.
const AGAIN_EVERY_MS = 15_000;
const REPLY_WITHIN_MS = 20_000;
const STORED_WITHIN_MS = 30_000;
const PREPARE_AFTER_MS = 1_000;
const WARN_BEFORE_MS = 120_000;
const RENEW_EVERY_MS = 300_000;
const REST_MS = 300_000;  // So long away is a break.
const DRAFT_WITHIN_MS = 1_000;
const ACTIVE_FOR_MS = 60_000;
const KEPT_FOR_MS = 14 * 24 * 3600 * 1000;
const KEPT = "touchstone:draft:";
const KEPT_FIELDS = /^((answer|rationale|rank|span)-|note$)/;
const TIMED = "touchstone:active:";
const WORKED = "touchstone:worked";

const CONTEXT = "#judge [data-documents] > details";
const OPEN_TOGETHER = 3;

const byId = (id) => document.getElementById(id);


/* The screen on show. A new one is entered when a swap or a page brings one. */

let shown = null;  // {form, current, …} of the form on show; null on other screens.
let wantsPrompt = false;  // Who opened the prompt of a pair finds the next one open.

let wantsContext = false;  // So with the context documents.

document.addEventListener("toggle", ({ target }) => {
  if (target.id === "prompt") wantsPrompt = target.open;
  if (target.matches(CONTEXT) && !documents().some(({ open }) => open)) wantsContext = false;
}, true);

function documents() {
  return [...document.querySelectorAll(CONTEXT)];
}

/** A few documents open together, of many the first. */
function openContext() {
  const all = documents();
  for (const one of all.slice(0, all.length <= OPEN_TOGETHER ? all.length : 1)) one.open = true;
}

function enter() {
  const form = byId("judge");
  if (form === (shown?.form ?? null)) return;
  clearTimeout(shown?.timer);
  clearTimeout(shown?.preparing);
  const isSwapped = shown != null;
  shown = form && {
    form,
    assignment: form.getAttribute("action"),
    isRevision: form.elements.supersedes !== undefined,
    since: performance.now(),
    current: null,
    isUnsent: false,
    isSending: false,
    conflict: false,
    timer: 0,
    sendBy: 0,
    preparing: 0,
    lease: null,
  };
  if (!form) return;
  if (byId("prompt")) byId("prompt").open = wantsPrompt;
  if (wantsContext) openContext();
  startClock();
  startLease(form.dataset.lease === undefined ? null : Number(form.dataset.lease));
  restore();
  look();
  mark(firstOpen() ?? questions()[0]);
  if (isSwapped) announce(byId("item-heading").textContent);
  shown.preparing = setTimeout(prepare, PREPARE_AFTER_MS);
  bringModules();
}

/** What a new screen is, for those who hear it; the region must be there before its words. */
const region = document.createElement("p");
region.className = "visually-hidden";
region.setAttribute("role", "status");
document.body.append(region);

function announce(text) {
  say(region, text.trim());
}

/** The next item is claimed and rendered on the server while this one is judged. */
async function prepare() {
  const here = shown;
  if (here.isRevision || here.isSubmitting || !navigator.onLine) return;
  await new Promise((idle) => (window.requestIdleCallback ?? setTimeout)(idle));
  if (here === shown && !here.isSubmitting) post("following/", {}).catch(() => {});  // It only saves time.
}

/** Send to an address beneath this assignment's, apart from htmx. */
function post(to, fields, options = {}) {
  return fetch(shown.assignment + to, {
    method: "POST",
    body: new URLSearchParams(fields),
    headers: {
      "Accept": "application/json",
      "X-CSRFToken": shown.form.elements.csrfmiddlewaretoken.value,
      "X-Requested-With": "fetch",
    },
    redirect: "manual",
    ...options,
  });
}

/** Behaviour of its own file comes with the element that needs it: data-module names it.
    A module listens to the document, so it is brought once, and hears of each form once.
    What only a dialog needs comes when the dialog opens. */
const brought = new Set();

async function bringModules() {
  const { form } = shown;
  await bring([...document.querySelectorAll("#screen [data-module]")].filter((element) => !element.closest("[popover]")));
  if (shown?.form === form) document.dispatchEvent(new CustomEvent("touchstone:entered", { detail: { form } }));
}

function bring(elements) {
  const missing = new Set(elements.map(({ dataset }) => dataset.module).filter((address) => !brought.has(address)));
  return missing.size > 0 && Promise.allSettled([...missing].map(async (address) => {
    await import(address);
    brought.add(address);
  }));
}

document.addEventListener("beforetoggle", ({ target, newState }) => {
  if (newState === "open") bring([...target.querySelectorAll("[data-module]")]);
}, true);


/* Questions: each place where one answers is a [data-control]; one is the current. */

function questions() {
  return [...shown.form.querySelectorAll("[data-control]")].filter((question) => !question.closest("[hidden]"));
}

/** A question that hangs on another's answer is there while that is given. What was
    entered in it stays while it is away; the server drops what nobody asked. */
function settleConditions() {
  const hanging = [...shown.form.querySelectorAll("[data-when]")];
  let came = 0;
  let went = 0;
  for (const criterion of hanging) {
    const controls = [...criterion.querySelectorAll("[data-control]")];
    const asked = controls.filter(isAsked);
    for (const control of controls) {
      const isHidden = control.closest("[hidden]") != null;
      if (asked.includes(control)) came += isHidden;
      else went += !isHidden;
      const row = control.closest(".sides__row");
      if (row) row.hidden = !asked.includes(control);
    }
    criterion.hidden = asked.length === 0;
  }
  const isNew = !shown.conditions;
  shown.conditions = true;
  if (came + went === 0) return;
  if (!isNew) announce(came ? words(came === 1 ? "question-appears" : "questions-appear", { n: came }) : words(went === 1 ? "question-goes" : "questions-go", { n: went }));
  const lost = document.activeElement?.closest("#judge [hidden]");
  if (lost || shown.current?.closest("[hidden]")) {
    mark(questions().findLast((question) => (shown.current ?? lost).compareDocumentPosition(question) & Node.DOCUMENT_POSITION_PRECEDING) ?? questions()[0], { focus: lost != null });
  }
}

function isAsked(control) {
  const { when, whenIs } = control.closest("[data-criterion]").dataset;
  if (when === undefined) return true;
  const side = control.dataset.side;
  const gate = side && controlNamed(`answer-${when}-${side}`) || controlNamed(`answer-${when}`);
  const opening = JSON.parse(whenIs);
  return isAsked(gate) && [...gate.querySelectorAll("input:checked")].some((input) => opening.includes(input.value));
}

function controlNamed(name) {
  return shown.form.querySelector(`[data-control="${CSS.escape(name)}"]`);
}

function isAnswered(question) {
  const { kind } = question.dataset;
  if (question.querySelector("input:checked")) return true;
  if (kind === "ranking") return [...question.querySelectorAll("select")].every((select) => select.value);
  const field = question.querySelector("textarea, input[type=number]");
  return field != null && field.value.trim() !== "" && !faultOf(question);
}

/** What is wrong with a number, in words; "" where nothing is. */
function faultOf(question) {
  const field = question.querySelector("input[type=number]");
  if (!field || question.querySelector("[data-absent]:checked")) return "";
  const { min, max, step, validity } = field;
  if (validity.badInput) return words("number-bad");
  if (validity.rangeUnderflow) return words("number-low", { low: min });
  if (validity.rangeOverflow) return words("number-high", { high: max });
  if (validity.stepMismatch && min) return words("number-step", { step });
  return "";
}

/** Said at once; what may become right as one types on, when the field is left. */
function sayFault(question, isAsked = false) {
  const field = question.querySelector("input[type=number]");
  if (!field) return;
  const fault = faultOf(question);
  const id = `${field.id}-wrong`;
  const isSaid = question.querySelector(".field__errors") != null;  // By the server.
  const mayBecomeRight = !isAsked && field === document.activeElement && !field.validity.rangeOverflow && !byId(id)?.textContent;
  const text = isSaid || mayBecomeRight ? "" : fault;
  if (!byId(id)) {
    if (!text) return;
    const line = document.createElement("p");
    line.id = id;
    line.className = "number__wrong";
    line.setAttribute("role", "alert");
    line.hidden = true;
    field.closest(".number").after(line);
    field.setAttribute("aria-describedby", `${field.getAttribute("aria-describedby") ?? ""} ${id}`.trim());
  }
  byId(id).hidden = !text;
  say(byId(id), text);
  if (text) field.setAttribute("aria-invalid", "true");
  else if (!isSaid) field.removeAttribute("aria-invalid");
}

function firstWrong() {
  return questions().find(faultOf);
}

function rationaleFor(question) {
  return shown.form.querySelector(`.why[data-for="${question.dataset.control}"]`);
}

/** True when the answer given asks for a rationale that is not there yet. */
function lacksRationale(question) {
  const why = rationaleFor(question);
  if (!why || !isAnswered(question) || question.querySelector("[data-absent]:checked")) return false;
  const { below } = why.dataset;
  const number = question.querySelector("input[type=number]");
  const asked = why.matches("details")
    ? question.querySelector("[data-why]:checked") || (below && number?.value && Number(number.value) < Number(below))
    : true;
  return Boolean(asked) && why.querySelector("textarea").value.trim() === "";
}

/** True when the answer given asks for words of the output that are not marked yet. */
function lacksEvidence(question) {
  const box = evidenceFor(question);
  if (!box || !("required" in box.dataset) || !isAnswered(question) || question.querySelector("[data-absent]:checked")) return false;
  return [...box.querySelectorAll("input[type=hidden], textarea")].every(({ value }) => value.trim() === "");
}

function evidenceFor(question) {
  return shown.form.querySelector(`.evidence[data-for="${question.dataset.control}"]`);
}

function isOpen(question) {
  return "required" in question.dataset && !isAnswered(question);
}

function firstOpen() {
  return questions().find((question) => isOpen(question) || faultOf(question) || lacksRationale(question) || lacksEvidence(question));
}

/** Show what is asked, where a rationale is wanted, and how much is left. */
function look() {
  settleConditions();
  const all = questions();
  settleErrors(all);
  for (const question of all) {
    sayFault(question);
    const why = rationaleFor(question);
    const lacks = lacksRationale(question);
    why?.classList.toggle("why--needed", lacks);
    if (lacks && why.matches("details")) why.open = true;
  }
  const answers = all.filter((question) => isOpen(question) || faultOf(question)).length;
  const rationales = all.filter(lacksRationale).length;
  const evidences = all.filter(lacksEvidence).length;
  say(byId("left"), [
    answers && words(answers === 1 ? "answer-left" : "answers-left", { n: answers }),
    rationales && words(rationales === 1 ? "rationale-left" : "rationales-left", { n: rationales }),
    evidences && words(evidences === 1 ? "evidence-left" : "evidences-left", { n: evidences }),
  ].filter(Boolean).join(", ") || words("ready"));
}

/** What was refused and is mended says so no more; the server has the last word. */
function settleErrors(all) {
  const list = byId("form-errors");
  if (!list || !shown.touched) return;
  for (const question of all.filter((one) => shown.touched.has(one))) {
    if (isOpen(question) || lacksRationale(question) || lacksEvidence(question)) continue;
    if (question.querySelector(":invalid") || !question.querySelector(".field__errors")) continue;
    question.querySelector(".field__errors").remove();
    question.removeAttribute("aria-describedby");
    const criterion = question.closest("[data-criterion]");
    for (const field of [question, rationaleFor(question)].flatMap((part) => [...part?.querySelectorAll("[aria-invalid]") ?? []])) {
      field.removeAttribute("aria-invalid");
    }
    if (criterion.querySelector(".field__errors")) continue;
    criterion.classList.remove("criterion--error", "verdict--error");
    list.querySelector(`a[href="#${CSS.escape(criterion.id)}"]`)?.closest("li").remove();
  }
  if (shown.touched.has(byId("note")) && byId("note-error")) {
    byId("note-error").remove();
    byId("note").removeAttribute("aria-invalid");
    list.querySelector('a[href="#note"]')?.closest("li").remove();
  }
  const isMended = list.querySelector(".strip__list") && !list.querySelector("li");
  if (isMended) list.remove();
}

/** A status is read aloud when it changes, so it is written only then. */
function say(element, text) {
  if (element && element.textContent !== text) element.textContent = text;
}

/** Make a question the current one. What is under the pointer must not move away. */
function mark(question, { focus = false, still = null } = {}) {
  if (!question || !shown) return;
  const before = still?.getBoundingClientRect().top;
  for (const name of ["criterion--current", "verdict--current", "sides__row--current"]) {
    shown.form.querySelectorAll(`.${name}`).forEach((element) => element.classList.remove(name));
  }
  shown.current = question;
  const criterion = question.closest("[data-criterion]");
  criterion.classList.add(criterion.matches(".verdict") ? "verdict--current" : "criterion--current");
  question.closest(".sides__row")?.classList.add("sides__row--current");

  if (still) {
    const moved = still.getBoundingClientRect().top - before;
    const pane = still.closest(".instrument, .verdicts");
    (pane && pane.scrollHeight > pane.clientHeight ? pane : document.scrollingElement).scrollTop += moved;
  }
  if (focus) {
    criterion.focus({ preventScroll: true });
    criterion.scrollIntoView({ block: "nearest" });
  }
}

/** Go to a question in order to answer it: words and numbers are written at once. */
function answer(question) {
  mark(question, { focus: true });
  sayFault(question, true);
  const why = lacksRationale(question) && rationaleFor(question);
  const field = why ? why.querySelector("textarea")
    : lacksEvidence(question) ? evidenceFor(question)
    : question.querySelector("textarea, input[type=number], .rank__side, select");
  if (field) write(field);
}

function write(field) {
  const box = field.closest("details");
  if (box) box.open = true;
  field.focus();
  field.scrollIntoView({ block: "nearest" });
}

function step(by) {
  const all = questions();
  const place = all.indexOf(shown.current);
  mark(all[Math.min(Math.max(place + by, 0), all.length - 1)], { focus: true });
}

/** After an answer by key: its rationale if one is needed, else the next open question. */
function goOn(question) {
  if (lacksRationale(question)) return answer(question);
  if (lacksEvidence(question)) return mark(question);  // What is marked next is for it.
  const all = questions();
  const place = all.indexOf(question);
  const order = [...all.slice(place + 1), ...all.slice(0, place)];
  const next = order.find((other) => !isAnswered(other));
  if (next && isOpen(next)) answer(next);
  else mark(next ?? question, { focus: true });
}

/** What the answer asked for is there: go on, or the next digit would answer this question again. */
function met(question) {
  const isMet = question === shown.wanting && question === shown.current && isAnswered(question) && !lacksRationale(question);
  shown.wanting = null;
  if (isMet) goOn(question);
}

document.addEventListener("touchstone:met", ({ detail }) => {
  const question = shown && questions().find(({ dataset }) => dataset.control === detail.control);
  if (!question) return;
  shown.wanting = question;
  met(question);
});

document.addEventListener("focusin", ({ target }) => {
  if (shown && target.matches(".why textarea") && shown.form.contains(target)) shown.wanting = lacksRationale(questionOf(target)) ? questionOf(target) : null;
});

let isPressing = false;  // Between press and release nothing may move, or the click is lost.

document.addEventListener("pointerdown", () => { isPressing = true; });
for (const end of ["pointerup", "pointercancel"]) document.addEventListener(end, () => { isPressing = false; });

document.addEventListener("focusin", ({ target }) => {
  if (!isPressing) follow(target);
});

document.addEventListener("click", ({ target }) => follow(target, target.closest("[data-criterion]")));

function follow(target, still) {
  const criterion = shown && target.closest?.("[data-criterion]");
  if (!criterion || !shown.form.contains(criterion)) return;
  const name = target.closest(".why, .evidence")?.dataset.for;
  const inside = target.closest("[data-control]") ?? (name && questions().find((question) => question.dataset.control === name));
  if (inside ? inside === shown.current : criterion.contains(shown.current)) return;
  mark(inside ?? criterion.querySelector("[data-control]"), { still });
}


/* Keys. Single keys never work while one types, nor with a modifier. */

document.addEventListener("keydown", (event) => {
  if (!shown || event.defaultPrevented || event.isComposing) return;
  const { key, target } = event;
  const over = document.querySelector("dialog[open], dialog:popover-open");
  const isOld = shown.isSubmitting || event.timeStamp < shown.since;  // Meant for the item that is leaving.

  if (key === "Enter" && (event.ctrlKey || event.metaKey) && !over) {
    event.preventDefault();
    if (!isOld && !event.repeat) submit();
    return;
  }
  if (key === "Enter" && (event.ctrlKey || event.metaKey) && over?.contains(target) && target.form) {  // A dialog's own form.
    event.preventDefault();
    if (!isOld && !event.repeat) target.form.requestSubmit();
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (key === "Escape" && !over && isTyping(target) && shown.form.contains(target)) {
    event.preventDefault();
    (target.closest("[data-criterion]") ?? shown.current?.closest("[data-criterion]") ?? byId("item-heading")).focus();
    if (target.closest(".why")) met(questionOf(target));
    return;
  }
  if (isOld || document.documentElement.dataset.singleKeys === "off") return;
  if (over) {
    const chosen = isTyping(target) ? null : over.querySelector(`form [data-key="${CSS.escape(key)}"]`);
    choose(event, chosen);
    chosen?.focus();
    return;
  }
  if (isTyping(target)) {
    if (key === "Enter" && target.matches("#judge input")) {
      event.preventDefault();
      if (!event.repeat) finish();
    }
    return;
  }
  if (event.repeat && !REPEATS.includes(key)) {  // A key held down answers once.
    if (key === "Enter" && !target.closest("button, a, summary")) event.preventDefault();
    return;
  }
  press(event);
});

const REPEATS = ["ArrowDown", "ArrowUp", "j", "k", " "];

/** While an item is on its way to the server, nothing can be entered in it any more. */
for (const act of ["beforeinput", "click"]) {
  document.addEventListener(act, (event) => {
    if (shown?.isSubmitting && shown.form.contains(event.target) && event.target.closest("[data-control], .why, .note")) event.preventDefault();
  }, true);
}

/** True where a letter key writes a letter. */
function isTyping(element) {
  return element.matches?.("textarea, select, [contenteditable], input:not([type=radio], [type=checkbox], [type=range], [type=button], [type=submit])") ?? false;
}

function press(event) {
  const { key, target } = event;
  const { current } = shown;
  if (event.shiftKey && key !== " ") return;

  if (current?.dataset.kind === "numeric" && /^[\d.,-]$/.test(key)) {
    current.querySelector("input").select();  // The key itself is typed there.
    return;
  }
  const level = current?.querySelector(`[data-key="${CSS.escape(key)}"]`);
  if (level) {
    choose(event, level);
    if (level.type === "radio" || level.checked && "absent" in level.dataset) goOn(current);
    return;
  }
  if (key in VERDICTS) {
    const verdict = verdictInHand();
    const side = verdict?.querySelector(VERDICTS[key]);
    if (side) {
      choose(event, side);
      goOn(verdict);
      return;
    }
  }
  const isOperated = target.matches?.("button, a[href], summary");
  const pressed = pressable(key);
  if (pressed && !(key === " " && isOperated)) {
    event.preventDefault();
    pressed.click();
  } else if (key === "Enter") {
    if (isOperated) return;
    event.preventDefault();
    finish();
  } else if (key === "ArrowDown" || key === "ArrowUp") {
    if (target.matches?.("input, .specimen")) return;
    event.preventDefault();
    step(key === "ArrowDown" ? 1 : -1);
  } else if (key === " ") {
    if (isOperated || target.matches?.("input, .specimen")) return;
    if (scrollSpecimens(event.shiftKey ? -0.85 : 0.85)) event.preventDefault();
  } else if (key in COMMANDS) {
    event.preventDefault();
    COMMANDS[key]();
  }
}

/** The control of this screen that says it is pressed by this key: the first one seen. */
function pressable(key) {
  return [...document.querySelectorAll(`#screen [data-press="${CSS.escape(key)}"]`)]
    .find((control) => !control.disabled && control.checkVisibility());
}

const VERDICTS = {
  a: 'input[value="A"], input[value="A1"]',
  b: 'input[value="B"], input[value="B1"]',
  e: 'input[value="tie"]',
  x: 'input[value="both_bad"]',
};

const COMMANDS = {
  j: () => step(1),
  k: () => step(-1),
  n: () => note(""),
  s: () => byId("skip-dialog")?.showPopover(),
  i: () => byId("guidelines-dialog")?.showPopover(),
  w: () => {
    const why = shown.current && rationaleFor(shown.current);
    if (why) write(why.querySelector("textarea"));
    else note(words("no-rationale"));  // What is typed next are words, not keys.
  },
  t: () => {
    const all = documents();
    if (all.length === 0) return;
    wantsContext = !all.some(({ open }) => open);
    announce(words(wantsContext ? "context-open" : "context-closed"));
    if (!wantsContext) {
      for (const one of all) one.open = false;
      return;
    }
    if (byId("prompt")) byId("prompt").open = true;
    openContext();
    all[0].scrollIntoView({ block: "start" });
  },
  p: () => {
    const strip = byId("prompt");
    if (strip) strip.open = !strip.open;
    (strip?.querySelector("summary") ?? byId("specimen")).focus();
    byId("specimen")?.scrollTo(0, 0);
  },
  r: () => {
    const reference = byId("reference");
    if (!reference) return;
    reference.open = !reference.open;
    if (reference.open && byId("prompt")) byId("prompt").open = true;
    reference.scrollIntoView({ block: "nearest" });
  },
};

/** The note, with why one is there if one did not ask for it. */
function note(why) {
  write(byId("note"));
  say(byId("note-why"), why);
  if (why) announce(why);
}

function verdictInHand() {
  if (shown.current?.dataset.kind === "preference") return shown.current;
  const verdicts = questions().filter((question) => question.dataset.kind === "preference");
  return verdicts.find((verdict) => !isAnswered(verdict)) ?? verdicts[0];
}

function choose(event, input) {
  if (!input) return;
  event.preventDefault();
  input.click();
}

function scrollSpecimens(share) {
  const panes = [...shown.form.querySelectorAll(".specimen")].filter((pane) => pane.scrollHeight > pane.clientHeight);
  panes.forEach((pane) => pane.scrollBy(0, share * pane.clientHeight));
  return panes.length > 0;
}

/** Enter: submit when nothing is left, else go to what is. */
function finish() {
  const open = firstOpen();
  if (open) answer(open);
  else submit();
}

function submit() {
  shown.form.requestSubmit(shown.form.querySelector(".actionbar [type=submit]:not(:disabled)"));
}


/* Entering: every change is kept here at once and sent soon. */

document.addEventListener("input", ({ target }) => {
  if (!isKept(target)) return;
  shown.hasMoved = true;
  settle();
  (shown.touched ??= new Set()).add(questionOf(target) ?? target);
  if (target.checked) settleAbsence(target);
  if (target.matches("textarea, input[type=number]") && target.closest("[data-control]")) {
    target.closest("[data-control]").querySelectorAll("[data-absent]").forEach((absent) => { absent.checked = false; });
  }
  look();
  keep();
  sendIn(target.matches("textarea, input[type=number]") ? TEXT_AFTER_MS : 0);
});

document.addEventListener("focusout", ({ target }) => {
  if (!isKept(target)) return;
  if (shown.timer) sendIn(0);
  if (target.type === "number") setTimeout(() => { if (shown?.form.contains(target)) look(); });
});

/** Checkboxes of one question: "none" and "not applicable" stand alone. */
function settleAbsence(box) {
  if (box.type !== "checkbox") return;
  const stands = "absent" in box.dataset || "none" in box.dataset;
  for (const other of box.closest("[data-control]").querySelectorAll("input[type=checkbox]")) {
    if (other !== box && (stands || "absent" in other.dataset || "none" in other.dataset)) other.checked = false;
  }
}

/** The question that a field answers, or gives the rationale of. */
function questionOf(field) {
  const name = field.closest(".why, .evidence")?.dataset.for;
  return field.closest("[data-control]") ?? questions().find((question) => question.dataset.control === name);
}

function isKept(field) {
  return shown != null && field.form === shown.form && KEPT_FIELDS.test(field.name ?? "");
}

function entered(form = shown.form) {
  return [...new FormData(form)].filter(([name]) => KEPT_FIELDS.test(name));
}


/* What is kept in this browser until the server has it. localStorage, because it
   is written before the call returns: a page that is closed the next moment loses
   nothing, which IndexedDB does not promise. */

function key() {
  return `${KEPT}${shown.form.dataset.person}:${shown.assignment}`;
}

function keep() {
  shown.isUnsent = true;
  try {
    localStorage.setItem(key(), JSON.stringify({ version: version(), at: Date.now(), entries: entered() }));
  } catch {
    // Storage is full or switched off: the page itself still holds everything.
  }
}

function forget(name = key()) {
  try {
    localStorage.removeItem(name);
  } catch {
    // As above.
  }
}

function kept() {
  try {
    return JSON.parse(localStorage.getItem(key()));
  } catch {
    return null;
  }
}

/** Bring back what the server never got; ask when it has something newer. */
function restore() {
  sweep();
  if ("refused" in shown.form.dataset) {  // The answer to a submission shows what was sent.
    if (!shown.isRevision) { keep(); sendIn(0); }
    return;
  }
  const mine = kept();
  if (!mine) return;
  if (JSON.stringify(mine.entries) === JSON.stringify(entered())) {
    forget();
  } else if (shown.isRevision || mine.version >= version()) {
    put(mine.entries);
    keep();
    sendIn(0);
  } else {
    ask(mine.entries, words("never-sent", { time: clock(mine.at) }));
  }
}

function put(entries) {
  const { form } = shown;
  for (const field of form.elements) {
    if (!isKept(field)) continue;
    const values = entries.filter(([name]) => name === field.name).map(([, value]) => value);
    if (field.matches("[type=radio], [type=checkbox]")) field.checked = values.includes(field.value);
    else field.value = values[0] ?? "";
    if (field.matches("textarea") && field.value && field.closest("details")) field.closest("details").open = true;
  }
  document.dispatchEvent(new CustomEvent("touchstone:restored", { detail: { form } }));
}

/** Work that was never sent does not stay on a shared machine for ever. */
function sweep() {
  try {
    for (const name of Object.keys(localStorage).filter((name) => name.startsWith(KEPT))) {
      if (!(JSON.parse(localStorage.getItem(name))?.at > Date.now() - KEPT_FOR_MS)) forget(name);
    }
  } catch {
    // As above.
  }
}

document.addEventListener("submit", ({ target }) => {
  if (!target.action.endsWith("/sign-out/")) return;
  Object.keys(localStorage).filter((name) => name.startsWith(KEPT) || name === WORKED).forEach(forget);
  if (shown) shown.isUnsent = false;
}, true);


/* Drafts: sent one at a time, the newest wins; the pill says how they fare. */

const versions = new Map();  // The newest that the server told, by assignment.

function version() {
  return Math.max(Number(shown.form.elements.draft_version.value), versions.get(shown.assignment) ?? 0);
}

function sendIn(milliseconds) {
  const here = shown;
  clearTimeout(here.timer);
  here.sendBy ||= Date.now() + SENT_WITHIN_MS;
  const wait = Math.max(0, Math.min(milliseconds, here.sendBy - Date.now()));
  here.timer = setTimeout(() => { here.timer = 0; if (here === shown) send(); }, wait);
}

setInterval(sendAgain, AGAIN_EVERY_MS);
window.addEventListener("online", sendAgain);
window.addEventListener("focus", sendAgain);
window.addEventListener("offline", () => { if (shown?.isUnsent && !shown.conflict) pill("offline"); });
document.addEventListener("visibilitychange", sendAgain);  // Also when the page is left.

function sendAgain() {
  if (shown?.isUnsent || shown?.inTrouble && !shown.isRevision) send();
}

async function send(isSecondTry = false) {
  const here = shown;
  if (!here || here.isSending || here.conflict || here.isSubmitting) return;
  if (here.isRevision) return pill("here");
  if (!navigator.onLine) return pill("offline");

  clearTimeout(here.timer);
  here.timer = here.sendBy = 0;
  here.isSending = true;
  const entries = entered();
  const told = JSON.stringify(entries);
  pill("saving");
  let state;
  here.abort = new AbortController();
  try {
    const reply = await post("draft/", [...entries, ["draft_version", version()]], {
      keepalive: told.length < 30_000,
      signal: AbortSignal.any([here.abort.signal, AbortSignal.timeout(REPLY_WITHIN_MS)]),
    });
    state = await outcome(reply, here, told);
  } catch {
    state = "offline";
  }
  here.isSending = false;
  if (here !== shown || here.isSubmitting) return;
  if (state === "stale" && !isSecondTry && await renewToken()) return send(true);
  pill(state === "stale" ? "signed-out" : state);
  if (state === "saved" && here.isUnsent && !here.timer) send();
}

/** What became of a draft: the state of the pill, or "stale" where a new token may help. */
async function outcome(reply, here, told) {
  if (reply.type === "opaqueredirect" || reply.status === 401) return "signed-out";
  if (reply.status === 403) return "stale";
  if (reply.status !== 409 && !reply.ok) return "refused";
  const { version: stored, state, lease } = await reply.json();
  versions.set(here.assignment, Math.max(stored, versions.get(here.assignment) ?? 0));
  if (here !== shown || here.isSubmitting) return "saved";
  if (reply.status === 409) {
    ask(entered(), words(state === "submitted" ? "submitted-elsewhere" : "changed-elsewhere"), state);
    return "conflict";
  }
  if (lease != null) startLease(lease);
  if (JSON.stringify(entered()) === told) {
    here.isUnsent = false;
    forget();
  }
  return "saved";
}

/** After signing in anew the page's token is an old one; its own address gives another. */
async function renewToken() {
  try {
    const reply = await fetch(shown.form.action, { headers: { "HX-Request": "true" }, redirect: "manual" });
    const page = new DOMParser().parseFromString(reply.ok ? await reply.text() : "", "text/html");
    const token = page.querySelector("#judge [name=csrfmiddlewaretoken]")?.value;
    if (!token) return false;
    document.querySelectorAll("[name=csrfmiddlewaretoken]").forEach((field) => { field.value = token; });
    document.body.setAttribute("hx-headers", JSON.stringify({ "x-csrftoken": token }));
    return true;
  } catch {
    return false;
  }
}

/** What was told of the act before says so no more; the way back to it stays. */
function settle() {
  for (const fresh of shown.form.querySelectorAll("[data-fresh]")) fresh.hidden = true;
  for (const later of shown.form.querySelectorAll("[data-later]")) later.hidden = false;
}

for (const moment of ["htmx:sendError", "htmx:timeout", "htmx:responseError"]) {
  document.addEventListener(moment, () => {
    if (!shown) return;
    shown.hasMoved = false;
    settle();
  });
}

/** The server is there and takes what is sent: the strips of before say what is not so any more. */
function mend(here) {
  if (!here.inTrouble && !here.hasMoved) return;
  here.inTrouble = here.hasMoved = false;
  if (byId("notice")?.dataset.until === "saved") byId("notice").remove();
  if (!byId("trouble").hidden) byId("trouble").querySelector("[data-trouble-dismiss]").click();
}

const TROUBLES = ["offline", "refused", "conflict", "signed-out"];

function pill(state) {
  const element = byId("savepill");
  if (!element) return;
  element.dataset.state = state === "refused" ? "offline" : state;
  const text = words(`pill-${state}`);
  const isTrouble = TROUBLES.includes(state);
  if (isTrouble) {
    shown.inTrouble = true;
    settle();
  }
  say(byId("trouble-here"), isTrouble ? text : "");
  if (state === "saved") {
    mend(shown);
    const time = document.createElement("time");
    time.className = "num";
    time.textContent = clock(Date.now());
    element.replaceChildren(`${text} `, time);
  } else if (state === "signed-out") {
    element.replaceChildren(`${text}. `, signInLink());
  } else {
    say(element, text);
  }
}

function signInLink() {
  const link = document.createElement("a");
  link.href = shown.form.dataset.signIn;
  link.target = "_blank";
  link.textContent = words("sign-in-beside");
  return link;
}

function clock(time) {
  return new Date(time).toLocaleTimeString([], { hour12: false });
}

window.addEventListener("beforeunload", (event) => {
  if (shown?.isUnsent) event.preventDefault();
});


/* Two versions of one draft: the person says which one stays. */

function ask(mine, text, state = "") {
  const isOver = state === "submitted";
  shown.conflict = true;
  const strip = notice("strip--warn", text);
  strip.append(
    button(words(isOver ? "show-submitted" : "reload-theirs"), () => {
      forget();
      shown.isUnsent = false;
      location.reload();
    }),
  );
  if (isOver) return;
  strip.append(
    button(words("keep-mine"), () => {
      shown.conflict = false;
      strip.remove();
      put(mine);
      look();
      keep();
      send();
    }),
  );
}

function notice(kind, text, id = "notice") {
  byId(id)?.remove();
  const strip = document.createElement("div");
  strip.id = id;
  strip.className = `strip ${kind}`;
  strip.setAttribute("role", "alert");
  const paragraph = document.createElement("p");
  paragraph.textContent = text;
  strip.append(paragraph);
  shown.form.prepend(strip);
  strip.scrollIntoView({ block: "nearest" });
  return strip;
}

function button(text, act) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "btn btn--small";
  made.textContent = text;
  made.addEventListener("click", act);
  return made;
}


/* Submitting: the next item is shown only when the server has stored this one. */

document.addEventListener("htmx:confirm", async (event) => {
  const here = shown;
  if (!here || event.detail.elt !== here.form) return;
  if (here.isSubmitting) return event.preventDefault();
  const wrong = event.detail.path === here.assignment && firstWrong();
  if (wrong) {
    event.preventDefault();
    answer(wrong);
    return;
  }
  here.isSubmitting = true;
  clearTimeout(here.timer);
  here.timer = 0;
  if (!here.isSending) return;
  event.preventDefault();  // A draft on its way would be an old one by the time it arrives.
  for (let waited = 0; here.isSending && waited < DRAFT_WITHIN_MS; waited += 10) await pause(10);
  here.abort.abort();
  event.detail.issueRequest(true);
});

function pause(milliseconds) {
  return new Promise((done) => setTimeout(done, milliseconds));
}

document.addEventListener("htmx:configRequest", ({ detail }) => {
  if (!shown || detail.elt !== shown.form) return;
  byId("notice")?.remove();
  detail.timeout = STORED_WITHIN_MS;
  detail.parameters.set("elapsed_ms", Math.round(activeMs));
  detail.parameters.set("draft_version", version());
});

document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  if (!shown || !isAct(detail.requestConfig?.elt) || detail.xhr.status !== 200) return;
  const asked = new URL(detail.requestConfig.path, location.href).pathname;
  const given = new URL(detail.xhr.responseURL || asked, location.href).pathname;
  const next = detail.xhr.getResponseHeader("HX-Push-Url") ?? (given === asked ? null : given);
  const isSignIn = given === new URL(shown.form.dataset.signIn, location.href).pathname;
  const isScreen = /id="(judge|status-update)"/.test(detail.serverResponse);  // Ours, and whole.
  if (isScreen && next && !isSignIn) {  // It went on to somewhere: the act is done.
    if (next !== shown.assignment) {
      forget();
      forgetTime();
      shown.isUnsent = false;
    }
    return;
  }
  detail.shouldSwap = false;
  if (isSignIn) {
    detail.isError = false;
    pill("signed-out");
    const strip = notice("strip--error", `${words("signed-out-submit")} `);
    strip.dataset.until = "saved";
    strip.append(signInLink(), button(words("submit-again"), submit));
  } else {
    detail.isError = true;  // An empty page, a proxy's page: js/app.js says so and offers to try again.
  }
});

document.addEventListener("htmx:afterRequest", async ({ detail }) => {
  if (!shown || detail.elt !== shown.form) return;
  const here = shown;
  here.isSubmitting = false;
  if (here.isUnsent) sendIn(0);  // It failed: the draft is what keeps it.
  if (detail.xhr.status === 403 && !here.isSecondTry) {
    here.isSecondTry = true;
    if (await renewToken() && here === shown) submit();
    else pill("signed-out");
  }
});

function isAct(element) {
  return element != null && (element === shown.form || element.closest?.("#skip-dialog, #flag-dialog [name=skip]") != null);
}


/* Active time: the page is seen and used, as far as a browser can tell. */

let activeMs = 0;
let lastUsed = 0;
let lastTick = 0;

for (const use of ["keydown", "pointerdown", "pointermove", "wheel", "scroll", "touchstart"]) {
  document.addEventListener(use, () => { lastUsed = performance.now(); }, { capture: true, passive: true });
}

setInterval(() => {
  const now = performance.now();
  const passed = now - lastTick;
  lastTick = now;
  const isUsed = document.visibilityState === "visible" && now - lastUsed < ACTIVE_FOR_MS;
  if (shown && isUsed && passed < 5_000) {  // A longer gap: the machine slept.
    activeMs += passed;
    countWork(passed);
  }
  watchLease();
}, 1_000);

window.addEventListener("pagehide", () => {
  try {
    if (shown) sessionStorage.setItem(TIMED + shown.assignment, String(activeMs));
  } catch {
    // As above.
  }
});

function startClock() {
  lastUsed = lastTick = performance.now();
  activeMs = 0;
  try {
    activeMs = Number(sessionStorage.getItem(TIMED + shown.assignment)) || 0;
  } catch {
    // As above.
  }
}

function forgetTime() {
  try {
    sessionStorage.removeItem(TIMED + shown.assignment);
  } catch {
    // As above.
  }
}



/* The lease: whoever is at work keeps the item; whoever was away is told plainly. */

function startLease(seconds) {
  const now = Date.now();
  shown.lease = seconds == null ? null : { from: now, until: now + seconds * 1000, warnsAt: now + seconds * 1000 - Math.min(WARN_BEFORE_MS, seconds * 500) };
  if (seconds == null || seconds <= 0) return;
  byId("still-there")?.remove();
  if (byId("lapsed")) byId("lapsed").hidden = true;
}

function watchLease() {
  const { lease } = shown ?? {};
  if (!lease || shown.isSubmitting) return;
  const now = Date.now();
  if (now >= lease.until) return lapse();
  const isActive = performance.now() - lastUsed < now - lease.from;
  const every = Math.min(RENEW_EVERY_MS, (lease.until - lease.from) / 3);
  if (isActive && now - lease.from > every) renewLease();
  else if (now >= lease.warnsAt) warn();
}

function warn() {
  if (byId("still-there")) return;
  const strip = notice("", words("still-there"), "still-there");
  strip.setAttribute("role", "status");
  strip.append(button(words("keep-item"), renewLease));
}

for (const act of ["keydown", "pointerdown"]) {
  document.addEventListener(act, () => { if (byId("still-there")) renewLease(); }, true);
}

function lapse() {
  byId("still-there")?.remove();
  if (!byId("lapsed")?.hidden) return;
  byId("lapsed").hidden = false;
  byId("lapsed").scrollIntoView({ block: "nearest" });
}

/** Start the lease anew; resolves to the words of what stands against it. */
async function renewLease() {
  const here = shown;
  if (here.isRenewing || !navigator.onLine) return null;
  here.isRenewing = true;
  try {
    const reply = await post("lease/", {}, { signal: AbortSignal.timeout(REPLY_WITHIN_MS) });
    if (here !== shown) return null;
    if (reply.type === "opaqueredirect" || reply.status === 401 || reply.status === 403) {
      pill("signed-out");
      return words("pill-signed-out");
    }
    if (!reply.ok) return null;
    const { lease, detail } = await reply.json();
    if (here === shown && lease != null) startLease(lease);
    return detail;
  } catch {
    return null;  // The next second tries again, and the strip says when it is too late.
  } finally {
    here.isRenewing = false;
  }
}

document.addEventListener("click", async (event) => {
  const hold = event.target.closest?.("[data-hold]");
  if (!hold || !shown) return;
  event.preventDefault();
  const here = shown;
  const problem = await renewLease();
  if (here !== shown) return;
  const text = problem ?? words("not-reached");
  if (text) say(byId("lapsed").querySelector("p"), text);
  else (here.current?.closest("[data-criterion]") ?? byId("item-heading")).focus();
});


/* Breaks: after so many minutes of work one line says so, once. */

function countWork(passed) {
  const minutes = Number(shown.form.dataset.breakMinutes);
  if (!minutes) return;
  const now = Date.now();
  let { ms = 0, at = now } = remembered();
  if (now - at > REST_MS) ms = 0;
  ms += passed;
  if (ms >= minutes * 60_000) {
    ms = 0;
    suggestBreak(minutes);
  }
  try {
    localStorage.setItem(WORKED, JSON.stringify({ ms, at: now }));
  } catch {
    // As above.
  }
}

function remembered() {
  try {
    return JSON.parse(localStorage.getItem(WORKED)) ?? {};
  } catch {
    return {};
  }
}

function suggestBreak(minutes) {
  const strip = notice("", words("break", { n: minutes }), "break");
  strip.setAttribute("role", "status");
  strip.append(button(words("take-break"), () => byId("break-form")?.requestSubmit()), button(words("dismiss"), () => {
    strip.remove();
    shown?.current?.closest("[data-criterion]").focus();
  }));
}


/* Last, when all of the above is there: enter the screen of this page, and of each swap. */

for (const moment of ["htmx:afterSwap", "htmx:historyRestore"]) document.addEventListener(moment, enter);
window.addEventListener("pageshow", enter);
enter();
