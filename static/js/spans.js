/* Evidence: words of an output marked for a criterion, by pointer or sentence by
   sentence with the keyboard. The hidden fields span-… are what is sent: places in the
   output's text, counted in code points. What the screen shows differs from that text
   (Markdown, folds, switches), so both are aligned by their letters whenever they are
   needed. Loaded by js/judging.js where the rubric takes evidence. */

const COMMON = /[\p{L}\p{M}\p{N}\p{So}\p{Sc}]+/gu;  // As in annotation/content/places.py.
const BLOCKS = "p, li, td, th, pre, h1, h2, h3, h4, h5, h6, blockquote, dt, dd, summary, div";
const GRAM = 12;  // So many letters in a row are the same place, not a chance.
const WINDOW = 20_000;
const MOST_SKIPPED = 5_000;
const MOST_FAR = 200;
const MOST_PASSAGES = 50;
const STYLES = 6;  // Ways to underline, in css/judging.css.

let sources = new Map();  // Text by side.
let aligned = new Map();  // What is aligned by side, until the screen changes.
let cursor = null;  // The sentence one is at: {side, index}.
let lastUsed = "";  // The criterion that evidence was marked for last.

const judge = () => document.getElementById("judge");
const boxes = () => [...judge()?.querySelectorAll(".evidence[data-number]") ?? []];
const views = (side) => [...judge().querySelectorAll(`.out[data-of="${CSS.escape(side)}"]`)];
const output = (side) => views(side).find((view) => view.checkVisibility()) ?? views(side)[0];


/* Entering a form. */

const observer = new MutationObserver((changes) => {
  if (changes.every(({ target }) => target.closest?.(".evidence__flags"))) return;
  forget();
  later(paint);
});
const reflag = () => flag();
const sizes = new ResizeObserver(() => later(reflag));

for (const moment of ["touchstone:entered", "touchstone:restored"]) {
  document.addEventListener(moment, () => {
    observer.disconnect();
    sizes.disconnect();
    forget();
    cursor = null;
    sources = new Map([...judge()?.querySelectorAll("template[data-source]") ?? []].map(({ dataset, content }) => [dataset.source, JSON.parse(content.textContent)]));
    for (const side of sources.keys()) {
      const shown = output(side);
      if (!shown) continue;
      observer.observe(shown.parentElement, { childList: true, characterData: true, subtree: true });
      sizes.observe(shown.parentElement);
    }
    for (const box of boxes()) list(box);
    paint();
    offerMark();  // Words may have been selected before this script was here.
  });
}

document.addEventListener("toggle", ({ target }) => {
  if (target.closest?.(".out[data-of]")) { forget(); later(paint); }
}, true);

function forget() {
  aligned = new Map();
}

const waiting = new Set();

function later(act) {
  if (waiting.has(act)) return;
  waiting.add(act);
  requestAnimationFrame(() => { waiting.delete(act); if (judge()) act(); });
}


/* Aligning what is shown with the text it was made of, letter by letter. */

function lettersOf(text) {
  const at = [];
  let letters = "";
  for (const { 0: run, index } of text.matchAll(COMMON)) {
    letters += run;
    for (let unit = 0; unit < run.length; unit += 1) at.push(index + unit);
  }
  return { letters, at };
}

/** The letters on the screen, each with its text node; signs for hidden characters are no letters. */
function shownLetters(root) {
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT, (node) => {
    const parent = node.parentElement;
    return parent.closest(".sign, button, .visually-hidden") || !parent.checkVisibility() ? NodeFilter.FILTER_REJECT : NodeFilter.FILTER_ACCEPT;
  });
  const pieces = [];
  const parts = [];
  let length = 0;
  while (walker.nextNode()) {
    const { letters, at } = lettersOf(walker.currentNode.data);
    pieces.push({ node: walker.currentNode, from: length, at });
    parts.push(letters);
    length += letters.length;
  }
  return { letters: parts.join(""), pieces };
}

