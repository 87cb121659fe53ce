/* Emergencies: the stream says which are under way in the viewer's areas; the wall takes on their frame. */
(function () {
  "use strict";
  const shell = window.shell;
  let told = [];
  function show() {
    const line = document.querySelector(".emergency"), page = document.querySelector(".page--wall");
    if (!line || !page) return;
    const [first] = told;
    if (line.hidden !== !first) line.hidden = !first;
    page.classList.toggle("is-emergency", Boolean(first));
    if (!first) return;
    const more = told.length > 1 ? line.dataset.more.replace("{n}", told.length - 1) : "";
    const text = line.dataset.emergency.replace("{title}", () => first.title) + more;
    if (line.firstElementChild.textContent !== text) line.firstElementChild.textContent = text;
  }
  shell.emergency = {hear(found) { if (found) { told = found; show(); } }};
})();
