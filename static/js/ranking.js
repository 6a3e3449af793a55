/* Ranking: outputs in a row from best to worst, moved by key, by button or by drag.
   The selects stay what is sent; this shows them as an order and writes them.
   Loaded by js/judging.js where a ranking is asked. */

const DRAG_FROM = 5;  // So far the pointer moves before it is a drag.
const MIDDLE = 0.3;  // On this part of a side, on each side of its middle, dropping is a tie.

const boards = new Set();

for (const moment of ["touchstone:entered", "touchstone:restored"]) {
  document.addEventListener(moment, () => {
    for (const board of boards) if (!board.isConnected) boards.delete(board);
    document.querySelectorAll("#judge [data-ranking]").forEach((board) => {
      if (!board.querySelector(".ranklist")) build(board);
      draw(board);
    });
  });
}


/* The order: groups of sides from best to worst; sides without a place yet stand apart. */

function selects(board) {
  return [...board.querySelectorAll("select")];
}

function read(board) {
  const places = new Map();
  const open = [];
  for (const { value, dataset } of selects(board)) {
    if (!value) open.push(dataset.side);
    else places.set(Number(value), [...places.get(Number(value)) ?? [], dataset.side]);
  }
  const numbers = [...places.keys()].sort((one, other) => one - other);
  return { numbers, groups: numbers.map((number) => places.get(number)), open };
}

/** Write groups as places from 1, or under the given numbers while some have no place. */
function write(board, groups, { numbers = null, open = [] } = {}) {
  const kept = groups.map((group, index) => [group, numbers?.[index] ?? index + 1]).filter(([group]) => group.length);
  kept.forEach((entry, index) => { if (open.length === 0) entry[1] = index + 1; });
  const all = selects(board);
  for (const select of all) {
    const found = kept.find(([group]) => group.includes(select.dataset.side));
    select.value = found ? String(found[1]) : "";
  }
  all[0].dispatchEvent(new Event("input", { bubbles: true }));
}

/** Take a side out of its group; tells where it was and whether it was tied there. */
function without(groups, side) {
  const at = groups.findIndex((group) => group.includes(side));
  return {
    at,
    isTied: at >= 0 && groups[at].length > 1,
    rest: groups.map((group) => group.filter((other) => other !== side)),
  };
}

const MOVES = {
  /** One place better: out of a tie, past the group before, or at the end if it had none. */
  better(groups, side) {
    const { at, isTied, rest } = without(groups, side);
    const to = at < 0 ? rest.length : isTied ? at : Math.max(at - 1, 0);
    return rest.toSpliced(to, 0, [side]);
  },

  worse(groups, side) {
    const { at, isTied, rest } = without(groups, side);
    const to = at < 0 ? rest.length : isTied ? at + 1 : Math.min(at + 2, rest.length);
    return rest.toSpliced(to, 0, [side]);
  },

  /** Tied with the group before; a second time, no longer tied. */
  tie(groups, side) {
    const { at, isTied, rest } = without(groups, side);
    if (isTied) return rest.toSpliced(at + 1, 0, [side]);
    const before = (at < 0 ? rest.length : at) - 1;
    if (before < 0) return at < 0 ? [[side]] : groups;
    return rest.map((group, index) => index === before ? [...group, side] : group);
  },
};

function move(board, side, how) {
  const { groups, open } = read(board);
  write(board, MOVES[how](groups, side), { open: open.filter((other) => other !== side) });
  settle(board, side);
}

/** Give a side the place of a digit. Those that hold it make room, downwards or, at the end, upwards. */
function place(board, side, number) {
  const count = selects(board).length;
  const { numbers, groups, open } = read(board);
  const held = new Map(numbers.map((one, index) => [one, groups[index].filter((other) => other !== side)]).filter(([, group]) => group.length));
  const wanted = Math.min(number, count);
  const free = (from, by) => {
    let at = from;
    while (held.has(at)) at += by;
    return at;
  };
  let gap = free(wanted, 1);
  const by = gap > count ? -1 : 1;
  if (by < 0) gap = free(wanted, -1);
  for (let at = gap; at !== wanted; at -= by) held.set(at, held.get(at - by));
  held.set(wanted, [side]);
  const sorted = [...held].filter(([at]) => at > 0).sort(([one], [other]) => one - other);
  write(board, sorted.map(([, group]) => group), { numbers: sorted.map(([at]) => at), open: open.filter((other) => other !== side) });
  settle(board, side);
}

