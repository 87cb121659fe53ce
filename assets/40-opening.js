/* Opening a person: asks with a reason, and writes the answer into the card, as text, for this view only. */
(function () {
  "use strict";
  const line = (tag, text, name) => Object.assign(document.createElement(tag), {textContent: text, className: name || ""});
  const open = async (form) => {
    const said = form.querySelector(".opening__said"), go = form.querySelector(".opening__go");
    const reason = form.querySelector("input").value; /* the class may stand on a frame around it */
    go.disabled = true;
    said.replaceChildren();
    try {
      const {personKind: kind, person: id} = form.dataset;
      const lang = window.shell?.state?.view?.lang || document.documentElement.lang || "zh";
      const answer = await fetch("/persons/open", {method: "POST", cache: "no-store",
        headers: {"Content-Type": "application/json"}, body: JSON.stringify({kind, id, reason, lang})});
      const told = await answer.json();
      if (!form.isConnected) return; /* another card meanwhile */
      if (told.lines) {
        const list = line("dl", "", "facts");
        told.lines.forEach(({label, value}) => list.append(line("dt", label), line("dd", value)));
        said.append(list);
      }
      said.append(line("p", told.said || told.error, answer.ok ? "quiet" : "opening__refused"));
    } catch (error) {
      said.append(line("p", error.message, "opening__refused"));
    } finally {
      go.disabled = false;
    }
  };
  document.addEventListener("click", (event) => {
    const go = event.target.closest?.(".opening__go");
    if (go) open(go.closest(".opening"));
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !event.target.closest?.(".opening__reason")) return;
    event.preventDefault();
    open(event.target.closest(".opening"));
  });
})();