function align(side) {
  if (!aligned.has(side) && output(side) && sources.has(side)) {
    const source = lettersOf(sources.get(side));
    const shown = shownLetters(output(side));
    aligned.set(side, { source, ...shown, ...places(shown.letters, source.letters) });
  }
  return aligned.get(side);
}

/** For each shown letter its place among the source's letters, and the other way; -1 for none. */
function places(shown, source) {
  const toSource = new Int32Array(shown.length).fill(-1);
  const toShown = new Int32Array(source.length).fill(-1);
  let i = 0;
  let j = 0;
  let run = 0;
  while (i < shown.length && j < source.length) {
    if (shown[i] === source[j]) {
      toSource[i] = j;
      toShown[j] = i;
      i += 1; j += 1; run += 1;
      continue;
    }
    let next = resume(shown, source, i, j);
    if (run < GRAM) {  // A few equal letters may be chance: perhaps it parted before them.
      const other = resume(shown, source, i - run, j - run);
      if (other && (!next || other.i + other.j <= next.i + next.j)) {
        toSource.fill(-1, i - run, i);
        toShown.fill(-1, j - run, j);
        next = other;
      }
    }
    if (!next) break;
    ({ i, j } = next);
    run = 0;
  }
  return { toSource, toShown };
}

/** Where both go on alike: after the fewest shown letters that are in no source. */
function resume(shown, source, i, j) {
  const ahead = source.slice(j, j + WINDOW);
  for (let skipped = 0; skipped < MOST_SKIPPED && i + skipped < shown.length; skipped += 1) {
    const at = ahead.indexOf(shown.slice(i + skipped, i + skipped + GRAM));
    if (at >= 0) return { i: i + skipped, j: j + at };
  }
  const rest = source.slice(j);  // Parts that were folded may be far apart.
  for (let skipped = 0; skipped < MOST_FAR && i + skipped + GRAM <= shown.length; skipped += 1) {
    const at = rest.indexOf(shown.slice(i + skipped, i + skipped + GRAM));
    if (at >= 0) return { i: i + skipped, j: j + at };
  }
  return null;
}


/* From a range of the page to a passage of the text, and back. */

function passageOf(range, side) {
  const found = align(side);
  if (!found) return null;
  let first = -1;
  let last = -1;
  for (const { node, from, at } of found.pieces) {
    if (!range.intersectsNode(node)) continue;
    const low = node === range.startContainer ? range.startOffset : 0;
    const high = node === range.endContainer ? range.endOffset : node.length;
    for (let unit = 0; unit < at.length; unit += 1) {
      if (at[unit] < low || at[unit] >= high || found.toSource[from + unit] < 0) continue;
      if (first < 0) first = found.toSource[from + unit];
      last = found.toSource[from + unit];
    }
  }
  if (first < 0) return null;
  const text = sources.get(side);
  const [start, end] = widened(text, range.toString().trim(), found.source.at[first], found.source.at[last] + 1);
  return { start: points(text, start), end: points(text, end) };
}

/** With the punctuation that was selected around the letters, as far as it stands in the text. */
function widened(text, chosen, start, end) {
  const { at } = lettersOf(chosen);
  let before = at.length ? chosen.slice(0, at[0]) : "";
  let after = at.length ? chosen.slice(at.at(-1) + 1) : "";
  for (; before && start > 0 && text[start - 1] === before.at(-1); start -= 1) before = before.slice(0, -1);
  for (; after && end < text.length && text[end] === after[0]; end += 1) after = after.slice(1);
  return [start, end];
}

function rangeOf({ start, end }, side) {
  const found = align(side);
  if (!found) return null;
  const text = sources.get(side);
  const { at } = found.source;
  let first = firstFrom(at, units(text, start));
  let last = firstFrom(at, units(text, end)) - 1;
  while (first <= last && found.toShown[first] < 0) first += 1;
  while (last >= first && found.toShown[last] < 0) last -= 1;
  if (first > last) return null;
  const from = spot(found, found.toShown[first]);
  const to = spot(found, found.toShown[last]);
  let offset = to.offset + 1;
  for (let place = at[last] + 1; place < units(text, end) && to.node.data[offset] === text[place]; place += 1) offset += 1;
  const range = new Range();
  range.setStart(from.node, from.offset);
  range.setEnd(to.node, offset);
  return range;
}