/** Put a side before, after or level with another. */
function drop(board, side, { other, how }) {
  const { groups, open } = read(board);
  const { rest } = without(groups, side);
  const at = rest.findIndex((group) => group.includes(other));
  const to = at < 0 ? rest.length : at;
  const moved = how === "tie" && at >= 0
    ? rest.map((group, index) => index === at ? [...group, side] : group)
    : rest.toSpliced(how === "after" && at >= 0 ? to + 1 : to, 0, [side]);
  write(board, moved, { open: open.filter((one) => one !== side) });
  settle(board, side);
}

/** Show the new order, keep the focus, and say what became of the side. */
function settle(board, side) {
  draw(board);
  chipOf(board, side).querySelector(".rank__side").focus({ preventScroll: true });
  const { groups, open } = read(board);
  const at = groups.findIndex((group) => group.includes(side));
  const tied = groups[at]?.filter((other) => other !== side) ?? [];
  const place = selects(board).find((select) => select.dataset.side === side).value;
  const parts = [words("rank-now", { side, place, count: selects(board).length })];
  if (tied.length) parts.push(words("rank-tied", { sides: tied.join(", ") }));
  if (open.length) parts.push(words("rank-open", { sides: open.join(", ") }));
  board.querySelector("[role=status]").textContent = parts.join(" ");
}


/* What is seen. */

function build(board) {
  boards.add(board);
  const list = element("ol", "ranklist");
  list.setAttribute("aria-label", words("rank-order"));
  for (const select of selects(board)) list.append(chip(board, select));
  list.addEventListener("keydown", (event) => keydown(event, board));
  list.addEventListener("pointerdown", (event) => grab(event, board));
  const help = element("p", "ranks__help");
  const byKey = element("span", "wide-only");
  byKey.append(...keysIn(words("rank-help")));
  const byTouch = element("span", "phone-only");
  byTouch.textContent = words("rank-help-touch");
  help.append(byKey, byTouch);
  const status = element("p", "visually-hidden");
  status.setAttribute("role", "status");
  board.querySelector(".ranks__selects").before(list, help, status);
  board.classList.add("ranks--live");
}

function chip(board, select) {
  const { side } = select.dataset;
  const row = element("li", "rank");
  row.dataset.side = side;
  const main = element("button", "rank__side");
  main.type = "button";
  main.append(element("span", "rank__place"), document.querySelector(`label[for="${CSS.escape(select.id)}"] .side`).cloneNode(true));
  main.addEventListener("click", () => { if (!select.value) move(board, side, "worse"); });
  row.append(
    main,
    button("‹", words("rank-better", { side }), () => move(board, side, "better")),
    button("=", words("rank-tie", { side }), () => move(board, side, "tie")),
    button("›", words("rank-worse", { side }), () => move(board, side, "worse")),
  );
  return row;
}

function draw(board) {
  const { groups, open, numbers } = read(board);
  const list = board.querySelector(".ranklist");
  const hadFocus = list.contains(document.activeElement) ? document.activeElement : null;
  const rows = [];
  groups.forEach((group, index) => group.forEach((side, within) => {
    rows.push(show(board, side, { place: numbers[index], isTied: within > 0 }));
  }));
  open.forEach((side, index) => rows.push(show(board, side, { isFirstOpen: index === 0 })));
  list.append(...rows);
  hadFocus?.focus({ preventScroll: true });
}

function show(board, side, { place = "", isTied = false, isFirstOpen = false }) {
  const row = chipOf(board, side);
  row.classList.toggle("rank--tied", isTied);
  row.classList.toggle("rank--open", !place);
  row.classList.toggle("rank--first-open", isFirstOpen);
  row.dataset.apart = isFirstOpen ? words("rank-not-yet") : "";
  row.querySelector(".rank__place").textContent = isTied ? "=" : place || "–";
  row.querySelector(".rank__side").setAttribute("aria-label", place
    ? words(isTied ? "rank-side-tied" : "rank-side", { side, place })
    : words("rank-side-open", { side }));
  return row;
}

function chipOf(board, side) {
  return board.querySelector(`.rank[data-side="${CSS.escape(side)}"]`);
}

