/* Flagging: once the manager is told, the dialog closes and the focus goes back
   to where it came from. Without this the form is sent as a page of its own. */

document.addEventListener("htmx:afterRequest", ({ detail }) => {
  const form = document.getElementById("flag-form");
  if (!form || detail.elt !== form || detail.xhr.status !== 200) return;
  document.getElementById("flag-errors").replaceChildren();
  form.reset();
  document.getElementById("flag-dialog").hidePopover();
});