function spot({ pieces }, letter) {
  const index = firstFrom(pieces.map(({ from, at }) => from + at.length - 1), letter);
  const { node, from, at } = pieces[index];
  return { node, offset: at[letter - from] };
}

/** The index of the first number that is at least this, in rising numbers. */
function firstFrom(numbers, least) {
  let low = 0;
  let high = numbers.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (numbers[middle] < least) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Places in UTF-16 units, as scripts count, to code points, as the server counts. */
function points(text, unit) {
  let count = unit;
  for (const { index } of text.slice(0, unit).matchAll(/[\ud800-\udbff][\udc00-\udfff]/g)) count -= index >= 0;
  return count;
}

function units(text, point) {
  if (!/[\ud800-\udbff]/.test(text)) return point;
  let unit = 0;
  for (let count = 0; count < point && unit < text.length; count += 1) unit += text.codePointAt(unit) > 0xffff ? 2 : 1;
  return unit;
}


/* What is marked: the hidden fields. */

function fields(box) {
  return [...box.querySelectorAll("input[type=hidden][data-side]")];
}

function passages(field) {
  return field.value.split(" ").filter(Boolean).map((place) => {
    const [start, end] = place.split("-").map(Number);
    return { start, end };
  });
}

function store(field, found) {
  found.sort((one, other) => one.start - other.start);
  field.value = found.map(({ start, end }) => `${start}-${end}`).join(" ");
  field.dispatchEvent(new Event("input", { bubbles: true }));
  list(field.closest(".evidence"));
  paint();
}

/** Mark a passage; what it overlaps becomes one with it. */
function add(box, side, passage) {
  const field = fields(box).find(({ dataset }) => dataset.side === side);
  const all = passages(field);
  const apart = all.filter(({ start, end }) => end < passage.start || start > passage.end);
  const over = all.filter((one) => !apart.includes(one));
  const whole = {
    start: Math.min(passage.start, ...over.map(({ start }) => start)),
    end: Math.max(passage.end, ...over.map(({ end }) => end)),
  };
  const count = fields(box).reduce((sum, one) => sum + passages(one).length, 0) - over.length + 1;
  if (count > MOST_PASSAGES) return say(words("evidence-most", { n: MOST_PASSAGES }));
  const isFirst = fields(box).every(({ value }) => value.trim() === "");
  lastUsed = box.closest("[data-criterion]").dataset.criterion;
  store(field, [...apart, whole]);
  say(words("evidence-marked", { about: box.dataset.about, quote: quote(side, whole) }));
  if (isFirst && "required" in box.dataset) document.dispatchEvent(new CustomEvent("touchstone:met", { detail: { control: box.dataset.for } }));
}

/** The words as they are read; as they stand in the text where they are folded away. */
function quote(side, passage) {
  const text = sources.get(side) ?? "";
  const shown = String(rangeOf(passage, side) ?? "");
  return (shown || text.slice(units(text, passage.start), units(text, passage.end))).replace(/\s+/g, " ");
}


/* The list under a criterion. */

function list(box) {
  const rows = fields(box).flatMap((field) => passages(field).map((passage) => row(box, field, passage)));
  box.querySelector(".evidence__list").replaceChildren(...rows);
  let hint = box.querySelector(".evidence__hint");
  if (!hint) {
    hint = element("p", "evidence__hint");
    box.querySelector(".evidence__list").after(hint);
    const byKey = element("span", "wide-only");
    byKey.append(...keysIn(words("evidence-hint")));
    const byTouch = element("span", "phone-only");
    byTouch.textContent = words("evidence-hint-touch");
    hint.append(byKey, byTouch);
  }
}

function row(box, field, passage) {
  const { side } = field.dataset;
  const item = element("li", "");
  const badge = document.querySelector(`#pane-${CSS.escape(side)} .specimen__head .side`);
  if (badge && fields(box).length > 1) item.append(badge.cloneNode(true));
  const show = element("button", "evidence__quote");
  show.type = "button";
  show.dir = "auto";
  show.textContent = quote(side, passage);
  show.title = words("evidence-show");
  show.addEventListener("click", () => scrollTo(rangeOf(passage, side), side));
  const drop = element("button", "evidence__remove");
  drop.type = "button";
  drop.textContent = "×";
  drop.title = words("evidence-remove");
  drop.setAttribute("aria-label", `${words("evidence-remove")}: ${show.textContent.slice(0, 80)}`);
  drop.addEventListener("click", () => {
    store(field, passages(field).filter(({ start }) => start !== passage.start));
    say(words("evidence-removed"));
    (box.querySelector(".evidence__remove") ?? box).focus({ preventScroll: true });
  });
  item.append(show, drop);
  return item;
}

function element(name, className) {
  const made = document.createElement(name);
  made.className = className;
  return made;
}

/** Words with their keys as key caps: "`h` marks". */
function keysIn(text) {
  return text.split("`").map((part, index) => {
    if (index % 2 === 0) return part;
    const cap = document.createElement("kbd");
    cap.textContent = part;
    return cap;
  });
}


/* Marks in the outputs: each criterion underlined in its own way, with its number. */

function marks() {
  return boxes().flatMap((box) => fields(box).flatMap((field) => passages(field).map((passage) => ({
    number: Number(box.dataset.number), side: field.dataset.side, range: rangeOf(passage, field.dataset.side),
  })))).filter(({ range }) => range);
}

function paint() {
  const all = marks();
  for (let style = 1; style <= STYLES; style += 1) {
    const ranges = all.filter(({ number }) => (number - 1) % STYLES + 1 === style).map(({ range }) => range);
    highlight(`evidence-${style}`, ranges);
  }
  highlight("evidence-sentence", cursor ? [sentences(cursor.side)[cursor.index]].filter(Boolean) : []);
  flag(all);
}

function highlight(name, ranges) {
  if (!CSS.highlights) return;
  if (ranges.length) CSS.highlights.set(name, new Highlight(...ranges));
  else CSS.highlights.delete(name);
}

/** Small numbers where the marks begin; they lie above the text and are no part of it. */
function flag(all = marks()) {
  document.querySelectorAll(".evidence__flags").forEach((layer) => layer.remove());
  for (const { number, side, range } of all) {
    const sheet = output(side).parentElement;
    let layer = sheet.querySelector(":scope > .evidence__flags");
    if (!layer) {
      layer = element("div", "evidence__flags");
      layer.setAttribute("aria-hidden", "true");
      sheet.append(layer);
    }
    const box = layer.getBoundingClientRect();
    const start = range.getClientRects()[0];
    if (!start) continue;
    const made = element("span", "evidence__flag");
    made.textContent = number;
    const isTurned = getComputedStyle(range.startContainer.parentElement).direction === "rtl";
    made.style.left = `${(isTurned ? start.right : start.left) - box.left}px`;
    made.style.top = `${start.top - box.top}px`;
    layer.append(made);
  }
}


/* Marking by pointer: a button beside the selection. */

const offer = element("button", "btn btn--small evidence__offer");
offer.type = "button";
offer.hidden = true;
document.body.append(offer);
offer.addEventListener("pointerdown", (event) => event.preventDefault());  // The selection stays.
offer.addEventListener("click", () => markSelection());

let isPressed = false;
document.addEventListener("pointerdown", ({ target }) => { isPressed = !offer.contains(target); if (isPressed) hideOffer(); });
for (const end of ["pointerup", "pointercancel"]) {
  document.addEventListener(end, () => { isPressed = false; later(offerMark); });
}
document.addEventListener("selectionchange", () => { if (!isPressed) later(offerMark); });
document.addEventListener("scroll", () => { if (!offer.hidden) later(offerMark); }, true);

function hideOffer() {
  offer.hidden = true;
}

/** The selected words, the output they stand in, and the criterion they would be for. */
function selected() {
  const selection = getSelection();
  if (!judge() || !selection.rangeCount || selection.isCollapsed) return null;
  const range = selection.getRangeAt(0);
  const within = range.commonAncestorContainer;
  const shown = (within.nodeType === Node.ELEMENT_NODE ? within : within.parentElement).closest(".out[data-of]")
    ?? [...sources.keys()].map(output).find((one) => one && range.intersectsNode(one) && selection.containsNode(one, true));
  const side = shown?.dataset.of;
  const box = sources.has(side) && boxFor(side);
  if (!box) return null;
  const cut = range.cloneRange();  // Selecting a paragraph often ends in the next.
  if (!shown.contains(cut.startContainer)) cut.setStart(shown, 0);
  if (!shown.contains(cut.endContainer)) cut.setEnd(shown, shown.childNodes.length);
  return cut.toString().match(COMMON) ? { range: cut, side, box } : null;
}

/** Where evidence in this output goes: the current criterion, else the one last used, else the first. */
function boxFor(side) {
  const current = judge().querySelector(".criterion--current, .verdict--current");
  const fitting = boxes().filter((box) => fields(box).some(({ dataset }) => dataset.side === side));
  return fitting.find((box) => current?.contains(box))
    ?? fitting.find((box) => box.closest("[data-criterion]").dataset.criterion === lastUsed)
    ?? fitting[0];
}

function offerMark() {
  const found = selected();
  offer.hidden = !found;
  if (!found) return;
  const key = document.createElement("kbd");
  key.className = "wide-only";
  key.textContent = "h";
  const about = element("span", "evidence__about");
  about.textContent = words("evidence-for", { about: found.box.dataset.about });
  offer.replaceChildren(about, " ", key);
  const rects = [...found.range.getClientRects()];
  const last = rects.at(-1) ?? found.range.getBoundingClientRect();
  const below = last.bottom + 8 + offer.offsetHeight < innerHeight;
  const left = Math.min(Math.max(8, last.right - offer.offsetWidth / 2), innerWidth - offer.offsetWidth - 8);
  offer.style.left = `${left}px`;
  offer.style.top = `${below ? last.bottom + 8 : Math.max(8, rects[0].top - offer.offsetHeight - 8)}px`;
}

function markSelection() {
  const found = selected();
  if (!found) return false;
  const passage = passageOf(found.range, found.side);
  getSelection().removeAllRanges();
  hideOffer();
  if (passage) add(found.box, found.side, passage);
  else say(words("evidence-no-words"));
  return true;
}


/* Marking by key: "[" and "]" go from sentence to sentence, "h" marks. */

document.addEventListener("keydown", (event) => {
  const { key, target } = event;
  const isBracket = key === "[" || key === "]";  // On many keyboards they are typed with Alt.
  if (!judge() || sources.size === 0 || event.defaultPrevented || event.isComposing) return;
  if (document.documentElement.dataset.singleKeys === "off" || document.querySelector("dialog[open], dialog:popover-open")) return;
  if (!isBracket && (event.ctrlKey || event.metaKey || event.altKey)) return;
  if (isBracket && (event.metaKey || event.ctrlKey && !event.altKey)) return;
  if (target.matches?.("textarea, select, [contenteditable], input:not([type=radio], [type=checkbox], [type=range], [type=button], [type=submit])")) return;
  if (isBracket) {
    event.preventDefault();
    step(key === "]" ? 1 : -1);
  } else if (key === "h" && !event.repeat) {
    event.preventDefault();
    mark();
  } else if (key === "Escape" && cursor) {
    cursor = null;
    paint();
  }
});

function mark() {
  if (markSelection()) return;
  const range = cursor && sentences(cursor.side)[cursor.index];
  const box = cursor && boxFor(cursor.side);
  const passage = range && box && passageOf(range, cursor.side);
  if (passage) add(box, cursor.side, passage);
  else say(words("evidence-choose-first"));
}

/** The sides in which the current criterion takes evidence. */
function sidesInHand() {
  const current = judge().querySelector(".sides__row--current")?.querySelector("[data-control]")?.dataset.control;
  const inRow = boxes().find((box) => box.dataset.for === current);
  const inCriterion = boxes().find((box) => judge().querySelector(".criterion--current, .verdict--current")?.contains(box));
  const box = inRow ?? inCriterion;
  return box ? fields(box).map(({ dataset }) => dataset.side) : [...sources.keys()];
}

function step(by) {
  const sides = sidesInHand();
  const all = sides.flatMap((side) => sentences(side).map((range, index) => ({ side, index, range })));
  if (all.length === 0) return;
  const here = cursor ? all.findIndex(({ side, index }) => side === cursor.side && index === cursor.index) : -1;
  const next = here < 0 ? (by > 0 ? 0 : all.length - 1) : Math.min(Math.max(here + by, 0), all.length - 1);
  const { side, index, range } = all[next];
  cursor = { side, index };
  getSelection().removeAllRanges();
  paint();
  scrollTo(range, side);
  say(sides.length > 1 ? `${side}: ${range}` : String(range));
}

const segmenters = new Map();

function segmenter(language) {
  if (!segmenters.has(language)) segmenters.set(language, new Intl.Segmenter(language, { granularity: "sentence" }));
  return segmenters.get(language);
}

/** The sentences of an output as it is shown: no sentence goes beyond its paragraph; code goes by lines. */
function sentences(side) {
  const found = align(side);
  if (!found) return [];
  if (found.sentences) return found.sentences;
  const ranges = [];
  for (const { isCode, pieces, language } of paragraphs(found.pieces)) {
    const text = pieces.map(({ node }) => node.data).join("");
    const cuts = isCode
      ? [...text.matchAll(/[^\n]+/g)].map(({ 0: segment, index }) => ({ segment, index }))
      : [...segmenter(language).segment(text)];
    for (const { segment, index } of cuts) {
      if (!segment.match(COMMON)) continue;
      const lead = segment.length - segment.trimStart().length;
      ranges.push(within(pieces, index + lead, index + segment.trimEnd().length));
    }
  }
  found.sentences = ranges;
  return ranges;
}

function paragraphs(pieces) {
  const all = [];
  let block = null;
  for (const piece of pieces) {
    const own = piece.node.parentElement.closest(BLOCKS);
    if (own !== block) {
      block = own;
      all.push({ isCode: Boolean(own.closest("pre, .out--raw")), language: own.closest("[lang]")?.lang || undefined, pieces: [] });
    }
    all.at(-1).pieces.push(piece);
  }
  return all;
}

function within(pieces, from, to) {
  const range = new Range();
  let length = 0;
  for (const { node } of pieces) {
    if (from >= length && from < length + node.length) range.setStart(node, from - length);
    if (to > length && to <= length + node.length) range.setEnd(node, to - length);
    length += node.length;
  }
  return range;
}

/** Bring words into view, in the pane that scrolls; on phones the pane of their side comes to the front. */
function scrollTo(range, side) {
  if (!range) return;
  const pane = document.querySelector(`input[name=pane][value="${CSS.escape(side)}"]`);
  if (pane && !pane.checked) pane.click();
  const specimen = output(side).closest(".specimen");
  const isOwn = specimen.scrollHeight > specimen.clientHeight + 1 && getComputedStyle(specimen).overflowY !== "visible";
  const frame = isOwn ? specimen.getBoundingClientRect() : { top: 0, bottom: innerHeight };
  const box = range.getBoundingClientRect();
  const margin = 72;
  const by = box.top < frame.top + margin ? box.top - frame.top - margin
    : box.bottom > frame.bottom - margin ? Math.min(box.bottom - frame.bottom + margin, box.top - frame.top - margin) : 0;
  if (by) (isOwn ? specimen : document.scrollingElement).scrollBy(0, by);
}


/* A status that is heard. */

const status = element("p", "visually-hidden");
status.setAttribute("role", "status");
document.body.append(status);

function say(text) {
  status.textContent = text;
}