function button(sign, label, act) {
  const made = element("button", "rank__move");
  made.type = "button";
  made.tabIndex = -1;  // The keys of the side do the same.
  made.textContent = sign;
  made.title = label;
  made.setAttribute("aria-label", label);
  made.addEventListener("click", act);
  return made;
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


/* Keys: only while a side has the focus. */

function keydown(event, board) {
  const { key, altKey, ctrlKey, metaKey, target } = event;
  const side = target.closest(".rank")?.dataset.side;
  if (!side || ctrlKey || metaKey || event.isComposing) return;
  const isDown = key === "ArrowDown" || key === "ArrowRight";
  const isUp = key === "ArrowUp" || key === "ArrowLeft";
  let act = null;
  if (altKey) {
    if (key === "ArrowUp") act = () => move(board, side, "better");
    if (key === "ArrowDown") act = () => move(board, side, "worse");
  } else if (/^[1-9]$/.test(key)) act = () => place(board, side, Number(key));
  else if (key === "[") act = () => move(board, side, "better");
  else if (key === "]") act = () => move(board, side, "worse");
  else if (key === "=") act = () => move(board, side, "tie");
  else if (isDown || isUp) {
    const isTurned = getComputedStyle(board).direction === "rtl" && key.match(/Left|Right/);
    const rows = [...board.querySelectorAll(".rank")];
    const next = rows[rows.findIndex((row) => row.dataset.side === side) + (isDown !== Boolean(isTurned) ? 1 : -1)];
    // Beyond the ends the arrows up and down go on to the next question.
    if (next) act = () => next.querySelector(".rank__side").focus();
  }
  if (!act) return;
  event.preventDefault();
  event.stopPropagation();
  act();
}


/* Dragging: with any pointer; a side is dropped before, after or level with another. */

function grab(event, board) {
  const grip = event.target.closest(".rank__side");
  if (!grip || event.button !== 0) return;
  const row = grip.closest(".rank");
  const from = { x: event.clientX, y: event.clientY };
  let isDragged = false;
  let target = null;

  const follow = (moved) => {
    if (moved.pointerId !== event.pointerId) return;
    const by = { x: moved.clientX - from.x, y: moved.clientY - from.y };
    if (!isDragged && Math.hypot(by.x, by.y) < DRAG_FROM) return;
    if (!isDragged) {
      isDragged = true;
      grip.setPointerCapture(event.pointerId);
      row.classList.add("rank--dragged");
    }
    row.style.translate = `${by.x}px ${by.y}px`;
    target = targetAt(board, row, moved.clientX, moved.clientY);
    mark(board, target);
  };
  const end = (ended) => {
    if (ended.pointerId !== undefined && ended.pointerId !== event.pointerId) return;
    document.removeEventListener("pointermove", follow);
    for (const name of ["pointerup", "pointercancel"]) document.removeEventListener(name, end);
    document.removeEventListener("keydown", cancel, true);
    row.classList.remove("rank--dragged");
    row.style.translate = "";
    mark(board, null);
    if (!isDragged) return;
    grip.addEventListener("click", swallow, { capture: true, once: true });
    setTimeout(() => grip.removeEventListener("click", swallow, true));
    if (ended.type === "pointerup" && target) drop(board, row.dataset.side, target);
  };
  const cancel = (pressed) => {
    if (pressed.key !== "Escape") return;
    pressed.preventDefault();
    pressed.stopPropagation();
    target = null;
    end({ type: "pointercancel" });
  };
  document.addEventListener("pointermove", follow);
  for (const name of ["pointerup", "pointercancel"]) document.addEventListener(name, end);
  document.addEventListener("keydown", cancel, true);
}

function swallow(event) {
  event.preventDefault();
  event.stopImmediatePropagation();
}

/** The side nearest to the pointer, and whether it is dropped before, after or level with it. */
function targetAt(board, dragged, x, y) {
  const list = board.querySelector(".ranklist");
  const isColumn = getComputedStyle(list).flexDirection === "column";
  const isTurned = !isColumn && getComputedStyle(list).direction === "rtl";
  let best = null;
  for (const row of list.querySelectorAll(".rank")) {
    if (row === dragged) continue;
    const box = row.getBoundingClientRect();
    const away = Math.hypot(
      Math.max(box.left - x, 0, x - box.right), Math.max(box.top - y, 0, y - box.bottom),
    );
    if (best && away >= best.away) continue;
    const along = isColumn ? (y - box.top) / box.height : (x - box.left) / box.width;
    const share = (isTurned ? 1 - along : along) - 0.5;
    const isOpen = row.classList.contains("rank--open");
    best = { away, row, other: row.dataset.side, how: isOpen ? "after" : Math.abs(share) < MIDDLE / 2 ? "tie" : share < 0 ? "before" : "after" };
  }
  return best;
}

function mark(board, target) {
  for (const row of board.querySelectorAll(".rank")) {
    row.dataset.drop = target?.row === row ? target.how : "";
  }
}
