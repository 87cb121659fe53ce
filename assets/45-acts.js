/* Acts upon a case or an alert from its card: what the form says is sent, and the card is drawn anew with what became of it. */
(function () {
  "use strict";
  const shell = window.shell;
  let acted = 0;

  const said = (form) => {
    const details = {};
    form.querySelectorAll("[data-field]").forEach((field) => {
      details[field.dataset.field] = field.dataset.kind === "number" ? Number(field.value) : field.value;
    });
    form.querySelectorAll("[data-text]").forEach((frame) => { details[frame.dataset.text] = frame.querySelector("input").value; });
    form.querySelectorAll("[data-many]").forEach((group) => {
      details[group.dataset.many] = [...group.querySelectorAll("input:checked")].map((box) => box.dataset.code);
    });
    const note = form.querySelector("input"); /* the class may stand on a frame around it */
    if (note && note.closest("[data-text], [data-many], [data-do]") === form) details.note = note.value; /* the page has marks of its own */
    return details;
  };
  shell.said = said;
  /* Beside the acts of a case its card may hold others, each with a line of its own. */
  const tell = (where, text, bad) => document.querySelectorAll(`[data-acts-said="${where}"]`).forEach((element) => {
    element.textContent = text;
    element.classList.toggle("is-bad", Boolean(bad));
  });

  shell.acts.do = async (button) => {
    const form = button.closest("[data-do]"), card = button.closest("[data-case]");
    const {case: number, done, failed, said: where = "", path = `/api/cases/${encodeURIComponent(number)}/acts`} = card.dataset;
    const more = JSON.parse(card.dataset.details || "{}");
    button.disabled = true;
    let fault = "";
    try {
      const lang = shell.state.view?.lang || "zh";
      const answer = await fetch(`${path}?lang=${lang}`, {method: "POST",
        headers: {"Content-Type": "application/json"}, body: JSON.stringify({act: form.dataset.do, details: {...more, ...said(form)}})});
      if (!answer.ok) { const found = await answer.json(); fault = found.text || found.error || failed; }
    } catch (error) {
      fault = `${failed} (${error.message})`;
    } finally {
      button.disabled = false;
    }
    if (fault) { tell(where, fault, true); return; }
    form.open = false; /* the card stays as it is where nothing changed: what was sent is not sent twice */
    form.querySelectorAll("input").forEach((input) => { if (input.type === "checkbox") input.checked = false; else input.value = input.defaultValue; });
    /* the card is drawn anew; what was told is told once more in it */
    const drawn = new MutationObserver(() => { drawn.disconnect(); tell(where, done); });
    drawn.observe(document.getElementById("wall-side"), {childList: true, characterData: true, subtree: true});
    window.dash_clientside.set_props("shell-acted", {data: ++acted});
  };
  /* A force is proposed: the dispatch is filled in, to be read and confirmed. */
  shell.acts.draft = (button) => {
    const form = button.closest("#wall-side").querySelector("[data-do=dispatch]");
    form.open = true;
    const {dept, note} = button.dataset, select = form.querySelector("[data-field=dept]");
    if ([...select.options].some((option) => option.value === dept)) select.value = dept;
    form.querySelector("input").value = note;
    form.querySelector(".acts__go").focus();
    form.scrollIntoView({block: "nearest"});
  };
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !event.target.closest?.(".acts__note")) return;
    event.preventDefault();
    shell.acts.do(event.target.closest("[data-do]").querySelector(".acts__go"));
  });
})();
