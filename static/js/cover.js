/* The cover over what may disturb: who has opened it finds it open after a reload or a
   refused submission. Only this tab knows; the server is not told. */

const SHOWN = "touchstone:uncovered:";

const place = () => SHOWN + document.getElementById("judge")?.getAttribute("action");

function remembered() {
  try {
    return sessionStorage.getItem(place()) !== null;
  } catch {
    return false;
  }
}

function remember(isShown) {
  try {
    if (isShown) sessionStorage.setItem(place(), "1");
    else sessionStorage.removeItem(place());
  } catch {
    // Storage is switched off: the cover is there again after a reload.
  }
}

document.addEventListener("touchstone:entered", () => {
  const box = document.getElementById("uncover");
  if (box && remembered()) box.checked = true;
});

document.addEventListener("change", ({ target }) => {
  if (target.id === "uncover") remember(target.checked);
});
